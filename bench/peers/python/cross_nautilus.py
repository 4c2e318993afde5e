"""nautilus_trader 2 on our minute bars and quotes: the moving-average cross as a Python strategy.

Its data are objects; making them isn't timed, only the engine's run.
"""

from decimal import Decimal

from averages import Cross, bars, quotes, rate
from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model import (
    AccountType,
    Bar,
    BarType,
    Currency,
    Equity,
    InstrumentId,
    Money,
    OmsType,
    OrderSide,
    Price,
    Quantity,
    QuoteTick,
    Symbol,
    Venue,
)
from nautilus_trader.trading import Strategy, StrategyConfig
from timing import tell

VENUE = Venue("XOMN")
ID = InstrumentId(Symbol("BENCH"), VENUE)
BARS = BarType.from_str(f"{ID}-1-MINUTE-LAST-EXTERNAL")
USD = Currency.from_str("USD")
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
        self.subscribe_quotes(ID)

    def on_quote(self, quote: QuoteTick) -> None:
        """Take the middle."""
        self.update((float(quote.bid_price) + float(quote.ask_price)) / 2)


def engine(kind: type[Seat], data: list) -> tuple[BacktestEngine, Seat]:
    """Return an engine ready to run, and its strategy."""
    logging = LoggerConfig.from_spec("stdout=off")
    made = BacktestEngine(BacktestEngineConfig(logging=logging, bypass_logging=True, run_analysis=False))
    money, free = [Money(1e9, USD)], MakerTakerFeeModel(Decimal(0), Decimal(0))
    made.add_venue(VENUE, OmsType.NETTING, AccountType.MARGIN, money, base_currency=USD, fee_model=free)
    made.add_instrument(Equity(ID, ID.symbol, USD, 2, Price(0.01, 2), 0, 0))
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
