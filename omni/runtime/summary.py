"""How a run ended: the record in its folder, and the lines that a person reads."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct, convert, to_builtins

from omni.engine import Instrument, RunResult
from omni.model.error import DataError
from omni.runtime.folder import RunFolder


class InstrumentRow(Struct, frozen=True, kw_only=True):
    """What a reader of the tables needs of an instrument."""

    id: int
    symbol: str
    venue: str
    currency: str
    price_unit: str
    quantity_unit: str
    multiplier: str


class StrategyRow(Struct, frozen=True, kw_only=True):
    """A strategy and how it ended.

    Its state is `finished` with the run, `stopped` by a person (alone or with the run), `faulted`, or `interrupted` by
    the run's own failure or the end of its process.
    """

    session: int
    account: int
    name: str
    state: str
    fault: str | None = None


class LatencyRow(Struct, frozen=True, kw_only=True):
    """Percentiles of a latency, in nanoseconds."""

    name: str
    count: int
    p50: int
    p90: int
    p99: int
    p999: int
    max: int


class RunSummary(Struct, frozen=True, kw_only=True):
    """How a run ended, without its tables."""

    id: str
    mode: str
    environment: str
    version: str
    seed: int
    config_hash: str
    started_ns: int
    ended_ns: int
    start_ns: int
    time_ns: int
    state: str
    fault: str | None
    killed: str | None
    recoveries: tuple[int, ...] = ()
    seq: int
    digest: str
    state_digest: str
    rules: tuple[str, ...]
    counts: Mapping[str, int]
    refusals: Mapping[str, int]
    latency: tuple[LatencyRow, ...]
    strategies: tuple[StrategyRow, ...]
    accounts: tuple[Mapping[str, Any], ...]
    instruments: tuple[InstrumentRow, ...]


def state_of(result: RunResult) -> str:
    """Return how a run ended, in the run store's words."""
    if result.failed is not None:
        return "failed"
    return "stopped" if result.stopped else "finished"


def _ended(state: str, run: str) -> str:
    """Return how a strategy ended, from how it stood at the run's end and how the run ended."""
    if state != "running":
        return state
    return run if run in {"finished", "stopped"} else "interrupted"


def details(result: RunResult, instruments: list[Instrument], *, cut: bool = False) -> dict[str, Any]:
    """Return what the engine says of a run, by the names of `RunSummary`; one that was `cut` ended with its process."""
    end = "cut" if cut else state_of(result)
    return {
        "time_ns": result.time,
        "state": state_of(result),
        "fault": result.failed,
        "killed": result.killed,
        "recoveries": tuple(result.recoveries),
        "seq": result.seq,
        "digest": result.digest,
        "state_digest": result.state_digest,
        "counts": result.counts,
        "refusals": result.refusals,
        "latency": tuple(
            LatencyRow(name=name, count=count, p50=p50, p90=p90, p99=p99, p999=p999, max=most)
            for name, count, p50, p90, p99, p999, most in result.latency
        ),
        "strategies": tuple(
            StrategyRow(session=session, account=account, name=name, state=_ended(state, end), fault=fault)
            for session, account, name, state, fault in result.strategies
        ),
        "accounts": tuple(result.accounts),
        "instruments": tuple(
            InstrumentRow(
                id=one.id,
                symbol=one.symbol,
                venue=one.venue,
                currency=one.currency,
                price_unit=one.price_unit,
                quantity_unit=one.quantity_unit,
                multiplier=one.multiplier,
            )
            for one in instruments
        ),
    }


def write(path: Path, summary: RunSummary) -> None:
    """Write the record."""
    path.write_text(json.dumps(to_builtins(summary), indent=1) + "\n")


def read(path: Path) -> RunSummary:
    """Read the record of a run that ended.

    Raises
    ------
    DataError
        Where there is none, or it can't be read.
    """
    try:
        return convert(json.loads(path.read_text()), RunSummary)
    except FileNotFoundError:
        raise DataError(_unended(RunFolder(path.parent))) from None
    except ValueError as error:
        raise DataError(f"{path} can't be read: {error}") from error


def _unended(folder: RunFolder) -> str:
    if not (folder.has_journal or folder.is_running):
        return f"nothing happened in run {folder.id} before its process ended; `omni runs rm {folder.id}` removes it"
    return (
        f"{folder.id} has no {folder.summary.name}: the run has not ended, or was killed; "
        f"`omni run --recover {folder.path}` goes on with it, `omni recover {folder.path}` ends it"
    )


def lines(summary: RunSummary) -> Iterator[str]:
    """Say how a run ended, for a terminal."""
    counts = summary.counts
    yield f"{summary.mode.upper()} run {summary.id} {summary.state}" + (f": {summary.fault}" if summary.fault else "")
    if summary.killed:
        yield f"kill switch is ON: {summary.killed}"
    for seq in summary.recoveries:
        yield f"recovered at input {seq:,}: its process had ended, and the node went on from the journal"
    yield (
        f"{counts['inputs']:,} inputs, {counts['orders']:,} orders, {counts['cancels']:,} cancels, "
        f"{counts['trades']:,} trades"
    )
    yield f"{'strategy':<18}{'ended':<12}{'equity':>18}{'realised':>16}{'unrealised':>14}{'fees':>12}  currency"
    by_account = {account["account"]: account for account in summary.accounts}
    for strategy in summary.strategies:
        account = by_account[strategy.account]
        money = [Decimal(account[name]) for name in ("equity", "realised", "unrealised", "fees")]
        yield (
            f"{strategy.name:<18}{strategy.state:<12}{money[0]:>18,.2f}{money[1]:>16,.2f}{money[2]:>14,.2f}"
            f"{money[3]:>12,.2f}  {account['currency']}"
        )
        if strategy.fault:
            yield f"  fault: {strategy.fault}"
    if late := counts.get("too_late"):
        yield f"too late {_times(late)}: the order had ended while its cancel or amend was on the way"
    for reason, count in summary.refusals.items():
        yield f"refused {_times(count)}: {reason}"
    yield f"hash {summary.digest}"


def _times(count: int) -> str:
    return f"{count:,} {'time' if count == 1 else 'times'}"
