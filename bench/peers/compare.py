"""What was measured side by side, and its table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from omni.benching.figure import Better, better
from omni.benching.peer import MEASURED, PEERS
from omni.benching.table import aligned, shown

HEAD = ("figure", "ours", "theirs", "ours is", "peer")


@dataclass(frozen=True)
class Row:
    """A peer at one of our figures, or why it has none."""

    figure: str
    peer: str
    ours: float | None = None
    theirs: float | None = None
    dated: bool = False
    failure: str = ""

    @property
    def times(self) -> float | None:
        """How many times as good ours is."""
        if self.ours is None or self.theirs is None:
            return None
        return self.ours / self.theirs if better(self.figure) is Better.MORE else self.theirs / self.ours

    def cells(self) -> tuple[str, ...]:
        """Return the row as text."""
        if self.failure:
            return (self.figure, "", "", "", f"{self.peer}: FAILED: {self.failure}")
        numbers = [shown(value) if value is not None else "" for value in (self.ours, self.theirs)]
        times = f"x{self.times:.2f}" if self.times is not None else ""
        return (self.figure, *numbers, times, f"{self.peer}{' (dated)' if self.dated else ''}")

    def json(self) -> dict[str, object]:
        """Return the row for machines."""
        names = ("figure", "peer", "ours", "theirs", "times", "dated", "failure")
        return {name: getattr(self, name) for name in names}


def best(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    """Return the better of two runs at each figure."""
    pick = {Better.MORE: max, Better.LESS: min}
    return {name: pick[better(name)](value, second.get(name, value)) for name, value in first.items()}


def measured(peer: str, theirs: Mapping[str, float], ours: Mapping[str, float]) -> Iterator[Row]:
    """Return a peer's rows of this call."""
    for figure, value in theirs.items():
        yield Row(figure, peer, ours.get(figure), value)


def dated(names: Sequence[str], ours: Mapping[str, float]) -> Iterator[Row]:
    """Return the rows of peers that can't be installed, at the figures that were measured here."""
    for figure, peer in PEERS:
        if figure in ours and peer.name.startswith(tuple(names)):
            yield Row(figure, peer.name, ours[figure], peer.value, dated=True)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Return the table's lines."""
    yield from aligned([HEAD, *(row.cells() for row in rows)], {0, 4})
    yield ""
    yield "x2.00: ours is twice as good. Ours is the better of a run before the peers and one after them."
    if any(row.dated for row in rows):
        yield f"(dated): not measured now but in {MEASURED}; a hint, no claim."
