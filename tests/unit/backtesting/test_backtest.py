"""The researcher's call."""

import re
from decimal import Decimal
from html import unescape

import numpy as np
import pytest
from market import BARS, MINUTE, START, UNITS, bars, quotes

import omni
from omni.backtesting.option import Limits
from omni.model.error import ConfigError, DataError


class BuyOnce(omni.Strategy):
    quantity: float = omni.param(10.0, "shares", least=0.0)

    def on_start(self):
        self.buy(0, self.quantity)


class Raises(omni.Strategy):
    def on_bar(self, bar):
        if bar.time > START + 10 * MINUTE:
            raise ValueError("no more")
        self.buy(bar.instrument, 1, 1.0, time_in_force="gtc")


def test_a_market_order_fills_at_the_next_open_and_pays_its_fee():
    data = bars()
    result = omni.backtest(BuyOnce, data, **BARS, fees={"taker_ppm": 1_000}, rules={"spread_units": 4})
    assert result.fills.rows == 1
    assert result.fills["price"].tolist() == [pytest.approx(data["open"][0] + 0.02)]
    assert result.positions["quantity"].tolist() == [10.0]
    value = 10 * (data["open"][0] + 0.02)
    assert result.metrics.fees == pytest.approx(value / 1_000)
    assert result.metrics.profit == pytest.approx(10 * data["close"][-1] - value - value / 1_000)
    assert result.equity["equity"][-1] == pytest.approx(1_000_000 + result.metrics.profit)
    assert "bars.market" in result.rules
    assert result.metrics.exposure == pytest.approx(1.0, abs=0.01)


def test_the_same_call_leaves_the_same():
    first, second = (omni.backtest("moving-average", bars(), **BARS, fast=3, slow=9) for _ in range(2))
    assert (first.digest, first.state_digest) == (second.digest, second.state_digest)
    assert first.metrics == second.metrics
    assert first.fills.rows > 10
    for name in first.fills:
        assert first.fills[name].tolist() == second.fills[name].tolist()
    other = omni.backtest("moving-average", bars(), **BARS, fast=4, slow=9)
    assert other.digest != first.digest
    assert omni.backtest("moving-average", bars(seed=2), **BARS, fast=3, slow=9).digest != first.digest


def test_equity_is_cash_and_position_after_every_fill():
    result = omni.backtest("moving-average", bars(), **BARS, fast=3, slow=9, params={"quantity": 50})
    sign = np.where(result.fills["side"] == "buy", 1, -1)
    cash = -(sign * result.fills["price"] * result.fills["quantity"]).sum()
    held = (sign * result.fills["quantity"]).sum()
    assert result.metrics.profit == pytest.approx(cash + held * bars()["close"][-1], abs=1e-6)
    assert result.positions["quantity"].sum() == held
    assert result.metrics.traded_value == pytest.approx((result.fills["price"] * result.fills["quantity"]).sum())


def test_positions_are_the_engines_own():
    class Scales(omni.Strategy):
        def on_bar(self, bar):
            self.seen = getattr(self, "seen", 0) + 1
            if self.seen % 3 == 0:
                self.sell(bar.instrument, 1)
            else:
                self.buy(bar.instrument, 7)

    terms = BARS | {"quantity_unit": "0.001", "multiplier": "50"}
    result = omni.backtest(Scales, bars(100), **terms, limits={"order_notional_max": 10**9})
    sign = np.where(result.fills["side"] == "buy", 1, -1)
    assert result.positions["quantity"].tolist() == [(sign * result.fills["quantity"]).sum()]
    profit = 50 * (bars(100)["close"][-1] - result.positions["average_price"]) * result.positions["quantity"]
    assert result.equity["unrealised"][-1] == pytest.approx(profit[0])


def test_quotes_fill_a_taker_at_the_touch():
    result = omni.backtest(BuyOnce, quotes(), **UNITS, quantity=400)
    assert result.fills["quantity"].tolist() == [300.0]
    assert result.fills["price"].tolist() == [pytest.approx(quotes()["ask"][0])]


