"""What an instrument is: its class, its terms, its units."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import BARS, START, UNITS

import omni
from omni.data.exact import counts
from omni.engine import Instrument
from omni.model.error import ConfigError, DataError, RefusedError

SECOND = 10**9
EXPIRY = 1_774_036_800 * SECOND
SHARE = {
    "asset_class": "equity",
    "currency": "USD",
    "price_unit": "0.01",
    "quantity_unit": "1",
    "multiplier": "1",
    "tick": 1,
    "lot": 1,
    "price_min": 1,
    "price_max": 10**7,
    "quantity_max": 10**6,
}
NOTE = SHARE | {"asset_class": "bond", "price_unit": "0.015625"}


def made(number=1, **changed):
    return Instrument(number, "ABC", "XOMN", **SHARE | changed)


class Trades(omni.Strategy):
    """Buys at the first price, and sells at the last."""

    def on_start(self):
        self.seen = []

    def on_quote(self, quote):
        self.seen.append(quote.ask)
        if len(self.seen) == 1:
            self.buy(quote.instrument, self.size, quote.ask, time_in_force="ioc")
        if len(self.seen) == 3:
            self.sell(quote.instrument, self.size, quote.bid, time_in_force="ioc")

    size: float = omni.param(1.0, "units", least=0.0)


def quoted(*prices, quantity="5"):
    """Return quotes of bid and ask, the last of them twice."""
    bid, ask = (np.array(side) for side in zip(*prices, prices[-1], strict=True))
    return {
        "time_ns": START + SECOND * np.arange(len(bid)),
        "bid": bid,
        "ask": ask,
        "bid_quantity": np.array([quantity] * len(bid)),
        "ask_quantity": np.array([quantity] * len(bid)),
    }


def test_an_option_tells_its_terms():
    option = made(asset_class="option", expiry=EXPIRY, underlying=0, strike=10_500, right="call", exercise="american")
    assert (option.expiry, option.underlying, option.strike) == (EXPIRY, 0, 105.0)
    assert (option.right, option.exercise) == ("call", "american")
    plain = made()
    assert [plain.expiry, plain.underlying, plain.strike, plain.right, plain.exercise] == [None] * 5


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"expiry": EXPIRY}, "instrument ABC: expiry, underlying, strike, right and exercise are for a future"),
        ({"asset_class": "bond", "expiry": EXPIRY, "underlying": 0}, "a bond has an expiry, its maturity, but no"),
        ({"asset_class": "option", "expiry": EXPIRY}, "expiry, strike, right and exercise together"),
        ({"asset_class": "future", "underlying": 1}, "the underlying must be listed before"),
        ({"asset_class": "option", "expiry": EXPIRY, "strike": 1}, "give all three, or none"),
        (
            {"asset_class": "option", "expiry": EXPIRY, "strike": 1, "right": "both", "exercise": "american"},
            'right: expected one of put, call, found "both"',
        ),
        (
            {"asset_class": "future", "expiry": EXPIRY, "strike": 1, "right": "put", "exercise": "european"},
            "strike, right and exercise are for an option, not a future",
        ),
    ],
)
def test_terms_that_do_not_go_together_are_refused(changed, told):
    with pytest.raises(ConfigError, match=told):
        made(**changed)


def test_a_series_shares_its_underlying(tmp_path):
    rows = "time_ns,bid,bid_quantity,ask,ask_quantity\n1704205800000000000,{0},5,{0},5\n"
    shared = "currency=USD, price_unit=0.01, quantity_unit=1"
    option = (
        f"asset_class=option, underlying=ZZZ, expiry=2026-03-20T20:00Z, exercise=american, multiplier=100, {shared}"
    )
    texts = {
        "call": f"# symbol=AC, strike=105, right=call, {option}\n" + rows.format("1.50"),
        "put": f"# symbol=AP, strike=95, right=put, {option}\n" + rows.format("0.75"),
        "share": f"# symbol=ZZZ, multiplier=1, {shared}\n" + rows.format("100.00"),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    found = omni.backtest(Trades, [tmp_path / f"{name}.csv" for name in texts]).instruments
    assert [one.symbol for one in found] == ["ZZZ", "AC", "AP"], "an underlying comes before what is on it"
    assert [one.underlying for one in found] == [None, 0, 0]
    assert [(one.strike, one.right) for one in found[1:]] == [(105.0, "call"), (95.0, "put")]
    assert {one.expiry for one in found[1:]} == {EXPIRY}


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"asset_class": "future", "underlying": "XYZ"}, "underlying: ABC is on XYZ, which isn't in the data"),
        ({"asset_class": "future", "underlying": "ABC"}, "underlying: ABC is on itself"),
        ({"asset_class": "future", "expiry": "2026-03-20"}, "expiry: expected a time with its offset such as"),
        ({"asset_class": "option", "strike": "1O5"}, "strike: expected a decimal such as 100 or -37.63"),
        ({"asset_class": "option", "right": "Call"}, "right: expected put or call, found 'Call'; did you mean call?"),
    ],
)
def test_declared_terms_are_checked(declared, told):
    with pytest.raises(ConfigError, match=told):
        omni.backtest(Trades, quoted((99.0, 100.0)), **UNITS, **declared)


@given(st.integers(-(10**12), 10**12))
def test_a_bond_in_64ths_is_read_as_it_is_written(count):
    note = Instrument(1, "ABC", "XOMN", **NOTE)
    text = note.price_text(note.price(count))
    assert note.price_units(text) == count
    assert counts(np.array([text], dtype=object), Decimal("0.015625"), "here").tolist() == [count]


def test_a_bond_trades_in_64ths():
    declared = UNITS | {"price_unit": "0.015625", "asset_class": "bond", "multiplier": "1000"}
    found = omni.backtest(
        Trades,
        quoted(("101-16", "101-16+"), ("101-17", "101-18"), ("101-18", "101-19")),
        **declared,
        expiry="2034-02-15T00:00Z",
    )
    assert found.fills["price"].tolist() == [101.515625, 101.5625]
    assert found.metrics.profit == pytest.approx(46.875)
    note = found.instruments[0]
    assert note.price_text("101-16+") == note.price_text(101.515625) == "101-16+"
    with pytest.raises(RefusedError, match="101-165"):
        note.price_units("101-165")
    with pytest.raises(DataError, match=r"row 1: '101-32' is not a number"):
        omni.backtest(Trades, quoted(("101-16+", "101-32")), **declared)


def test_currencies_trade_in_tenths_of_a_pip():
    declared = UNITS | {"symbol": "EURUSD", "price_unit": "0.00001", "asset_class": "fx", "quantity_unit": "1000"}
    found = omni.backtest(
        Trades,
        quoted((1.0812, 1.08123), (1.08125, 1.08126), (1.08145, 1.08146), quantity="5000000"),
        **declared,
        size=1_000_000,
    )
    assert found.fills["price"].tolist() == [1.08123, 1.08145]
    assert found.metrics.profit == pytest.approx(220.0)


def test_coins_trade_at_prices_of_1e_12_and_quantities_of_1e_8():
    declared = UNITS | {"price_unit": "0.000000000001", "quantity_unit": "0.00000001", "asset_class": "crypto"}

    class Sends(Trades):
        def on_quote(self, quote):
            self.buy(quote.instrument, Decimal("0.12345678"), Decimal("60000.123456789012"), time_in_force="ioc")

    prices = ("60000.123456789011", "60000.123456789012")
    found = omni.backtest(Sends, quoted(prices, quantity="0.50000000"), **declared)
    coin = found.instruments[0]
    raw = found.engine.fills
    price, quantity = (int(np.frombuffer(raw[name][1], dtype=raw[name][0])[0]) for name in ("price", "quantity"))
    assert (price, quantity) == (60_000_123_456_789_012, 12_345_678)
    assert coin.price_text(Decimal("60000.123456789012")) == "60000.123456789012"
    paid = Decimal("0.12345678") * Decimal("60000.123456789012")
    assert Decimal(found.engine.positions[0][3]) == paid, "the cost is exact"


@pytest.mark.parametrize("kind", ["future", "option"])
def test_prices_below_zero_trade_where_they_may_be(kind):
    declared = UNITS | {"asset_class": kind, "multiplier": "1000"}
    found = omni.backtest(
        Trades, quoted((-13.20, -13.10), (-37.70, -37.63), (-37.00, -36.90)), **declared, limits={"collar_bps": 100_000}
    )
    assert found.fills["price"].tolist() == [-13.10, -37.00]
    assert found.metrics.profit == pytest.approx(-23_900)
    with pytest.raises(DataError, match=r"-13.1 is negative, and prices of asset class equity are not"):
        omni.backtest(Trades, quoted((-13.10, 1.0)), **UNITS)


def test_bars_tell_a_negative_close():
    class Holds(omni.Strategy):
        def on_start(self):
            self.buy(0, 1)

    prices = {name: np.array([1.0, -2.0, -3.0]) for name in ("open", "high", "low", "close")}
    data = {"time_ns": START + 60 * SECOND * np.arange(1, 4), **prices, "volume": np.full(3, 100)}
    found = omni.backtest(Holds, data, **BARS, asset_class="future")
    assert found.fills["price"].tolist() == [-2.0]
    assert found.metrics.profit == pytest.approx(-1.0)
