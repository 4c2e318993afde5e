"""What a run's equity says: totals, drawdown, Sharpe ratio."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omni.reporting.column import Equity, Floats, Ints

_MINUTE = 60 * 10**9
_DAY = 24 * 60 * _MINUTE
_DAYS_MIN = 20
_SAMPLES_MIN = 30
_TRADING_DAYS = 252

SHARPE_RULE = (
    f"Sharpe ratio: mean over standard deviation of the changes of equity. From {_DAYS_MIN} days on, of daily changes, "
    f"times √{_TRADING_DAYS}; in a shorter run, of changes between samples, one a minute at most, times the square "
    f"root of their number, which is not annualised. Fewer than {_SAMPLES_MIN} samples give none. No rate is taken off."
)


@dataclass(frozen=True, slots=True)
class Curve:
    """Money over time."""

    time: Ints
    value: Floats

    @property
    def change(self) -> "Curve":
        """The change since the first sample."""
        return Curve(self.time, self.value - self.value[:1])

    @property
    def drawdown(self) -> "Curve":
        """How far below its highest value so far, zero or less."""
        return Curve(self.time, self.value - np.maximum.accumulate(self.value))


@dataclass(frozen=True, slots=True)
class Sharpe:
    """A Sharpe ratio, and whether it is of a year."""

    value: float
    annualised: bool


@dataclass(frozen=True, slots=True)
class Fall:
    """The deepest drawdown: money, zero or more, and the share of the peak before it where that was above zero."""

    money: float
    share: float | None


def of_account(equity: Equity, account: int) -> Curve:
    """Return an account's equity; of several samples at one time, the last."""
    rows = np.flatnonzero(equity.account == account)
    time = equity.time[rows]
    last = np.diff(time, append=time[-1:] + 1) > 0
    return Curve(time[last], equity.equity[rows][last])


def total(curves: Sequence[Curve]) -> Curve:
    """Return the sum of curves; before its first sample each counts as that, after its last one as that."""
    known = [curve for curve in curves if len(curve.time)]
    if not known:
        return Curve(np.empty(0, np.int64), np.empty(0))
    time = np.unique(np.concatenate([curve.time for curve in known]))
    value = np.zeros(len(time))
    for curve in known:
        at = np.maximum(np.searchsorted(curve.time, time, side="right") - 1, 0)
        value += curve.value[at]
    return Curve(time, value)


def fall(curve: Curve) -> Fall | None:
    """Return the deepest drawdown, `None` without samples."""
    if len(curve.time) == 0:
        return None
    at = int(np.argmin(curve.drawdown.value))
    return below(float(curve.value[: at + 1].max()), float(curve.value[at]))


def below(peak: float, value: float) -> Fall:
    """Return the drawdown of a value from a peak."""
    return Fall(peak - value, (peak - value) / peak if peak > 0 else None)


def gap_ns(curve: Curve) -> int | None:
    """Return the usual time between two samples, `None` where there are fewer."""
    return int(np.median(np.diff(curve.time))) if len(curve.time) > 1 else None


def sharpe(curve: Curve) -> Sharpe | None:
    """Return the Sharpe ratio by `SHARPE_RULE`, `None` where there are too few samples or nothing changed."""
    daily = _last_of_each(curve, _DAY)
    annualised = len(daily) >= _DAYS_MIN
    samples = daily if annualised else _last_of_each(curve, _MINUTE)
    if not annualised and len(samples) < _SAMPLES_MIN:
        return None
    ratio = _ratio(np.diff(samples), _TRADING_DAYS if annualised else len(samples) - 1)
    return None if ratio is None else Sharpe(ratio, annualised)


def _last_of_each(curve: Curve, period_ns: int) -> Floats:
    period = curve.time // period_ns
    kept: Floats = curve.value[np.diff(period, append=period[-1:] + 1) > 0]
    return kept


def _ratio(changes: Floats, periods: int) -> float | None:
    deviation = float(np.std(changes, ddof=1)) if len(changes) > 1 else 0.0
    if not deviation > 0:
        return None
    return float(np.mean(changes)) / deviation * math.sqrt(periods)
