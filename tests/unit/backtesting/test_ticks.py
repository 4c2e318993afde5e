"""Tick tables: by price and by date, declared with the data."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import START, UNITS

import omni
from omni.data import ticks
from omni.engine import Instrument
from omni.model.error import ConfigError

SECOND = 10**9
SUB_DOLLAR = [(0, "0.0001"), (1, "0.01")]
FINE = UNITS | {"price_unit": "0.0001"}
LISTED = {
    "asset_class": "equity",
    "currency": "USD",
    "price_unit": "0.0001",
    "quantity_unit": "1",
    "multiplier": "1",
    "tick": 1,
    "lot": 1,
    "price_min": 1,
    "price_max": 10**9,
    "quantity_max": 10**6,
}


def quoted(rows=6):
    return {
        "time_ns": START + SECOND * np.arange(rows),
        "bid": np.full(rows, 0.5),
        "ask": np.full(rows, 2.0),
        "bid_quantity": np.full(rows, 100),
        "ask_quantity": np.full(rows, 100),
    }


class Asks(omni.Strategy):
    """Sends a limit order at each of its prices, one a quote."""

    def on_start(self):
        self.left, self.told = list(self.prices), []

    def on_quote(self, quote):
        if self.left:
            self.buy(quote.instrument, 1, self.left.pop(0))

    def on_report(self, report):
        self.told.append((report.exec_type, report.price, report.reason))


def asked(*prices, **declared):
    strategy = type("Asked", (Asks,), {"prices": prices})()
    result = omni.backtest(strategy, quoted(), **FINE, **declared)
    return [kind for kind, *_ in strategy.told], result


def test_the_tick_is_that_of_the_price():
    told, result = asked("0.5001", "0.9999", "1.0001", "1.01", ticks=SUB_DOLLAR)
    assert told == ["new", "new", "rejected", "new"]
    assert list(result.refusals) == ["price is off tick or outside the instrument's range"]


def test_a_later_table_takes_the_place_of_the_first():
    third = np.datetime64(START + 2 * SECOND, "ns")
    told, _ = asked("1.01", "1.01", "1.01", "1.05", ticks={"": SUB_DOLLAR, f"{third}Z": [(0, "0.05")]})
    assert told == ["new", "new", "rejected", "new"]


def test_a_table_from_before_the_data_holds_from_its_start():
    dated = {"2020-01-01T00:00Z": [(0, "0.01")], "2023-01-01T00:00Z": [(0, "0.05")]}
    assert asked("1.01", "1.05", ticks=dated)[0] == ["rejected", "new"]


def test_prices_are_rounded_by_the_table():
    share = Instrument(0, "ABC", "XOMN", **LISTED, ticks=[(0, 1), (10_000, 100)], dated_ticks=[(START, [(0, 500)])])
    before, after = START - 1, START
    assert [share.round_price(1.014, to, before) for to in ("down", "nearest", "up")] == [1.01, 1.01, 1.02]
    assert [share.round_price(0.99996, to, before) for to in ("down", "nearest", "up")] == [0.9999, 1.0, 1.0]
    assert [share.round_price(1.014, to, after) for to in ("down", "nearest", "up")] == [1.0, 1.0, 1.05]
    assert share.round_price(1.014) == share.round_price(1.014, at=after), "without a time, by the last"
    assert (share.tick_at("0.5", before), share.tick_at(1, before), share.tick_at(1, after)) == (0.0001, 0.01, 0.05)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 60)), min_size=1, max_size=8), st.integers(-500, 4000))
def test_rounding_finds_the_nearest_valid_price(steps, count):
    rows, start = [], -200
    for width, tick in steps:
        start += width
        start += -start % tick
        if not rows or start > rows[-1][0]:
            rows.append((start, tick))
    share = Instrument(0, "ABC", "XOMN", **LISTED, ticks=rows)

    def valid(at):
        tick = next((tick for start, tick in reversed(rows) if start <= at), rows[0][1])
        return at % tick == 0

    price = share.price(count)
    down = next(at for at in range(count, count - 100, -1) if valid(at))
    up = next(at for at in range(count, count + 100) if valid(at))
    assert share.price_units(share.round_price(price, "down")) == down
    assert share.price_units(share.round_price(price, "up")) == up
    near = share.price_units(share.round_price(price))
    assert abs(near - count) == min(count - down, up - count)


@given(st.lists(st.tuples(st.integers(0, 1600), st.integers(1, 9)), min_size=1, max_size=5))
def test_rows_survive_their_text(rows):
    written = ticks.text([(price / 16, tick / 8) for price, tick in rows])
    ((time, found),) = ticks.tables(written)
    assert time is None
    assert [(Fraction(price), Fraction(tick)) for price, tick in found] == [
        (Fraction(p, 16), Fraction(t, 8)) for p, t in rows
    ]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"ticks": "0.01"}, r"ticks: expected rows such as 0:0.0001 1:0.01"),
        ({"ticks": "2025-11-03T00:00Z"}, "ticks: expected rows such as"),
        ({"ticks": 0.01}, r"ticks: expected a list of \(from, tick\), found 0.01"),
        ({"ticks": [(0, -1)]}, "ticks: expected a decimal above zero"),
        ({"ticks": [(0, "0.00001")]}, "ticks 0.00001 is not a whole multiple of its unit 0.0001"),
        ({"ticks": [(1, "0.01"), (0, "0.0001")]}, "row 2 of the tick table: it must begin above the row before it"),
        ({"ticks": [(0, "0.01"), ("1.01", "0.05")]}, "row 2 of the tick table: it must begin at a whole multiple"),
        ({"ticks": SUB_DOLLAR, "tick": "0.01"}, "ticks: they take the place of tick; declare one of them"),
    ],
)
def test_what_is_no_table_is_refused(declared, told):
    with pytest.raises(ConfigError, match=told):
        asked("1.00", **declared)


def test_bars_fill_on_the_tick_of_their_price():
    class Holds(omni.Strategy):
        def on_start(self):
            self.buy(0, 1)

    prices = {name: np.full(3, 1.0) for name in ("open", "high", "low", "close")}
    data = {"time_ns": START + 60 * SECOND * np.arange(1, 4), **prices, "volume": np.full(3, 100)}
    declared = FINE | {"interval": "1m", "bar_time": "close", "ticks": SUB_DOLLAR}
    found = omni.backtest(Holds, data, **declared, rules={"spread_units": 2})
    assert found.fills["price"].tolist() == [1.01], "half the spread worse, rounded away to the tick there"
