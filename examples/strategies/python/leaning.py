"""A taker that follows the book."""

import omni


class Leaning(omni.Strategy):
    """Buys at the ask when bids outweigh asks, sells at the bid when asks do, and leaves after a while."""

    threshold: float = omni.param(0.6, "imbalance from which it trades, 0 to 1", least=0.0, most=1.0)
    levels: int = omni.param(3, "levels of each side that are weighed", least=1, most=10)
    quantity: float = omni.param(100.0, "size of an entry, in shares or contracts", least=0.0)
    hold_s: float = omni.param(30.0, "how long a position is held, in seconds", least=0.001)

    def on_start(self) -> None:
        """Hold nothing."""
        self.held: dict[int, bool] = {}

    def on_book(self, book) -> None:  # noqa: ANN001
        """Enter when the book leans to one side."""
        instrument, lean = book.instrument, book.imbalance(self.levels)
        if self.held.get(instrument.id) or abs(lean) < self.threshold or book.bid is None or book.ask is None:
            return
        self.held[instrument.id] = True
        if lean > 0:
            self.buy(instrument, self.quantity, book.ask, time_in_force="ioc")
        else:
            self.sell(instrument, self.quantity, book.bid, time_in_force="ioc")
        self.set_timer(instrument.id, after=int(self.hold_s * 1e9))

    def on_timer(self, timer) -> None:  # noqa: ANN001
        """Leave what was entered."""
        position = self.position(timer.id)
        if position > 0:
            self.sell(timer.id, position)
        elif position < 0:
            self.buy(timer.id, -position)
        self.held[timer.id] = False
