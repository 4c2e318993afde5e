"""Builds a node from a configuration."""

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from omni.engine import Instrument, Node, __version__
from omni.infra.section import Config, Fees, Rates, Risk, Rules
from omni.infra.section import Strategy as Entry
from omni.infra.show import fingerprint
from omni.model.error import ConfigError, DataError
from omni.model.plugin import Compiled
from omni.runtime.folder import RunFolder
from omni.runtime.roster import Seat
from omni.strategy.registry import BuiltIn

#: Bars that the engine builds from trades: a minute.
BAR_NS = 60_000_000_000
#: Event time between two samples of equity.
EQUITY_NS = 60_000_000_000
#: Accounts and sessions of the generated market's members, beside ours.
_MEMBERS = 1_024
#: How many of our orders may rest at once in recorded data.
_OWN_ORDERS = 16_384
_LOG = logging.getLogger("omni.runtime")


def empty(config: Config, run_id: str, started_ns: int) -> Node:
    """Make a node with the configured capacities and nothing in it."""
    engine = config.engine
    return Node(
        run_id=run_id,
        mode=config.run.mode,
        environment=config.run.environment,
        version=__version__,
        seed=config.run.seed,
        started_ns=started_ns,
        config_hash=bytes.fromhex(fingerprint(config)),
        engine={
            **capacities(config),
            # A command answers what the strategy saw, so both ways lie between an event and the order that follows it.
            "latency_ns": engine.order_latency_ns + engine.report_latency_ns,
        },
    )


def capacities(config: Config) -> dict[str, int]:
    """Return what a node reserves at start."""
    engine = config.engine
    return {
        "instruments": max(engine.instruments, config.day.instruments),
        "orders": engine.orders,
        "levels": engine.levels,
        "accounts": engine.accounts + _MEMBERS,
        "risk_slots": engine.risk_slots,
        "timers": engine.timers,
        "bar_ns": BAR_NS,
    }


def shape(config: Config, folder: RunFolder) -> dict[str, object]:
    """Return what the engine of a run that was is built from: its capacities, and its venue's rules."""
    venue = VenueRules.read(folder.venue)
    own: dict[str, object] = {} if venue is None else {"venue": (list(venue.fills), asdict(venue.rules), _OWN_ORDERS)}
    return {**capacities(config), **own}


def session(config: Config, started_ns: int) -> tuple[int, int]:
    """Return the first and last moment of the generated session: of a paper run it starts now."""
    start_ns = started_ns if config.run.mode == "paper" else int(config.day.start.timestamp()) * 1_000_000_000
    return start_ns, start_ns + int(config.day.hours * 3_600) * 1_000_000_000


def generate(node: Node, config: Config, started_ns: int) -> list[Instrument]:
    """Give the node the generated day as its source; returns the instruments."""
    start_ns, end_ns = session(config, started_ns)
    return node.generate(config.run.seed, config.day.instruments, start_ns, end_ns, config.day.inputs)


def recorded(node: Node, config: Config, folder: RunFolder) -> tuple[list[Instrument], tuple[int, int]]:
    """Give the node recorded data as its source and the historical simulator as its venue.

    Returns
    -------
    tuple
        The instruments, and the first and last moment of the data.

    Raises
    ------
    DataError
        Where the data can't be read.
    ConfigError
        Where it needs a declaration; names the key of [data].
    """
    from omni.data.declaration import Declaration  # noqa: PLC0415  (NumPy is loaded on first use)
    from omni.data.recording import read  # noqa: PLC0415

    declared = {name: getattr(config.data, name) or None for name in config.data.__struct_fields__}
    try:
        declaration = Declaration(**declared)
    except ConfigError as error:
        raise ConfigError(f"data.{error}") from None
    recording = read([Path(path) for path in config.day.data], declaration)
    venue = VenueRules(fills=recording.fills, rules=config.rules)
    venue.write(folder.venue)
    venue.set(node)
    node.recorded(list(recording.instruments), recording.engine_tables(), recording.engine_files())
    return list(recording.instruments), recording.span


class VenueRules(Struct, frozen=True, kw_only=True):
    """How orders fill from recorded data; kept with the run, so that it can be replayed without the data.

    Parameters
    ----------
    fills
        What orders in each instrument fill from.
    rules
        How.
    """

    fills: tuple[str, ...]
    rules: Rules = Rules()

    def set(self, node: Node) -> None:
        """Make the historical simulator the node's venue."""
        node.historical(list(self.fills), asdict(self.rules), _OWN_ORDERS)

    def write(self, path: Path) -> None:
        """Keep the rules."""
        path.write_bytes(msgspec.json.encode(self))

    @staticmethod
    def read(path: Path) -> "VenueRules | None":
        """Return a run's rules, those that it is older than as they are by default.

        `None` where it ran on the embedded exchange.

        Raises
        ------
        DataError
            Where the file isn't what was written.
        """
        if not path.exists():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=VenueRules)
        except msgspec.DecodeError as error:
            raise DataError(f"{path} doesn't say how orders filled: {error}") from None


