"""What a backtest's equity and fills come to, each measure by its formula."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import repeat
from math import sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from omni.backtesting.frame import Frame

    Array = np.ndarray[Any, Any]

#: Money is counted in this part of its currency.
MONEY = 10**20
_DAY_NS = 86_400 * 10**9
#: Below so many daily returns nothing is annualised.
_DAYS_LEAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    r"""Measures of a backtest; `None` where the data is too short for one.

    Let :math:`E_0` be the opening cash, :math:`E_t` the equity samples, and :math:`r_d = E_d / E_{d-1} - 1` the returns
    of days, taken at each UTC day's last sample.

    Parameters
    ----------
    total_return
        :math:`E_T / E_0 - 1`.
    annual_return
        :math:`(1 + R)^{p / n} - 1` over :math:`n` days, with :math:`p` the days of a year below.
    annual_volatility
        :math:`s(r_d) \sqrt{p}`, the sample standard deviation.
    sharpe
        :math:`\bar r_d / s(r_d) \sqrt{p}`, no riskless rate taken off. Source: Sharpe, *The Sharpe ratio* (Journal of
        Portfolio Management, 1994).
    days_per_year
        :math:`p`: 252 where five days of seven or fewer have samples, else 365.
    max_drawdown
        :math:`\max_t (1 - E_t / \max_{s \le t} E_s)`. Source: Magdon-Ismail and Atiya, *Maximum drawdown* (Risk, 2004).
    max_drawdown_duration_ns
        Longest time from a peak of equity until it was reached again, or to the end.
    profit
        :math:`E_T - E_0`, fees taken off.
    fees
        Fees paid, rebates taken off.
    fills, orders
        Their numbers.
    traded_value
        Sum of the fills' price x quantity x multiplier.
    turnover
        Traded value over mean equity.
    hit_rate
        Share of the fills that reduced a position which did so at a profit, against average cost, before fees.
    exposure
        Share of the time in which any position was open.
    """

    total_return: float
    annual_return: float | None
    annual_volatility: float | None
    sharpe: float | None
    days_per_year: int
    max_drawdown: float
    max_drawdown_duration_ns: int
    profit: float
    fees: float
    fills: int
    orders: int
    traded_value: float
    turnover: float
    hit_rate: float | None
    exposure: float

    def items(self) -> list[tuple[str, float | int | None]]:
        """Return the measures as (name, value)."""
        return [(each.name, getattr(self, each.name)) for each in fields(self)]


@dataclass(frozen=True, slots=True)
class Trading:
    """What fills come to: their value in 10^-20 of the currency, those that closed, and the time in the market."""

    traded_value: int
    reduced: int
    gained: int
    open_ns: int


def trading(
    fills: "Frame", values: Mapping[int, int], end_ns: int, splits: Sequence[tuple[int, int, int, int, int]] = ()
) -> Trading:
    """Follow the fills through positions at average cost, exactly as the engine does.

    Parameters
    ----------
    fills
        With columns `time_ns`, `instrument`, `sign`, and `price` and `quantity` in counts, in the order of time.
    values
        By instrument, what a count of price times a count of quantity is worth, in 10^-20 of its currency.
    end_ns
        The end of the run.
    splits
        As (number of the input, time, instrument, new units, old units), in the order of time; the fills then have a
        column `seq` with the number of theirs.
    """
    held = dict.fromkeys(values, (0, 0))
    traded = dict.fromkeys(values, 0)
    reduced = gained = opened = since = holding = 0
    names = ("time_ns", "instrument", "sign", "price", "quantity")
    rows = zip(*(fills[name].tolist() for name in names), strict=True)
    numbers = fills["seq"].tolist() if splits else repeat(0)
    waiting = deque(splits)
    for seq, (time, instrument, sign, price, quantity) in zip(numbers, rows, strict=False):
        while waiting and waiting[0][0] < seq:
            when, ended = _split(held, *waiting.popleft()[1:])
            holding -= ended
            opened += when - since if ended and not holding else 0
        traded[instrument] += price * quantity
        unit = price * values[instrument]
        signed = sign * quantity
        position, cost = held[instrument]
        if position * sign >= 0:
            held[instrument] = position + signed, cost + unit * signed
        else:
            reduced += 1
            gained += unit * position > cost
            held[instrument] = position + signed, _reduced(position, cost, signed, unit)
        # Whether anything is held changes only where a position begins or ends.
        if not position:
            since = since if holding else time
            holding += 1
        elif position + signed == 0:
            holding -= 1
            opened += 0 if holding else time - since
    while waiting:
        when, ended = _split(held, *waiting.popleft()[1:])
        holding -= ended
        opened += when - since if ended and not holding else 0
    opened += end_ns - since if holding else 0
    return Trading(sum(traded[each] * values[each] for each in values), reduced, gained, opened)


def _split(held: dict[int, tuple[int, int]], time: int, instrument: int, new: int, old: int) -> tuple[int, bool]:
    """Scale a position, whose fraction is paid out and takes its share of the cost along; say when, and if it ended."""
    position, cost = held[instrument]
    whole, rest = divmod(abs(position) * new, old)
    share = abs(cost) * rest // (abs(position) * new) if rest else 0
    held[instrument] = whole if position > 0 else -whole, cost - share if cost > 0 else cost + share
    return time, bool(position) and not whole


def _reduced(position: int, cost: int, signed: int, unit: int) -> int:
    """Return the cost after a fill against the position; the cost of a part is its share, rounded towards zero."""
    after = position + signed
    if after * position <= 0:
        return unit * after
    share = abs(cost) * abs(signed) // abs(position)
    return cost - share if cost > 0 else cost + share


def measure(time: "Array", equity: "Array", cash: float, traded: Trading, counted: tuple[int, int, float]) -> Metrics:
    """Return the measures.

    Parameters
    ----------
    time, equity
        Samples, in the order of time, as nanoseconds since 1970 in UTC.
    cash
        The opening cash.
    traded
        What the fills come to.
    counted
        Orders, fills, fees.
    """
    import numpy as np  # noqa: PLC0415

    orders, fills, fees = counted
    days = _daily(time, equity, cash)
    calendar = int(time[-1] // _DAY_NS - time[0] // _DAY_NS) + 1
    per_year = 252 if len(days) - 1 <= calendar * 5 / 7 + 1 else 365
    returns = np.diff(days) / days[:-1] if (days > 0).all() else np.array([])
    long = len(returns) >= _DAYS_LEAST
    spread = float(returns.std(ddof=1)) if long else 0.0
    end = float(equity[-1])
    drawdown, duration = _drawdown(time, equity, cash)
    span = int(time[-1] - time[0])
    mean = float(equity.mean())
    traded_value = traded.traded_value / MONEY
    return Metrics(
        total_return=end / cash - 1 if cash else 0.0,
        annual_return=(end / cash) ** (per_year / len(returns)) - 1 if long and cash and end > 0 else None,
        annual_volatility=spread * sqrt(per_year) if long else None,
        sharpe=float(returns.mean()) / spread * sqrt(per_year) if long and spread > 0 else None,
        days_per_year=per_year,
        max_drawdown=drawdown,
        max_drawdown_duration_ns=duration,
        profit=end - cash,
        fees=fees,
        fills=fills,
        orders=orders,
        traded_value=traded_value,
        turnover=traded_value / mean if mean > 0 else 0.0,
        hit_rate=traded.gained / traded.reduced if traded.reduced else None,
        exposure=min(1.0, traded.open_ns / span) if span else 0.0,
    )


def _daily(time: "Array", equity: "Array", cash: float) -> "Array":
    """Return the opening cash and each UTC day's last equity."""
    import numpy as np  # noqa: PLC0415

    last = np.flatnonzero(np.diff(time // _DAY_NS, append=np.iinfo(np.int64).max))
    return np.concatenate(([cash], equity[last]))


def drawdowns(equity: "Array", cash: float) -> "Array":
    """Return each sample's distance below the peak until then, as a share of the peak."""
    import numpy as np  # noqa: PLC0415

    peak = np.maximum(np.maximum.accumulate(equity), cash)
    return np.where(peak > 0, 1 - equity / np.where(peak > 0, peak, 1), 0.0)


def _drawdown(time: "Array", equity: "Array", cash: float) -> tuple[float, int]:
    import numpy as np  # noqa: PLC0415

    depth = drawdowns(equity, cash)
    at_peak = depth <= 0
    since = np.maximum.accumulate(np.where(at_peak, np.arange(len(equity)), 0))
    # The sample that reaches the peak again still belongs to the time below it.
    since_before = np.concatenate(([0], since[:-1]))
    waits = np.where(at_peak & np.concatenate(([True], at_peak[:-1])), 0, time - time[since_before])
    return float(depth.max()), int(waits.max())
