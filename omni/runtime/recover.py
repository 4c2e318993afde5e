"""Ends a run whose process was killed: its state is rebuilt from its journal, and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from omni.engine import recover_run
from omni.infra.config import Loaded, load
from omni.infra.section import Config
from omni.infra.source import Flag
from omni.model.error import DataError
from omni.runtime import build
from omni.runtime.folder import RunFolder
from omni.runtime.keep import Moments, keep, start_record
from omni.runtime.killswitch import KillFile, ResumeNote
from omni.runtime.roster import entries
from omni.runtime.summary import RunSummary


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a recovery found.

    Parameters
    ----------
    record
        How the run stands.
    dropped
        What was left out at the end of its journal, if anything.
    """

    record: RunSummary
    dropped: str | None


def recover(folder: RunFolder) -> Recovery | None:
    """Write what a killed run leaves, from its journal; `None` where it had ended in good order.

    Raises
    ------
    OmniError
        Where a node still runs on it, or its configuration or journal can't be read or written.
    """
    check_journal(folder)
    config = own(folder).config
    seats = enumerate(entries(config), 1)
    found = recover_run(
        str(folder.journal),
        build.shape(config, folder),
        [(session, session, entry.name) for session, entry in seats],
        build.EQUITY_NS,
        str(folder.call),
    )
    folder.socket.unlink(missing_ok=True)
    folder.call.unlink(missing_ok=True)
    if found.closed and found.dropped is None and folder.is_complete:
        return None
    note_start(folder, config, found.started_ns)
    said = f"; {found.dropped}" if found.dropped else ""
    fault = f"its process ended before it did; recovered up to input {found.result.seq:,}{said}"
    moments = Moments(found.started_ns, found.start_ns)
    kept = keep(folder, config, found.result, found.instruments, moments, fault=fault)
    if kept.record.killed is not None and ResumeNote(folder.path).reason() is None:
        KillFile(folder.path.parent).write(folder.id, kept.record.killed)
    ResumeNote(folder.path).remove()
    if kept.problems:
        raise DataError("; ".join(kept.problems))
    return Recovery(kept.record, found.dropped)


def check_journal(folder: RunFolder) -> None:
    """Refuse a run of which there is no journal."""
    if not any(folder.journal.glob("*")):
        raise DataError(f"run {folder.id} has no journal in {folder.journal}: nothing happened before it ended")


def own(folder: RunFolder, flags: Mapping[str, Flag] | None = None) -> Loaded:
    """Read the run's configuration, with flags over it; its home is where its folder is now, whatever it was then."""
    loaded = load(folder.config, {}, flags or {})
    home = str(folder.path.absolute().parent)
    return replace(loaded, config=replace(loaded.config, run=replace(loaded.config.run, home=home)))


def note_start(folder: RunFolder, config: Config, started_ns: int) -> None:
    """Note the run in the store if it was killed before it was noted."""
    from omni.infra.store import open_store  # noqa: PLC0415  (SQLAlchemy is loaded on first use)

    with open_store(Path(config.run.home), config.store.url) as store:
        known = store.has(folder.id)
    if not known:
        start_record(folder, config, started_ns)
