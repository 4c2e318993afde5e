"""Totals, drawdown and Sharpe ratio against numbers worked out by hand."""

import numpy as np
import pytest

from omni.reporting.column import Equity
from omni.reporting.measure import Curve, fall, of_account, sharpe, total

DAY = 86_400 * 10**9
MINUTE = 60 * 10**9


def curve(*values, step=MINUTE):
    return Curve(np.arange(len(values)) * step, np.array(values, float))


def test_the_fall_is_the_deepest_below_a_peak_before_it():
    deepest = fall(curve(100, 120, 90, 130, 110))
    assert deepest.money == 30
    assert deepest.share == 0.25


def test_a_fall_from_nothing_has_no_share():
    assert fall(curve(0, -5, -2)).share is None
    assert fall(curve(1, 2, 3)).money == 0
    assert fall(curve()) is None


def test_totals_carry_values_forward_and_back():
    early, late = Curve(np.array([0, 10]), np.array([1.0, 2.0])), Curve(np.array([5, 20]), np.array([100.0, 50.0]))
    both = total([early, late, curve()])
    assert both.time.tolist() == [0, 5, 10, 20]
    assert both.value.tolist() == [101, 101, 102, 52]
    assert len(total([]).time) == 0


def test_of_samples_at_one_time_the_last_counts():
    samples = Equity(np.array([1, 1, 2, 2]), np.array([7, 7, 8, 7]), np.array([1.0, 2.0, 9.0, 3.0]))
    own = of_account(samples, 7)
    assert own.time.tolist() == [1, 2]
    assert own.value.tolist() == [2, 3]


def test_daily_changes_are_annualised():
    values = np.cumsum(np.tile([2.0, -1.0], 15))
    found = sharpe(curve(*values, step=DAY))
    changes = np.diff(values)
    assert found.annualised
    assert found.value == pytest.approx(changes.mean() / changes.std(ddof=1) * np.sqrt(252))


def test_a_short_run_is_not_annualised():
    values = np.cumsum(np.tile([2.0, -1.0], 15))
    found = sharpe(curve(*values))
    changes = np.diff(values)
    assert not found.annualised
    assert found.value == pytest.approx(changes.mean() / changes.std(ddof=1) * np.sqrt(29))


def test_too_few_samples_or_no_change_give_none():
    assert sharpe(curve(*range(29))) is None
    assert sharpe(curve(*[5.0] * 60)) is None
    assert sharpe(curve()) is None
