"""A taker that follows the imbalance of the order book."""

from omni.engine import Book, Timer
from omni.model.parameter import param
from omni.model.strategy import Strategy


class Imbalance(Strategy):
    """Buys at the ask when bids outweigh asks, sells at the bid when asks do, and leaves after a while.

    Source: Cont, Kukanov and Stoikov, *The price impact of order book events* (Journal of Financial Econometrics,
    2014).
    """

    threshold: float = param(0.6, "imbalance from which it trades, 0 to 1", least=0.0, most=1.0)
    levels: int = param(3, "levels of each side that are weighed", least=1, most=10)
    quantity: float = param(100.0, "size of an entry, in shares or contracts", least=0.0)
    hold_s: float = param(30.0, "how long a position is held, in seconds", least=0.001)

    def on_start(self) -> None:
        """Hold nothing."""
        self.held: dict[int, bool] = {}

    def on_recover(self) -> None:
        """Hold what is held, as long as if it had just been entered."""
        self.on_start()
        for one in self.instruments:
            if self.position(one):
                self.held[one.id] = True
                self.set_timer(one.id, after=int(self.hold_s * 1e9))

    def on_book(self, book: Book) -> None:
        """Enter when the book leans to one side."""
        instrument = book.instrument
        if self.held.get(instrument.id):
            return
        lean = book.imbalance(self.levels)
        if abs(lean) < self.threshold or book.bid is None or book.ask is None:
            return
        self.held[instrument.id] = True
        if lean > 0:
            self.buy(instrument, self.quantity, book.ask, time_in_force="ioc")
        else:
            self.sell(instrument, self.quantity, book.bid, time_in_force="ioc")
        self.set_timer(instrument.id, after=int(self.hold_s * 1e9))

    def on_timer(self, timer: Timer) -> None:
        """Leave what was entered."""
        position = self.position(timer.id)
        if position > 0:
            self.sell(timer.id, position)
        elif position < 0:
            self.buy(timer.id, -position)
        self.held[timer.id] = False
