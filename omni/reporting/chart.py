"""A chart: curves and marks over the page's timeline, with axes; sharp at any width without a script.

What is drawn over time lies in an inner SVG of 1,000 units that is stretched to the page's width, its strokes kept
thin; words and marks lie outside it, placed by percentages, and keep their shape.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from omni.reporting import tick
from omni.reporting.column import Floats
from omni.reporting.downsample import extremes
from omni.reporting.markup import Html, tag
from omni.reporting.measure import Curve
from omni.reporting.timeline import Timeline

WIDTH = 1_000
_COLUMNS = 740
_AXIS = 22  # Pixels below the plot, for the times.
_TOP = 8


@dataclass(frozen=True, slots=True)
class Scale:
    """The values from `low` to `high` on `height` pixels, high ones at the top."""

    low: float
    high: float
    height: int

    @classmethod
    def over(cls, values: Sequence[Floats], height: int, *, zero: bool = False) -> "Scale":
        """Return a scale that holds all values, and zero where asked for, with a little room."""
        parts = [*values, np.zeros(1)] if zero else values
        ends = [(float(part.min()), float(part.max())) for part in parts if len(part)]
        low, high = min((low for low, _ in ends), default=0.0), max((high for _, high in ends), default=1.0)
        if not high > low:
            low, high = low - max(abs(low) * 1e-3, 0.5), high + max(abs(high) * 1e-3, 0.5)
        room = (high - low) * 0.04
        return cls(low - room * (not zero or low < 0), high + room * (not zero or high > 0), height)

    def y(self, values: Floats) -> Floats:
        """Return the values' pixels from the top."""
        return _TOP + (self.high - values) / (self.high - self.low) * (self.height - _TOP)


@dataclass(frozen=True, slots=True)
class Line:
    """A curve to draw: its name, the CSS class that colours it, and whether the area to zero is filled."""

    name: str
    curve: Curve
    style: str
    area: bool = False


@dataclass(slots=True)
class Chart:
    """A chart in the making: a name, what it shows in a sentence, and its parts."""

    title: str
    about: str
    timeline: Timeline
    scale: Scale
    stretched: list[Html] = field(default_factory=list)
    placed: list[Html] = field(default_factory=list)
    decimals: int = 2

    def line(self, line: Line) -> None:
        """Draw a curve, with as many points as can be seen."""
        places = self.timeline.at(line.curve.time)
        kept = extremes(places, line.curve.value, _COLUMNS)
        points = path(places[kept] * WIDTH, self.scale.y(line.curve.value[kept]))
        if line.area and points:
            zero = float(self.scale.y(np.zeros(1))[0])
            first, last = places[kept[0]] * WIDTH, places[kept[-1]] * WIDTH
            self.stretched.append(
                tag(
                    "path",
                    d=f"M{first:.1f} {zero:.1f}L{points[1:]}L{last:.1f} {zero:.1f}Z",
                    class_=f"area {line.style}",
                )
            )
        self.stretched.append(tag("path", d=points, class_=f"line {line.style}", data_name=line.name))

    def html(self) -> Html:
        """Return the chart as a figure's inside."""
        height = self.scale.height
        inner = tag(
            "svg",
            *self.stretched,
            x="0",
            y="0",
            width="100%",
            height=height,
            viewBox=f"0 0 {WIDTH} {height}",
            preserveAspectRatio="none",
        )
        parts = (
            tag("title", self.title),
            tag("desc", self.about),
            *self._values(),
            *self._times(),
            inner,
            *self.placed,
        )
        ends = {"data_low": f"{self.scale.low:.10g}", "data_high": f"{self.scale.high:.10g}"}
        svg = tag(
            "svg", *parts, class_="chart", role="img", width="100%", height=height + _AXIS, data_height=height,
            data_top=_TOP, data_decimals=self.decimals, xmlns="http://www.w3.org/2000/svg", **ends,
        )  # fmt: skip
        return tag("div", svg, class_="plot")

    def _values(self) -> Iterable[Html]:
        low, high, count = self.scale.low, self.scale.high, max(3, self.scale.height // 34)
        ticks = tick.values(low, high, count)
        labels = tick.labels(ticks, tick.step(low, high, count))
        for value, label, y in zip(ticks, labels, self.scale.y(np.array(ticks)).tolist(), strict=True):
            style = "grid zero" if value == 0 else "grid"
            yield tag("line", x1="0", x2="100%", y1=f"{y:.1f}", y2=f"{y:.1f}", class_=style)
            yield tag("text", label, x="100%", dx="8", y=f"{y:.1f}", dy="0.32em", class_="value")

    def _times(self) -> Iterable[Html]:
        base = self.scale.height
        yield tag("line", x1="0", x2="100%", y1=base, y2=base, class_="axis")
        gaps = self.timeline.gaps if len(self.timeline.gaps) <= 40 else []
        for _, end in gaps:
            x = _percent(self.timeline.place(end))
            yield tag("line", x1=x, x2=x, y1=_TOP, y2=base, class_="gap")
        for index, (place, label) in enumerate(self.timeline.ticks()):
            anchor = "start" if place < 0.03 else "end" if place > 0.97 else "middle"
            style = "time minor" if index % 2 else "time"
            yield tag("line", x1=_percent(place), x2=_percent(place), y1=base, y2=base + 4, class_="axis")
            yield tag("text", label, x=_percent(place), y=base + 17, text_anchor=anchor, class_=style)


def _percent(place: float) -> str:
    return f"{100 * place:.2f}%"


def path(xs: Floats, ys: Floats) -> str:
    """Return the path through points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True)) if len(xs) else ""


def use(mark: str, place: float, y: float, title: str) -> Html:
    """Return a mark that the page defines, at a place of the timeline, with words on hover."""
    return tag("use", tag("title", title), href=f"#{mark}", x=_percent(place), y=f"{y:.1f}")


def figure(caption: Html, chart: Chart, legend: Html | None = None) -> Html:
    """Return the chart with its caption."""
    return tag("figure", tag("figcaption", caption), legend, chart.html())
