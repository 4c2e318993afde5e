"""Backtests with strategies in Python: a moving-average cross, called for every event or for batches of them.

The floor under each is a loop of Python's own over the same prices, which calls the same arithmetic: no time, no order,
no account, no result.
"""

from collections.abc import Callable
from time import process_time
from typing import TYPE_CHECKING, Any, TypeVar

from omni.backtesting.run import backtest
from omni.engine import Bar, Indicator, Quote
from omni.model.error import EngineError
from omni.model.strategy import Strategy

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

T = TypeVar("T")

_FAST, _SLOW, _LOT = 10, 30, 100.0
_BARS, _QUOTES = 500_000, 1_000_000
_MINUTE_NS, _QUOTE_NS = 60_000_000_000, 50_000_000
_START_NS = 1_704_205_800_000_000_000
_ROUNDS = 3
#: What the data doesn't say of itself.
_TERMS: dict[str, Any] = {
    "symbol": "BENCH",
    "currency": "USD",
    "price_unit": "0.01",
    "quantity_unit": "1",
    "multiplier": "1",
    "time_unit": "ns",
    "equity_interval": "1d",
}
_BAR_TERMS: dict[str, Any] = {**_TERMS, "interval": "1m", "bar_time": "close"}
#: Event time of a batch, in events.
_BATCH = 256


class _Cross(Strategy):
    """Is long while the fast average is above the slow one, else short."""

    def on_start(self) -> None:
        """Make the averages."""
        self.fast: Indicator = self.indicator("sma", _FAST)
        self.slow: Indicator = self.indicator("sma", _SLOW)
        self.long: bool | None = None
        self.seen = 0

    def turn(self, instrument: Any, *, long: bool) -> None:  # noqa: ANN401  # An instrument or its number.
        """Turn the position."""
        lot = _LOT if self.long is None else 2 * _LOT
        self.long = long
        if long:
            self.buy(instrument, lot)
        else:
            self.sell(instrument, lot)


class BarCross(_Cross):
    """The cross on every bar's close."""

    def on_bar(self, bar: Bar) -> None:
        """Update the averages, and turn where they have crossed."""
        self.seen += 1
        price = bar.close
        fast, slow = self.fast.update(price), self.slow.update(price)
        if fast is None or slow is None:
            return
        long = fast > slow
        if long is not self.long:
            self.turn(bar.instrument, long=long)


class QuoteCross(_Cross):
    """The cross on every quote's middle."""

    def on_quote(self, quote: Quote) -> None:
        """Update the averages, and turn where they have crossed."""
        self.seen += 1
        price = quote.mid
        if price is None:
            return
        fast, slow = self.fast.update(price), self.slow.update(price)
        if fast is None or slow is None:
            return
        long = fast > slow
        if long is not self.long:
            self.turn(quote.instrument, long=long)


class _Batched(_Cross):
    def take(self, instrument: Any, prices: "Array") -> None:  # noqa: ANN401  # An instrument or its number.
        """Update the averages with every price, and turn where they stand crossed at the batch's end."""
        self.seen += len(prices)
        update_fast, update_slow = self.fast.update, self.slow.update
        fast = slow = None
        for price in prices.tolist():
            fast, slow = update_fast(price), update_slow(price)
        if fast is not None and slow is not None and (fast > slow) is not self.long:
            self.turn(instrument, long=fast > slow)


class BarBatches(_Batched):
    """The cross on batches of bars."""

    batch_ns = _BATCH * _MINUTE_NS

    def on_bars(self, bars: "Array") -> None:
        """Take the closes."""
        self.take(0, bars["close"])


class QuoteBatches(_Batched):
    """The cross on batches of quotes."""

    batch_ns = _BATCH * _QUOTE_NS

    def on_quotes(self, quotes: "Array") -> None:
        """Take the middles."""
        self.take(0, (quotes["bid"] + quotes["ask"]) / 2)


