"""The compiled half of omni; import its names from `omni.engine`."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from os import PathLike
from typing import Any, Final, Literal, Self, TypeAlias, TypedDict, Unpack, final

from typing_extensions import Buffer, disjoint_base

__all__ = [
    "PROFILE",
    "Adjustment",
    "Bar",
    "Book",
    "BookReplay",
    "ExecutionReport",
    "Indicative",
    "Indicator",
    "Instrument",
    "MarketFile",
    "Node",
    "PluginLibrary",
    "Quote",
    "Recovered",
    "RunResult",
    "Status",
    "StrategyBase",
    "Timer",
    "Trade",
    "__version__",
    "bench_batch",
    "bench_call",
    "bench_part",
    "bench_parts",
    "bench_plugin",
    "generated_orders",
    "indicators",
    "inspect_journal",
    "journal_inputs",
    "plugin_projects",
    "prove_journal_snapshots",
    "rebuild_run",
    "recover_run",
    "why",
]

_Path: TypeAlias = str | PathLike[str]
#: A price or quantity as a person says it; refused where it is off the instrument's unit.
_Number: TypeAlias = float | Decimal | str
#: An instrument, its symbol, `SYMBOL.VENUE`, or its number.
_Named: TypeAlias = Instrument | str | int
_Side: TypeAlias = Literal["buy", "sell"]
_TimeInForce: TypeAlias = Literal["day", "gtc", "ioc", "fok", "gtd", "at_open", "at_close"]
#: A number, or a tuple where the indicator has several outputs, which its name decides; `None` until warm.
_Output: TypeAlias = float | Any | None
_ExecType: TypeAlias = Literal[
    "new", "trade", "cancelled", "replaced", "rejected", "expired", "cancel_rejected", "restated", "triggered"
]

class _Terms(TypedDict, total=False):
    stop: _Number | None
    trail: _Number | None
    peg: Literal["primary", "market", "midpoint"] | None
    offset: _Number | None
    display: _Number | None
    hidden: bool | None
    minimum: _Number | None
    all_or_none: bool | None
    to_limit: bool | None
    expire: int | None

_SelfTrade: TypeAlias = Literal["cancel_newest", "cancel_oldest", "cancel_both", "decrement"]
_Status: TypeAlias = Literal["new", "partially_filled", "filled", "cancelled", "rejected", "expired"]
_State: TypeAlias = Literal["running", "stopped", "faulted"]
#: Rows of a tick table, in price units: from this price on, this tick.
_Rows: TypeAlias = Sequence[tuple[int, int]]
#: Price, quantity, number of orders.
_Level: TypeAlias = tuple[float, float, int]
#: NumPy's name of a type, and the values as little-endian bytes.
_Column: TypeAlias = tuple[str, bytes]
#: Kind, times, instrument (one number, or a column of them), interval in nanoseconds, columns by name.
_Table: TypeAlias = tuple[str, Buffer, int | Buffer, int, Mapping[str, Buffer]]
#: Tick in 1e-9, currency, venue, multiplier in 1e-9, class.
_Definition: TypeAlias = tuple[int, str, str, int | None, str]

__version__: Final[str]
PROFILE: Final[Literal["release", "debug"]]

def bench_batch(records: bytes) -> int:
    """Take a batch of 24-byte records, and read each."""

def bench_plugin(path: _Path | None) -> float:
    """Measure a quote's way to an empty compiled strategy, or to a built-in one, in nanoseconds."""

def bench_call(instrument: int, side: int, price: int, quantity: int) -> int:
    """Take what an order has, and do nothing with it."""

def bench_part(part: str) -> tuple[list[tuple[str, float]], list[tuple[str, int, list[tuple[float, int]]]]]:
    """Measure one part; returns its figures by name, and how the times of single operations are spread."""

def bench_parts() -> list[str]:
    """List the parts of the suite that are measured without Python, in their order."""

