"""Corporate actions in a backtest: what a strategy is told, what it has then, and what a result says."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market import BARS, MINUTE, START, UNITS

import omni
from omni.backtesting.frame import Frame
from omni.backtesting.metric import trading
from omni.model.error import ConfigError


def at(minutes):
    return datetime.fromtimestamp((START + int(MINUTE * minutes)) / 1e9, UTC)


def barred(*closes):
    prices = {name: np.array(closes, dtype=float) for name in ("open", "high", "low", "close")}
    return {"time_ns": START + MINUTE * np.arange(1, len(closes) + 1), **prices, "volume": np.full(len(closes), 10_000)}


class Told(omni.Strategy):
    quantity: float = omni.param(7.0, "shares", least=0.0)

    def on_start(self):
        self.told, self.ended = [], []
        self.buy(0, self.quantity)

    def on_adjust(self, adjustment):
        one = adjustment.instrument
        kind = (adjustment.kind, adjustment.ratio, round(adjustment.cash, 9), adjustment.symbol)
        self.told.append((*kind, self.position(one), self.mark(one)))

    def on_report(self, report):
        if report.reason:
            self.ended.append((report.exec_type, report.reason))


class Holds(Told):
    def on_bar(self, bar):
        """Have the last price delivered."""


def test_a_split_scales_position_price_and_mark_and_pays_the_fraction():
    strategy = Holds()
    split = omni.Split("ABC", at(2.5), 3, 2)
    result = omni.backtest(strategy, barred(300, 300, 200, 200), **BARS, adjustments=[split])
    assert strategy.told == [("split", (3, 2), 0.0, "", 10.0, 200.0)]
    assert result.positions["quantity"].tolist() == [10.0]
    assert result.positions["average_price"].tolist() == [200.0]
    assert result.metrics.profit == 0, "half a share was paid out at what it was worth"
    assert result.options["adjustments"] == [f"ABC on {at(2.5)}: split 3:2"]


def test_a_dividend_is_paid_and_the_price_falls_by_it():
    strategy = Holds()
    paid = omni.Dividend("ABC", at(2.5), "2.125")
    result = omni.backtest(strategy, barred(300, 300, 298, 298), **BARS, adjustments=[paid])
    assert strategy.told == [("dividend", (1, 1), 2.125, "", 7.0, 297.87)]
    assert result.equity["realised"][-1] == pytest.approx(7 * 2.125)
    assert result.metrics.profit == pytest.approx(7 * (2.125 - 2))


def test_a_short_position_pays_the_dividend():
    class Short(omni.Strategy):
        def on_start(self):
            self.sell(0, 5)

    paid = omni.Dividend("ABC", at(2.5), 1)
    result = omni.backtest(Short, barred(300, 300, 299, 299), **BARS, adjustments=[paid])
    assert result.equity["realised"][-1] == -5
    assert result.metrics.profit == 0


def test_open_orders_end_with_a_reason_and_new_ones_wait_for_the_new_market():
    class Bids(Told):
        def on_start(self):
            super().on_start()
            self.buy(0, 1, 100.0, time_in_force="gtc")

        def on_adjust(self, adjustment):
            super().on_adjust(adjustment)
            self.buy(adjustment.instrument, 1)

    data = {
        "time_ns": START + 10**9 * np.arange(4),
        "bid": np.array([300.0, 300.0, 149.0, 149.0]),
        "ask": np.array([301.0, 301.0, 150.0, 150.0]),
        "bid_quantity": np.full(4, 100),
        "ask_quantity": np.full(4, 100),
    }
    strategy = Bids(quantity=2)
    result = omni.backtest(strategy, data, **UNITS, adjustments=[omni.Split("ABC", at(1.5 / 60), 2)])
    assert ("cancelled", "cancelled by a corporate action") in strategy.ended
    assert result.fills["price"].tolist() == [301.0], "nothing fills at a quote from before the split"
    assert [(kind, reason) for kind, reason in strategy.ended if kind == "expired" or "trade against" in reason]


def test_an_instrument_is_found_by_its_new_symbol():
    class Follows(Holds):
        def on_adjust(self, adjustment):
            super().on_adjust(adjustment)
            self.same = self.instrument("XYZ")
            self.held = self.position("XYZ"), self.position(self.first)

        def on_start(self):
            super().on_start()
            self.first = self.instrument("ABC")

    strategy = Follows()
    omni.backtest(strategy, barred(3, 3, 3), **BARS, adjustments=[omni.Rename("ABC", at(2.5), "XYZ")])
    assert (strategy.same.symbol, strategy.first.symbol) == ("XYZ", "ABC")
    assert strategy.held == (7.0, 7.0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (omni.Split("XYZ", at(1.5), 2), "adjustments: the data has no XYZ; it has ABC"),
        (omni.Split("ABC", "2024-01-02", 2), "on: expected a time with its offset"),
        (omni.Split("ABC", at(0.5), 2), "ABC on .* lies outside the data, after whose first time it must be"),
        (omni.Split("ABC", at(9), 2), "lies outside the data"),
        (omni.Split("ABC", at(1.5), 0), "split 0:1: expected new and old units from 1 to 1000000, such as 4:1"),
        (omni.Dividend("ABC", at(1.5), "-1"), "dividend -1: expected an amount above zero"),
        (omni.Dividend("ABC", at(1.5), "x"), "dividend x: expected a decimal number such as 12.5"),
        (omni.Rename("ABC", at(1.5), ""), "rename : expected 1 to 24 printable ASCII characters"),
        ("ABC", "adjustments: expected omni.Split, Dividend or Rename, found 'ABC'"),
    ],
)
def test_what_can_not_be_applied_is_refused_before_the_run(given, told):
    with pytest.raises(ConfigError, match=told):
        omni.backtest(Holds, barred(3, 3, 3), **BARS, adjustments=[given])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500), st.integers(1, 30), st.integers(1, 30), st.integers(100, 50_000))
def test_a_split_makes_no_profit(quantity, new, old, cents):
    after = max(1, round(cents * old / new))
    data = barred(cents / 100, cents / 100, after / 100, after / 100)
    split = omni.Split("ABC", at(2.5), new, old)
    result = omni.backtest(Holds, data, **BARS, quantity=quantity, adjustments=[split], limits={"drawdown_max": 10**6})
    held = quantity * new // old
    assert result.positions["quantity"].sum() == held
    # What the new price's rounding to a cent makes is all there is.
    assert abs(result.metrics.profit) <= held * 0.005 + 1e-6


def test_followed_positions_are_the_engines_after_a_split():
    fills = Frame(
        seq=np.array([1, 9]),
        time_ns=np.array([10, 90]),
        instrument=np.array([0, 0]),
        sign=np.array([1, -1]),
        price=np.array([300, 210]),
        quantity=np.array([7, 10]),
    )
    followed = trading(fills, {0: 1}, 100, [(5, 50, 0, 3, 2)])
    assert (followed.reduced, followed.gained, followed.open_ns) == (1, 1, 80)
    assert trading(fills, {0: 1}, 100, [(5, 50, 0, 1, 10)]).open_ns == 40 + 10, (
        "none was left of it, and then sold short"
    )