class _Bare:
    """The cross and nothing else; it counts its turns instead of sending orders."""

    def __init__(self) -> None:
        self.fast, self.slow = Indicator("sma", _FAST), Indicator("sma", _SLOW)
        self.long: bool | None = None
        self.turns = 0

    def on_price(self, price: float) -> None:
        """Take one price."""
        fast, slow = self.fast.update(price), self.slow.update(price)
        if fast is None or slow is None:
            return
        long = fast > slow
        if long is not self.long:
            self.long = long
            self.turns += 1

    def on_prices(self, prices: list[float]) -> None:
        """Take a batch of prices, and turn where they stand crossed at its end."""
        update_fast, update_slow = self.fast.update, self.slow.update
        fast = slow = None
        for price in prices:
            fast, slow = update_fast(price), update_slow(price)
        if fast is not None and slow is not None and (fast > slow) is not self.long:
            self.long = fast > slow
            self.turns += 1


def bars() -> dict[str, float]:
    """Measure minute bars of one instrument."""
    data = bar_data()
    return {
        "backtest.bars.python.events_per_s": _rate(BarCross, data, _BAR_TERMS),
        "backtest.bars.python.batched.events_per_s": _rate(BarBatches, data, _BAR_TERMS),
        **_floors("bars", data["close"].tolist()),
    }


def quotes() -> dict[str, float]:
    """Measure quotes of one instrument, twenty a second."""
    data = quote_data()
    return {
        "backtest.quotes.python.events_per_s": _rate(QuoteCross, data, _TERMS),
        "backtest.quotes.python.batched.events_per_s": _rate(QuoteBatches, data, _TERMS),
        **_floors("quotes", ((data["bid"] + data["ask"]) / 2).tolist()),
    }


def _floors(kind: str, prices: list[float]) -> dict[str, float]:
    batches = [prices[at : at + _BATCH] for at in range(0, len(prices), _BATCH)]
    return {
        f"floor.backtest.{kind}.python.events_per_s": _bare(lambda bare: bare.on_price, prices, len(prices)),
        f"floor.backtest.{kind}.python.batched.events_per_s": _bare(lambda bare: bare.on_prices, batches, len(prices)),
    }


def _bare(callback: Callable[[_Bare], Callable[[T], None]], items: list[T], events: int) -> float:
    """Return events a second of processor time of a bare loop."""
    took = []
    for _ in range(_ROUNDS):
        bare = _Bare()
        call = callback(bare)
        start = process_time()
        for item in items:
            call(item)
        took.append(process_time() - start)
        if bare.turns == 0:
            raise EngineError("the floor of the backtests never turned")
    return events / min(took)


def _rate(strategy: type[_Cross], data: "dict[str, Array]", terms: dict[str, Any]) -> float:
    """Return events a second of processor time, over the whole call of `omni.backtest`."""
    took, events = [], len(data["time"])
    for _ in range(_ROUNDS):
        seat = strategy()
        start = process_time()
        result = backtest(seat, data, **terms)
        took.append(process_time() - start)
        if result.fault is not None or seat.seen != events or result.fills.rows == 0:
            found = f"saw {seat.seen:,} of {events:,} events, {result.fills.rows} fills"
            raise EngineError(f"{strategy.__name__}: {found}; {result.fault}")
    return events / min(took)


def _walk(count: int) -> "Array":
    """Return a random walk in cents around 100.00."""
    import numpy as np  # noqa: PLC0415

    steps = np.random.default_rng(42).integers(-2, 3, count)
    return np.abs(10_000 + np.cumsum(steps)) + 100


def bar_data() -> "dict[str, Array]":
    """Return the minute bars that are measured."""
    import numpy as np  # noqa: PLC0415

    close = _walk(_BARS)
    opened = np.concatenate([close[:1], close[:-1]])
    return {
        "time": _START_NS + _MINUTE_NS * np.arange(1, _BARS + 1),
        "open": opened / 100,
        "high": (np.maximum(opened, close) + 1) / 100,
        "low": (np.minimum(opened, close) - 1) / 100,
        "close": close / 100,
        "volume": np.full(_BARS, 10_000.0),
    }


def quote_data() -> "dict[str, Array]":
    """Return the quotes that are measured."""
    import numpy as np  # noqa: PLC0415

    bid = _walk(_QUOTES)
    return {
        "time": _START_NS + _QUOTE_NS * np.arange(1, _QUOTES + 1),
        "bid": bid / 100,
        "ask": (bid + 1) / 100,
        "bid_quantity": np.full(_QUOTES, 500.0),
        "ask_quantity": np.full(_QUOTES, 500.0),
    }