@final
class Instrument:
    """What is traded, with its units."""

    def __new__(
        cls,
        id: int,  # noqa: A002
        symbol: str,
        venue: str,
        *,
        asset_class: str,
        currency: str,
        price_unit: str,
        quantity_unit: str,
        multiplier: str,
        tick: int,
        lot: int,
        price_min: int,
        price_max: int,
        quantity_max: int,
        expiry: int | None = None,
        underlying: int | None = None,
        strike: int | None = None,
        right: str | None = None,
        exercise: str | None = None,
        ticks: _Rows | None = None,
        dated_ticks: Sequence[tuple[int, _Rows]] = ...,
    ) -> Self: ...
    @property
    def id(self) -> int:
        """Its number in this run: 0, 1, 2 and so on."""
    @property
    def symbol(self) -> str:
        """The venue's symbol."""
    @property
    def venue(self) -> str:
        """The venue's ISO 10383 code."""
    @property
    def asset_class(self) -> str:
        """`equity`, `future`, `option`, `fx`, `bond` or `crypto`."""
    @property
    def currency(self) -> str:
        """Currency of price and value."""
    @property
    def price_unit(self) -> str:
        """One price unit, as decimal text."""
    @property
    def quantity_unit(self) -> str:
        """One quantity unit, as decimal text."""
    @property
    def multiplier(self) -> str:
        """Value of one share or contract per unit of price, as decimal text."""
    @property
    def tick_size(self) -> float:
        """The tick, in currency."""
    @property
    def lot_size(self) -> float:
        """The lot, in whole shares or contracts."""
    @property
    def expiry(self) -> int | None:
        """When it expires or matures, nanoseconds since the epoch, UTC; `None` where it never does or nobody said."""
    @property
    def underlying(self) -> int | None:
        """The number of the instrument that it is on, or `None`."""
    @property
    def strike(self) -> float | None:
        """An option's strike, in currency; `None` for what is no option."""
    @property
    def right(self) -> Literal["put", "call"] | None:
        """`put` or `call`; `None` for what is no option."""
    @property
    def exercise(self) -> Literal["european", "american", "bermudan"] | None:
        """`european`, `american` or `bermudan`; `None` for what is no option."""
    def price_text(self, price: _Number) -> str:
        """Return a price as exact text: `101-16+` where prices are in 64ths or 32nds, else a decimal number."""
    def price(self, units: int) -> float:
        """Return a count of price units as a price."""
    def price_units(self, price: _Number) -> int:
        """Return a price as a count of price units; refused when it is off unit."""
    def tick_at(self, price: _Number, at: int | None = None) -> float:
        """Return the tick at a price: from the table that holds at `at`, else the last one, or the only tick."""
    def round_price(
        self, price: float, direction: Literal["nearest", "down", "up"] = "nearest", at: int | None = None
    ) -> float:
        """Return the valid price nearest to `price`, or the next one `down` or `up`.

        By the tick table that holds at the time `at`, else by the last one, or the only tick.
        """

@final
class Quote:
    """A change of the best bid or offer; a side without orders has `None`."""

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def bid(self) -> float | None:
        """Best bid price."""
    @property
    def ask(self) -> float | None:
        """Best ask price."""
    @property
    def bid_quantity(self) -> float:
        """Quantity at the best bid."""
    @property
    def ask_quantity(self) -> float:
        """Quantity at the best ask."""
    @property
    def mid(self) -> float | None:
        """Middle of bid and ask; `None` unless both are there."""

@final
class Trade:
    """A public trade."""

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def price(self) -> float:
        """Price."""
    @property
    def quantity(self) -> float:
        """Quantity."""
    @property
    def aggressor(self) -> _Side | None:
        """`buy` or `sell`, the side that came; `None` where the feed doesn't say."""

@final
class Bar:
    """Open, high, low, close and volume of an interval; `time` is its close."""

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def open(self) -> float:
        """First price."""
    @property
    def high(self) -> float:
        """Highest price."""
    @property
    def low(self) -> float:
        """Lowest price."""
    @property
    def close(self) -> float:
        """Last price."""
    @property
    def volume(self) -> float:
        """Traded quantity."""
    @property
    def interval_ns(self) -> int:
        """Length in nanoseconds."""

