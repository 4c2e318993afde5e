"""How the times of single operations are spread, and the table of their percentiles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from omni.reporting.number import latency

#: The percentiles that are figures, as their names end: the share of operations that are at most as slow.
PERCENTILES: dict[str, float] = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "p9999": 0.9999, "max": 1.0}
#: How people write them.
HEADS = ("p50", "p90", "p99", "p99.9", "p99.99", "max")


@dataclass(frozen=True, slots=True)
class Spread:
    """What single operations took, from a histogram of three significant digits.

    Parameters
    ----------
    name
        What the names of its figures begin with.
    count
        How many operations were timed.
    curve
        Shares of the operations from 0 to 1, each with the nanoseconds that they stay within.
    """

    name: str
    count: int
    curve: Sequence[tuple[float, int]]


def percentiles(name: str, figures: Mapping[str, float]) -> list[float] | None:
    """Return an operation's percentiles in nanoseconds; nothing where one of them wasn't measured."""
    found = [figures.get(f"{name}.{part}_ns") for part in PERCENTILES]
    known = [value for value in found if value is not None]
    return known if len(known) == len(PERCENTILES) else None


def is_percentile(figure: str) -> bool:
    """Return whether a figure is a percentile of single operations."""
    return figure.rpartition(".")[2].removesuffix("_ns") in PERCENTILES


def lines(spreads: Sequence[Spread], figures: Mapping[str, float]) -> Iterator[str]:
    """Return the lines of the table of percentiles; none where no operation was timed by itself."""
    rows = [
        (spread.name, f"{spread.count:,}", *(latency(round(value)) for value in found))
        for spread in spreads
        if (found := percentiles(spread.name, figures)) is not None
    ]
    if not rows:
        return
    table = [("one operation, wall-clock time", "count", *HEADS), *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    for row in table:
        first, *rest = (
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([first, *rest]).rstrip()
    yield ""