class Batched(omni.Strategy):
    batch_ns = 60 * 10**9

    def on_start(self):
        self.seen, self.sizes, self.total = 0, [], 0.0

    def on_quotes(self, batch):
        self.seen += len(batch)
        self.sizes.append(len(batch))
        self.total += float(batch["bid"].sum())
        assert batch.dtype.names == ("time", "instrument", "bid", "ask", "bid_quantity", "ask_quantity")


class Single(omni.Strategy):
    def on_start(self):
        self.seen, self.total = 0, 0.0

    def on_quote(self, quote):
        self.seen += 1
        self.total += quote.bid


def trades(prices, quantities):
    return {
        "time_ns": START + 10**9 * np.arange(1, len(prices) + 1),
        "price": np.array(prices),
        "quantity": np.array(quantities),
    }


class Trades(omni.Strategy):
    """Buys at the market on the first trade, and bids for as much a cent below it."""

    def on_trade(self, trade):
        if trade.time == START + 10**9:
            self.buy(trade.instrument, 10)
            self.buy(trade.instrument, 10, trade.price - 0.01, time_in_force="gtc")


@pytest.mark.parametrize(
    ("rules", "fills"),
    [
        ({}, [(100.0, 10.0), (99.99, 3.0)]),
        ({"spread_units": 3}, [(100.02, 10.0), (99.99, 3.0)]),
        ({"spread_bps": 2, "queue_units": 15}, [(100.01, 10.0), (99.99, 5.0), (99.99, 3.0)]),
        ({"queue_units": 0}, [(100.0, 10.0), (99.99, 10.0)]),
    ],
)
def test_trades_without_quotes_fill_by_the_declared_spread_and_queue(rules, fills):
    data = trades([100.0, 99.99, 99.98], [30, 20, 3])
    result = omni.backtest(Trades, data, **UNITS, rules=rules)
    assert list(zip(result.fills["price"].tolist(), result.fills["quantity"].tolist(), strict=True)) == fills
    said = result.rules["trades.spread"]
    assert ("none" in said) == (not rules.get("spread_units") and not rules.get("spread_bps"))
    assert str(rules.get("queue_units", "only")) in result.rules["trades.limit"]


def test_quotes_fill_where_there_are_quotes_and_trades():
    result = omni.backtest(Trades, [quotes(), trades([100.0], [30])], **UNITS)
    assert not any(name.startswith("trades.") for name in result.rules)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            {"queue_units": -1},
            'rules.queue_units: expected a whole number from 0 to 4611686018427387904, or "none", '
            "found the whole number -1",
        ),
        (
            {"spread_units": 0.5},
            "rules.spread_units: expected a whole number from 0 to 2147483647, found the decimal number 0.5",
        ),
        ({"spread_units": 1, "spread_bps": 1}, "rules: give spread_units or spread_bps, not both"),
        ({"queue_unit": 1}, "did you mean queue_units"),
    ],
)
def test_a_wrong_rule_says_what_was_expected(rules, told):
    with pytest.raises(ConfigError, match=re.escape(told)):
        omni.backtest(Trades, trades([100.0], [30]), **UNITS, rules=rules)


def test_batches_hold_what_single_callbacks_get():
    batched, single = Batched(), Single()
    omni.backtest(batched, quotes(), **UNITS)
    omni.backtest(single, quotes(), **UNITS)
    assert batched.seen == single.seen == 500
    assert batched.total == pytest.approx(single.total)
    # Edges follow event time: whole minutes, but for the first and last.
    assert set(batched.sizes[1:-1]) == {60}


