"""The configuration's sections. Each key has a default, and a sentence with its unit where its name doesn't say it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import asdict

from omni.infra.amount import Amount
from omni.infra.secret import Secret

Count = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Nanoseconds = Annotated[int, Meta(ge=0, le=10**12)]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1, description="Seed of everything that is drawn.")]
CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="Currency of the account, ISO 4217.")]
Parameter = bool | int | float | str


def _key(text: str) -> Meta:
    return Meta(description=text)


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""

    def plain(self) -> dict[str, Any]:
        """Return its values by key as the engine reads them: money as exact text, the rest as it is."""
        return {name: f"{value:f}" if isinstance(value, Amount) else value for name, value in asdict(self).items()}


class Run(Section, frozen=True):
    """What kind of run it is."""

    mode: Annotated[
        Literal["sim", "paper", "live"], _key("Who fills the orders: a simulation, a paper venue, or real money.")
    ] = "sim"
    environment: Annotated[Literal["dev", "staging", "production"], _key("Where it runs; independent of the mode.")] = (
        "dev"
    )
    account: Annotated[str, Meta(max_length=64, description="Id of the live account; may only stand in the file.")] = ""
    seed: Seed = 1
    home: Annotated[str, Meta(min_length=1, description="Folder that holds the runs' folders.")] = "runs"
    speed: Annotated[
        Annotated[float, Meta(ge=1, le=1e6)] | Literal["unlimited"],
        _key("Event time per wall-clock time, 1 or more, or unlimited; 390 makes 6.5 hours a minute."),
    ] = 390.0
    exit: Annotated[bool, _key("End when the day has ended, rather than keep the console up.")] = False


class Day(Section, frozen=True):
    """The trading day: generated, or recorded."""

    data: Annotated[tuple[str, ...], _key("Recorded files to run on; none generates the day.")] = ()
    instruments: Annotated[int, Meta(ge=1, le=50_000, description="Number of generated instruments.")] = 100
    start: Annotated[
        datetime, Meta(tz=True, description="Start of the generated session, with its offset from UTC.")
    ] = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
    hours: Annotated[float, Meta(gt=0, le=24, description="Length of the generated session, in hours.")] = 6.5
    inputs: Annotated[
        int, Meta(ge=1, le=10**10, description="Number of inputs that the generator aims at over the session.")
    ] = 4_000_000


class Data(Section, frozen=True):
    """What day.data doesn't say of itself; empty is left to the data. The words are omni.backtest's."""

    symbol: Annotated[str, _key("The instrument, where the data has no column of symbols.")] = ""
    venue: Annotated[str, _key("The venue's ISO 10383 code.")] = ""
    asset_class: Annotated[str, _key("equity, future, option, fx, bond or crypto.")] = ""
    currency: Annotated[str, _key("Currency of the prices, ISO 4217.")] = ""
    price_unit: Annotated[str, _key("What prices are whole multiples of, as decimal text.")] = ""
    quantity_unit: Annotated[str, _key("What quantities are whole multiples of, as decimal text.")] = ""
    multiplier: Annotated[str, _key("Value of one share or contract per whole unit of price.")] = ""
    tick: Annotated[str, _key("Step of order prices; the price unit where empty.")] = ""
    lot: Annotated[str, _key("Step of order quantities; the quantity unit where empty.")] = ""
    price_max: Annotated[str, _key("Largest price that an order may have, in currency.")] = ""
    ticks: Annotated[str, _key("Tick by price instead of tick: 0:0.0001 1:0.01.")] = ""
    expiry: Annotated[str, _key("When it expires or matures: 2026-03-20T20:00Z.")] = ""
    underlying: Annotated[str, _key("Symbol of what a future or an option is on.")] = ""
    strike: Annotated[str, _key("An option's strike, in currency.")] = ""
    right: Annotated[Literal["", "put", "call"], _key("What an option gives the right to: sell or buy.")] = ""
    exercise: Annotated[Literal["", "european", "american", "bermudan"], _key("When an option may be exercised.")] = ""
    kind: Annotated[Literal["", "bars", "quotes", "trades"], _key("Where the columns' names don't tell.")] = ""
    interval: Annotated[str, _key("Length of a bar: 1m, 5s, 1d.")] = ""
    bar_time: Annotated[Literal["", "open", "close"], _key("Which time a bar's row carries.")] = ""
    time_unit: Annotated[Literal["", "ns", "us", "ms", "s"], _key("What whole-number times count.")] = ""
    timezone: Annotated[str, _key("Of times that don't carry one.")] = ""
    date: Annotated[str, _key("The day that times of day belong to (ITCH).")] = ""


class Engine(Section, frozen=True):
    """What the engine reserves at the start; a full structure refuses with a reason."""

    orders: Annotated[Count, _key("Most open orders.")] = 262_144
    levels: Annotated[Count, _key("Most price levels over all books.")] = 131_072
    instruments: Annotated[int, Meta(ge=1, le=50_000, description="Most instruments.")] = 1_024
    accounts: Annotated[int, Meta(ge=1, le=65_535, description="Most accounts.")] = 256
    risk_slots: Annotated[Count, _key("Most pairs of account and instrument that have traded.")] = 65_536
    timers: Annotated[Count, _key("Most timers set at once.")] = 4_096
    order_latency_ns: Annotated[Nanoseconds, _key("From a strategy's command to the venue, simulated.")] = 50_000
    report_latency_ns: Annotated[Nanoseconds, _key("From the venue to the strategy, simulated.")] = 50_000


class Journal(Section, frozen=True):
    """The durable log of inputs."""

    mode: Annotated[
        Literal["memory", "group", "sync"],
        _key("What an acknowledged input survives: kill -9 (memory), power loss too (group, sync)."),
    ] = "memory"
    segment_mib: Annotated[int, Meta(ge=1, le=1_024, description="Size of a segment file.")] = 64


class Limits(Section, frozen=True):
    """The gate's limits for an account; every one is enforced."""

    order_quantity_max: Annotated[Count, _key("Largest quantity of one order, in quantity units.")] = 10_000
    order_notional_max: Annotated[Amount, _key("Largest notional of one order, in the account's currency.")] = Amount(
        1_000_000
    )
    collar_bps: Annotated[
        int, Meta(ge=1, le=10**6, description="Largest distance of a limit price from the reference price.")
    ] = 1_000
    position_max: Annotated[Count, _key("Largest absolute position per instrument, in quantity units.")] = 100_000
    gross_exposure_max: Annotated[Amount, _key("Largest gross exposure, in the account's currency.")] = Amount(
        10_000_000
    )
    open_orders_max: Annotated[Count, _key("Most open orders.")] = 1_000
    message_rate: Annotated[Count, _key("Most orders, amends and cancels per window.")] = 1_000
    message_window_ms: Annotated[int, Meta(ge=1, le=86_400_000, description="The window of message_rate.")] = 1_000
    drawdown_max: Annotated[Amount, _key("Largest fall of equity from its peak, in the account's currency.")] = Amount(
        250_000
    )
    restricted: Annotated[tuple[str, ...], _key("Symbols that must not be traded: the restricted list.")] = ()


