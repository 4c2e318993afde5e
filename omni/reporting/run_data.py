"""What a report needs to know of a run, wherever it came from: a run's folder or a backtest in memory."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[Any] | Sequence[Any]]
else:  # The report's shape can be read without loading NumPy.
    Columns = Mapping

Ending = Literal["completed", "stopped", "killed", "failed"]


class Strategy(Struct, frozen=True):
    """A strategy as the run left it."""

    session: int
    account: int
    name: str
    state: str
    fault: str | None = None


class Account(Struct, frozen=True, kw_only=True):
    """An account at the end, money as exact text in its currency; `msgspec.convert` makes one of an engine's row."""

    account: int
    name: str
    currency: str
    equity: str
    realised: str
    unrealised: str
    fees: str
    cash: str = ""
    peak: str = ""
    open_orders: int = 0


class Instrument(Struct, frozen=True):
    """An instrument's names and units.

    Parameters
    ----------
    id
        Its slot in the engine, as in the columns.
    symbol, venue
        Its names; `AAPL` and `XNAS`.
    currency
        Of price and value.
    price_unit, quantity_unit
        What one unit of price, of quantity is, as exact text.
    multiplier
        Value of one whole share or contract per whole unit of price, as exact text.
    """

    id: int
    symbol: str
    venue: str
    currency: str
    price_unit: str
    quantity_unit: str = "1"
    multiplier: str = "1"

    @property
    def name(self) -> str:
        """Its symbol and venue, `AAPL.XNAS`."""
        return f"{self.symbol}.{self.venue}"


class Latency(Struct, frozen=True):
    """How long a step took: percentiles in nanoseconds."""

    name: str
    count: int
    p50_ns: int
    p90_ns: int
    p99_ns: int
    p999_ns: int
    max_ns: int


class RunData(Struct, frozen=True, kw_only=True, eq=False):
    """A run, as its report shows it.

    Parameters
    ----------
    run, mode, environment, version, seed
        Its id, and what it ran under; no seed where nothing was drawn.
    started_ns, ended_ns
        On the wall's clock, in nanoseconds since 1970 in UTC.
    first_ns, last_ns
        First and last event time, likewise; equal where there was no event.
    digest, state_digest
        The running hash over inputs and events, and the hash over the state too.
    ending, message
        How it ended, and why where it didn't complete.
    rules
        What it was simulated under, a sentence each.
    configuration
        Its configuration as TOML, secrets masked; may be empty.
    counts, refusals
        How many of what there were; how often each reason refused a command.
    latency, strategies, accounts, instruments
        A row each.
    equity
        Columns `time`, `account`, `equity`; money as numbers or as exact text.
    orders
        Column `session`, a row for each order; `None` where it isn't known who sent how many.
    fills
        Columns `time`, `session`, `instrument`, `side` (0 buy, 1 sell), `price`, `quantity` (in the instrument's
        units), `liquidity` (1 maker, 2 taker, 3 auction), in the order of happening.
    bars
        Columns `time` (the close), `instrument`, `open`, `high`, `low`, `close`, `volume`, likewise.
    """

    run: str
    mode: str
    environment: str
    version: str
    started_ns: int
    ended_ns: int
    first_ns: int
    last_ns: int
    digest: str
    state_digest: str
    ending: Ending
    seed: int | None = None
    message: str | None = None
    rules: tuple[str, ...] = ()
    configuration: str = ""
    counts: Mapping[str, int] = {}
    refusals: Mapping[str, int] = {}
    latency: tuple[Latency, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    accounts: tuple[Account, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    equity: Columns = {}
    orders: Columns | None = None
    fills: Columns = {}
    bars: Columns = {}
