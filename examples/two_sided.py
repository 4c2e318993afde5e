"""A strategy that quotes: a bid and an ask around the last trades, further away on the side that it is full of.

In the generated day, beside another strategy:

    omni run --config examples/node.toml

The maker that ships with omni (`source = "maker"`) is in Rust and much better at this; here is how one begins.
"""

import omni
from omni.engine import ExecutionReport, Timer, Trade

_SECOND_NS = 1_000_000_000


class TwoSided(omni.Strategy):
    """Rests one order on each side and moves both every so often, leaning against its position."""

    distance: float = omni.param(3.0, "from the average trade to each quote, in ticks", least=1.0)
    lean: float = omni.param(3.0, "how far a full position moves both quotes, in ticks", least=0.0)
    quantity: float = omni.param(100.0, "size of a quote, in shares or contracts", least=1.0)
    most: float = omni.param(500.0, "largest position, in shares or contracts", least=1.0)
    memory: int = omni.param(20, "trades in the average", least=1)
    every_s: float = omni.param(5.0, "time between two looks, in seconds", least=0.001)

    def on_start(self) -> None:
        """Know of no trade and no order, and look for the first time soon."""
        self.averages = {each.id: self.indicator("ema", self.memory) for each in self.instruments}
        #: The working order of an instrument's side, and its price.
        self.quotes: dict[tuple[int, str], tuple[int, float]] = {}
        self._look_again()

    def on_recover(self) -> None:
        """Begin again: the stop has cancelled every order."""
        self.on_start()

    def on_trade(self, trade: Trade) -> None:
        """Keep the average."""
        self.averages[trade.instrument.id].update(trade.price)

    def on_timer(self, timer: Timer) -> None:  # noqa: ARG002
        """Bring every quote to where it should stand."""
        for number, average in self.averages.items():
            if average.value is not None:
                self._quote(number, "buy", average.value)
                self._quote(number, "sell", average.value)
        self._look_again()

    def on_report(self, report: ExecutionReport) -> None:
        """Forget a quote that has ended: filled, cancelled, or refused because it would have traded at once."""
        key = (report.instrument.id, report.side)
        ended = report.status not in {"new", "partially_filled"}
        if ended and key in self.quotes and self.quotes[key][0] == report.order_id:
            del self.quotes[key]

    def _quote(self, number: int, side: str, fair: float) -> None:
        instrument, held = self.instruments[number], self.position(number)
        sign = 1 if side == "buy" else -1
        resting = self.quotes.get((number, side))
        if held * sign + self.quantity > self.most:
            if resting is not None:
                self.cancel(resting[0])
            return
        away = sign * self.distance + self.lean * held / self.most
        price = instrument.round_price(fair - away * instrument.tick_size, "down" if side == "buy" else "up")
        if resting is None:
            send = self.buy if side == "buy" else self.sell
            self.quotes[number, side] = (send(instrument, self.quantity, price, post_only=True), price)
        elif resting[1] != price:
            self.amend(resting[0], price=price)
            self.quotes[number, side] = (resting[0], price)

    def _look_again(self) -> None:
        self.set_timer(0, after=int(self.every_s * _SECOND_NS))
