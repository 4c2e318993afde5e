"""Ticks of axes at round values."""

import math
from decimal import Decimal

from omni.reporting.number import signed

_STEPS = (1, 2, 5, 10)


def step(low: float, high: float, count: int) -> float:
    """Return the smallest of 1, 2 or 5 times a power of ten that cuts the range into at most `count` pieces.

    Raises
    ------
    ValueError
        When the range is empty or not finite, or `count` is below one.
    """
    width = high - low
    if not (0 < width < math.inf) or count < 1:
        raise ValueError(f"expected a range and a count, found {low} to {high} in {count}")
    rough = width / count
    power = math.floor(math.log10(rough))
    while True:
        for each in _STEPS:
            size = float(f"{each}e{power}")
            if size >= rough:
                return size
        power += 1


def values(low: float, high: float, count: int) -> list[float]:
    """Return the multiples of `step` within the range, at most `count` + 1."""
    size = step(low, high, count)
    first, last = math.ceil(low / size), math.floor(high / size)
    exact = Decimal(repr(size))
    return [float(exact * index) for index in range(first, last + 1)]


def decades(low: float, high: float) -> list[float]:
    """Return the powers of ten from the one at or below `low` to the one at or above `high`, both above zero."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [float(f"1e{power}") for power in range(first, max(last, first + 1) + 1)]


def labels(ticks: list[float], size: float) -> list[str]:
    """Return the labels of multiples of a step, in one unit and with the decimals that the step needs."""
    largest = max((abs(tick) for tick in ticks), default=0.0)
    for divisor, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if 10 * divisor <= largest < 1_000 * divisor and _decimals(size / divisor) <= 3:
            return [signed(tick / divisor, _decimals(size / divisor)) + suffix * (tick != 0) for tick in ticks]
    return [signed(tick, _decimals(size)) for tick in ticks]


def _decimals(size: float) -> int:
    """Return the decimals of a step that is 1, 2 or 5 times a power of ten; of any other, enough for two digits."""
    return max(0, -math.floor(math.log10(size) + 1e-9))
