"""Fewer points that look the same."""

from dataclasses import dataclass

import numpy as np

from omni.reporting.column import Bars, Fills, Floats, Ints

_WIDTHS = (1, 2, 3, 5, 10, 15, 30, 60, 120, 240)


def extremes(places: Floats, values: Floats, columns: int) -> Ints:
    """Return the indices of the first and last point and of each column's lowest and highest.

    They are 2 x `columns` + 2 at most. Places run from 0 to 1 and don't decrease.
    """
    if len(places) <= 2 * columns:
        return np.arange(len(places))
    column = np.minimum((places * columns).astype(np.int64), columns - 1)
    order = np.lexsort((values, column))
    first = np.flatnonzero(np.diff(column[order], prepend=-1))
    last = np.append(first[1:], len(order)) - 1
    kept = np.concatenate([order[first], order[last], [0, len(places) - 1]])
    return np.unique(kept)


@dataclass(frozen=True, slots=True)
class Candles:
    """Bars put together; each covers the `width_ns` that end at its `time`."""

    time: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    width_ns: int


def candles(bars: Bars, count_max: int) -> Candles:
    """Put one instrument's bars together, two or more at a time, until there are at most `count_max`."""
    spacing = int(np.median(np.diff(bars.time))) if len(bars.time) > 1 else 60 * 10**9
    width = spacing = max(spacing, 1)
    factor = 0
    while True:
        # A bar's time is its close, so the bar that closes at a candle's end belongs to it.
        bucket = -(-bars.time // width)
        first = np.flatnonzero(np.diff(bucket, prepend=bucket[:1] - 1))
        if len(first) <= count_max:
            break
        factor += 1
        width = spacing * (_WIDTHS[factor] if factor < len(_WIDTHS) else 2 ** (factor + 1))
    if len(first) == 0:
        return Candles(bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume, width)
    last = np.append(first[1:], len(bucket)) - 1
    return Candles(
        bucket[first] * width,
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
        width,
    )


@dataclass(frozen=True, slots=True)
class Marks:
    """Fills of one side put together by column: mean time, mean price weighted by quantity, total, how many."""

    time: Ints
    price: Floats
    quantity: Ints
    count: Ints
    maker: Ints


def marks(fills: Fills, places: Floats, columns: int) -> Marks:
    """Put the fills of one side and instrument in each of `columns` columns together; places don't decrease."""
    column = np.minimum((places * columns).astype(np.int64), columns - 1)
    first = np.flatnonzero(np.diff(column, prepend=-1))
    if len(first) == 0:
        return Marks(fills.time, fills.price.astype(np.float64), fills.quantity, fills.side, fills.side)
    count = np.diff(np.append(first, len(column)))
    quantity = np.add.reduceat(fills.quantity, first)
    since = fills.time - fills.time[0]
    value = np.add.reduceat(fills.price.astype(np.float64) * fills.quantity, first)
    return Marks(
        fills.time[0] + np.add.reduceat(since.astype(np.float64), first).astype(np.int64) // count,
        value / np.maximum(quantity, 1),
        quantity,
        count,
        np.add.reduceat((fills.liquidity == 1).astype(np.int64), first),
    )
