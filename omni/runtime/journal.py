"""Looks into the journal of a run: its segments, its inputs, and whether everything in it is as it was written."""

from dataclasses import dataclass
from typing import Any

from omni.engine import inspect_journal, journal_inputs, prove_journal_snapshots
from omni.infra.config import load
from omni.model.error import ConfigError, OmniError
from omni.runtime import build
from omni.runtime.folder import RunFolder
from omni.runtime.recover import check_journal

#: One input: its number, time, cause, and what it says.
Input = tuple[int, int, int, str]


@dataclass(frozen=True, slots=True)
class Check:
    """What a check of a journal found.

    Parameters
    ----------
    journal
        Segments, snapshots and findings, as `inspect` returns them.
    snapshots
        What is wrong with each snapshot, by its number; `None` where it is the state that the journal leads to.
    unproven
        Why the snapshots were not compared with the journal, if they weren't.
    """

    journal: dict[str, Any]
    snapshots: dict[int, str | None]
    unproven: str | None

    @property
    def good(self) -> bool:
        """Whether nothing is damaged; a torn end is what a killed process may leave."""
        damaged = any(finding["damage"] for finding in self.journal["findings"])
        return not damaged and not any(self.snapshots.values())


def inspect(folder: RunFolder) -> dict[str, Any]:
    """Look at every record of a run's journal.

    Raises
    ------
    DataError
        Where there is none, or it can't be read. What is wrong with it is found, not raised.
    """
    check_journal(folder)
    found: dict[str, Any] = inspect_journal(str(folder.journal))
    return found


def inputs(folder: RunFolder, first: int, last: int) -> list[Input]:
    """Return a run's inputs by their numbers, in words.

    Raises
    ------
    OmniError
        Where the range is empty, or the journal ends before it or can't be read.
    """
    check_journal(folder)
    if last < first:
        raise ConfigError(f"--from {first} --to {last}: nothing lies between")
    return journal_inputs(str(folder.journal), first, last)


def check(folder: RunFolder) -> Check:
    """Verify every check sum, the chain of the segments and inputs, and the snapshots against the journal.

    Raises
    ------
    DataError
        Where there is no journal, or it can't be read.
    """
    found = inspect(folder)
    if not found["snapshots"]:
        return Check(found, {}, None)
    try:
        config = load(folder.config, {}, {}).config
        proofs = prove_journal_snapshots(str(folder.journal), build.shape(config, folder))
    except OmniError as error:
        return Check(found, {}, str(error))
    return Check(found, dict(proofs), None)