def seat(node: Node, config: Config, seats: Sequence[Seat], instruments: Sequence[Instrument]) -> None:
    """Set the rates, open each strategy's account and seat it.

    Raises
    ------
    ConfigError
        Where a strategy names an instrument that isn't there, or trades one in a currency without a rate.
    """
    rates = _rates(config.rates)
    for (base, other), rate in rates.items():
        node.rate(base, other, rate)
    by_name = {name: one.id for one in instruments for name in (one.symbol, str(one), f"#{one.id}")}
    for each in seats:
        risk = each.entry.risk(config.risk)
        wanted = _wanted(each, by_name)
        _check_rates(each, risk.currency, [one for one in instruments if one.id in wanted or not wanted], rates)
        node.account(each.session, each.entry.name, terms(risk, config.fees))
        node.restrict(each.session, _restricted(each, risk, by_name))
        if each.strategy is None:
            node.absent(each.session, each.session, each.entry.name)
        elif isinstance(each.strategy, BuiltIn):
            params = _numbers(each.entry, each.strategy)
            node.built_in(each.session, each.session, each.entry.name, each.strategy.name, params, wanted)
        elif isinstance(each.strategy, Compiled):
            library, given = each.strategy.plugin.library, each.strategy.pairs
            node.plugin(each.session, each.session, each.entry.name, library, given, wanted)
        else:
            strategy = each.strategy
            node.strategy(
                each.session,
                each.session,
                each.entry.name,
                strategy,
                strategy.callbacks(),
                wanted,
                strategy.batch_ns,
            )


def _numbers(entry: Entry, strategy: BuiltIn) -> list[tuple[str, float]]:
    try:
        return strategy.numbers(entry.params)
    except ConfigError as error:
        raise ConfigError(f"strategy {entry.name}: {error}") from None


def terms(risk: Risk, fees: Fees) -> dict[str, object]:
    """Return an account's cash, limits and fees as the engine reads them: money as exact text."""
    return {
        "currency": risk.currency,
        "cash": f"{risk.cash:f}",
        "order_quantity_max": risk.order_quantity_max,
        "order_notional_max": f"{risk.order_notional_max:f}",
        "collar_bps": risk.collar_bps,
        "position_max": risk.position_max,
        "gross_exposure_max": f"{risk.gross_exposure_max:f}",
        "open_orders_max": risk.open_orders_max,
        "message_rate": risk.message_rate,
        "message_window_ms": risk.message_window_ms,
        "drawdown_max": f"{risk.drawdown_max:f}",
        "maker_ppm": fees.maker_ppm,
        "taker_ppm": fees.taker_ppm,
        "unit_fee": f"{fees.unit_fee:f}",
    }


def _restricted(seat: Seat, risk: Risk, by_name: Mapping[str, int]) -> list[int]:
    """Return the numbers on a restricted list; a firm's list names what isn't in a run too, so that is only logged."""
    absent = [name for name in risk.restricted if name not in by_name]
    if absent:
        _LOG.warning(
            "restricted instruments aren't in this run", extra={"strategy": seat.entry.name, "symbols": absent}
        )
    return [by_name[name] for name in risk.restricted if name in by_name]


def _rates(rates: Rates) -> dict[tuple[str, str], str]:
    """Return the rates by pair of currencies.

    Raises
    ------
    ConfigError
        For a pair that stands there twice, or is one currency.
    """
    by_pair = rates.by_pair()
    if len(by_pair) < len(rates.pairs):
        raise ConfigError(f"rates.pairs: a pair stands there twice in {', '.join(rates.pairs)}")
    same = next((base for base, other in by_pair if base == other), None)
    if same is not None:
        raise ConfigError(f"rates.pairs: {same}{same} is one currency, not a pair")
    return by_pair


def _check_rates(seat: Seat, currency: str, traded: Iterable[Instrument], rates: Container[tuple[str, str]]) -> None:
    """Refuse a strategy whose every order in an instrument would be refused for want of a rate."""
    for one in traded:
        if one.currency != currency and (one.currency, currency) not in rates:
            raise ConfigError(
                f"strategy {seat.entry.name}: its account is in {currency} and {one.symbol} trades in {one.currency}; "
                f'give the rate by rates.pairs = ["{one.currency}{currency}=…"], or risk.currency = "{one.currency}"'
            )


def _wanted(seat: Seat, by_name: Mapping[str, int]) -> list[int]:
    """Return the numbers of the instruments that a strategy trades; empty is all."""
    if seat.entry.instruments == ("*",):
        return []
    missing = [name for name in seat.entry.instruments if name not in by_name]
    if missing:
        raise ConfigError(f"strategy {seat.entry.name}: no instrument {missing[0]} in this run")
    return [by_name[name] for name in seat.entry.instruments]
