"""A strategy on bars: it goes with a cross of two averages, and says beforehand what being wrong may cost.

Backtest it on a file, here one that omni makes:

    omni data sample sample/
    omni backtest examples/moving_average.py --data sample/bars.csv --param fast=3 --param slow=8 --param period=5

`examples/node.toml` seats it in the generated day, `examples/research.py` looks for its parameters.
"""

import omni
from omni.engine import Bar, Indicator, Instrument


class MovingAverage(omni.Strategy):
    """Buys when the fast average rises above the slow one; leaves when it falls below, or at a trailing stop.

    The position is as large as makes the stop cost `risk`, so that a nervous instrument gets a smaller one.
    """

    fast: int = omni.param(10, "length of the fast average, in bars", least=1)
    slow: int = omni.param(40, "length of the slow average, in bars", least=2)
    period: int = omni.param(14, "length of the average true range, in bars", least=1)
    stop: float = omni.param(3.0, "distance of the stop, in average true ranges", least=0.1)
    risk: float = omni.param(500.0, "loss from entry to stop, in the instrument's currency", least=1.0)

    def on_start(self) -> None:
        """Begin without an instrument; each is made when its first bar comes."""
        if self.fast >= self.slow:
            raise omni.ConfigError(f"fast must be shorter than slow, found {self.fast} and {self.slow}")
        self.tracks: dict[int, Track] = {}

    def on_bar(self, bar: Bar) -> None:
        """Enter on a cross upwards, leave on one downwards or under the stop."""
        instrument = bar.instrument
        track = self.tracks.get(instrument.id)
        if track is None:
            track = self.tracks[instrument.id] = Track(self)
        crossed = track.update(bar)
        held = self.position(instrument)
        if track.range is None or any(working.id == instrument.id for _, working, *_ in self.orders):
            return  # It isn't warm yet, or an order still works.
        distance = self.stop * track.range
        if held > 0:
            track.trail(bar.close - distance)
            if crossed == "down" or bar.close < track.stop:
                self.sell(instrument, held)
        elif crossed == "up" and (quantity := self._affordable(instrument, distance)) > 0:
            track.stop = bar.close - distance
            self.buy(instrument, quantity)

    def _affordable(self, instrument: Instrument, distance: float) -> float:
        """Return how much may be held if the price may fall by `distance`, in whole lots."""
        lot = instrument.lot_size
        return self.risk // (distance * float(instrument.multiplier) * lot) * lot if distance > 0 else 0.0


class Track:
    """What is followed of one instrument."""

    def __init__(self, strategy: MovingAverage) -> None:
        self._fast: Indicator = strategy.indicator("ema", strategy.fast)
        self._slow: Indicator = strategy.indicator("ema", strategy.slow)
        self._range: Indicator = strategy.indicator("atr", strategy.period)
        self._above: bool | None = None
        self.range: float | None = None
        self.stop = 0.0

    def update(self, bar: Bar) -> str | None:
        """Take a bar; return whether the fast average crossed the slow one, `up` or `down`."""
        self.range = self._range.update(bar.high, bar.low, bar.close)
        fast, slow = self._fast.update(bar.close), self._slow.update(bar.close)
        if fast is None or slow is None:
            return None
        before, self._above = self._above, fast > slow
        if before is None or before == self._above:
            return None
        return "up" if self._above else "down"

    def trail(self, stop: float) -> None:
        """Bring the stop nearer, never further away."""
        self.stop = max(self.stop, stop)