@final
class ExecutionReport:
    """What happened to one of the strategy's orders."""

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def order_id(self) -> int:
        """The strategy's number of the order."""
    @property
    def exec_type(self) -> _ExecType:
        """`new`, `trade`, `cancelled`, `replaced`, `rejected`, `expired`, `cancel_rejected` or `restated`."""
    @property
    def status(self) -> _Status:
        """`new`, `partially_filled`, `filled`, `cancelled`, `rejected` or `expired`."""
    @property
    def reason(self) -> str:
        """Why it was refused or ended unasked; empty otherwise."""
    @property
    def side(self) -> _Side:
        """`buy` or `sell`."""
    @property
    def price(self) -> float | None:
        """The order's limit; `None` for a market order."""
    @property
    def quantity(self) -> float:
        """The order's total quantity."""
    @property
    def leaves(self) -> float:
        """What is still open."""
    @property
    def filled(self) -> float:
        """Filled so far."""
    @property
    def last_price(self) -> float | None:
        """The fill's price; `None` unless this is a fill."""
    @property
    def last_quantity(self) -> float:
        """The fill's quantity, or what a restatement took off; else 0."""
    @property
    def liquidity(self) -> Literal["", "maker", "taker", "auction"]:
        """`maker`, `taker` or `auction` for a fill; empty otherwise."""
    @property
    def is_fill(self) -> bool:
        """Whether this is a fill."""

@final
class Status:
    """A change of an instrument's trading state."""

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def state(self) -> Literal["pre_open", "open", "halted", "paused", "closing", "closed"]:
        """`pre_open`, `open`, `halted`, `paused`, `closing` or `closed`."""

@final
class Indicative:
    """What an instrument's auction would trade if it ended now."""

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def price(self) -> float | None:
        """The price; `None` where nothing would trade."""
    @property
    def quantity(self) -> float:
        """What would trade."""
    @property
    def imbalance(self) -> float:
        """What would be left over: buyers' positive, sellers' negative."""

@final
class Adjustment:
    """A corporate action that was applied: orders have ended, positions and prices have followed."""

    @property
    def instrument(self) -> Instrument:
        """The instrument, by its new symbol."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def kind(self) -> Literal["split", "dividend", "rename"]:
        """`split`, `dividend` or `rename`."""
    @property
    def ratio(self) -> tuple[int, int]:
        """New and old units of a split, else (1, 1)."""
    @property
    def cash(self) -> float:
        """A dividend as it is quoted, like a price; else 0."""
    @property
    def symbol(self) -> str:
        """The new symbol, or empty."""
    @property
    def reference(self) -> float | None:
        """The reference price until then, at which fractions were paid out; `None` where there was none."""

@final
class Book:
    """The first levels of an instrument's book."""

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
    @property
    def time(self) -> int:
        """Event time, nanoseconds since the epoch, UTC."""
    @property
    def bids(self) -> list[_Level]:
        """Bids as (price, quantity, orders), best first."""
    @property
    def asks(self) -> list[_Level]:
        """Asks as (price, quantity, orders), best first."""
    @property
    def bid(self) -> float | None:
        """Best bid price."""
    @property
    def ask(self) -> float | None:
        """Best ask price."""
    def imbalance(self, levels: int = 1) -> float:
        """Return (bid - ask) / (bid + ask) of the quantities in the first `levels`, from -1 to 1."""

@final
class Timer:
    """A timer that is due."""

    @property
    def time(self) -> int:
        """Its deadline, nanoseconds since the epoch, UTC."""
    @property
    def id(self) -> int:
        """The strategy's number of it."""

@final
class Indicator:
    """A streaming indicator: `update` it with each new value."""

    def __new__(cls, name: str, *parameters: float) -> Self:
        """Make an indicator, such as `Indicator("sma", 20)`."""
    def update(
        self, first: float, second: float | None = None, third: float | None = None, fourth: float | None = None, /
    ) -> _Output:
        """Take the next input (one number, or high, low, close and so on) and return the value, `None` until warm."""
    @property
    def value(self) -> _Output:
        """The last value: a number, a tuple where there are several, or `None` until warm."""
    def reset(self) -> None:
        """Forget everything."""

