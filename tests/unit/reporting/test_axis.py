"""Axes: ticks are round, inside, and few; the timeline keeps the order of times and presses idle hours."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.reporting import tick
from omni.reporting.timeline import Timeline

HOUR = 3_600 * 10**9
MIDNIGHT = 1_767_571_200 * 10**9  # 2026-01-05 UTC


@st.composite
def ranges(draw):
    low = draw(st.floats(-1e9, 1e9))
    return low, low + draw(st.floats(1e-2, 1e9))


@given(ranges(), st.integers(1, 12))
def test_ticks_are_round_inside_and_few(bounds, count):
    low, high = bounds
    size = tick.step(low, high, count)
    ticks = tick.values(low, high, count)
    assert f"{size:e}"[0] in "125"
    assert len(ticks) <= count + 1
    assert all(low - size * 1e-6 <= each <= high + size * 1e-6 for each in ticks)
    assert all(b > a for a, b in pairwise(ticks))
    assert all(Decimal(repr(each)) % Decimal(repr(size)) == 0 for each in ticks)


@given(ranges(), st.integers(2, 12))
def test_labels_tell_ticks_apart_and_say_their_values(bounds, count):
    ticks = tick.values(*bounds, count)
    labels = tick.labels(ticks, tick.step(*bounds, count))
    assert len(set(labels)) == len(ticks)
    units = {"k": 1e3, "M": 1e6, "B": 1e9}
    for value, label in zip(ticks, labels, strict=True):
        factor = units.get(label[-1], 1)
        number = float(label.rstrip("kMB").replace(",", "").replace("\N{MINUS SIGN}", "-"))
        assert number * factor == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("bounds", [(1.0, 1.0), (2.0, 1.0), (0.0, float("inf")), (float("nan"), 1.0)])
def test_a_range_without_width_has_no_ticks(bounds):
    with pytest.raises(ValueError, match="expected a range"):
        tick.step(*bounds, 5)


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_decades_enclose(low, more):
    found = tick.decades(low, low + more)
    assert found[0] <= low
    assert found[-1] >= low + more
    assert all(b == pytest.approx(10 * a) for a, b in pairwise(found))


TIMES = st.lists(st.integers(0, 4 * 10**18), max_size=60)


@given(TIMES, TIMES)
def test_the_timeline_keeps_the_order_of_times(times, regular):
    every = np.array(sorted(times + regular), np.int64)
    line = Timeline(every, np.array(regular, np.int64))
    places = line.at(every)
    assert np.all(np.diff(places) >= 0)
    assert np.all((places >= 0) & (places <= 1))
    knots = line.knots()
    assert knots[0][0] == 0
    assert knots[-1][0] == pytest.approx(1)


@given(TIMES)
def test_labels_of_times_do_not_touch(times):
    ticks = Timeline(np.array(times, np.int64), np.array([], np.int64)).ticks()
    assert 2 <= len(ticks) <= 10
    assert all(0 <= place <= 1 for place, _ in ticks)
    assert all(b - a >= 0.075 for (a, _), (b, _) in pairwise(ticks))
    assert all(label for _, label in ticks)


def test_a_days_ticks_are_its_hours():
    day = MIDNIGHT + 14 * HOUR + np.arange(0, 391) * 60 * 10**9 + HOUR // 2
    labels = [label for _, label in Timeline(day, day).ticks()]
    assert labels == ["15:00", "16:00", "17:00", "18:00", "19:00", "20:00", "21:00"]


def test_nights_are_pressed_and_days_named():
    minutes = np.arange(0, 391) * 60 * 10**9
    days = np.concatenate([MIDNIGHT + day * 24 * HOUR + 14 * HOUR + minutes for day in range(5)])
    line = Timeline(days, days)
    assert len(line.gaps) == 4
    assert [label for _, label in line.ticks()] == ["5 Jan", "6 Jan", "7 Jan", "8 Jan", "9 Jan"]
    night = line.place(MIDNIGHT + 38 * HOUR) - line.place(MIDNIGHT + 21 * HOUR)
    assert 0 < night < 0.01


def test_daily_bars_have_no_nights():
    days = MIDNIGHT + np.arange(200) * 24 * HOUR
    assert Timeline(days, days).gaps == []
