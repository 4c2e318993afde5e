"""A moving-average cross on bars."""

from omni.engine import Bar, Indicator, Instrument
from omni.model.error import ConfigError
from omni.model.parameter import Value, param
from omni.model.strategy import Strategy


class MovingAverage(Strategy):
    """Is long while the fast average of closes is above the slow one, and short while it is below.

    Source: Brock, Lakonishok and LeBaron, *Simple technical trading rules* (Journal of Finance, 1992).
    """

    fast: int = param(10, "length of the fast average, in bars", least=1, most=10_000)
    slow: int = param(30, "length of the slow average, in bars", least=2, most=10_000)
    quantity: float = param(100.0, "position held, in shares or contracts", least=0.0)

    def __init__(self, **parameters: Value) -> None:
        """Refuse averages that can't cross as they should.

        Raises
        ------
        ConfigError
            Where the fast one isn't shorter than the slow one.
        """
        super().__init__(**parameters)
        if self.fast >= self.slow:
            raise ConfigError(f"parameter fast: expected less than slow, which is {self.slow}, found {self.fast}")

    def on_start(self) -> None:
        """Make a pair of averages for each instrument, and remember on which side the fast one is."""
        self.averages: dict[Instrument, tuple[Indicator, Indicator]] = {}
        self.above: dict[Instrument, bool] = {}

    def on_bar(self, bar: Bar) -> None:
        """Turn the position when the averages have crossed."""
        instrument, close = bar.instrument, bar.close
        pair = self.averages.get(instrument)
        if pair is None:
            pair = (self.indicator("sma", self.fast), self.indicator("sma", self.slow))
            self.averages[instrument] = pair
        fast, slow = pair[0].update(close), pair[1].update(close)
        if fast is None or slow is None:
            return
        above = fast > slow
        if self.above.get(instrument) is not above:
            self.above[instrument] = above
            self._turn(instrument, self.quantity if above else -self.quantity)

    def _turn(self, instrument: Instrument, wanted: float) -> None:
        change = wanted - self.position(instrument)
        if change > 0:
            self.buy(instrument, change)
        elif change < 0:
            self.sell(instrument, -change)
