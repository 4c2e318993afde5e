"""Drawn: what a command costs among more and more orders, positions and instruments."""

import math
from collections.abc import Iterator, Mapping

from omni.benching.figure import GROWTH, floor, grown
from omni.benching.plot import HEIGHT, TOP, WIDTH, chart, legend, percent
from omni.reporting import tick
from omni.reporting.markup import Html, join, tag
from omni.reporting.number import latency, whole

_TICKS = 6
_WHAT = {
    "orders": "of the account open, one is cancelled and one placed",
    "positions": "held by the account, two orders trade",
    "instruments": "listed, an order is placed and cancelled",
}
_SIZES = tick.decades(
    min(size for sizes in GROWTH.values() for size in sizes), max(size for sizes in GROWTH.values() for size in sizes)
)

Series = dict[str, list[tuple[int, float]]]


def series(figures: Mapping[str, float]) -> Series:
    """Return the sizes that were measured and nanoseconds a command, by what grows; nothing where none was."""
    found = {
        what: [(size, figures[grown(what, size)]) for size in sizes if grown(what, size) in figures]
        for what, sizes in GROWTH.items()
    }
    return {what: points for what, points in found.items() if points}


def floors(figures: Mapping[str, float]) -> Series:
    """Return the same of the floors under the figures."""
    under = {name: figures[floor(name)] for what, sizes in GROWTH.items() for size in sizes
             if floor(name := grown(what, size)) in figures}  # fmt: skip
    return series(under)


def plot(found: Series, under: Series, earlier: Series) -> Html:
    """Draw the series, their floors in grey, and rings where the earlier result was."""
    styles = [f"s{at}" for at in range(len(found))]
    highest = max(time for part in (found, under, earlier) for points in part.values() for _, time in points)
    curves = [_curve(points, highest, "rest") for points in under.values()]
    marks = list[Html]()
    for (what, points), style in zip(found.items(), styles, strict=True):
        curves.append(_curve(points, highest, style))
        marks += _rings(what, points, highest, f"dot {style}")
        marks += _rings(f"earlier {what}", earlier.get(what, []), highest, f"ring {style}")
    about = "Nanoseconds a command by how many there are, on a scale of powers of ten."
    axes = [*_values(highest), *_sizes()]
    return join(legend([(what, _WHAT[what]) for what in found], styles), chart(("Growth", about), axes, curves, marks))


def _curve(points: list[tuple[int, float]], highest: float, style: str) -> Html:
    path = "L".join(f"{_place(size) * WIDTH:.1f} {_y(time, highest):.1f}" for size, time in points)
    return tag("path", d=f"M{path}", class_=f"line {style}")


def _rings(what: str, points: list[tuple[int, float]], highest: float, style: str) -> Iterator[Html]:
    for size, time in points:
        title = tag("title", f"{whole(size)} {what}: {time:.0f} ns")
        place = {"cx": percent(_place(size)), "cy": f"{_y(time, highest):.1f}"}
        yield tag("circle", title, **place, r="3.5", class_=style)


def _place(size: float) -> float:
    low, high = math.log10(_SIZES[0]), math.log10(_SIZES[-1])
    return (math.log10(size) - low) / (high - low)


def _y(time_ns: float, highest: float) -> float:
    return TOP + (1 - time_ns / highest) * (HEIGHT - TOP)


def _values(highest: float) -> Iterator[Html]:
    for time in tick.values(0, highest, _TICKS):
        y = f"{_y(time, highest):.1f}"
        yield tag("line", x1="0", x2="100%", y1=y, y2=y, class_="grid")
        yield tag("text", latency(round(time)), x="100%", dx="8", y=y, dy="0.32em", class_="value")


def _sizes() -> Iterator[Html]:
    yield tag("line", x1="0", x2="100%", y1=HEIGHT, y2=HEIGHT, class_="axis")
    for size in _SIZES:
        x, place = percent(_place(size)), _place(size)
        anchor = "start" if place == 0 else "end" if place == 1 else "middle"
        yield tag("line", x1=x, x2=x, y1=TOP, y2=HEIGHT, class_="gap")
        yield tag("text", whole(round(size)), x=x, y=HEIGHT + 17, text_anchor=anchor, class_="time")
