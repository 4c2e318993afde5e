"""The moving-average cross as both versions of nautilus_trader play it."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from timing import FAST, LOT, SLOW, best, check_turns, folder


class Cross:
    """Is long while the fast average is above the slow one, else short."""

    #: The library's own simple moving average.
    average: ClassVar[Callable[[int], Any]]

    def begin(self) -> None:
        """Make the averages."""
        self.fast, self.slow = type(self).average(FAST), type(self).average(SLOW)
        self.long: bool | None = None
        self.turns = self.seen = 0

    def update(self, price: float) -> None:
        """Update the averages, and turn where they have crossed."""
        self.seen += 1
        self.fast.update_raw(price)
        self.slow.update_raw(price)
        if not self.slow.initialized:
            return
        long = self.fast.value > self.slow.value
        if long is not self.long:
            lot = LOT if self.long is None else 2 * LOT
            self.long = long
            self.turns += 1
            self.order(lot, long=long)

    def order(self, lot: int, *, long: bool) -> None:
        """Send a market order."""
        raise NotImplementedError


def rate(set_up: Callable[[], tuple[Any, Cross]], prices: np.ndarray) -> float:
    """Return events a second of an engine's run."""

    def run(made: tuple[Any, Cross]) -> None:
        engine, strategy = made
        engine.run()
        orders = engine.get_result().total_orders
        if strategy.seen != len(prices) or orders != strategy.turns:
            raise SystemExit(f"saw {strategy.seen} of {len(prices)} events, {orders} of {strategy.turns} orders")
        check_turns(strategy.turns, prices)

    return len(prices) / best(set_up, run)


def bars(make: Callable) -> tuple[list, np.ndarray]:
    """Return the bars, each made of four prices, volume and time, and their closes."""
    found = np.load(folder() / "bars.npz")
    columns = [found[name].tolist() for name in ("open", "high", "low", "close", "volume", "time")]
    return list(map(make, *columns)), found["close"]


def quotes(make: Callable) -> tuple[list, np.ndarray]:
    """Return the quotes, each made of bid, ask and time, and their middles."""
    found = np.load(folder() / "quotes.npz")
    columns = [found[name].tolist() for name in ("bid", "ask", "time")]
    return list(map(make, *columns)), (found["bid"] + found["ask"]) / 2