def test_a_strategy_batches_or_does_not():
    class Unset(omni.Strategy):
        def on_bars(self, batch):
            pass

    class Both(omni.Strategy):
        batch_ns = 10**9

        def on_bars(self, batch):
            pass

        def on_bar(self, bar):
            pass

    with pytest.raises(ConfigError, match="needs batch_ns above 0"):
        omni.backtest(Unset, bars(), **BARS)
    with pytest.raises(ConfigError, match="both on_bars and on_bar"):
        omni.backtest(Both, bars(), **BARS)


def test_a_strategy_that_raises_is_stopped_with_its_line():
    result = omni.backtest(Raises, bars(), **BARS)
    assert result.fault is not None
    assert "no more" in result.fault
    assert f"{__file__}, line " in result.fault
    assert set(result.orders["status"]) == {"cancelled"}
    assert result.counts["inputs"] > 500, "the run goes on without it"


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({"fasst": 3}, "keyword fasst, which is unknown; did you mean fast?"),
        ({"curency": "USD"}, "did you mean currency?"),
        ({"fast": 0}, "parameter fast: expected a value from 1"),
        ({"fast": 3, "params": {"fast": 4}}, "parameter fast is given twice"),
        ({"fees": {"taker": 1}}, "fees: taker"),
        ({"limits": {"position_max": 1.5}}, "limits.position_max: expected a whole number"),
        ({"rules": {"reach": "far"}}, 'rules.reach: expected "executions", "through" or "touch", found the text "far"'),
        ({"rules": {"reach": "thorugh"}}, "did you mean through?"),
        ({"rules": {"spread_bps": "abc"}}, "rules.spread_bps: expected a whole number from 0"),
        ({"rules": {"spread_bps": -5}}, "rules.spread_bps: expected a whole number from 0"),
        ({"rules": {"touch_fills": "yes"}}, "rules.touch_fills: expected true or false"),
        ({"rules": {"volume_share_ppm": -1}}, "rules.volume_share_ppm: expected a whole number from 0 to 1000000"),
        ({"rules": None}, "rules: expected a dict of reach"),
        ({"fees": 5}, "fees: expected a dict of maker_ppm"),
        ({"fees": {"unit_fee": 0.005}}, "fees.unit_fee: expected an amount"),
        ({"fees": {"taker_ppm": 10**7}}, "fees.taker_ppm: expected a whole number from -1000000 to 1000000"),
        ({"limits": {"collar_bps": 0}}, "limits.collar_bps: expected a whole number from 1"),
        ({"limits": {"position_max": True}}, "limits.position_max: expected a whole number"),
        ({"cash": "lots"}, "cash: expected an amount"),
        ({"cash": -1}, "cash: expected an amount"),
        ({"cash": None}, "cash: expected an amount"),
        ({"seed": -1}, "seed: expected a whole number from 0"),
        ({"seed": 10**23}, "seed: expected a whole number from 0"),
        ({"latency_ns": 1e5}, "latency_ns: expected a whole number from 0 to 1000000000000, found the decimal"),
        ({"latency_ns": -5}, "latency_ns: expected a whole number from 0"),
        ({"watchdog_ms": 0}, "watchdog_ms: expected a whole number from 10"),
        ({"orders": 0}, "orders: expected a whole number from 1"),
        ({"orders": 99_999_999_999}, "orders: expected a whole number from 1 to 2147483647"),
        ({"orders": "x"}, "orders: expected a whole number"),
        ({"instruments": 5}, "instruments: expected a list"),
        ({"currency": "EUR", "instruments": ("XYZ",)}, "the data has no XYZ"),
        ({"bar_interval": "soon"}, "interval: expected a number and"),
    ],
)
def test_a_wrong_keyword_says_what_to_write(keywords, told):
    keywords = BARS | keywords
    data = quotes() if "bar_interval" in keywords else bars()
    with pytest.raises(ConfigError) as caught:
        omni.backtest("moving-average", data, **keywords)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"bar_time": "Open"}, "bar_time: expected open or close, found 'Open'; did you mean open?"),
        ({"bar_time": "mid"}, "bar_time: expected open or close, found 'mid'"),
        ({"kind": "foo"}, "kind: expected bars, quotes or trades, found 'foo'"),
        ({"time_unit": "foo"}, "time_unit: expected ns, us, ms or s, found 'foo'"),
        ({"asset_class": "stock"}, "asset_class: expected equity, future"),
        ({"currency": "usd"}, "currency: expected"),
        ({"currency": "DOLLARS!"}, "currency: expected"),
        ({"venue": "New York"}, "venue: expected the four capitals or digits of ISO 10383"),
        ({"symbol": 700}, "symbol: expected a text, found 700"),
        ({"symbol": ""}, "symbol: expected a text, found ''"),
        ({"multiplier": True}, "multiplier: expected a decimal such as 0.01, found True"),
        ({"price_unit": -1}, "price_unit: expected a decimal above zero"),
        ({"interval": "soon"}, "interval: expected a number and"),
    ],
)
def test_a_wrong_declaration_says_what_to_write(declared, told):
    with pytest.raises(ConfigError) as caught:
        omni.backtest("moving-average", bars(), **BARS | declared)
    assert told in str(caught.value)


