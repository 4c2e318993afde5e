"""nautilus_trader 1, for Pythons that version 2 doesn't install on: the same cross by its older names.

Its data are objects; making them isn't timed, only the engine's run.
"""

from averages import Cross, bars, quotes, rate
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType, QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy
from timing import tell

VENUE = Venue("XOMN")
ID = InstrumentId(Symbol("BENCH"), VENUE)
BARS = BarType.from_str(f"{ID}-1-MINUTE-LAST-EXTERNAL")
SIZE = Quantity(500, 0)


class Seat(Cross, Strategy):
    """The cross as its strategy."""

    average = SimpleMovingAverage

    def order(self, lot: int, *, long: bool) -> None:
        """Send a market order."""
        side = OrderSide.BUY if long else OrderSide.SELL
        self.submit_order(self.order_factory.market(ID, side, Quantity(lot, 0)))


class BarCross(Seat):
    """The cross on every bar's close."""

    def on_start(self) -> None:
        """Ask for bars."""
        self.subscribe_bars(BARS)

    def on_bar(self, bar: Bar) -> None:
        """Take the close."""
        self.update(float(bar.close))


class QuoteCross(Seat):
    """The cross on every quote's middle."""

    def on_start(self) -> None:
        """Ask for quotes."""
        self.subscribe_quote_ticks(ID)

    def on_quote_tick(self, quote: QuoteTick) -> None:
        """Take the middle."""
        self.update((float(quote.bid_price) + float(quote.ask_price)) / 2)


def engine(kind: type[Seat], data: list) -> tuple[BacktestEngine, Seat]:
    """Return an engine ready to run, and its strategy."""
    logging = LoggingConfig(bypass_logging=True)
    made = BacktestEngine(BacktestEngineConfig(logging=logging, run_analysis=False))
    made.add_venue(VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(1e9, USD)], base_currency=USD)
    made.add_instrument(Equity(ID, ID.symbol, USD, 2, Price(0.01, 2), Quantity(1, 0), 0, 0))
    made.add_data(data)
    strategy = kind(StrategyConfig(log_events=False, log_commands=False))
    strategy.begin()
    made.add_strategy(strategy)
    return made, strategy


def bar(*row: float) -> Bar:
    """Return its bar."""
    *prices, volume, time = row
    return Bar(BARS, *(Price(price, 2) for price in prices), Quantity(volume, 0), time, time)


def quote(bid: float, ask: float, time: int) -> QuoteTick:
    """Return its quote."""
    return QuoteTick(ID, Price(bid, 2), Price(ask, 2), SIZE, SIZE, time, time)


def main() -> None:
    (bar_data, closes), (quote_data, middles) = bars(bar), quotes(quote)
    tell(
        {
            "backtest.bars.python.events_per_s": rate(lambda: engine(BarCross, bar_data), closes),
            "backtest.quotes.python.events_per_s": rate(lambda: engine(QuoteCross, quote_data), middles),
        }
    )


if __name__ == "__main__":
    main()
