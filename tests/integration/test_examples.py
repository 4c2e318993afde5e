"""The examples do what they say; `tests/docs` runs the commands that `examples/README.md` shows."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from harness import TAKER, Place, environment

import omni
from omni.infra.config import load
from omni.strategy.registry import find

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TERMS = {
    "symbol": "DEMO",
    "currency": "USD",
    "price_unit": "0.01",
    "quantity_unit": "1",
    "multiplier": "1",
    "interval": "1m",
    "bar_time": "close",
    "timezone": "UTC",
}


def _bars(close: list[int]) -> dict[str, np.ndarray]:
    """Return minute bars of closes in cents, each with a range of two cents around it."""
    ends = np.array(close)
    opened = np.concatenate([ends[:1], ends[:-1]])
    return {
        "time": np.datetime64("2024-01-02T14:31", "ns") + np.arange(len(ends)) * np.timedelta64(60, "s"),
        "open": opened / 100,
        "high": (np.maximum(opened, ends) + 1) / 100,
        "low": (np.minimum(opened, ends) - 1) / 100,
        "close": ends / 100,
        "volume": np.full(len(ends), 10_000.0),
    }


def test_each_is_told_of_and_says_how_to_run_it() -> None:
    files = sorted(path.name for path in EXAMPLES.iterdir() if path.suffix in {".py", ".toml"})
    readme = (EXAMPLES / "README.md").read_text()
    assert files == sorted(set(re.findall(r"\| \[`([\w.]+)`\]", readme)))
    for name in files:
        head = "\n".join((EXAMPLES / name).read_text().splitlines()[:12])
        assert re.search(r"^(?:#    )? +(?:omni|python) .*examples/", head, re.MULTILINE), name


def test_the_average_goes_with_a_rise_and_leaves_at_its_stop() -> None:
    strategy = find(str(EXAMPLES / "moving_average.py"))
    flat, rise, crash = [10_000] * 20, list(range(10_000, 10_200, 5)), list(range(10_200, 9_900, -20))
    result = omni.backtest(
        strategy, _bars(flat + rise + crash), fast=3, slow=10, period=5, stop=2.0, risk=100.0, **TERMS
    )
    assert result.fault is None
    fills = result.fills
    assert list(fills["side"]) == ["buy", "sell"]
    assert fills["quantity"][0] == fills["quantity"][1]
    bought, sold = fills["price"]
    assert 100 < bought < 101, "early in the rise"
    assert bought < sold < 102, "a few bars into the crash, not at its end"


def test_the_average_holds_less_of_what_moves_more() -> None:
    strategy = find(str(EXAMPLES / "moving_average.py"))

    def bought(step: int) -> float:
        data = _bars([10_000] * 20 + list(range(10_000, 10_000 + 20 * step, step)))
        return float(omni.backtest(strategy, data, fast=3, slow=10, period=5, **TERMS).fills["quantity"][0])

    assert bought(40) < bought(4) / 2


def test_the_average_refuses_what_makes_no_sense() -> None:
    strategy = find(str(EXAMPLES / "moving_average.py"))
    fault = omni.backtest(strategy, _bars([10_000] * 9), fast=9, slow=3, **TERMS).fault
    assert fault is not None
    assert "fast must be shorter than slow" in fault


def test_both_trade_in_the_day_within_their_limits(place: Place) -> None:
    (place.path / "examples").symlink_to(EXAMPLES)
    run = place.run("--config", "examples/node.toml", "--instruments", "4", "--inputs", "60000", "--hours", "1")
    fills = run.table("fills")
    for name, most in (("trend", 5_000), ("quoter", 400)):
        strategy = run.strategy(name)
        assert strategy["state"] == "finished"
        held: dict[int, int] = {}
        own = [at for at, account in enumerate(fills["account"]) if account == strategy["account"]]
        assert own, f"{name} traded nothing"
        for at in own:
            sign = 1 if fills["side"][at] == "buy" else -1
            instrument = fills["instrument"][at]
            held[instrument] = held.get(instrument, 0) + sign * int(fills["quantity"][at])
            assert abs(held[instrument]) <= most, f"{name} holds {held[instrument]} of {instrument}"
        assert {fills["side"][at] for at in own} == {"buy", "sell"}


def test_the_order_on_paper_is_within_its_own_limits() -> None:
    (strategy,) = load(EXAMPLES / "twap.toml", {}, {}).config.strategy
    slices = strategy.params["slices"]
    assert strategy.params["quantity"] / slices == strategy.limits.order_quantity_max
    assert strategy.params["quantity"] == strategy.limits.position_max


def test_the_guard_turns_the_kill_switch_on(place: Place, start) -> None:
    config = place.strategies(("taker", TAKER), extra="[fees]\ntaker_ppm = 10000\n")
    node = start("--config", config, "--speed", "60")
    guard = subprocess.run(
        [sys.executable, EXAMPLES / "guard.py", "--loss", "0.01", "--run", node.folder],
        check=False,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
    )
    assert guard.returncode == 1, guard.stdout + guard.stderr
    assert "kill switch ON" in guard.stdout
    assert node.status()["kill"]["on"]
    node.omni("resume", "--reason", "the test is over")
    node.omni("stop")


def test_the_guard_ends_with_its_node(place: Place, start) -> None:
    node = start("--speed", "5")
    guard = subprocess.Popen(
        [sys.executable, EXAMPLES / "guard.py", "--loss", "1000000000", "--run", node.folder],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert guard.stdout is not None
    assert node.folder.name in guard.stdout.readline()
    node.omni("stop")
    said, _ = guard.communicate(timeout=120)
    assert guard.returncode == 0
    assert re.fullmatch(r"the node has ended\nall accounts together: [+-][\d,.]+\n", said)


def test_the_guard_says_what_is_missing(place: Place) -> None:
    for words, said in ((["--loss", "5"], "no node runs in runs"), (["--loss", "-5"], "an amount above 0")):
        guard = subprocess.run(
            [sys.executable, EXAMPLES / "guard.py", *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=place.path,
            timeout=60,
        )
        assert guard.returncode == 2
        assert said in guard.stderr


def test_the_guard_finds_the_node_that_answers(place: Place, start) -> None:
    node = start("--speed", "5")
    killed = start("--speed", "5")
    killed.leave()
    assert (killed.folder / "control.sock").exists()
    guard = subprocess.run(
        [sys.executable, EXAMPLES / "guard.py", "--loss", "1000000000", "--seconds", "0.1"],
        check=False,
        capture_output=True,
        text=True,
        cwd=place.path,
        env=environment(),
        timeout=120,
    )
    assert node.folder.name in guard.stdout, guard.stderr
    node.omni("stop")