def indicators() -> list[tuple[str, str, list[tuple[str, float | None]], list[str], list[str]]]:
    """List the indicators: name, title, parameters as (name, default or `None`), inputs and outputs."""

def generated_orders(
    seed: int, instruments: int, start_ns: int, end_ns: int, inputs: int
) -> tuple[list[Instrument], dict[str, _Column]]:
    """Generate a day and return its instruments and what its venue publishes, by column as `(dtype, bytes)`.

    Columns are time, instrument, action (0 add, 2 reduce, 3 delete, 4 execute), side (0 buy, 1 sell), reference, price,
    quantity.
    """

@disjoint_base
class StrategyBase:
    """The base of every strategy in Python: its order verbs and what it knows of itself.

    The node lends it the desk for the time of each callback.
    """

    def __new__(cls, *_args: object, **_kwargs: object) -> Self: ...
    def buy(
        self,
        instrument: _Named,
        quantity: _Number,
        price: _Number | None = None,
        *,
        time_in_force: _TimeInForce | None = None,
        post_only: bool = False,
        self_trade: _SelfTrade | None = None,
        **terms: Unpack[_Terms],
    ) -> int:
        """Send a buy order and return its number; without a price it is a market order.

        `terms`: `stop` (a price) or `trail` (a distance) to wait for; `peg` with `offset`; `display` (an iceberg's
        shown part) or `hidden`; `minimum` or `all_or_none`; `to_limit`; `expire` (nanoseconds UTC, good till date).
        """
    def sell(
        self,
        instrument: _Named,
        quantity: _Number,
        price: _Number | None = None,
        *,
        time_in_force: _TimeInForce | None = None,
        post_only: bool = False,
        self_trade: _SelfTrade | None = None,
        **terms: Unpack[_Terms],
    ) -> int:
        """Send a sell order and return its number; without a price it is a market order.

        `terms`: `stop` (a price) or `trail` (a distance) to wait for; `peg` with `offset`; `display` (an iceberg's
        shown part) or `hidden`; `minimum` or `all_or_none`; `to_limit`; `expire` (nanoseconds UTC, good till date).
        """
    def cancel(self, order_id: int) -> None:
        """Ask to cancel an order."""
    def amend(self, order_id: int, *, price: _Number | None = None, quantity: _Number | None = None) -> None:
        """Ask to change an order's price, its total quantity, or both."""
    def cancel_all(self, instrument: _Named | None = None) -> None:
        """Ask to cancel all own orders, or all on one instrument."""
    def set_timer(self, timer: int, *, at: int | None = None, after: int | None = None) -> None:
        """Ask to be called on_timer at `at`, or `after` nanoseconds from now; the same number again moves it."""
    @property
    def time(self) -> int:
        """Event time of the current callback, nanoseconds since the epoch, UTC."""
    @property
    def instruments(self) -> list[Instrument]:
        """All listed instruments; the position is the id."""
    def instrument(self, name: _Named) -> Instrument:
        """Return an instrument by symbol, `SYMBOL.VENUE` or number."""
    def position(self, instrument: _Named) -> float:
        """Return the signed position in an instrument."""
    def mark(self, instrument: _Named) -> float | None:
        """Return the last delivered price of an instrument, or `None`."""
    @property
    def orders(self) -> list[tuple[int, Instrument, _Side, float | None, float]]:
        """Own working orders as (number, instrument, side, price or `None`, open quantity)."""
    @property
    def profit(self) -> tuple[float, float]:
        """Realised and unrealised profit before fees, summed over instruments in their own currencies."""

