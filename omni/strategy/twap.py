"""A time-weighted execution of one large order."""

from omni.engine import ExecutionReport, Quote, Timer
from omni.model.error import ConfigError
from omni.model.parameter import param
from omni.model.strategy import Strategy


class Twap(Strategy):
    """Works a large order in equal slices over a time: rests each at the touch, and takes what it leaves at its end.

    Source: Bertsimas and Lo, *Optimal control of execution costs* (Journal of Financial Markets, 1998): without
    impact of their own, equal slices are optimal.
    """

    side: str = param("buy", "buy or sell", choices=("buy", "sell"))
    quantity: float = param(10_000.0, "the whole order, in shares or contracts", least=0.0)
    minutes: float = param(60.0, "time to work it in", least=0.01)
    slices: int = param(50, "number of equal slices", least=1, most=10_000)

    def on_start(self) -> None:
        """Plan the slices."""
        if self.quantity % self.slices:
            raise ConfigError(f"parameter slices: {self.quantity:g} is not a multiple of {self.slices}")
        self.touch: tuple[float | None, float | None] = (None, None)
        self.traded: int | None = None
        self.resting: int | None = None

    def on_recover(self) -> None:
        """Go on with the plan from the position: what rests is over, what isn't filled is still to be worked."""
        self.on_start()
        self.cancel_all()
        held = [one.id for one in self.instruments if self.position(one)]
        if held:
            self.traded = held[0]
            self.set_timer(0, after=self._interval_ns)

    def on_quote(self, quote: Quote) -> None:
        """Remember the touch; the first quote starts the clock on its instrument."""
        if self.traded is None:
            self.traded = quote.instrument.id
            self.set_timer(0, after=0)
        if quote.instrument.id == self.traded:
            self.touch = (quote.bid, quote.ask)

    def on_timer(self, timer: Timer) -> None:  # noqa: ARG002
        """End the last slice and rest the next."""
        if self.resting is not None:
            self.cancel(self.resting)
        slice_quantity = min(self.quantity / self.slices, self._left())
        if slice_quantity > 0:
            self.resting = self._send(slice_quantity, self.touch[self.side == "sell"])
            self.set_timer(0, after=self._interval_ns)

    def on_report(self, report: ExecutionReport) -> None:
        """Take at the market what a slice left when its time was over."""
        if report.status == "cancelled":
            self._send(report.quantity - report.filled, None)
        if report.order_id == self.resting and report.status not in {"new", "partially_filled"}:
            self.resting = None

    @property
    def _interval_ns(self) -> int:
        return int(self.minutes * 60e9 / self.slices)

    def _left(self) -> float:
        """Return what is neither traded nor on its way."""
        if self.traded is None:
            return 0.0
        return self.quantity - abs(self.position(self.traded)) - sum(leaves for *_, leaves in self.orders)

    def _send(self, quantity: float, price: float | None) -> int | None:
        if self.traded is None:
            return None
        send = self.buy if self.side == "buy" else self.sell
        return send(self.traded, quantity, price)