def test_whole_numbers_of_numpy_and_exact_decimals_are_taken():
    terms = BARS | {"price_unit": Decimal("0.01"), "multiplier": 1}
    result = omni.backtest(
        BuyOnce, bars(), **terms, seed=np.int64(7), cash=Decimal("500000.50"), limits={"position_max": np.uint32(50)}
    )
    assert result.seed == 7
    assert result.options["cash"] == "500000.50"
    assert result.options["limits"]["position_max"] == 50


def test_a_rebate_is_paid_as_the_configuration_allows():
    result = omni.backtest(BuyOnce, bars(), **BARS, fees={"taker_ppm": -1_000})
    assert result.metrics.fees < 0


def test_a_result_states_all_of_its_terms():
    given = {"latency_ns": 5_000_000, "fees": {"taker_ppm": 50, "unit_fee": "0.005"}, "limits": {"position_max": 1_000}}
    result = omni.backtest(BuyOnce, bars(), **BARS, cash=50_000, **given)
    shown = {line.split("  ")[0]: line for line in result.lines()}
    for name, words in {
        "instrument": "ABC.XXXX, price unit 0.01 USD, quantity unit 1, multiplier 1",
        "cash": "50,000 USD",
        "latency": "5 ms",
        "fee rates": "taker 0.005% of value, 0.005 USD a unit",
        "limit position_max": "1,000",
        "rule bars.volume": "at most 100% of the bar's volume",
        "rule bars.arrival": "at most 1 s, and half a bar",
    }.items():
        assert words in shown[name]
        assert words in unescape(result._repr_html_())
    options = result.options
    assert options["fees"] == {"maker_ppm": 0, "taker_ppm": 50, "unit_fee": "0.005"}
    assert options["rules"]["volume_share_ppm"] == 1_000_000
    assert (options["cash"], options["currency"], options["latency_ns"]) == ("50000", "USD", 5_000_000)
    assert set(options["limits"]) == set(Limits.__struct_fields__)
    assert options["limits"]["drawdown_max"] == "50000"


def test_a_result_states_its_restricted_list():
    result = omni.backtest(BuyOnce, bars(), **BARS, limits={"restricted": ("ABC",)})
    assert result.refusals == {"instrument is on the account's restricted list": 1}
    (line,) = [line for line in result.lines() if line.startswith("limit restricted")]
    assert line.split() == ["limit", "restricted", "ABC"]
    assert "limit restricted: ABC" in unescape(result._repr_html_())


def test_data_that_never_calls_the_strategy_is_refused():
    with pytest.raises(ConfigError, match=r"takes on_bar, and data with quotes alone never leads to that"):
        omni.backtest("moving-average", quotes(), **UNITS)
    with pytest.raises(ConfigError, match=r"maker takes on_quote, and data with bars alone never leads to that"):
        omni.backtest("maker", bars(), **BARS)


