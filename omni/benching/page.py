"""The results as one HTML file that needs nothing else, in light and dark, on screen and paper."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from omni.benching import growth, plot, table
from omni.benching.compare import Change, Verdict, said
from omni.benching.figure import NAMES
from omni.benching.machine import Machine
from omni.benching.peer import MEASURED
from omni.benching.spread import HEADS, Spread, percentiles
from omni.benching.suite import Measured
from omni.reporting.markup import Html, join, tag
from omni.reporting.number import latency, stamp, time_element, whole
from omni.reporting.table import Column, number_column, row, text_column
from omni.reporting.table import table as table_of

_FIGURES = (
    text_column("Figure"),
    number_column("Ours"),
    number_column("Floor", "The least that the work could take here, measured in the same call"),
    number_column("x floor", "How many times the floor ours takes; of a rate, the floor's over ours"),
    number_column("Target", "What this version is to reach"),
    text_column(""),
    text_column("Peers, dated, and how many times as good ours is"),
)
_PERCENTILES = (
    text_column("One operation"),
    number_column("Count"),
    *(number_column(head) for head in HEADS),
)
_CHANGES = (
    text_column("Figure"),
    number_column("Earlier"),
    number_column("Now"),
    number_column("Now is", "How many times as good as the earlier result"),
    number_column("Noise", "Between these it says nothing: the floor under it went as far"),
    text_column(""),
    text_column(""),
)
_STATES = {Verdict.BETTER: "finished", Verdict.WORSE: "faulted"}
#: The timer's own curve is grey; eight others have colours.
_TIMER, _STYLES = "floor.timer", 8
_STYLE = """
.ring { fill: var(--panel); stroke-width: 1.6; } .dot { fill: var(--panel); stroke-width: 3; }
.band { stroke: var(--sunken); stroke-width: 18; }
.ratio { stroke-width: 7; } .ratio.up { stroke: var(--up); } .ratio.down { stroke: var(--down); }
.ratio.still { stroke: var(--rest); }
#figures td:last-child { white-space: normal; font-size: 12px; color: var(--muted); }
#figures .id, #compared .id { font-size: 12.5px; }
#compared td:last-child { width: 26%; }
"""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier result: its name, its figures, and what differs from them."""

    name: str
    figures: Mapping[str, float]
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Result:
    """What the page shows.

    Parameters
    ----------
    measured
        Figures, spreads, and why parts have none.
    machine
        Where they were measured.
    ended_ns
        When, in nanoseconds since 1970 in UTC.
    earlier
        What they are compared with.
    """

    measured: Measured
    machine: Machine
    ended_ns: int
    earlier: Earlier | None = None


def write(file: Path, result: Result) -> None:
    """Write the page into a file, whole or not at all.

    Raises
    ------
    OSError
        When the file can't be written.
    """
    beside = file.with_name(f".{file.name}.part")
    beside.write_text(render(result), encoding="utf-8")
    beside.replace(file)


def render(result: Result) -> str:
    """Return the page as one HTML document."""
    bar = tag("header", tag("span", f"omni bench, {stamp(result.ended_ns)} UTC", class_="run"), class_="top")
    main = tag(
        "main", _title(result), _compared(result), _spread(result), _growth(result), _figures(result.measured.figures)
    )
    return f"<!DOCTYPE html>\n{tag('html', _head(), tag('body', bar, main), lang='en')}\n"


def _head() -> Html:
    style = files("omni.reporting").joinpath("style.css").read_text(encoding="utf-8")
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", "omni bench · OMNI Alpha"),
        tag("style", Html(style + _STYLE)),
    )


def _title(result: Result) -> Html:
    facts = [tag("div", " ".join(line.split())) for line in result.machine.lines()]
    when = tag("div", time_element(result.ended_ns))
    return tag(
        "section", tag("h1", "omni bench"), tag("div", when, *facts, class_="facts"), _notice(result), class_="title"
    )


def _notice(result: Result) -> Html | None:
    """Say what keeps the figures from being what they seem."""
    busy = "Others worked on the machine: figures are high, percentiles above all." if result.machine.busy else None
    failed = [f"{part} has no figures: {reason}" for part, reason in result.measured.failures.items()]
    if busy is None and not failed:
        return None
    lines = (tag("div", line) for line in [*([busy] if busy is not None else []), *failed])
    return tag("div", *lines, class_=f"ending {'failed' if failed else 'stopped'}", role="status")


