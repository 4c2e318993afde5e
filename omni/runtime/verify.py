"""Replays a run with its strategies and compares the hashes."""

from dataclasses import dataclass
from pathlib import Path

from omni.engine import Node, RunResult
from omni.infra.config import load
from omni.runtime import build, summary
from omni.runtime.build import VenueRules
from omni.runtime.folder import RunFolder
from omni.runtime.replay import replay_run
from omni.runtime.roster import kept, seats
from omni.runtime.seating import seat
from omni.runtime.summary import RunSummary


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a replay gave against what was recorded.

    Parameters
    ----------
    recorded
        The record of the run.
    digest, state_digest
        The hashes of the replay.
    seq
        The number of its last input.
    with_strategies
        Whether the strategies were called again. By the wall clock they answer at moments that only the journal
        knows, and a process that ended took what they knew with it: there their commands are taken from the journal.
    """

    recorded: RunSummary
    digest: str
    state_digest: str
    seq: int
    with_strategies: bool = True

    @property
    def equal(self) -> bool:
        """Whether the replay is the run, state and all."""
        return (self.digest, self.state_digest, self.seq) == (
            self.recorded.digest,
            self.recorded.state_digest,
            self.recorded.seq,
        )


def verify(folder: RunFolder) -> Verdict:
    """Replay a run: with its strategies, or as journaled where it went by the wall clock or was recovered.

    Raises
    ------
    OmniError
        Where the run's record, configuration or journal can't be read.
    """
    recorded = summary.read(folder.summary)
    if recorded.mode == "paper" or recorded.recoveries:
        state = replay_run(folder).state
        return Verdict(recorded, state["digest"], state["state_digest"], state["seq"], with_strategies=False)
    result = replay(folder)
    return Verdict(recorded, result.digest, result.state_digest, result.seq)


def replay(folder: RunFolder) -> RunResult:
    """Run a journal's inputs from outside again, with the strategies of its configuration."""
    # The run's own file holds every key, so neither the environment nor flags may change it.
    config = load(Path(folder.config), {}, {}).config
    node: Node = build.empty(config, folder.id, 0)
    venue = VenueRules.read(folder.venue)
    if venue is not None:
        venue.set(node)
    instruments = node.replay(str(folder.journal))
    seat(node, config, seats(kept(folder, config)), instruments)
    return node.run(inline=True)
