"""What was made: equity, drawdown, and a row for each strategy."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from omni.reporting import measure
from omni.reporting.chart import Chart, Line, Scale, figure
from omni.reporting.column import Fills
from omni.reporting.figures import Figures, amount
from omni.reporting.markup import Child, Html, join, tag
from omni.reporting.measure import SHARPE_RULE, Curve, Fall
from omni.reporting.number import NONE, compact, money, signed, whole
from omni.reporting.run_data import Account, Strategy
from omni.reporting.table import number_column, row, table, text_column

_LINES_MAX = 8
_COLUMNS = (
    text_column("Strategy"),
    text_column("Ended"),
    number_column("Orders"),
    number_column("Fills"),
    number_column("Passive", "Share of the fills whose order rested"),
    number_column("Volume", "Value of the fills"),
    number_column("Realised", "Before fees"),
    number_column("Unrealised"),
    number_column("Fees"),
    number_column("Net", "Realised and unrealised, less fees"),
    number_column("Equity"),
    number_column("Max drawdown", "Of the sampled equity"),
    number_column("Sharpe", SHARPE_RULE),
)


def equity(figures: Figures) -> Html:
    """Return the curves of equity: in each currency the total, by strategy, and the drawdown."""
    parts = [_of_currency(figures, currency) for currency in figures.currencies if len(figures.total(currency).time)]
    none = tag("p", "No equity was recorded.", class_="none")
    return tag("section", tag("h2", "Equity and drawdown"), *(parts or [none]), id="equity")


def _of_currency(figures: Figures, currency: str) -> Html:
    total = figures.total(currency)
    whole_chart = Chart(
        f"Equity, {currency}",
        f"Equity of all strategies in {currency} over time in UTC.",
        figures.timeline,
        Scale.over([total.value], 230),
    )
    whole_chart.line(Line("equity", total, "total"))
    down = total.drawdown
    fall_chart = Chart(
        f"Drawdown, {currency}",
        f"How far the total is below its highest value so far, in {currency}, over time in UTC.",
        figures.timeline,
        Scale.over([down.value], 120, zero=True),
    )
    fall_chart.line(Line("drawdown", down, "drawdown", area=True))
    caption = tag("strong", "Equity"), f" of all strategies, {currency}"
    drawdown = tag("strong", "Drawdown"), f" of the total, {currency}"
    return join(
        figure(join(caption), whole_chart),
        _by_strategy(figures, currency),
        figure(join(drawdown), fall_chart),
    )


def _by_strategy(figures: Figures, currency: str) -> Html:
    """Draw each account's profit since its first sample; beyond the eight that moved most, in grey."""
    own = [
        each for each in figures.data.accounts if each.currency == currency and len(figures.curves[each.account].time)
    ]
    changes = {each.account: figures.curves[each.account].change for each in own}
    ranked = sorted(own, key=lambda each: -_extent(changes[each.account]))
    lines = [
        Line(each.name, changes[each.account], f"s{index}" if index < _LINES_MAX else "rest")
        for index, each in enumerate(ranked)
    ]
    chart = Chart(
        f"Profit by strategy, {currency}",
        f"Each strategy's change of equity since its first sample, in {currency}, over time in UTC.",
        figures.timeline,
        Scale.over([line.curve.value for line in lines], 230, zero=True),
    )
    for line in reversed(lines):
        chart.line(line)
    caption = join(tag("strong", "Profit by strategy"), f" since the first sample, {currency}")
    return figure(caption, chart, _legend(lines))


def _extent(curve: Curve) -> float:
    return float(np.abs(curve.value).max())


def _legend(lines: list[Line]) -> Html:
    """Name the coloured lines, with their last values; the best first."""
    named = sorted(lines[:_LINES_MAX], key=lambda line: -line.curve.value[-1])
    items = (
        tag(
            "li",
            tag("span", class_=f"key {line.style}", aria_hidden="true"),
            f"{line.name} ",
            tag("b", signed(line.curve.value[-1], 2, plus=True)),
        )
        for line in named
    )
    rest = len(lines) - len(named)
    more = tag("li", tag("span", class_="key rest", aria_hidden="true"), f"{rest} others") if rest else None
    return tag("ul", *items, more, class_="legend")


