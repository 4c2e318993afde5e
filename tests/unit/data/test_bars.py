"""Bars that can't have been are refused by every reader, with their row and what to do."""

import math
import zipfile

import duckdb
import numpy as np
import pytest

from omni.data.declaration import Declaration
from omni.data.recording import read
from omni.model.error import DataError

MINUTE = 60 * 10**9
DECLARED = Declaration(
    symbol="ABC",
    currency="USD",
    price_unit="0.01",
    quantity_unit="1",
    multiplier="1",
    interval="1m",
    bar_time="open",
    time_unit="ns",
    timezone="UTC",
)
#: 2013-10-07, 9:30 in New York.
OPENING = 1_381_152_600 * 10**9
NAMES = ("time_ns", "open", "high", "low", "close", "volume")


def rows(row, changed):
    """Return four bars as rows, one of them changed."""
    bars = [dict(zip(NAMES, (OPENING + at * MINUTE, 10.0, 10.5, 9.5, 10.2, 100), strict=True)) for at in range(4)]
    bars[row - 1] |= changed
    return bars


def columns(bars):
    integers = {"time_ns", "volume"}
    return {
        name: np.array([bar[name] for bar in bars], dtype=np.int64 if name in integers else np.float64)
        for name in NAMES
    }


def csv(bars, folder):
    path = folder / "bars.csv"
    path.write_text("\n".join([",".join(NAMES), *(",".join(str(value) for value in bar.values()) for bar in bars)]))
    return path


def parquet(bars, folder):
    path = folder / "bars.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM read_csv('{csv(bars, folder)}')) TO '{path}' (FORMAT parquet)")
    return path


def lean(bars, folder):
    def line(bar):
        prices = (10_000 * bar[name] for name in ("open", "high", "low", "close"))
        start = (bar["time_ns"] - OPENING) // 10**6 + 34_200_000
        return ",".join([str(start), *(f"{price:g}" for price in prices), str(bar["volume"])])

    path = folder / "bars.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("20131007_abc_minute_trade.csv", "\n".join(map(line, bars)))
    return path


def numpy(bars, _folder):
    return columns(bars)


def framed(library):
    def frame(bars, _folder):
        module = pytest.importorskip(library)
        make = module.table if library == "pyarrow" else module.DataFrame
        return make(columns(bars))

    frame.__name__ = library
    return frame


READERS = (csv, parquet, lean, numpy, *map(framed, ("polars", "pandas", "pyarrow")))
CASES = {
    "two of one time": ({"time_ns": OPENING}, "row 2: its bar has the time of row 1's; .*: leave one out"),
    "earlier": ({"time_ns": OPENING - MINUTE}, "row 2: its time lies before that of row 1"),
    "negative low": ({"low": -0.5}, "column low, row 2: -0.5 is negative, and prices of asset class equity are not"),
    "high below low": ({"high": 9.0, "open": 9.2, "close": 9.2}, "row 2: the bar's high lies below its low; mend the"),
    "close above high": ({"close": 10.6}, "row 2: the bar's close lies above its high; mend the row or leave it out"),
    "close below low": ({"close": 9.4}, "row 2: the bar's close lies below its low; mend the row or leave it out"),
    "open above high": ({"open": 10.6}, "row 2: the bar's open lies above its high; mend the row or leave it out"),
    "open below low": ({"open": 9.4}, "row 2: the bar's open lies below its low; mend the row or leave it out"),
    "no number": ({"close": math.nan}, "row 2.*: nan is not a (finite )?number; mend the row or leave it out"),
    "infinite": ({"high": math.inf}, "row 2.*: inf is not a finite number; mend the row or leave it out"),
    "infinitely low": ({"low": -math.inf}, "row 2.*: -inf is not a finite number; mend the row or leave it out"),
    "negative volume": ({"volume": -7}, "column volume, row 2: -7.* is negative; mend the row or leave it out"),
}


def declared(reader):
    return Declaration(bar_time="open") if reader is lean else DECLARED


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_bars_that_hold_together_are_read_by_all(reader, tmp_path):
    (only,) = read(reader(rows(2, {}), tmp_path), declared(reader)).tables
    assert only.time.tolist() == [OPENING + (at + 1) * MINUTE for at in range(4)]
    assert set((only.columns["close"] / only.columns["open"]).tolist()) == {1.02}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_a_bar_that_cannot_have_been_is_refused_with_its_row(reader, case, tmp_path):
    changed, told = CASES[case]
    with pytest.raises(DataError, match=told):
        read(reader(rows(2, changed), tmp_path), declared(reader))


def test_two_pieces_may_not_have_one_bar_twice(tmp_path):
    bars = rows(2, {})
    path = csv(bars[:3], tmp_path)
    with pytest.raises(DataError, match=r"bars.csv is given twice; name it once"):
        read([path, path], DECLARED)
    with pytest.raises(
        DataError, match=r"ABC has a bar that closes at 2013-10-07T13:33.* in .*bars.csv too; .*leave one"
    ):
        read([path, columns(bars[2:])], DECLARED)
    after = read([path, columns(bars[3:])], DECLARED)
    assert [len(each.time) for each in after.tables] == [3, 1]
    other = columns(bars) | {"symbol": np.array(["XYZ"] * 4)}
    assert len(read([path, other], DECLARED).tables) == 2, "another instrument's bars close at the same time"
