"""Keeps what a run leaves: Parquet, the record, the run store, the report."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from omni.engine import Instrument, RunResult, __version__
from omni.infra.run import Account, End, Run, Strategy
from omni.infra.section import Config
from omni.infra.show import fingerprint
from omni.model.error import OmniError
from omni.runtime import summary
from omni.runtime.folder import RunFolder
from omni.runtime.report import write_report
from omni.runtime.summary import RunSummary
from omni.runtime.table import Columns, tables, write_parquet

#: How fills come about in the embedded exchange, for reports.
RULES = (
    "embedded exchange: price-time priority; a trade is at the resting order's price",
    "a smaller quantity keeps its place in the queue, a new price or larger quantity loses it",
    "an order never trades with its own account: the newest is cancelled, or what it says (self-trade prevention)",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The record of a run, and what of the rest could not be written."""

    record: RunSummary
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moments:
    """When a run started, in real time and in event time."""

    started_ns: int
    start_ns: int


def start_record(folder: RunFolder, config: Config, started_ns: int) -> None:
    """Note in the run store that a run starts."""
    from omni.infra.store import open_store  # noqa: PLC0415  (SQLAlchemy is loaded on first use)

    with open_store(Path(config.run.home), config.store.url) as store:
        store.insert(
            Run(
                id=folder.id,
                started_ns=started_ns,
                mode=config.run.mode,
                environment=config.run.environment,
                seed=config.run.seed,
                code_version=__version__,
                config_hash=fingerprint(config),
                folder=str(folder.path),
            )
        )


def keep(  # noqa: PLR0913  # What a run leaves has as many sources.
    folder: RunFolder,
    config: Config,
    result: RunResult,
    instruments: list[Instrument],
    moments: Moments,
    *,
    fault: str | None = None,
) -> Kept:
    """Write everything that a run leaves, the most important first; what can't be written keeps nothing else from it.

    A `fault` that only the caller knows, such as a killed process, stands in the record.
    """
    record = RunSummary(
        id=folder.id,
        mode=config.run.mode,
        environment=config.run.environment,
        version=__version__,
        seed=config.run.seed,
        config_hash=fingerprint(config),
        started_ns=moments.started_ns,
        ended_ns=time.time_ns(),
        start_ns=moments.start_ns,
        rules=tuple(f"{name}: {text}" for name, text in result.rules) or RULES,
        **summary.details(result, instruments, cut=fault is not None),
    )
    if fault is not None:
        record = replace(record, fault=fault)
    kept = tables(result)
    steps: list[Callable[[], None]] = [
        partial(summary.write, folder.summary, record),
        partial(_store, folder, config, record, kept),
        *(partial(write_parquet, folder.table(name), table) for name, table in kept.items()),
        partial(write_report, folder, record, kept),
    ]
    problems = [problem for step in steps if (problem := _problem(step)) is not None]
    return Kept(record, tuple(dict.fromkeys(problems)))


def _problem(step: Callable[[], None]) -> str | None:
    """Do a step and return why it failed, if it did."""
    try:
        step()
    except OmniError as error:
        return str(error)
    except OSError as error:
        return f"can't write {error.filename or 'the run folder'}: {error.strerror or error}"
    return None


def _store(folder: RunFolder, config: Config, record: RunSummary, kept: dict[str, Columns]) -> None:
    from omni.infra.store import open_store  # noqa: PLC0415  (SQLAlchemy is loaded on first use)

    names = {
        account["account"]: strategy.name for account, strategy in zip(record.accounts, record.strategies, strict=True)
    }
    sources = {entry.name: entry.source for entry in config.strategy}
    accounts = tuple(
        Account(
            name=names[account["account"]],
            currency=account["currency"],
            equity=Decimal(account["equity"]),
            realised=Decimal(account["realised"]),
            fees=Decimal(account["fees"]),
            orders=_count(kept["orders"], account["account"]),
            fills=_count(kept["fills"], account["account"]),
            refusals=account["refusals"],
        )
        for account in record.accounts
    )
    strategies = tuple(
        Strategy(
            name=one.name,
            source=sources.get(one.name, one.name),
            account=one.name,
            state=one.state,
            fault=one.fault,
        )
        for one in record.strategies
    )
    counts = {**record.counts, "refusals": sum(record.refusals.values())}
    end = End(
        ended_ns=record.ended_ns,
        state=record.state,  # type: ignore[arg-type]  # Of the same words.
        engine_hash=record.digest,
        fault=record.fault,
        accounts=accounts,
        strategies=strategies,
        metrics={name: float(value) for name, value in counts.items()},
    )
    with open_store(Path(config.run.home), config.store.url) as store:
        store.finish(folder.id, end)


def _count(table: Columns, account: int) -> int:
    return int((table["account"] == account).sum())
