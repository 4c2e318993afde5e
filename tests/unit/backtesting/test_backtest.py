"""The researcher's call."""

import re

import numpy as np
import pytest

import omni
from omni.model.error import ConfigError, DataError

MINUTE = 60 * 10**9
START = 1_704_205_800 * 10**9
UNITS = {"symbol": "ABC", "currency": "USD", "price_unit": "0.01", "quantity_unit": "1", "multiplier": "1"}
BARS = UNITS | {"interval": "1m", "bar_time": "close"}


def bars(rows=500, seed=1):
    rng = np.random.default_rng(seed)
    close = 100 + np.round(np.cumsum(rng.integers(-5, 6, rows)) / 100, 2)
    opened = np.concatenate(([100.0], close[:-1]))
    return {
        "time_ns": START + MINUTE * np.arange(1, rows + 1),
        "open": opened,
        "high": np.maximum(opened, close),
        "low": np.minimum(opened, close),
        "close": close,
        "volume": np.full(rows, 10_000),
    }


def quotes(rows=500):
    mid = 100 + np.round(np.sin(np.arange(rows) / 20), 2)
    return {
        "time_ns": START + 10**9 * np.arange(1, rows + 1),
        "bid": np.round(mid - 0.01, 2),
        "ask": np.round(mid + 0.01, 2),
        "bid_quantity": np.full(rows, 500),
        "ask_quantity": np.full(rows, 300),
    }


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
        ({"queue_units": -1}, "rules.queue_units: expected a whole number of zero or more, or none, found -1"),
        ({"spread_units": 0.5}, "rules.spread_units: expected a whole number of zero or more, found 0.5"),
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
        ({"limits": {"position_max": 1.5}}, "position_max: expected a whole number"),
        ({"rules": {"reach": "far"}}, "rules.reach: expected executions, through or touch"),
        ({"cash": "lots"}, "cash: expected a number"),
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


def test_data_that_never_calls_the_strategy_is_refused():
    with pytest.raises(ConfigError, match=r"takes on_bar, and data with quotes alone never leads to that"):
        omni.backtest("moving-average", quotes(), **UNITS)


def test_a_parameter_named_like_a_setting_goes_into_params():
    class Seeded(omni.Strategy):
        seed: int = omni.param(5, "of its own")

    with pytest.raises(ConfigError, match="seed is a setting and a parameter"):
        omni.backtest(Seeded, bars(), **BARS, seed=3)
    result = omni.backtest(Seeded, bars(), **BARS, params={"seed": 3})
    assert (result.params, result.seed) == ({"seed": 3}, 1)


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
    result = omni.backtest("maker", quotes(2_000), **UNITS, params={"size": 50})
    assert result.orders.rows >= 2
    assert result.fault is None
    assert result.digest == omni.backtest("maker", quotes(2_000), **UNITS, params={"size": 50}).digest
    with pytest.raises(ConfigError):
        omni.backtest("maker", quotes(), **UNITS, params={"sise": 50})
    with pytest.raises(ConfigError, match="parameter size: expected a number, found 'big'"):
        omni.backtest("maker", quotes(), **UNITS, params={"size": "big"})
