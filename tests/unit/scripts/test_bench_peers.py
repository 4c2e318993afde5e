"""Peers beside us: what they print is read, ratios point the right way, and one that fails fails alone."""

import importlib
import sys
from pathlib import Path

import pytest

from omni.benching.figure import NAMES
from omni.benching.peer import PEERS
from tests.conftest import ROOT

HERE = ROOT / "bench" / "peers"
OURS = {"match.w1.mean_ns": 50.0, "backtest.bars.python.events_per_s": 1_000_000.0}


@pytest.fixture(autouse=True)
def path(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    yield
    for name in ("peer", "compare", "side_by_side"):
        sys.modules.pop(name, None)


@pytest.fixture
def peer(monkeypatch, tmp_path):
    module = importlib.import_module("peer")
    monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


@pytest.fixture
def compare():
    return importlib.import_module("compare")


def test_times_are_how_much_better_ours_is(compare):
    row = compare.Row
    assert row("match.w1.mean_ns", "slow", 50.0, 100.0).times == 2.0
    assert row("backtest.bars.python.events_per_s", "slow", 1e6, 5e5).times == 2.0
    assert row("backtest.bars.python.events_per_s", "fast", 1e6, 4e6).times == 0.25
    assert row("match.w1.mean_ns", "alone", None, 100.0).times is None


def test_the_better_of_two_runs_counts(compare):
    first = {"match.w1.mean_ns": 50.0, "backtest.l3.maker.events_per_s": 9.0}
    second = {"match.w1.mean_ns": 40.0, "backtest.l3.maker.events_per_s": 8.0}
    assert compare.best(first, second) == {"match.w1.mean_ns": 40.0, "backtest.l3.maker.events_per_s": 9.0}


def test_dated_figures_are_marked_and_only_at_what_was_measured(compare):
    rows = list(compare.dated(["CppTrader", "Liquibook"], OURS))
    assert [row.figure for row in rows] == ["match.w1.mean_ns"] * 2
    told = list(compare.table(rows))
    assert all("(dated)" in line for line in told[1:3])
    assert "a hint, no claim" in told[-1]


def test_dated_figures_stand_in_for_a_peer_that_failed(compare):
    rows = list(compare.dated(["backtesting.py"], OURS))
    assert [(row.figure, row.dated) for row in rows] == [("backtest.bars.python.events_per_s", True)]


def test_the_table_shows_ratios_and_failures(compare):
    rows = [
        *compare.measured("lobster 0.7.0", {"match.w1.mean_ns": 400.0}, OURS),
        compare.Row("", "vectorbt", failure="no wheel (build/peers/vectorbt.log)"),
    ]
    told = "\n".join(compare.table(rows))
    assert "x8.00  lobster 0.7.0" in told
    assert "vectorbt: FAILED: no wheel" in told
    assert "(dated)" not in told


@pytest.mark.parametrize("told", ["", "no figures", "{}", '{"match.w1.mean_ns": null}', '{"match.w1.mean_ns": 0.0}'])
def test_what_a_peer_prints_must_be_figures(peer, told):
    with pytest.raises(peer.Failed, match="printed no figures"):
        peer.figures(told)


def test_figures_are_on_the_last_line(peer):
    assert peer.figures('compiling…\n{"match.w1.mean_ns": 78.5}\n') == {"match.w1.mean_ns": 78.5}


def test_a_failing_command_is_told_by_its_last_line_and_kept_in_the_log(peer):
    with pytest.raises(peer.Failed, match=r"no such thing .build/peer.log"):
        peer.run("peer", [sys.executable, "-c", "import sys; print('out'); sys.exit('first\\nno such thing')"])
    log = (peer.BUILD / "peer.log").read_text()
    assert "out" in log
    assert "first" in log


def test_a_python_is_chosen_within_its_bounds(peer, monkeypatch):
    known = {Path("/a"): "3.9", Path("/b"): "3.11", Path("/c"): "3.13"}
    monkeypatch.setattr(peer, "pythons", lambda: iter(known))
    monkeypatch.setattr(peer, "version_of", known.get)
    assert peer.find_python("3.9", "3.14") == Path("/c")
    assert peer.find_python("3.9", "3.12") == Path("/b")
    assert peer.find_python("3.14", "3.15") is None


def test_without_its_python_a_peer_fails_alone(peer, monkeypatch, tmp_path):
    monkeypatch.setattr(peer, "pythons", lambda: iter(()))
    side_by_side = importlib.import_module("side_by_side")
    row = peer.Peer("vectorbt", environment=({"python": ["3.11", "3.13"]},))
    result = side_by_side.result_of(row, [])
    assert isinstance(result, peer.Failed)
    rows = list(side_by_side.rows([(row, result), (row, ("vectorbt 1", {"match.w1.mean_ns": 100.0}))], OURS))
    assert [(one.times, one.failure) for one in rows] == [(2.0, ""), (None, "needs Python 3.11 to 3.13, none is here")]


def test_the_registry_names_programs_and_figures_that_are_there(peer):
    ours, dated, peers = peer.read((HERE / "peers.toml").read_text())
    assert all(any(name.startswith(prefix) for name in NAMES) for prefix in ours)
    assert all(any(known.name.startswith(name) for _, known in PEERS) for name in dated)
    assert {"matchcore", "orderbook-rs", "lobster", "hftbacktest", "nautilus_trader", "backtesting.py", "vectorbt"} <= {
        row.name for row in peers
    }
    for row in peers:
        if row.crate is not None:
            assert peer.locked(row.crate)[0].isdigit()
        assert all((HERE / "python" / chosen["program"]).is_file() for chosen in row.environment)
        assert all("==" in chosen["packages"][0] for chosen in row.environment)
