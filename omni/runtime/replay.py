"""Replays recorded files into books, and runs from their journals."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omni.engine import BookReplay, rebuild_run
from omni.infra.config import load
from omni.model.error import DataError
from omni.runtime import build, summary
from omni.runtime.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much may rest at once in the books of a replay; what is never used costs nothing."""

    orders: int = 4_194_304
    levels: int = 1_048_576


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a replay went: messages or inputs, and the processor time and real time that they took."""

    messages: int
    cpu_ns: int
    wall_ns: int

    @property
    def per_s(self) -> float:
        """Messages per second of real time."""
        return self.messages * 1e9 / max(self.wall_ns, 1)

    @property
    def ns(self) -> float:
        """Nanoseconds of processor time per message."""
        return self.cpu_ns / max(self.messages, 1)


@dataclass(frozen=True, slots=True)
class FileReplay:
    """The books that recorded files end in.

    Parameters
    ----------
    files
        Of each its path, format, bytes uncompressed, and records of its snapshot that were left out.
    counts
        Messages by type, trades, volume, states and more.
    books
        Of each instrument its symbol, open orders, levels, best bid and ask.
    digest
        sha256 over all top-of-book states.
    fault
        What was wrong with the data, and where; everything before it is in the books.
    rate
        How fast it went.
    """

    files: tuple[dict[str, Any], ...]
    counts: dict[str, Any]
    books: list[dict[str, Any]]
    digest: str
    fault: str | None
    rate: Rate


@dataclass(frozen=True, slots=True)
class RunReplay:
    """The state that a run's journal leads to, and how fast it was rebuilt.

    Parameters
    ----------
    state
        Hashes, last input, engine time, how the journal ends, and the books.
    recorded
        The hashes that the run's record has, or `None` where it has none.
    rate
        How fast it went.
    """

    state: dict[str, Any]
    recorded: tuple[str, str] | None
    rate: Rate

    @property
    def equal(self) -> bool | None:
        """Whether the hashes are the recorded ones; `None` where there are none."""
        return None if self.recorded is None else self.recorded == (self.state["digest"], self.state["state_digest"])


def replay_files(paths: Sequence[Path], midnight_ns: int | None, capacity: Capacity) -> FileReplay:
    """Rebuild the books that recorded files tell of, merged by the time of their capture.

    Parameters
    ----------
    paths
        ITCH 5.0 and DBN market-by-order files, plain or compressed.
    midnight_ns
        When the ITCH files' day began; they only tell the time since.
    capacity
        What may rest at once.

    Raises
    ------
    DataError
        Where a file can't be read, or doesn't hold order-by-order data.
    """
    books = BookReplay([str(path) for path in paths], midnight_ns or 0, capacity.orders, capacity.levels)
    formats = [name for name, _, _ in books.files]
    if len(paths) > 1 and midnight_ns is None and any(name.startswith("ITCH") for name in formats):
        raise DataError("an ITCH file tells no date, so it can't be merged with others: give --midnight")
    digest, sunk = hashlib.sha256(), [0, 0]

    def states(data: bytes) -> None:
        cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
        digest.update(data)
        sunk[0] += time.thread_time_ns() - cpu
        sunk[1] += time.perf_counter_ns() - wall

    cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
    books.run(states)
    cpu, wall = time.thread_time_ns() - cpu - sunk[0], time.perf_counter_ns() - wall - sunk[1]
    counts = books.counts
    files = tuple(
        {"path": str(path), "format": name, "bytes": size, "skipped": skipped}
        for path, (name, size, _), skipped in zip(paths, books.files, counts.pop("skipped"), strict=True)
    )
    cuts = [cut for _, _, cut in books.files if cut is not None]
    fault = cuts[0] if cuts else books.fault
    return FileReplay(files, counts, books.books, digest.hexdigest(), fault, Rate(counts["messages"], cpu, wall))


def replay_run(folder: RunFolder) -> RunReplay:
    """Apply a run's journal without its strategies, and compare with what was recorded.

    Raises
    ------
    OmniError
        Where its configuration or journal can't be read.
    """
    config = load(folder.config, {}, {}).config
    cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
    state = rebuild_run(str(folder.journal), build.shape(config, folder))
    rate = Rate(state["seq"], time.thread_time_ns() - cpu, time.perf_counter_ns() - wall)
    recorded = None
    if folder.summary.exists():
        record = summary.read(folder.summary)
        recorded = (record.digest, record.state_digest)
    return RunReplay(state, recorded, rate)