@final
class MarketFile:
    """An ITCH 5.0 or DBN file in memory, and what it holds."""

    def __new__(cls, path: _Path) -> Self:
        """Read a file whole; what a damaged one still holds is kept, and `fault` says what is wrong."""
    @property
    def format(self) -> str:
        """Its format in words."""
    @property
    def compression(self) -> str:
        """How it is compressed."""
    @property
    def length(self) -> int:
        """Uncompressed length in bytes."""
    @property
    def counts(self) -> dict[str, int]:
        """Number of records by type."""
    @property
    def span(self) -> tuple[int, int] | None:
        """First and last time, nanoseconds since the epoch; in ITCH since midnight."""
    @property
    def fault(self) -> str | None:
        """What is wrong with it, at which byte, and what was read until then; `None` when it is whole."""
    @property
    def instruments(self) -> list[tuple[int, str, int, int | None, _Definition | None]]:
        """Its instruments: number, symbol, records, round lot, and its definition.

        A definition is (tick in 1e-9, currency, venue, multiplier in 1e-9, class), where the file defines them.
        """

@final
class Node:
    """A node before and during its one run."""

    def __new__(
        cls,
        *,
        run_id: str,
        mode: str,
        environment: str,
        version: str,
        seed: int,
        started_ns: int,
        engine: dict[str, int],
        config_hash: bytes,
    ) -> Self:
        """Make a node. `engine` holds the capacities, and `latency_ns` of simulated commands."""
    def generate(self, seed: int, instruments: int, start_ns: int, end_ns: int, inputs: int) -> list[Instrument]:
        """Take a generated day as the source; returns its instruments."""
    def replay(self, journal: _Path) -> list[Instrument]:
        """Take a recorded run's journal as the source; returns its instruments."""
    def historical(self, fills: Sequence[str], rules: dict[str, Any], own_orders: int) -> None:
        """Fill orders from recorded data instead of the embedded exchange.

        `fills` says for each instrument whether from `orders`, `quotes`, `trades` or `bars`, `rules` how.
        """
    def recorded(
        self,
        instruments: Sequence[Instrument],
        tables: Sequence[_Table],
        files: Sequence[tuple[MarketFile, int, Sequence[tuple[int, int]]]],
        adjustments: Sequence[tuple[int, int, str, str]] = ...,
    ) -> None:
        """Take recorded data as the source.

        `tables` are (kind, times, instrument, interval, columns by name), `files` are (file, midnight of ITCH times,
        pairs of the file's number and the instrument's). Earlier ones go first where times are the same; files come
        after tables, and corporate actions, given as (time, instrument, kind, what), before them. The instruments' tick
        tables are part of it.
        """
    def account(self, id: int, name: str, terms: dict[str, Any]) -> None:  # noqa: A002
        """Open an account with its cash, limits and fees."""
    def restrict(self, account: int, instruments: Sequence[int]) -> None:
        """Put instruments on an account's restricted list."""
    def rate(self, base: str, other: str, rate: str) -> None:
        """Set what one unit of a currency is in another, as decimal text of at most twelve places."""
    def strategy(
        self,
        session: int,
        account: int,
        name: str,
        strategy: StrategyBase,
        callbacks: dict[str, Callable[..., Any]],
        instruments: Sequence[int],
        batch_ns: int = 0,
    ) -> None:
        """Seat a strategy: its session, account, and the instruments that it is called for (empty is all)."""
    def built_in(
        self,
        session: int,
        account: int,
        name: str,
        kind: str,
        parameters: Sequence[tuple[str, float]],
        instruments: Sequence[int],
    ) -> None:
        """Seat a strategy of the core, by its kind and parameters."""
    def absent(self, session: int, account: int, name: str) -> None:
        """Seat nobody where a run that is gone on with had a strategy."""
    def go_on(self, folder: _Path, mode: str, note: _Path) -> tuple[int, list[int], str | None]:
        """Go on with the run whose journal is in a folder, after its last good input.

        Where the `note` of compiled strategies' calls says that the process ended in one, that strategy is left out.
        Returns when the run started, nanoseconds since the epoch; the sessions that nobody is to be seated for: theirs
        hung, or ended a process; and what was left out at the end of the journal, or `None`.
        """
    def leave_out(self, sessions: Sequence[int]) -> None:
        """Leave strategies out of the run that is gone on with, because a person said so."""
    def resume_at_start(self, reason: str) -> None:
        """End the kill switch where the run that is gone on with had it on, because a person said so meanwhile."""
    def plugin(
        self,
        session: int,
        account: int,
        name: str,
        library: PluginLibrary,
        parameters: Sequence[tuple[str, float | str]],
        instruments: Sequence[int],
    ) -> None:
        """Seat a compiled strategy, with the parameters that aren't left at their defaults."""
    def note_calls(self, path: _Path) -> None:
        """Note the calls of compiled strategies in a file, for a recovery of a process that one of them ends."""
    def journal(self, folder: _Path, mode: str, segment_bytes: int) -> None:
        """Write a journal into a folder."""
    def kill_at_start(self, reason: str) -> None:
        """Begin with the kill switch on, as an earlier run left it."""
    def control(self, path: _Path, *, linger: bool = False) -> None:
        """Serve the control socket at a path.

        With `linger`, who is connected when the run comes to its end can look at what it left until
        `RunResult.hang_up`.
        """
    def pace(self, speed: float | None, watchdog_ms: int, equity_ns: int) -> None:
        """Set the pace (a multiple of real time, or `None`), the watchdog, and the time between equity samples."""
    def run(self, *, inline: bool = False) -> RunResult:
        """Run to the end. With `inline`, strategies are called on this thread; without, on one of their own."""
    def stop(self) -> None:
        """End the run cleanly; it cancels its strategies' orders first."""
    @property
    def progress(self) -> tuple[int, int, str | None]:
        """Engine time, number of inputs so far, and why the kill switch is on, or `None`."""