def strategies(figures: Figures) -> Html:
    """Return the table of strategies, with a row of sums where all is in one currency."""
    heading = tag("h2", "Strategies")
    if not figures.data.strategies:
        return tag("section", heading, tag("p", "No strategy ran.", class_="none"))
    shared = Counter(each.account for each in figures.data.strategies)
    rows = [part for each in figures.data.strategies for part in _rows(figures, each, shared[each.account] > 1)]
    foot = _sums(figures) if len(figures.currencies) == 1 and len(figures.data.strategies) > 1 else None
    notes = ["Money in " + ", ".join(figures.currencies) + ", to the cent; the exact amount shows on hover. "]
    if shared.total() > len(shared):
        notes.append("Strategies marked * share an account: its money is shown for each and summed once. ")
    if figures.sampled:
        notes.append(f"Max drawdown is that of equity {figures.sampled}: between samples it may have been deeper. ")
    inner = table("Strategies", _COLUMNS, rows, foot)
    return tag("section", heading, inner, tag("p", *notes, SHARPE_RULE, class_="note"), id="strategies")


def _rows(figures: Figures, strategy: Strategy, shared: bool) -> Iterator[Html]:
    account = figures.accounts.get(strategy.account)
    name = tag("span", strategy.name, class_="name"), tag("small", f"session {strategy.session}{' *' * shared}")
    state = tag("span", strategy.state, class_=f"state {_known(strategy.state)}")
    fills = figures.of_session(strategy.session)
    orders = NONE if figures.order_counts is None else whole(figures.order_counts[strategy.session])
    done = [orders, *_traded(figures, fills)]
    money_cells = [NONE] * 7 if account is None else _money(figures, account)
    yield row(_COLUMNS, [name, state, *done, *money_cells])
    if strategy.fault:
        words = tag("strong", f"{strategy.name} was stopped by a fault"), tag("pre", strategy.fault)
        yield tag("tr", tag("td", *words, colspan=len(_COLUMNS)), class_="fault")


def _known(state: str) -> str:
    return state if state in {"finished", "stopped", "faulted", "interrupted"} else "unknown"


def _traded(figures: Figures, fills: Fills) -> list[Child]:
    count = len(fills.time)
    passive = f"{100 * float(np.mean(fills.liquidity == 1)):.0f}%" if count else NONE
    return [whole(count), passive, _volume(figures, fills)]


def _volume(figures: Figures, fills: Fills) -> Html:
    volumes = figures.volume(fills)
    several = len(volumes) > 1
    parts = (
        tag("data", f"{compact(value)}{f' {name} ' if several else ''}", value=f"{value:f}", title=f"{value:f} {name}")
        for name, value in volumes.items()
    )
    return join(*parts) or join(NONE)


def _money(figures: Figures, account: Account) -> list[Child]:
    realised, unrealised, fees, equity = (
        amount(account, field) for field in ("realised", "unrealised", "fees", "equity")
    )
    ccy = account.currency
    return [
        money(realised, ccy, change=True),
        money(unrealised, ccy, change=True),
        money(fees, ccy),
        money(realised + unrealised - fees, ccy, change=True),
        money(equity, ccy),
        *_risk(figures.fall(account), figures.curves[account.account]),
    ]


def _risk(deepest: Fall | None, curve: Curve) -> list[Child]:
    ratio = measure.sharpe(curve)
    share = f"{100 * deepest.share:.3f}% of the peak" if deepest and deepest.share is not None else None
    drawdown = NONE if deepest is None else tag("span", signed(deepest.money, 2), title=share)
    return [drawdown, NONE if ratio is None else signed(ratio.value, 2)]


def _sums(figures: Figures) -> Html:
    currency = figures.currencies[0]
    orders = figures.order_counts
    sessions = [each.session for each in figures.data.strategies]
    own = np.isin(figures.fills.session, sessions)
    fills = Fills(*(getattr(figures.fills, name)[own] for name in Fills.__dataclass_fields__))
    done = [NONE if orders is None else whole(sum(orders[each] for each in sessions)), *_traded(figures, fills)]
    return row(
        _COLUMNS,
        [
            "Total",
            "",
            *done,
            money(figures.sum_of(currency, "realised"), currency, change=True),
            money(figures.sum_of(currency, "unrealised"), currency, change=True),
            money(figures.sum_of(currency, "fees"), currency),
            money(figures.profit(currency), currency, change=True),
            money(figures.sum_of(currency, "equity"), currency),
            *_risk(figures.fall_of_all(currency), figures.total(currency)),
        ],
    )
