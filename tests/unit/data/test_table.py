"""Columns become counts of declared units, or are refused with their row."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.data.declaration import Declaration
from omni.data.exact import counts
from omni.data.table import table
from omni.model.error import ConfigError, DataError

UNITS = Declaration(symbol="ABC", currency="USD", price_unit="0.01", quantity_unit="1", multiplier="1")


def trades(**changed):
    raw = {"time_ns": np.array([1, 2, 3]), "price": np.array([10.0, 10.01, 9.99]), "quantity": np.array([1, 2, 3])}
    return raw | changed


def test_trades_become_counts():
    found = table(trades(), UNITS, "here")
    assert found.kind == "trades"
    assert found.columns["price"].tolist() == [1000, 1001, 999]
    assert found.time.tolist() == [1, 2, 3]


@given(st.integers(-(10**12), 10**12), st.sampled_from(["0.01", "0.0001", "0.25", "5", "0.03125"]))
def test_every_count_survives_the_way_through_a_float(count, unit):
    value = np.array([float(Decimal(count) * Decimal(unit))])
    assert counts(value, Decimal(unit), "here").tolist() == [count]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"price": np.array([10.0, 10.005, 9.99])}, "column price, row 2: 10.005 is not a whole multiple of 0.01"),
        ({"price": np.array([10.0, np.nan, 9.99])}, "column price, row 2: nan is not a number"),
        ({"price": np.array([10.0, np.inf, 9.99])}, "row 2: inf is not a finite number"),
        ({"price": np.array([10.0, 1e15, 9.99])}, "row 2: 1000000000000000.0 is too large"),
        ({"price": np.array(["10", "x", "9"])}, "row 2: 'x' is not a number"),
        ({"quantity": np.array([1, -2, 3])}, "column quantity, row 2: -2 is negative"),
        ({"quantity": np.array([1, 2.5, 3])}, "column quantity, row 2: 2.5 is not a whole multiple of 1"),
        ({"time_ns": np.array([1, 3, 2])}, "row 3: its time lies before that of row 2"),
        ({"quantity": np.array([1, 2])}, "unequal lengths: time_ns 3, price 3, quantity 2"),
        ({"Price": np.array([1, 2, 3])}, "columns price and Price have the same name"),
        ({"size": np.array([1, 2, 3])}, "columns quantity and size both are the quantity"),
        ({"aggressor": np.array(["buy", "left", ""])}, "row 2: aggressor: expected buy, sell or none, found"),
    ],
)
def test_a_bad_row_is_refused_with_its_number(changed, told):
    with pytest.raises(DataError, match=told.replace("(", r"\(")):
        table(trades(**changed), UNITS, "here")


def test_a_bad_value_far_down_a_long_column_is_refused_with_its_row():
    values = np.arange(100_000) / 100
    assert counts(values, Decimal("0.01"), "here").tolist() == list(range(100_000))
    values[70_000] += 0.005
    values[90_000] = np.nan
    with pytest.raises(DataError, match="here, row 90001: nan is not a number"):
        counts(values, Decimal("0.01"), "here")
    values[90_000] = 900
    with pytest.raises(DataError, match=r"here, row 70001: 700.005 is not a whole multiple of 0.01; declare"):
        counts(values, Decimal("0.01"), "here")


@pytest.mark.parametrize("name", ["symbol", "currency", "price_unit", "quantity_unit", "multiplier"])
def test_what_is_not_declared_is_asked_for_by_its_keyword(name):
    declared = {key: getattr(UNITS, key) for key in ("symbol", "currency", "price_unit", "quantity_unit", "multiplier")}
    with pytest.raises(ConfigError, match=f"here doesn't say its {name}, and it is not guessed: add {name}="):
        table(trades(), Declaration(**{key: value for key, value in declared.items() if key != name}), "here")


def test_bars_have_to_say_what_their_time_is():
    prices = {name: np.array([10.0, 11.0]) for name in ("open", "high", "low", "close")}
    raw = {"time_ns": np.array([0, 60 * 10**9]), **prices, "volume": np.array([5, 5])}
    with pytest.raises(
        ConfigError, match=r"doesn't say its interval and bar_time, .*: add\n  interval=\"1m\"\n  bar_time="
    ):
        table(raw, UNITS, "here")
    declared = UNITS.under({"interval": "1m"}, "here")
    with pytest.raises(ConfigError, match='add bar_time="close"'):
        table(raw, declared, "here")
    opened = table(raw, declared.under({"bar_time": "open"}, "here"), "here")
    assert opened.time.tolist() == [60 * 10**9, 120 * 10**9]
    raw["high"] = np.array([10.0, 10.5])
    with pytest.raises(DataError, match="row 2: the bar's high lies below its low; mend the row or leave it out"):
        table(raw, declared.under({"bar_time": "open"}, "here"), "here")


def prices(*closes, **more):
    columns = {name: np.array(closes) for name in ("open", "high", "low", "close")}
    return {"time_ns": 60 * 10**9 * np.arange(len(closes)), **columns, "volume": np.ones(len(closes), int), **more}


BARS = replace(UNITS, interval="1m", bar_time="close")


def test_an_instrument_has_one_bar_at_a_time():
    with pytest.raises(DataError, match=r"row 2: its bar has the time of row 1's; an instrument has one bar at a time"):
        table(prices(10.0, 11.0, 12.0, time_ns=np.full(3, 60 * 10**9)), BARS, "here")
    times = np.array([1, 1, 2, 2]) * 60 * 10**9
    two = table(prices(10.0, 20.0, 11.0, 21.0, time_ns=times, symbol=np.array(["A", "B", "A", "B"])), BARS, "here")
    assert two.symbols == ("A", "B")
    with pytest.raises(DataError, match="row 4: its bar has the time of row 3's"):
        table(prices(10.0, 20.0, 11.0, 12.0, time_ns=times, symbol=np.array(["A", "B", "A", "A"])), BARS, "here")


def test_only_futures_and_options_have_negative_prices():
    raw = prices(10.0, -37.63)
    with pytest.raises(
        DataError, match=r"column open, row 2: -37.63 is negative, .*equity are not; .*declare asset_class"
    ):
        table(raw, BARS, "here")
    with pytest.raises(DataError, match="asset class crypto"):
        table(raw, replace(BARS, asset_class="crypto"), "here")
    for kind in ("future", "option"):
        assert table(raw, replace(BARS, asset_class=kind), "here").columns["close"].tolist() == [1000, -3763]


def test_what_a_file_states_is_checked_as_what_is_declared():
    with pytest.raises(ConfigError, match="here states bar_time: expected open or close, found 'Open'"):
        UNITS.under({"bar_time": "Open"}, "here")


def test_an_empty_side_of_a_quote_needs_no_price():
    raw = {
        "time_ns": np.array([1, 2]),
        "bid": np.array([np.nan, 9.99]),
        "ask": np.array([10.0, 10.0]),
        "bid_size": np.array([0, 5]),
        "ask_size": np.array([5, 5]),
    }
    found = table(raw, UNITS, "here")
    assert found.columns["bid"].tolist() == [0, 999]
    assert found.columns["bid_quantity"].tolist() == [0, 5]


def test_a_declaration_may_not_contradict_the_data():
    with pytest.raises(ConfigError, match=r"states currency EUR, but currency='USD' is declared"):
        UNITS.under({"currency": "EUR"}, "here")
    assert UNITS.under({"price_unit": "0.010"}, "here").price_unit == "0.010"
    with pytest.raises(ConfigError, match="did you mean currency"):
        UNITS.under({"currrency": "USD"}, "here")


@pytest.mark.parametrize(
    ("values", "declared", "told"),
    [
        (np.array([1, 2, 3]), {}, "add time_unit="),
        (np.array(["2024-01-02T09:30:00"] * 3), {}, "add timezone="),
        (np.array(["2024-01-02T09:30:00"] * 3), {"timezone": "Mars/Base"}, "there is no 'Mars/Base'"),
    ],
)
def test_times_say_what_they_count(values, declared, told):
    raw = trades()
    raw = {"time": values, "price": raw["price"], "quantity": raw["quantity"]}
    with pytest.raises(ConfigError, match=told):
        table(raw, UNITS.under(declared, "here"), "here")


def test_local_times_become_utc_across_a_clock_change():
    raw = trades()
    local = np.array(["2024-03-08T09:30:00", "2024-03-11T09:30:00", "2024-03-11T09:30:01"])
    raw = {"time": local, "price": raw["price"], "quantity": raw["quantity"]}
    found = table(raw, UNITS.under({"timezone": "America/New_York"}, "here"), "here")
    utc = found.time.astype("datetime64[ns]").astype("datetime64[s]").astype(str)
    assert utc.tolist() == ["2024-03-08T14:30:00", "2024-03-11T13:30:00", "2024-03-11T13:30:01"]
    zoned = raw | {"time": np.array(["2024-03-08T14:30:00Z", "2024-03-11T13:30:00Z", "2024-03-11T15:30:01+02:00"])}
    assert table(zoned, UNITS, "here").time.tolist() == found.time.tolist()
