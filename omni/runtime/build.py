"""Builds a node from a configuration."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from omni.engine import Instrument, Node, __version__
from omni.infra.section import Config, Rules
from omni.infra.show import fingerprint
from omni.model.error import ConfigError, DataError
from omni.runtime.folder import RunFolder

if TYPE_CHECKING:
    from omni.data.recording import Recording

#: Bars that the engine builds from trades: a minute.
BAR_NS = 60_000_000_000
#: Event time between two samples of equity.
EQUITY_NS = 60_000_000_000
#: Accounts and sessions of the generated market's members, beside ours.
_MEMBERS = 1_024
#: How many of our orders may rest at once in recorded data.
_OWN_ORDERS = 16_384


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


def read(config: Config) -> "Recording":
    """Read the recorded data that a run is to be on.

    Raises
    ------
    DataError
        Where the data can't be read.
    ConfigError
        Where it needs a declaration; names the key of [data].
    """
    from omni.data import recording  # noqa: PLC0415  (NumPy is loaded on first use)
    from omni.data.declaration import Declaration  # noqa: PLC0415

    declared = {name: getattr(config.data, name) or None for name in config.data.__struct_fields__}
    try:
        declaration = Declaration(**declared)
    except ConfigError as error:
        raise ConfigError(f"data.{error}") from None
    return recording.read([Path(path) for path in config.day.data], declaration)


def recorded(
    node: Node, config: Config, folder: RunFolder, recording: "Recording"
) -> tuple[list[Instrument], tuple[int, int]]:
    """Give the node recorded data as its source and the historical simulator as its venue.

    Returns
    -------
    tuple
        The instruments, and the first and last moment of the data.
    """
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
