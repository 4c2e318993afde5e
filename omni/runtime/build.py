"""Builds a node from a configuration."""

from collections.abc import Sequence

from omni.engine import Instrument, Node, __version__
from omni.infra.section import Config, Fees, Risk
from omni.infra.show import fingerprint
from omni.model.error import ConfigError
from omni.runtime.roster import Seat
from omni.strategy.registry import BuiltIn

#: Bars that the engine builds from trades: a minute.
BAR_NS = 60_000_000_000
#: Event time between two samples of equity.
EQUITY_NS = 60_000_000_000
#: Accounts and sessions of the generated market's members, beside ours.
_MEMBERS = 1_024


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
            "instruments": max(engine.instruments, config.day.instruments),
            "orders": engine.orders,
            "levels": engine.levels,
            "accounts": engine.accounts + _MEMBERS,
            "risk_slots": engine.risk_slots,
            "timers": engine.timers,
            "bar_ns": BAR_NS,
            # A command answers what the strategy saw, so both ways lie between an event and the order that follows it.
            "latency_ns": engine.order_latency_ns + engine.report_latency_ns,
        },
    )


def session(config: Config, started_ns: int) -> tuple[int, int]:
    """Return the first and last moment of the generated session: of a paper run it starts now."""
    start_ns = started_ns if config.run.mode == "paper" else int(config.day.start.timestamp()) * 1_000_000_000
    return start_ns, start_ns + int(config.day.hours * 3_600) * 1_000_000_000


def generate(node: Node, config: Config, started_ns: int) -> list[Instrument]:
    """Give the node the generated day as its source; returns the instruments."""
    start_ns, end_ns = session(config, started_ns)
    return node.generate(config.run.seed, config.day.instruments, start_ns, end_ns, config.day.inputs)


def seat(node: Node, config: Config, seats: Sequence[Seat], instruments: Sequence[Instrument]) -> None:
    """Open each strategy's account and seat it.

    Raises
    ------
    ConfigError
        Where a strategy names an instrument that isn't there.
    """
    for each in seats:
        node.account(each.session, each.entry.name, terms(each.entry.risk(config.risk), config.fees))
        wanted = _wanted(each, instruments)
        if isinstance(each.strategy, BuiltIn):
            params = {name: float(value) for name, value in each.entry.params.items()}
            node.built_in(each.session, each.session, each.entry.name, each.strategy.name, params, wanted)
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


def _wanted(seat: Seat, instruments: Sequence[Instrument]) -> list[int]:
    """Return the numbers of the instruments that a strategy trades; empty is all."""
    if seat.entry.instruments == ("*",):
        return []
    by_name = {name: one.id for one in instruments for name in (one.symbol, str(one), f"#{one.id}")}
    missing = [name for name in seat.entry.instruments if name not in by_name]
    if missing:
        raise ConfigError(f"strategy {seat.entry.name}: no instrument {missing[0]} in this run")
    return [by_name[name] for name in seat.entry.instruments]