def test_a_parameter_named_like_a_setting_goes_into_params():
    class Seeded(omni.Strategy):
        seed: int = omni.param(5, "of its own")

        def on_bar(self, bar):
            pass

    with pytest.raises(ConfigError, match="seed is a setting and a parameter"):
        omni.backtest(Seeded, bars(), **BARS, seed=3)
    result = omni.backtest(Seeded, bars(), **BARS, params={"seed": 3})
    assert (result.params, result.seed) == ({"seed": 3}, 1)


class Late(omni.Strategy):
    """Amends and cancels an order that was filled, and one that never was."""

    def on_start(self):
        self.told = []
        self.number = self.buy(0, 10)

    def on_bar(self, bar):
        if self.position(bar.instrument) and not self.told:
            self.amend(self.number, price=bar.close, quantity=20)
            self.amend(999, quantity=5)
            self.cancel(self.number)

    def on_report(self, report):
        if report.exec_type == "cancel_rejected":
            self.told.append((report.order_id, report.reason))


def test_an_amend_of_an_order_that_is_done_is_answered_by_a_report():
    strategy = Late()
    result = omni.backtest(strategy, bars(), **BARS)
    assert result.fault is None
    assert [number for number, _ in strategy.told] == [strategy.number, 999, strategy.number]
    assert len({reason for _, reason in strategy.told}) == 1, "as a cancel is"


def test_orders_that_can_not_be_are_refused_with_a_reason():
    class Wrong(omni.Strategy):
        def on_start(self):
            self.told = []

        def on_bar(self, bar):
            if self.told:
                return
            for quantity, price in ((1, 10.005), (-1, 10.0), (10**25, 10.0), (0.5, 10.0)):
                try:
                    self.buy(0, quantity, price)
                except omni.RefusedError as error:
                    self.told.append(str(error))
            self.buy(0, 0, 100.0)

    strategy = Wrong()
    result = omni.backtest(strategy, bars(), **BARS)
    assert len(strategy.told) == 4
    assert result.refusals
    assert result.fills.rows == 0


def test_two_files_of_one_instrument_have_to_agree():
    ours = quotes()
    with pytest.raises(DataError, match="there is no file"):
        omni.backtest(BuyOnce, [ours, "missing.csv"], **UNITS)


def test_the_result_shows_itself():
    result = omni.backtest("moving-average", bars(), **BARS, fast=3, slow=9)
    assert "total return" in repr(result)
    page = result._repr_html_()
    assert "<svg" in page
    assert "total return" in page
    for name in ("polars", "pandas", "pyarrow"):
        pytest.importorskip(name)
    assert result.fills.to_polars().height == result.fills.to_pandas().shape[0] == result.fills.to_arrow().num_rows
    pytest.importorskip("matplotlib")
    assert len(result.plot().axes) == 2


def test_the_report_is_one_file(tmp_path):
    result = omni.backtest("moving-average", bars(), **BARS, fast=3, slow=9)
    path = result.report(tmp_path / "report.html")
    page = path.read_text()
    assert result.digest in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert result.report(tmp_path / "again.html").read_text() == page


def test_the_built_in_maker_quotes_recorded_data():
    # Quotes that jump like these pay no spread of theirs: it is told to quote all the same.
    eager = {"size": 50, "width_most": 1_000, "behind_ticks": 1_000}
    result = omni.backtest("maker", quotes(2_000), **UNITS, params=eager)
    assert result.orders.rows >= 2
    assert result.fault is None
    assert result.digest == omni.backtest("maker", quotes(2_000), **UNITS, params=eager).digest
    with pytest.raises(ConfigError):
        omni.backtest("maker", quotes(), **UNITS, params={"sise": 50})
    with pytest.raises(ConfigError, match="parameter size: expected a number, found 'big'"):
        omni.backtest("maker", quotes(), **UNITS, params={"size": "big"})