@final
class PluginLibrary:
    """A shared library that is loaded and checked."""

    def __new__(cls, path: _Path) -> PluginLibrary:
        """Load a shared library; refuses, in words, what is no plugin of this version for this machine."""
    @property
    def name(self) -> str:
        """What the plugin calls itself."""
    @property
    def version(self) -> str:
        """The plugin's own version."""
    @property
    def parameters(self) -> list[tuple[str, str, float | int | str, float | None, float | None, str]]:
        """Its parameters: name, kind (number, whole or text), default, least, most, meaning."""
    @property
    def callbacks(self) -> list[str]:
        """The callbacks that take market data, by name."""

@final
class RunResult:
    """How a run ended and what it leaves."""

    def hang_up(self) -> None:
        """Hang up on who still looks at the run; nothing where nobody does."""
    @property
    def rules(self) -> list[tuple[str, str]]:
        """The rules that fills came from, as (name, words); none for the embedded exchange."""
    @property
    def digest(self) -> str:
        """The running hash over inputs and events."""
    @property
    def state_digest(self) -> str:
        """The hash over everything, state included."""
    @property
    def seq(self) -> int:
        """The number of the last input."""
    @property
    def time(self) -> int:
        """Engine time of the end, nanoseconds since the epoch, UTC."""
    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its source ended."""
    @property
    def recoveries(self) -> list[int]:
        """Inputs at which the node went on after its process had ended."""
    @property
    def adjustments(self) -> list[tuple[int, int, int, str, tuple[int, int], str, str, int | None]]:
        """Corporate actions.

        Each is the number of its input, time, instrument, kind, (new, old) units, a dividend's exact money per quantity
        unit, a new symbol, and the reference price until then in price units or `None`.
        """
    @property
    def killed(self) -> str | None:
        """Why the kill switch is on, or `None`."""
    @property
    def failed(self) -> str | None:
        """What went wrong, or `None`."""
    @property
    def counts(self) -> dict[str, int]:
        """Counts over all sessions: inputs, orders, cancels, trades; and fills of the strategies."""
    @property
    def refusals(self) -> dict[str, int]:
        """How often each reason refused a strategy's command."""
    @property
    def latency(self) -> list[tuple[str, int, int, int, int, int, int]]:
        """Latencies: name, count, p50, p90, p99, p99.9 and largest, in nanoseconds."""
    @property
    def strategies(self) -> list[tuple[int, int, str, _State, str | None]]:
        """Strategies: session, account, name, state (`running`, `stopped`, `faulted`) and the fault's text."""
    @property
    def accounts(self) -> list[dict[str, Any]]:
        """The strategies' accounts at the end, and how many commands were refused: a dict each, money as exact text."""
    @property
    def positions(self) -> list[tuple[int, int, int, str]]:
        """Open positions: account, instrument, signed quantity in quantity units, and its cost as exact text."""
    @property
    def orders(self) -> dict[str, _Column]:
        """Orders by column: `(dtype, bytes)`; prices and quantities in the instrument's units."""
    @property
    def fills(self) -> dict[str, _Column | list[str]]:
        """Fills by column, as `orders`; fees as exact text."""
    @property
    def equity(self) -> dict[str, _Column | list[str]]:
        """Equity samples by column; money as exact text."""
    @property
    def bars(self) -> dict[str, _Column]:
        """Bars by column, as `orders`."""

