"""Strategies that are compiled: one logic in every language gives the same orders, from projects as `omni new` writes
them."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from harness import Place, environment

import omni
from omni.strategy.imbalance import Imbalance

#: The strategy that each project has, as it is named to `omni`.
SOURCES = {
    "python": "mine.py:Mine",
    "rust": "libmine.so",
    "c": "libmine.so",
    "cython": f"mine{sysconfig.get_config_var('EXT_SUFFIX')}",
}
COMPILED = ("rust", "c", "cython")
UNITS = {"symbol": "DEMO", "currency": "USD", "price_unit": "0.01", "quantity_unit": "1", "multiplier": "1"}
PARAMS = {"threshold": 0.5, "levels": 2, "quantity": 7, "hold_s": 3.5}


def make(project: Path, *words: str) -> str:
    """Run `make` in a project, with the tests' own Python."""
    # The make that runs these tests leaves its flags in the environment.
    flags = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "CFLAGS"}
    own = {name: value for name, value in environment().items() if name not in flags}
    command = ["make", "-C", str(project), f"PYTHON={sys.executable}", *words]
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module", params=SOURCES)
def project(request, tmp_path_factory) -> tuple[str, Path]:
    """Return a language, and the project that `omni new strategy` writes in it, its test passed."""
    folder = tmp_path_factory.mktemp(request.param)
    said = Place(folder).omni("new", "strategy", "--kind", request.param, "mine").stdout
    assert "make -C mine test" in said
    assert "OK" in make(folder / "mine", "test")
    return request.param, folder / "mine" / SOURCES[request.param]


@pytest.fixture(scope="module")
def quotes() -> dict[str, np.ndarray]:
    """Return an hour of quotes whose sizes lean now to one side, now to the other."""
    draw, count = np.random.default_rng(20_261), 20_000
    bid = 10_000 + np.cumsum(draw.integers(-1, 2, count))
    return {
        "time": np.datetime64("2024-01-02T14:30", "ns") + np.arange(count) * np.timedelta64(180_000_000, "ns"),
        "bid": bid / 100,
        "ask": (bid + draw.integers(1, 4, count)) / 100,
        "bid_quantity": draw.integers(1, 500, count).astype(float),
        "ask_quantity": draw.integers(1, 500, count).astype(float),
    }


def run(strategy: object, quotes: dict[str, np.ndarray]) -> omni.Result:
    result = omni.backtest(strategy, quotes, timezone="UTC", params=PARAMS, latency_ns=1_000_000, **UNITS)
    assert result.fault is None
    assert result.fills.rows > 100
    return result


def test_every_language_gives_the_orders_of_the_class_and_of_the_engine_s_own(project, quotes):
    _, source = project
    theirs = run(str(source), quotes)
    for ours in (run(Imbalance, quotes), run("taker", quotes)):
        assert (theirs.digest, theirs.state_digest) == (ours.digest, ours.state_digest)
        for name, column in theirs.orders.items():
            assert (column == ours.orders[name]).all(), name


def test_other_parameters_give_other_orders(project, quotes):
    _, source = project
    one = run(str(source), quotes)
    other = omni.backtest(str(source), quotes, timezone="UTC", params=PARAMS | {"hold_s": 4}, **UNITS)
    assert one.digest != other.digest


def test_a_day_with_it_is_verified(project, place):
    kind, source = project
    name = str(source) if kind in COMPILED else f"{source.parent}/{source.name}"
    config = place.path / "node.toml"
    config.write_text(f'[[strategy]]\nname = "mine"\nsource = "{name}"\nparams = {{ quantity = 100 }}\n')
    record = place.run("--config", config)
    assert record.strategy("mine")["state"] == "finished"
    assert len(record.table("orders")["status"]) > 10
    assert not (record.folder / "plugin.call").exists()
    assert "EQUAL" in place.omni("verify", record.folder).stdout


def test_it_backtests_from_the_command_line(project, place):
    _, source = project
    place.omni("data", "sample", "sample")
    said = place.omni(
        "backtest", source, "--data", "sample/quotes.csv", "--param", "quantity=5", "--param", "threshold=0.1"
    )
    assert "hash" in said.stdout
    wrong = place.omni("backtest", source, "--data", "sample/quotes.csv", "--param", "hold=5", code=2).stderr
    assert "did you mean hold_s?" in wrong


def test_names_that_can_t_be_are_refused(tmp_path):
    place = Place(tmp_path)
    for name in ("Mine", "1st", "class", "omni", "../up"):
        assert "a strategy can't be called" in place.omni("new", "strategy", name, code=2).stderr
    place.omni("new", "strategy", "twice")
    assert "is there already" in place.omni("new", "strategy", "twice", code=2).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["twice"]
