"""Fewer points keep what is seen: extremes, opens and closes, quantities."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omni.reporting.column import Bars, Fills
from omni.reporting.downsample import candles, extremes, marks

SERIES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400)


@given(SERIES, st.integers(1, 40))
def test_extremes_keep_ends_highest_and_lowest(values, columns):
    value = np.array(values)
    kept = extremes(np.linspace(0, 1, len(value)), value, columns)
    assert len(kept) <= 2 * columns + 2
    assert np.all(np.diff(kept) > 0)
    assert (kept[0], kept[-1]) == (0, len(value) - 1)
    assert value[kept].max() == value.max()
    assert value[kept].min() == value.min()


@st.composite
def bars(draw):
    count = draw(st.integers(1, 300))
    time = np.cumsum(draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))) * 10**9
    low = np.array(draw(st.lists(st.integers(-100, 100), min_size=count, max_size=count)))
    nothing = np.zeros(count, np.int64)
    return Bars(time, nothing, low + 1, low + 3, low, low + 2, nothing + 10)


@given(bars(), st.integers(2, 50))
def test_candles_keep_range_volume_and_ends(given_bars, count):
    made = candles(given_bars, count)
    assert 1 <= len(made.time) <= count
    assert made.high.max() == given_bars.high.max()
    assert made.low.min() == given_bars.low.min()
    assert made.volume.sum() == given_bars.volume.sum()
    assert (made.open[0], made.close[-1]) == (given_bars.open[0], given_bars.close[-1])
    assert made.time[-1] - made.width_ns < given_bars.time[-1] <= made.time[-1], "each candle ends at its time"


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 500), st.integers(1, 2)), max_size=200), st.integers(1, 30)
)
def test_marks_keep_quantity_count_and_value(rows, columns):
    count = len(rows)
    price, quantity, liquidity = (np.array([row[each] for row in rows], np.int64) for each in range(3))
    time, nothing = np.arange(count) * 10**9, np.zeros(count, np.int64)
    fills = Fills(time, nothing, nothing, nothing, price, quantity, liquidity)
    made = marks(fills, np.linspace(0, 1, count), columns)
    assert len(made.time) <= columns
    assert made.quantity.sum() == quantity.sum()
    assert made.count.sum() == count
    assert made.maker.sum() == (liquidity == 1).sum()
    np.testing.assert_allclose((made.price * made.quantity).sum(), (price * quantity).sum())
    assert np.all(np.diff(made.time) > 0)
