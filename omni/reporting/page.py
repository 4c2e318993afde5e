"""The whole report: one file that needs nothing else, in light and dark, on screen and paper."""

from importlib.resources import files
from pathlib import Path

from omni.reporting import headline, market, operation, performance, provenance
from omni.reporting.figures import Figures
from omni.reporting.markup import Html, tag
from omni.reporting.run_data import RunData

_MARKS = {1: (3.2, 5.5), 2: (4.4, 7.5), 3: (5.8, 10.0)}


def render(data: RunData) -> str:
    """Return the report as one HTML document.

    Raises
    ------
    DataError
        When the run's columns or amounts don't hold together.
    """
    figures = Figures.of(data)
    main = tag(
        "main",
        headline.title(data),
        headline.tiles(figures),
        performance.equity(figures),
        performance.strategies(figures),
        market.market(figures),
        operation.operation(figures),
        provenance.provenance(data),
        data_knots=repr([list(knot) for knot in figures.timeline.knots()]),
    )
    body = tag("body", headline.bar(data), _marks(), main, tag("script", _resource("script.js")))
    return f"<!DOCTYPE html>\n{tag('html', _head(data), body, lang='en')}\n"


def write(path: Path, data: RunData) -> None:
    """Write the report into a file, whole or not at all.

    Raises
    ------
    DataError
        As `render`.
    OSError
        When the file can't be written.
    """
    page = render(data)
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(page, encoding="utf-8")
    beside.replace(path)


def _head(data: RunData) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{data.mode.upper()} {data.run} · OMNI Alpha"),
        tag("style", _resource("style.css"), _on_every_sheet(data)),
    )


def _on_every_sheet(data: RunData) -> Html:
    """Return the rule that prints mode, run and hash on each sheet of paper."""
    words = f"{data.mode.upper()} · {data.run} · digest {data.digest[:12]}"
    return Html(f'@page{{@top-left{{content:"{_css(words)}"}}}}')


def _css(words: str) -> str:
    """Return text for a CSS string: letters and digits as they are, all else as code points."""
    cleaned = words.encode("utf-8", "replace").decode()
    return "".join(each if each.isascii() and each.isalnum() else f"\\{ord(each):06x}" for each in cleaned)


def _marks() -> Html:
    """Define the marks of fills, whose tip is at the price: buys point up to it, sells down, in three sizes."""
    shapes = (
        tag("path", id=f"{side}{size}{kind}", d=f"M0 0l{half} {sign * tall}h{-2 * half}z", class_=style)
        for side, sign in (("buy", 1), ("sell", -1))
        for size, (half, tall) in _MARKS.items()
        for kind, style in (("", "solid"), ("m", "hollow"))
    )
    inner = tag("defs", *shapes)
    return tag(
        "svg", inner, class_="marks", width="0", height="0", aria_hidden="true", xmlns="http://www.w3.org/2000/svg"
    )


def _resource(name: str) -> Html:
    return Html(files("omni.reporting").joinpath(name).read_text(encoding="utf-8"))
