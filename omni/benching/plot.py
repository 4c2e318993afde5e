"""The page's drawings: percentiles of single operations, and ratios to an earlier result."""

import math
from collections.abc import Iterator, Mapping, Sequence

from omni.benching.compare import Change, Verdict
from omni.benching.spread import PERCENTILES, Spread
from omni.reporting import tick
from omni.reporting.markup import Html, join, tag
from omni.reporting.number import latency, whole

#: Units of a plot's width, and pixels of its height, with room above and for the axis below.
WIDTH, HEIGHT, TOP, AXIS = 1_000, 320, 8, 22
SVG = "http://www.w3.org/2000/svg"
#: Where the axis of shares is marked, and how.
_MARKS = {0.5: "50%", 0.9: "90%", 0.99: "99%", 0.999: "99.9%", 0.9999: "99.99%", 0.99999: "99.999%"}
#: The bars of ratios reach from a third to three times, unless a ratio goes farther.
_REACH = 3.0


class Axes:
    """Shares of operations from left to right, each step to the right a tenth of what is slower; times upwards.

    Parameters
    ----------
    spreads
        What is drawn: at least one.
    """

    def __init__(self, spreads: Sequence[Spread]) -> None:
        self.decades = math.log10(max(10, *(spread.count for spread in spreads)))
        taken = [max(value, 1) for spread in spreads for _, value in spread.curve]
        self.times = tick.decades(min(taken), max(taken))

    def x(self, share: float, count: int) -> float:
        """Return the place of a share from 0 to 1; the slowest of `count` operations lies at its own place."""
        slower = max(1 - share, 1 / count)
        return -math.log10(slower) / self.decades

    def y(self, time_ns: float) -> float:
        """Return the pixels from the top."""
        low, high = math.log10(self.times[0]), math.log10(self.times[-1])
        place = (math.log10(max(time_ns, 1)) - low) / (high - low)
        return TOP + (1 - place) * (HEIGHT - TOP)


def percentiles(spreads: Sequence[Spread], styles: Sequence[str], earlier: Mapping[str, float]) -> Html:
    """Draw the curves of spreads, in the CSS classes given, and rings where the earlier result's percentiles are."""
    axes = Axes(spreads)
    curves = [_curve(axes, spread, style) for spread, style in zip(spreads, styles, strict=True)]
    rings = [
        ring for spread, style in zip(spreads, styles, strict=True) for ring in _rings(axes, spread, style, earlier)
    ]
    about = "Time of an operation by the share of operations that are faster, both on scales of powers of ten."
    notes = [(spread.name, f"{whole(spread.count)} operations") for spread in spreads]
    svg = chart(("Percentiles", about), [*_values(axes), *_shares(axes)], curves, rings)
    return join(legend(notes, styles), svg)


def chart(named: tuple[str, str], axes: Sequence[Html], curves: Sequence[Html], marks: Sequence[Html]) -> Html:
    """Return a plot of a title and a sentence: axes, curves that are stretched to its width, and marks that aren't."""
    inner = tag(
        "svg", *curves, x="0", y="0", width="100%", height=HEIGHT, viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
    )  # fmt: skip
    title, about = named
    parts = (tag("title", title), tag("desc", about), *axes, inner, *marks)
    svg = tag("svg", *parts, class_="chart", role="img", width="100%", height=HEIGHT + AXIS, xmlns=SVG)
    return tag("div", svg, class_="plot")


def legend(notes: Sequence[tuple[str, str]], styles: Sequence[str]) -> Html:
    """Return the key to curves: a name and what is said of it, in the curve's colour."""
    items = (
        tag("li", tag("span", "", class_=f"key {style}"), tag("b", name), f" {note}")
        for (name, note), style in zip(notes, styles, strict=True)
    )
    return tag("ul", *items, class_="legend")


def _curve(axes: Axes, spread: Spread, style: str) -> Html:
    points = [(axes.x(share, spread.count) * WIDTH, axes.y(value)) for share, value in spread.curve]
    return tag("path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), class_=f"line {style}")


def _rings(axes: Axes, spread: Spread, style: str, earlier: Mapping[str, float]) -> Iterator[Html]:
    for part, share in PERCENTILES.items():
        value = earlier.get(f"{spread.name}.{part}_ns")
        if value is not None:
            title = tag("title", f"{spread.name} {part}, earlier: {latency(round(value))}")
            x, y = percent(axes.x(share, spread.count)), f"{axes.y(value):.1f}"
            yield tag("circle", title, cx=x, cy=y, r="3.5", class_=f"ring {style}")


def _values(axes: Axes) -> Iterator[Html]:
    for time in axes.times:
        y = f"{axes.y(time):.1f}"
        yield tag("line", x1="0", x2="100%", y1=y, y2=y, class_="grid")
        yield tag("text", latency(int(time)), x="100%", dx="8", y=y, dy="0.32em", class_="value")


def _shares(axes: Axes) -> Iterator[Html]:
    yield tag("line", x1="0", x2="100%", y1=HEIGHT, y2=HEIGHT, class_="axis")
    for share, label in _MARKS.items():
        place = -math.log10(1 - share) / axes.decades
        if place <= 1:
            x = percent(place)
            yield tag("line", x1=x, x2=x, y1=TOP, y2=HEIGHT, class_="gap")
            anchor = "end" if place > 0.97 else "middle"
            yield tag("text", label, x=x, y=HEIGHT + 17, text_anchor=anchor, class_="time")


def reach(changes: Sequence[Change]) -> float:
    """Return how far the scale of ratios goes, to the better as to the worse: as far as any that is judged."""
    judged = [change for change in changes if change.verdict is not Verdict.NOT_JUDGED]
    farthest = max((abs(math.log(change.times)) for change in judged), default=0.0)
    return max(_REACH, math.exp(farthest))


def ratio(change: Change, far: float) -> Html:
    """Draw a ratio as a bar from what it was, to the right where it is better, over the band that says nothing.

    The band reaches as far as the floors did.
    """

    def at(value: float) -> str:
        return percent(min(max(0.5 + math.log(value) / (2 * math.log(far)), 0.0), 1.0))

    style = {Verdict.BETTER: "up", Verdict.WORSE: "down"}.get(change.verdict, "still")
    parts = (
        tag("line", x1=at(change.low), x2=at(change.high), y1="9", y2="9", class_="band"),
        tag("line", x1=at(1), x2=at(1), y1="0", y2="18", class_="axis"),
        tag("line", x1=at(1), x2=at(change.times), y1="9", y2="9", class_=f"ratio {style}"),
    )
    return tag("svg", *parts, class_="span", height="18", aria_hidden="true", xmlns=SVG)


def percent(place: float) -> str:
    """Return a place from 0 to 1 as SVG has it."""
    return f"{100 * place:.2f}%"