class Risk(Limits, frozen=True):
    """A strategy account's cash and limits, where the strategy doesn't override them."""

    currency: CurrencyCode = "USD"
    cash: Annotated[Amount, _key("Opening cash, in the account's currency.")] = Amount(1_000_000)


class Fees(Section, frozen=True):
    """What a fill costs."""

    maker_ppm: Annotated[
        int, Meta(ge=-(10**6), le=10**6, description="Fee of a fill that added liquidity; negative is a rebate.")
    ] = 0
    taker_ppm: Annotated[int, Meta(ge=-(10**6), le=10**6, description="Fee of a fill that removed liquidity.")] = 0
    unit_fee: Annotated[Amount, _key("Fee per quantity unit filled, in the account's currency.")] = Amount(0)


class Rates(Section, frozen=True):
    """Rates between the currencies of accounts and instruments; without one, an order is refused."""

    pairs: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[A-Z]{6}=[0-9]+(\.[0-9]{1,12})?$")], ...],
        _key("One unit of the first currency in the second, such as EURUSD=1.0842; each holds one way only."),
    ] = ()

    def by_pair(self) -> dict[tuple[str, str], str]:
        """Return the rate of each pair of currencies, from and to, as decimal text."""
        return {(each[:3], each[3:6]): each[7:] for each in self.pairs}


