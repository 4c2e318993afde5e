"""Gives a run's record and tables to the report."""

import msgspec

from omni.reporting.page import write
from omni.reporting.run_data import Account, Ending, Instrument, Latency, RunData, Strategy
from omni.runtime.folder import RunFolder
from omni.runtime.summary import RunSummary
from omni.runtime.table import Columns


def write_report(folder: RunFolder, record: RunSummary, tables: dict[str, Columns]) -> None:
    """Write the report of a run into its folder.

    Raises
    ------
    DataError
        Where it can't be written.
    """
    write(folder.report, _data(folder, record, tables))


def _data(folder: RunFolder, record: RunSummary, tables: dict[str, Columns]) -> RunData:
    return RunData(
        run=record.id,
        mode=record.mode,
        environment=record.environment,
        version=record.version,
        seed=record.seed,
        started_ns=record.started_ns,
        ended_ns=record.ended_ns,
        first_ns=record.start_ns,
        last_ns=record.time_ns,
        digest=record.digest,
        state_digest=record.state_digest,
        ending=_ending(record),
        message=record.fault or record.killed,
        rules=record.rules,
        configuration=folder.config.read_text(),
        counts=dict(record.counts),
        refusals=dict(record.refusals),
        latency=tuple(
            Latency(
                name=one.name,
                count=one.count,
                p50_ns=one.p50,
                p90_ns=one.p90,
                p99_ns=one.p99,
                p999_ns=one.p999,
                max_ns=one.max,
            )
            for one in record.latency
        ),
        strategies=tuple(msgspec.convert(msgspec.to_builtins(one), Strategy) for one in record.strategies),
        accounts=tuple(msgspec.convert(one, Account) for one in record.accounts),
        instruments=tuple(msgspec.convert(msgspec.to_builtins(one), Instrument) for one in record.instruments),
        equity=tables["equity"],
        orders=tables["orders"],
        fills=tables["fills"],
        bars=tables["bars"],
    )


def _ending(record: RunSummary) -> Ending:
    if record.state == "failed":
        return "failed"
    if record.killed:
        return "killed"
    return "stopped" if record.state == "stopped" else "completed"
