"""Measures by hand."""

import numpy as np
import pytest

from omni.backtesting.frame import Frame
from omni.backtesting.metric import Trading, measure, trading

DAY = 86_400 * 10**9
NOTHING = Trading(0, 0, 0, 0)


def flow(*rows):
    names = ("time_ns", "instrument", "sign", "price", "quantity")
    return Frame({name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)})


def test_positions_turn_through_zero():
    fills = flow((0, 0, 1, 10, 10), (10, 0, -1, 12, 4), (20, 0, -1, 9, 16), (30, 0, 1, 8, 10))
    found = trading(fills, {0: 2}, 100)
    assert found.traded_value == 2 * (100 + 48 + 144 + 80)
    # 4 sold at 12 against 10 gained, 6 at 9 lost; 10 bought back at 8 against 9 gained.
    assert (found.reduced, found.gained) == (3, 2)
    assert found.open_ns == 30


def test_what_is_open_at_the_end_is_exposed_until_then():
    assert trading(flow((40, 3, -1, 5, 2)), {3: 1}, 100).open_ns == 60


def test_a_close_at_its_cost_is_no_gain_however_many_fills_made_it():
    thirds = [(at, 0, 1, 10**15 + 1, 10**9) for at in range(300)]
    found = trading(flow(*thirds, (300, 0, -1, 10**15 + 1, 7), (301, 0, -1, 10**15 + 2, 7)), {0: 10**18}, 400)
    assert (found.reduced, found.gained) == (2, 1)


def test_drawdown_and_its_duration():
    time = np.arange(6) * DAY
    equity = np.array([100.0, 110.0, 99.0, 104.5, 110.0, 121.0])
    found = measure(time, equity, 100.0, NOTHING, (0, 0, 0.0))
    assert found.max_drawdown == pytest.approx(0.1)
    assert found.max_drawdown_duration_ns == 3 * DAY
    assert found.total_return == pytest.approx(0.21)
    assert found.sharpe is None


def test_returns_are_annualised_by_days():
    time = np.arange(100) * DAY
    equity = 100 * 1.001 ** np.arange(1, 101) * np.where(np.arange(100) % 2, 1.0, 1.0005)
    found = measure(time, equity, 100.0, NOTHING, (0, 0, 0.0))
    returns = np.diff(np.concatenate(([100.0], equity))) / np.concatenate(([100.0], equity[:-1]))
    assert found.days_per_year == 365
    assert found.annual_volatility == pytest.approx(returns.std(ddof=1) * 365**0.5)
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * 365**0.5)
    weekdays = time[(np.arange(100) + 3) % 7 < 5]
    assert measure(weekdays, equity[: len(weekdays)], 100.0, NOTHING, (0, 0, 0.0)).days_per_year == 252
