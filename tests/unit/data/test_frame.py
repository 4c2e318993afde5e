"""Frames of other libraries are the same data."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from omni.data.declaration import Declaration
from omni.data.recording import read
from omni.model.error import DataError

UNITS = Declaration(symbol="ABC", currency="USD", price_unit="0.01", quantity_unit="1", multiplier="1")
START = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
TIMES = [START + timedelta(seconds=at) for at in range(5)]
PRICES = [10.0, 10.01, 10.02, 9.99, 9.98]


def frames():
    numpy = {
        "time": np.array([time.replace(tzinfo=None) for time in TIMES], dtype="datetime64[ns]"),
        "price": np.array(PRICES),
        "quantity": np.arange(1, 6),
    }
    yield "numpy", numpy, UNITS.under({"timezone": "UTC"}, "")
    columns = {"time": TIMES, "price": PRICES, "quantity": list(range(1, 6))}
    for name in ("polars", "pandas", "pyarrow"):
        library = pytest.importorskip(name)
        make = library.table if name == "pyarrow" else library.DataFrame
        yield name, make(columns), UNITS
        if name == "pandas":
            yield "pandas index", make(columns).set_index("time"), UNITS


def test_every_frame_gives_the_same_columns():
    found = {name: read(data, declared).tables[0] for name, data, declared in frames()}
    assert len(found) == 5
    for name, each in found.items():
        assert each.time.tolist() == found["numpy"].time.tolist(), name
        assert each.time[0] == int(START.timestamp()) * 10**9
        assert each.columns["price"].tolist() == [1000, 1001, 1002, 999, 998], name


def test_two_columns_of_one_name_are_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([[1, 10.0, 5, 6]], columns=["time_ns", "price", "quantity", "quantity"])
    with pytest.raises(DataError, match="two columns named quantity"):
        read(frame, UNITS)


def test_what_is_no_data_is_refused():
    with pytest.raises(DataError, match="expected a path, a Polars, pandas or Arrow frame"):
        read(42, UNITS)
    with pytest.raises(DataError, match="the list is empty"):
        read([], UNITS)
    with pytest.raises(DataError, match="there is no file"):
        read("missing.csv", UNITS)
