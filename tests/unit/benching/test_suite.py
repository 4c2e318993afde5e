"""The suite by its names: the figures asked for are there, and are numbers. How fast is no test's matter."""

import json
import math
import re

import pytest

from omni.benching.figure import NAMES, TAILS, TARGETS, floor
from omni.benching.peer import PEERS
from omni.benching.spread import percentiles
from omni.benching.suite import measure, parts
from omni.benching.table import floors, lines
from omni.cli.main import main
from omni.model.error import ConfigError


def bench(tmp_path, only):
    file = tmp_path / "figures.json"
    assert main(["bench", "--only", only, "--json", str(file)]) == 0
    return json.loads(file.read_text())


@pytest.mark.parametrize(
    "only",
    [
        "itch.decode",
        "risk.gate",
        "plugin",
        "boundary",
        "import",
        "memory.books50k",
        "command.w1.",
        "command.positions",
        "backtest.bars",
    ],
)
def test_the_figures_asked_for_are_there_with_floors(tmp_path, capsys, only):
    figures = bench(tmp_path, only)
    wanted = {name for name in NAMES if name.startswith(only)}
    assert {name for name in figures if not name.startswith("floor.")} == wanted
    assert "floor.timer.p50_ns" in figures
    assert only == "boundary" or all(floor(name) in figures for name in wanted)
    assert all(isinstance(value, float) and math.isfinite(value) and value > 0 for value in figures.values())
    table = capsys.readouterr().out
    assert all(name in table for name in [*wanted, *floors(figures)])
    assert re.search(r"^floor\.timer +200,000  ", table, re.MULTILINE)
    assert "load" in table
    assert "machine" in table


def test_every_percentile_of_single_operations_is_there(tmp_path, capsys):
    figures = bench(tmp_path, "tick_to_order")
    found = percentiles("tick_to_order", figures)
    assert found == sorted(found)
    assert {name for name in figures if not name.startswith("floor.")} == {
        name for name in NAMES + TAILS if name.startswith("tick_to_order")
    }
    table = capsys.readouterr().out
    assert table.index("tick_to_order  ") < table.index("floor.timer  ")


def test_an_unknown_prefix_is_refused(capsys):
    assert main(["bench", "--only", "itch.docode"]) == 2
    assert "no figure begins so; figures begin with match, command, risk" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--json", "--html"])
def test_a_folder_that_is_not_there_is_refused_before_measuring(tmp_path, capsys, flag):
    assert main(["bench", flag, str(tmp_path / "gone" / "figures")]) == 2
    said = capsys.readouterr().err
    assert "gone" in said
    assert flag in said


def test_a_result_is_compared_and_drawn(tmp_path, capsys):
    earlier, html = tmp_path / "earlier.json", tmp_path / "bench.html"
    figures = bench(tmp_path, "boundary")
    earlier.write_text(json.dumps(figures | {"boundary.call_ns": figures["boundary.call_ns"] * 1e6}))
    capsys.readouterr()
    assert main(["bench", "--only", "boundary", "--compare", str(earlier), "--html", str(html)]) == 0
    assert re.search(r"^Better beyond the noise of the floors: boundary.call_ns", capsys.readouterr().out, re.MULTILINE)
    assert "earlier.json" in html.read_text()
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_what_cannot_be_compared_with_is_refused_before_measuring(tmp_path, capsys):
    assert main(["bench", "--compare", str(tmp_path / "gone.json")]) == 2
    assert "gone.json isn't there" in capsys.readouterr().err


def no_folder(tmp_path, monkeypatch):
    """Leave the journal of tick_to_order no place."""
    place = tmp_path / "no-folder"
    place.touch()
    monkeypatch.setenv("TMPDIR", str(place))


def test_a_part_that_fails_is_told_and_the_rest_goes_on(tmp_path, monkeypatch):
    no_folder(tmp_path, monkeypatch)
    measured = measure([*parts("tick_to_order"), *parts("boundary")], None, lambda part: None)
    assert list(measured.failures) == ["tick_to_order"]
    assert "no-folder" in measured.failures["tick_to_order"]
    assert not any(name.startswith("tick_to_order") for name in measured.figures)
    assert measured.figures["boundary.call_ns"] > 0


def test_a_failure_is_the_exit_code_and_the_figures_are_kept(tmp_path, monkeypatch, capsys):
    file = tmp_path / "figures.json"
    no_folder(tmp_path, monkeypatch)
    assert main(["bench", "--only", "tick", "--json", str(file)]) == 1
    assert all(name.startswith("floor.") for name in json.loads(file.read_text()))
    told = capsys.readouterr()
    assert "floor.timer.p50_ns" in told.out
    assert "tick_to_order has no figures: " in told.err


def test_every_figure_has_its_part():
    for name in NAMES:
        assert [part for part, _ in parts(name) if part != "floor"], name
    assert {part for part, _ in parts("match.w1.add")} == {"floor", "match.w1.single"}
    with pytest.raises(ConfigError):
        parts("nothing")


def test_a_ratio_is_how_many_times_the_least_work():
    time, rate = "risk.gate.mean_ns", "backtest.l3.maker.events_per_s"
    rows = list(lines({time: 50.0, floor(time): 5.0, rate: 1e6, floor(rate): 4e6}))
    assert [row.split()[3] for row in rows if row.startswith(time)] == ["10.0"]
    assert [row.split()[5] for row in rows if row.startswith(rate)] == ["4.0"]


def test_targets_floors_and_peers_are_of_figures():
    assert set(TARGETS) <= set(NAMES)
    assert {name for name, _ in PEERS} <= set(NAMES)
    assert floor("match.w1.batched_ns") == floor("match.w1.mean_ns") == "floor.match.w1.mean_ns"