@final
class BookReplay:
    """Books rebuilt from recorded order-by-order files, merged in time."""

    def __new__(cls, paths: Sequence[_Path], midnight_ns: int, orders: int, levels: int) -> Self:
        """Read files whole.

        An ITCH file's times count from `midnight_ns`; `orders` and `levels` are what may rest at once.
        """
    @property
    def files(self) -> list[tuple[str, int, str | None]]:
        """The files: format, bytes uncompressed, and why the file could not be read to its end, or `None`."""
    def run(self, states: Callable[[bytes], object]) -> None:
        """Apply every message; `states` gets the bytes of the top-of-book states. Once."""
    @property
    def fault(self) -> str | None:
        """What was wrong with the data, where it was, and how much was read; `None` where nothing was."""
    @property
    def counts(self) -> dict[str, Any]:
        """What was counted: messages by type, trades, volume, states and more."""
    @property
    def books(self) -> list[dict[str, Any]]:
        """The books as they are: a dict for each instrument."""

def rebuild_run(journal: _Path, engine: Mapping[str, object]) -> dict[str, Any]:
    """Apply a journal without strategies; returns the end state: hashes, last input, engine time, books."""

def inspect_journal(journal: _Path) -> dict[str, Any]:
    """Look at every record of a journal: its segments, its snapshots, and what is wrong at which byte."""

def journal_inputs(journal: _Path, first: int, last: int) -> list[tuple[int, int, int, str]]:
    """Return a journal's inputs with numbers from `first` to `last`, each as (number, time, cause, what it says)."""

def prove_journal_snapshots(journal: _Path, engine: Mapping[str, object]) -> list[tuple[int, str | None]]:
    """Replay a journal and compare its snapshots with what it leads to.

    Returns (number, what is wrong or `None`) of each.
    """

def why(journal: _Path, engine: Mapping[str, object], session: int, number: int) -> dict[str, Any] | None:
    """Tell what caused an order, what the book and the gate were then, and what became of it.

    `None` where the journal has no such order.
    """

@final
class Recovered:
    """A killed run's state at its last good input, and what was found at the end of its journal."""

    @property
    def result(self) -> RunResult:
        """How it stands there."""
    @property
    def instruments(self) -> list[Instrument]:
        """What was listed."""
    @property
    def closed(self) -> bool:
        """Whether the journal had been closed in good order."""
    @property
    def dropped(self) -> str | None:
        """What was left out at the end of the journal, or `None`."""
    @property
    def started_ns(self) -> int:
        """Real time of the run's start, nanoseconds since the epoch, UTC."""
    @property
    def start_ns(self) -> int:
        """Event time of the run's start."""

def plugin_projects() -> list[tuple[str, list[tuple[str, str]]]]:
    """List the files of the worked examples by their language: path and text."""

def recover_run(
    journal: _Path,
    engine: Mapping[str, object],
    strategies: Sequence[tuple[int, int, str]],
    equity_ns: int,
    note: _Path,
) -> Recovered:
    """Cut a torn end off a killed run's journal, rebuild the run's state from it, and close it.

    `strategies` are (session, account, name); equity is sampled as often as the run did. Where the `note` of compiled
    strategies' calls says that the process ended in one, that strategy is stopped first, and all orders are cancelled.
    """
