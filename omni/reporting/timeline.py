"""The time axis that all charts of a page share: linear in time, idle hours pressed together."""

from datetime import timedelta
from itertools import pairwise

import numpy as np

from omni.reporting.column import Floats, Ints
from omni.reporting.number import moment

_SECOND = 10**9
_HOUR = 3_600 * _SECOND
_DAY = 24 * _HOUR
_WEEK = 7 * _DAY
_MONDAY = 4 * _DAY  # 1970 began on a Thursday.
# Steps between ticks: what people count time in.
_STEPS = (
    *(seconds * _SECOND for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 3, 7, 14, 28, 91, 182, 364, 1_820)),
)
_GAP_SPACINGS = 20  # A pause of so many usual spacings, and of an hour at least, is idle time.
_GAP_SHARE = 0.006  # Of the axis, that idle time is pressed to; all of it together to a fifth at most.
_TICKS_MAX = 10
_TICK_SHARE = 0.075  # Of the axis, between two labels at least.


class Timeline:
    """Places times on an axis from 0 to 1.

    Parameters
    ----------
    times
        Event times in nanoseconds, of whatever is drawn, in any order.
    regular
        Those of them that come at regular times, such as bars: what a pause is, is judged by their spacing.
    """

    def __init__(self, times: Ints, regular: Ints) -> None:
        active = np.unique(times)
        if len(active) == 0:
            active = np.array([0], np.int64)
        pauses = _pauses(active, np.unique(regular))
        starts = np.concatenate([active[:1], active[pauses + 1]])
        ends = np.concatenate([active[pauses], active[-1:]])
        if starts[0] == ends[-1]:
            ends = ends + _SECOND
        self.start, self.end = int(starts[0]), int(ends[-1])
        self.gaps = list(zip(ends[:-1].tolist(), starts[1:].tolist(), strict=True))
        self._knots = np.stack([starts, ends], axis=1).ravel()
        self._places = _places(ends - starts)

    def at(self, times: Ints) -> Floats:
        """Return the times' places; those outside lie at the ends."""
        since = (times - self.start).astype(np.float64)
        return np.interp(since, (self._knots - self.start).astype(np.float64), self._places)

    def place(self, time: int) -> float:
        """Return a time's place."""
        return float(self.at(np.array([time], np.int64))[0])

    def knots(self) -> list[tuple[float, float]]:
        """Return pairs of place and milliseconds since 1970 between which the axis is linear."""
        return [
            (round(place, 6), time / 1e6)
            for place, time in zip(self._places.tolist(), self._knots.tolist(), strict=True)
        ]

    def ticks(self) -> list[tuple[float, str]]:
        """Return places and labels, at round times in UTC; a new day shows its date."""
        span = self.end - self.start
        least = _DAY if self.gaps and span > 2 * _DAY else span // 40_000
        for size in (each for each in _STEPS if each >= least):
            times = self._multiples(size)
            places = self.at(np.array(times, np.int64))
            if 2 <= len(times) <= _TICKS_MAX and np.all(np.diff(places) >= _TICK_SHARE):
                return list(zip(places.tolist(), _labels(times, size), strict=True))
        return [(0.0, _ends(self.start)), (1.0, _ends(self.end))]

    def _multiples(self, size: int) -> list[int]:
        offset = 0 if size % _WEEK else _MONDAY
        first = -(-(self.start - offset) // size)
        times = (size * index + offset for index in range(first, (self.end - offset) // size + 1))
        if size < _DAY:
            return [time for time in times if not any(low < time < high for low, high in self.gaps)]
        # Midnight is mostly idle: the day's tick moves on to where the day begins.
        moved = [next((high for low, high in self.gaps if low < time < high), time) for time in times]
        first_day = [self.start] if moved and self.place(moved[0]) >= _TICK_SHARE else []
        return list(dict.fromkeys([*first_day, *moved]))


def _pauses(active: Ints, regular: Ints) -> Ints:
    """Return the indices of the times before a pause."""
    spacings = np.diff(regular if len(regular) > 2 else active)
    if len(spacings) == 0:
        return np.empty(0, np.int64)
    least = max(_HOUR, _GAP_SPACINGS * int(np.median(spacings)))
    return np.flatnonzero(np.diff(active) > least)


def _places(widths: Ints) -> Floats:
    """Return where each stretch of activity begins and ends, by turns, from 0 to 1."""
    gap_count = len(widths) - 1
    gap = min(_GAP_SHARE, 0.2 / gap_count) if gap_count else 0.0
    total = float(widths.sum())
    share = widths / total if total else np.full(len(widths), 1 / len(widths))
    places, at = [], 0.0
    for width in share.tolist():
        places += [at, at + width * (1 - gap * gap_count)]
        at = places[-1] + gap
    return np.array(places)


def _ends(time: int) -> str:
    """Return the label of an axis's end, for the rare axis that has no two round times on it."""
    return f"{moment(time):%Y-%m-%d %H:%M:%S}"


def _labels(times: list[int], size: int) -> list[str]:
    moments = [moment(time) for time in times]
    if size >= 28 * _DAY:
        return [f"{each.day} {each:%b %Y}" for each in moments]
    if size >= _DAY:
        return [f"{each.day} {each:%b}" for each in moments]
    clock = "%H:%M:%S" if size < 60 * _SECOND else "%H:%M"
    # The first tick, and the first of a new day, say which day it is where there are several.
    days = [each.date() for each in moments]
    several = len(set(days)) > 1
    new = [several, *(b - a >= timedelta(days=1) for a, b in pairwise(days))]
    return [f"{each.day} {each:%b} " * first + f"{each:{clock}}" for each, first in zip(moments, new, strict=False)]