class Rules(Section, frozen=True):
    """How orders fill from recorded data."""

    reach: Annotated[
        Literal["executions", "through", "touch"],
        _key("Which displayed opposite quantity fills a resting order: none, that through its price, or also at it."),
    ] = "through"
    spread_units: Annotated[
        int,
        Meta(
            ge=0,
            le=2**31 - 1,
            description="Spread that bars and trades without quotes are taken to have, in price units.",
        ),
    ] = 0
    spread_bps: Annotated[
        int, Meta(ge=0, le=10**6, description="The same in basis points of the price; instead of units.")
    ] = 0
    queue_units: Annotated[
        Annotated[int, Meta(ge=0, le=2**62)] | None,
        _key(
            "Quantity ahead of a limit at its price where there are trades and no quotes; none fills it only through."
        ),
    ] = None
    touch_fills: Annotated[bool, _key("Whether a bar that only touches a limit fills it.")] = False
    volume_share_ppm: Annotated[
        Annotated[int, Meta(ge=0, le=10**6)] | None,
        _key("Most that all orders get of a bar's or trade's volume; none is whatever the volume."),
    ] = 1_000_000
    grace_ns: Annotated[Nanoseconds, _key("How long after a bar's open an order may arrive and take part.")] = 10**9
    priority: Annotated[
        Literal["worst_first", "arrival"], _key("Who gets a bar's volume first: the worst fill, or who came first.")
    ] = "worst_first"


class Watchdog(Section, frozen=True):
    """Finds what hangs."""

    timeout_ms: Annotated[
        int, Meta(ge=10, le=600_000, description="Longest time that a strategy may take for one delivery.")
    ] = 5_000


class Console(Section, frozen=True):
    """The web console, on localhost."""

    enabled: Annotated[bool, _key("Start it.")] = True
    port: Annotated[int, Meta(ge=0, le=65_535, description="TCP port; 0 takes a free one.")] = 8310


class Log(Section, frozen=True):
    """What is written down for people and machines."""

    level: Annotated[Literal["debug", "info", "warning", "error"], _key("The least important that is written.")] = (
        "info"
    )
    directory: Annotated[str, _key("Folder of the log files; empty is the run's folder.")] = ""
    rotate_mib: Annotated[int, Meta(ge=1, le=4_096, description="Size at which a file is put aside.")] = 16
    rotate_count: Annotated[int, Meta(ge=1, le=1_000, description="How many files put aside are kept.")] = 5


class Store(Section, frozen=True):
    """The store of runs and their results."""

    url: Annotated[Secret, _key("SQLAlchemy address; empty is an SQLite file in run.home.")] = Secret()


class LimitOverrides(Section, frozen=True):
    """A strategy's own cash and limits; those left out are [risk]'s. Its restricted list comes to [risk]'s."""

    order_quantity_max: Count | None = None
    order_notional_max: Amount | None = None
    collar_bps: Annotated[int, Meta(ge=1, le=10**6)] | None = None
    position_max: Count | None = None
    gross_exposure_max: Amount | None = None
    open_orders_max: Count | None = None
    message_rate: Count | None = None
    message_window_ms: Annotated[int, Meta(ge=1, le=86_400_000)] | None = None
    drawdown_max: Amount | None = None
    restricted: tuple[str, ...] | None = None
    currency: CurrencyCode | None = None
    cash: Amount | None = None


class Strategy(Section, frozen=True):
    """One strategy of the run."""

    name: Annotated[
        str, Meta(pattern="^[a-z][a-z0-9_-]{0,31}$", description="Its name, and its account's; lower case.")
    ]
    source: Annotated[str, Meta(min_length=1, description="An entry point of omni.strategies, or FILE.py:CLASS.")]
    instruments: Annotated[tuple[str, ...], _key("Symbols that it trades; * is all.")] = ("*",)
    params: Annotated[dict[str, Parameter], _key("Its own parameters, which it validates.")] = {}
    limits: Annotated[LimitOverrides, _key("Its account's cash and limits, where they differ from [risk].")] = (
        LimitOverrides()
    )

    def risk(self, default: Risk) -> Risk:
        """Return the cash and limits of its account; its restricted list is its own and the common one."""
        own = {name: getattr(self.limits, name) for name in Risk.__struct_fields__}
        own["restricted"] = tuple(dict.fromkeys((*default.restricted, *(self.limits.restricted or ()))))
        return Risk(**{name: getattr(default, name) if value is None else value for name, value in own.items()})


class Config(Section, frozen=True):
    """The whole configuration."""

    run: Run = Run()
    day: Day = Day()
    data: Data = Data()
    engine: Engine = Engine()
    journal: Journal = Journal()
    risk: Risk = Risk()
    rates: Rates = Rates()
    fees: Fees = Fees()
    rules: Rules = Rules()
    watchdog: Watchdog = Watchdog()
    console: Console = Console()
    log: Log = Log()
    store: Store = Store()
    strategy: tuple[Strategy, ...] = ()
