"""Small charts as SVG text, readable on light and dark pages."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 560, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 48

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #444 }
  .title { font-size: 14px; font-weight: 600 }
  .grid { stroke: #8884; stroke-width: 1 }
  .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
  .generated { stroke: #0f766e } .recorded { stroke: #c2410c }
  .faint { stroke-width: 0.7; opacity: 0.45 }
  .band { fill: #0f766e; opacity: 0.18 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ccc } .generated { stroke: #2dd4bf } .recorded { stroke: #fb923c } .band { fill: #2dd4bf }
  }
"""


@dataclass(frozen=True)
class Axis:
    """A labelled range, linear or logarithmic."""

    label: str
    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, 0 to 1 within the range."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Return whether a value can be drawn."""
        return self.low <= value <= self.high

    def ticks(self) -> list[float]:
        """Return round values within the range."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if self.high / self.low < 500 else (1,)
            return [step * 10.0**power for power in powers for step in steps if self.holds(step * 10.0**power)]
        rough = (self.high - self.low) / 6
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough)
        first = math.ceil(self.low / step - 1e-9)
        return [k * step for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


@dataclass(frozen=True)
class Line:
    """A curve; `kind` is its colour's class, and its entry in the key where it is named."""

    kind: str
    xs: Sequence[float]
    ys: Sequence[float]
    named: bool = True


@dataclass(frozen=True)
class Band:
    """The room between two curves."""

    xs: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Chart:
    """A titled chart of curves and bands."""

    name: str
    title: str
    x: Axis
    y: Axis
    marks: Sequence[Line | Band]

    def svg(self) -> str:
        """Return the whole chart as SVG."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        parts = [head, f"<title>{self.title}</title>", f"<style>{STYLE}</style>"]
        parts += [f'<text class="title" x="{LEFT}" y="20">{self.title}</text>', *self._axes()]
        parts += [self._draw(mark) for mark in self.marks]
        return "\n".join([*parts, *self._key(), "</svg>", ""])

    def _at(self, x: float, y: float) -> str:
        across = LEFT + self.x.place(x) * (WIDTH - LEFT - RIGHT)
        down = HEIGHT - BOTTOM - self.y.place(y) * (HEIGHT - TOP - BOTTOM)
        return f"{across:.1f},{down:.1f}"

    def _axes(self) -> Iterator[str]:
        for tick in self.x.ticks():
            across = self._at(tick, self.y.low).split(",")[0]
            yield f'<path class="grid" d="M{across} {TOP}V{HEIGHT - BOTTOM}"/>'
            yield f'<text x="{across}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{tick:g}</text>'
        for tick in self.y.ticks():
            down = self._at(self.x.low, tick).split(",")[1]
            yield f'<path class="grid" d="M{LEFT} {down}H{WIDTH - RIGHT}"/>'
            yield f'<text x="{LEFT - 6}" y="{down}" dy="4" text-anchor="end">{round(tick, 6):g}</text>'
        middle = (TOP + HEIGHT - BOTTOM) / 2
        yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{self.x.label}</text>'
        yield f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{self.y.label}</text>'

    def _draw(self, mark: Line | Band) -> str:
        if isinstance(mark, Band):
            floor = [(x, max(y, self.y.low)) for x, y in zip(mark.xs, mark.low, strict=True)]
            roof = [(x, min(max(y, self.y.low), self.y.high)) for x, y in zip(mark.xs, mark.high, strict=True)]
            return f'<path class="band" d="M{self._path([*roof, *reversed(floor)])}Z"/>'
        inside = [(x, y) for x, y in zip(mark.xs, mark.ys, strict=True) if self.x.holds(x) and self.y.holds(y)]
        faint = "" if mark.named else " faint"
        return f'<path class="line {mark.kind}{faint}" d="M{self._path(inside)}"/>'

    def _path(self, points: Sequence[tuple[float, float]]) -> str:
        return "L".join(self._at(x, y) for x, y in points)

    def _key(self) -> Iterator[str]:
        names = {"generated": "generated", "recorded": "SPY, October 2013"}
        across = WIDTH - RIGHT - 250
        for mark in self.marks:
            if isinstance(mark, Line) and mark.named:
                yield f'<path class="line {mark.kind}" d="M{across} 16h20"/>'
                yield f'<text x="{across + 26}" y="20">{names[mark.kind]}</text>'
                across += 110