def _figures(figures: Mapping[str, float]) -> Html:
    cells = [table.cells(name, figures) for name in NAMES if name in figures]
    cells += [(name, table.shown(figures[name]), *[""] * 5) for name in table.floors(figures)]
    notes = (*table.NOTES, f"Peers: {MEASURED}.")
    return tag(
        "section",
        tag("h2", "Figures, the floors under them, and dated peers"),
        table_of("Figures", _FIGURES, [row(_FIGURES, [_name(first), *rest]) for first, *rest in cells]),
        tag("p", " ".join(notes), class_="note"),
        id="figures",
    )


def _name(figure: str) -> Html:
    return tag("span", figure, class_="id")


def _spread(result: Result) -> Html | None:
    spreads = result.measured.spreads
    if not spreads:
        return None
    earlier = result.earlier.figures if result.earlier is not None else {}
    note = (
        "A curve says what share of single operations took at most so long; from mark to mark, what is slower shrinks "
        "to a tenth. Times are wall-clock times and include the timer, whose own curve is grey. "
    )
    rings = "Rings are the earlier result. " if earlier else ""
    return tag(
        "section",
        tag("h2", "Percentiles of single operations"),
        plot.percentiles(spreads, _styles(spreads), earlier),
        table_of("Percentiles", _PERCENTILES, _percentiles(result.measured)),
        tag("p", note + rings, class_="note"),
        id="percentiles",
    )


def _styles(spreads: Sequence[Spread]) -> list[str]:
    coloured = [spread.name for spread in spreads if spread.name != _TIMER]
    return ["rest" if spread.name == _TIMER else f"s{coloured.index(spread.name) % _STYLES}" for spread in spreads]


def _percentiles(measured: Measured) -> Iterator[Html]:
    for spread in measured.spreads:
        found = percentiles(spread.name, measured.figures)
        if found is not None:
            times = (tag("data", latency(round(value)), value=round(value)) for value in found)
            yield row(_PERCENTILES, [_name(spread.name), whole(spread.count), *times])


def _growth(result: Result) -> Html | None:
    found = growth.series(result.measured.figures)
    if not found:
        return None
    earlier = growth.series(result.earlier.figures) if result.earlier is not None else {}
    note = (
        "A command through the whole engine, each on one drawn at random. Grey lines are the floors, a bare matcher on "
        "the same commands. What bends them is the processor's caches: the more there are, the fewer of them fit."
    )
    return tag(
        "section",
        tag("h2", "Cost among ever more"),
        growth.plot(found, growth.floors(result.measured.figures), earlier),
        tag("p", note, class_="note"),
        id="growth",
    )


def _compared(result: Result) -> Html | None:
    earlier = result.earlier
    if earlier is None:
        return None
    far = plot.reach(earlier.changes)
    scale = f"x{1 / far:.2g} to x{far:.2g}, log scale"
    columns: tuple[Column, ...] = (*_CHANGES[:-1], text_column(scale))
    rows = [row(columns, [*_change(change), plot.ratio(change, far)]) for change in earlier.changes]
    note = (
        "The bar is how many times as good the figure is now, to the right where it is better. The band says nothing: "
        "the floor under the figure went as far between the two results. What went farther was measured a second time, "
        "and is named where it did so again."
    )
    return tag(
        "section",
        tag("h2", "Beside ", tag("span", earlier.name, class_="id")),
        join(*(tag("p", line) for line in said(earlier.changes))),
        table_of("Changes", columns, rows) if rows else tag("p", "It has none of these figures.", class_="none"),
        tag("p", note, class_="note"),
        id="compared",
    )


def _change(change: Change) -> list[Html | str]:
    verdict = tag("span", change.verdict.value, class_=f"state {_STATES.get(change.verdict, '')}".strip())
    return [
        _name(change.name),
        table.shown(change.before),
        table.shown(change.now),
        f"x{change.times:.2f}",
        change.noise,
        verdict if change.verdict.value else "",
    ]
