"""The page is one well-formed file that needs nothing else and says what the figures say."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from omni.benching.compare import changes
from omni.benching.figure import GROWTH, NAMES, SINGLE, floor, grown
from omni.benching.machine import Machine
from omni.benching.page import Earlier, Result, render, write
from omni.benching.spread import PERCENTILES, Spread
from omni.benching.suite import Measured

STILL = Machine("Some CPU", 8, "performance", 0.1, 32.0, "Linux 6", "omni 0")
BUSY = Machine("Some CPU", 2, "not told", 2.5, 32.0, "Linux 6", "omni 0")
CURVE = [(1 - 0.5**step, 40 + step**3) for step in range(20)] + [(1.0, 9_000)]
SPREADS = [Spread(name, 1_000_000, CURVE) for name in (*SINGLE, "floor.timer", "floor.udp_loopback")]
PARTS = {f"{spread.name}.{part}_ns": 40.0 + at for spread in SPREADS for at, part in enumerate(PERCENTILES)}
FIGURES = dict.fromkeys(NAMES, 5.0) | PARTS | {"floor.risk.gate.mean_ns": 2.0}
EARLIER = FIGURES | {"risk.gate.mean_ns": 10.0, "command.w1.mean_ns": 1.0}


def result(machine=STILL, earlier=None, figures=FIGURES, spreads=SPREADS, failures=None):
    return Result(Measured(figures, list(spreads), failures or {}), machine, 10**18, earlier)


def compared(figures=EARLIER, name="earlier.json"):
    return result(earlier=Earlier(name, figures, changes(FIGURES, figures)))


def tree(html):
    """Return the page as a tree: it is XML too, but for its own style."""
    return ET.fromstring(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL).removeprefix("<!DOCTYPE html>\n"))


def find(page, name, **attributes):
    found = (each for each in page.iter() if each.tag.rpartition("}")[2] == name)
    return [each for each in found if all(each.get(key) == value for key, value in attributes.items())]


def words(element):
    return " ".join("".join(element.itertext()).split())


def rows(page, section):
    body = find(find(page, "section", id=section)[0], "tbody")[0]
    return {words(row[0]): [words(cell) for cell in row[1:]] for row in body}


class Urls(HTMLParser):
    """Gathers what a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.urls = []

    def handle_starttag(self, _, attrs):
        self.urls += [value for name, value in attrs if name in {"href", "src", "srcset", "action", "data"}]


@pytest.mark.parametrize(
    "shown",
    [
        result(),
        result(machine=BUSY, failures={"tick_to_order": "no <room> & so on"}),
        compared(),
        compared({"unknown": 1.0}),
        result(figures={}, spreads=[]),
        result(spreads=[Spread("tick_to_order", 1, [(0.0, 0), (1.0, 0)])]),
    ],
)
def test_every_result_makes_a_whole_page_that_asks_for_nothing(shown, tmp_path):
    write(tmp_path / "bench.html", shown)
    html = (tmp_path / "bench.html").read_text(encoding="utf-8")
    urls = Urls()
    urls.feed(html)
    assert urls.urls == []
    assert "url(" not in html
    assert "@import" not in html
    ids = [each.get("id") for each in tree(html).iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert [file.name for file in tmp_path.iterdir()] == ["bench.html"]


def test_the_figures_stand_beside_their_floors():
    found = rows(tree(render(result())), "figures")
    assert set(NAMES) < set(found)
    assert found["risk.gate.mean_ns"][:5] == ["5.00", "2.00", "2.5", "<= 60.0", "met"]
    assert "floor.timer.p50_ns" in found
    assert "floor.timer.p9999_ns" not in found


def test_each_spread_is_a_curve_and_a_row_of_percentiles():
    page = tree(render(result()))
    section = find(page, "section", id="percentiles")[0]
    curves = [path.get("class") for path in find(section, "path")]
    assert curves == ["line s0", "line s1", "line s2", "line s3", "line rest", "line s4"]
    found = rows(page, "percentiles")
    assert list(found) == [spread.name for spread in SPREADS]
    assert found["tick_to_order"] == ["1,000,000", "40 ns", "41 ns", "42 ns", "43 ns", "44 ns", "45 ns"]
    assert not find(section, "circle")


def test_a_curve_goes_right_and_never_down():
    for path in find(tree(render(result())), "path"):
        points = [tuple(map(float, point.split())) for point in path.get("d")[1:].split("L")]
        assert all(0 <= x <= 1_000 and 0 <= y <= 320 for x, y in points)
        assert all(x0 <= x1 and y0 >= y1 for (x0, y0), (x1, y1) in pairwise(points))


def test_growth_is_a_curve_from_size_to_size_over_its_floor():
    sizes = {grown(what, size): 50.0 + size / 1_000 for what, sizes in GROWTH.items() for size in sizes}
    figures = FIGURES | sizes | {floor(name): 20.0 for name in sizes}
    section = find(tree(render(result(figures=figures))), "section", id="growth")[0]
    assert [path.get("class") for path in find(section, "path")] == ["line rest"] * 3 + [
        "line s0",
        "line s1",
        "line s2",
    ]
    told = [words(title) for title in find(section, "title")]
    assert "100,000 orders: 150 ns" in told
    assert "50,000 instruments: 100 ns" in told
    assert len(find(section, "circle")) == len(sizes)
    assert not find(tree(render(result(figures={"import.s": 0.1}))), "section", id="growth")


def test_an_earlier_result_is_drawn_and_named():
    page = tree(render(compared()))
    section = find(page, "section", id="compared")[0]
    assert "earlier.json" in words(find(section, "h2")[0])
    said = [words(each) for each in find(section, "p")]
    assert "Better beyond the noise of the floors: risk.gate.mean_ns (x2.00)." in said
    assert "Worse beyond the noise of the floors: command.w1.mean_ns (x0.20)." in said
    found = rows(page, "compared")
    assert found["risk.gate.mean_ns"][:6] == ["10.0", "5.00", "x2.00", "x0.97 to x1.03", "better", ""]
    bars = [each.get("class") for each in find(section, "line") if each.get("class").startswith("ratio")]
    assert (bars.count("ratio up"), bars.count("ratio down")) == (1, 1)
    assert len(find(find(page, "section", id="percentiles")[0], "circle")) == len(SPREADS) * len(PERCENTILES)


def test_a_busy_machine_and_a_failure_are_said_first():
    page = tree(render(result(machine=BUSY, failures={"tick_to_order": "no <room>"})))
    told = words(find(page, "div", role="status")[0])
    assert "Others worked on the machine" in told
    assert "tick_to_order has no figures: no <room>" in told
    assert not find(tree(render(result())), "div", role="status")


def test_text_of_others_is_text():
    nasty = '<img src=x onerror="alert(1)"></style>'
    html = render(compared(name=nasty))
    assert not find(tree(html), "img")
    assert html.count("</style>") == 1
    assert nasty in words(find(find(tree(html), "section", id="compared")[0], "h2")[0])
