"""The table."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from omni.benching.figure import NAMES, TARGETS, Better, better, floor
from omni.benching.peer import MEASURED, peers
from omni.benching.spread import is_percentile

_HEAD = ("figure", "ours", "floor", "x floor", "target", "", "peers, and how many times as good ours is")
#: How the figures were measured, in lines.
NOTES = (
    "Times of work are processor time of the thread, best of several; percentiles are wall-clock time of single",
    "operations, the timer included. match: gate off, client ids hashed, every report drained and hashed, market data",
    "off. command: the same through the gate, all limits set, over 1,000 accounts, hash of the whole run. itch.book:",
    "order by order. tick_to_order: ITCH bytes to the order's journal record (mode memory) and through the gate, only",
    "ticks that made an order. backtest.*.python: the whole call of omni.backtest. memory: capacities of 50,000",
    "instruments, 1,048,576 orders and as many levels; orders20 is one order at each of 10 levels a side.",
    "x floor is how many times the least work ours takes; of a rate, the floor's over ours.",
)


def lines(figures: Mapping[str, float]) -> Iterator[str]:
    """Return the table's lines."""
    rows = [_HEAD, *(cells(name, figures) for name in NAMES if name in figures)]
    rows += [(name, shown(figures[name]), "", "", "", "", "") for name in floors(figures)]
    yield from aligned(rows, {0, 6})
    yield ""
    yield from NOTES
    yield f"Peers: {MEASURED}."


def aligned(rows: Sequence[Sequence[str]], left: Collection[int]) -> Iterator[str]:
    """Return rows as lines: the columns in `left` begin below each other, the others end so."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = enumerate(zip(row, widths, strict=True))
        yield "  ".join(cell.ljust(width) if at in left else cell.rjust(width) for at, (cell, width) in cells).rstrip()


def floors(figures: Mapping[str, float]) -> list[str]:
    """Return the floors that the table names: of percentiles the middle and the 99th."""
    mine = [name for name in figures if name.startswith("floor.")]
    return [name for name in mine if not is_percentile(name) or name.endswith((".p50_ns", ".p99_ns"))]


def shown(value: float) -> str:
    """Write a number with about three significant digits."""
    if value >= 1e6:
        return f"{value / 1e6:.2f} M"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def cells(name: str, figures: Mapping[str, float]) -> tuple[str, ...]:
    """Return a figure's row as text."""
    value, under, target = figures[name], figures.get(floor(name)), TARGETS.get(name)
    return (
        name,
        shown(value),
        shown(under) if under is not None else "",
        _over(name, value, under) if under else "",
        f"{target.better.value} {shown(target.value)}" if target else "",
        ("met" if target.met(value) else "MISSED") if target else "",
        ", ".join(f"{peer.name} {shown(peer.value)} ({_times(name, value, peer.value)})" for peer in peers(name)),
    )


def _over(name: str, ours: float, floor: float) -> str:
    """Return how many times the least work ours is: of a rate the inverse."""
    return f"{floor / ours if better(name) is Better.MORE else ours / floor:.1f}"


def _times(name: str, ours: float, theirs: float) -> str:
    ratio = ours / theirs if better(name) is Better.MORE else theirs / ours
    return f"x{ratio:.2g}" if ratio < 10 else f"x{ratio:.0f}"
