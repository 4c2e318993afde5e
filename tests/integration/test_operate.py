"""A running node, spoken to from outside: signals, status, stop, the kill switch; also while a strategy hangs."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import FAST, TAKER, Place, Running

from omni.infra.control import ControlClient

#: Keeps orders resting, far enough that most stay.
RESTING = """
import omni


class Resting(omni.Strategy):
    def on_bar(self, bar):
        self.buy(bar.instrument, 1, bar.instrument.round_price(bar.close * 0.98, "down"))
        self.sell(bar.instrument, 1, bar.instrument.round_price(bar.close * 1.02, "up"))
"""
#: Hangs for good after a few minutes of its day.
LOOPING = """
import omni


class Looping(omni.Strategy):
    def on_start(self):
        self.bars = 0

    def on_bar(self, bar):
        self.bars += 1
        while self.bars > 10:
            pass
"""
#: Rests an order each minute by a chain of timers that it begins once, and says what it has when it is started again.
PATIENT_CHAIN = """
import sys

import omni


class Chain(omni.Strategy):
    def on_start(self):
        self.prices = {}
        self.begun = False

    def on_recover(self):
        self.buy(0, 1, self.instruments[0].round_price(self.prices[0] * 0.97, "down"))
        print("recovered with", len(self.orders), "orders", file=sys.stderr, flush=True)

    def on_bar(self, bar):
        self.prices[bar.instrument.id] = bar.close
        if not self.begun and bar.instrument.id == 0:
            self.begun = True
            self.set_timer(0, after=0)

    def on_timer(self, timer):
        self.buy(0, 1, self.instruments[0].round_price(self.prices[0] * 0.98, "down"))
        self.set_timer(0, after=60_000_000_000)
"""
#: A day that lasts minutes unless it is ended.
SLOW = ("--hours", "6.5", "--inputs", "600000", "--speed", "100")
PATIENT = "[watchdog]\ntimeout_ms = 600_000\n"

Start = Callable[..., Running]


def trading(node: Running) -> None:
    """Wait until strategies have open orders."""
    node.until(lambda status: sum(a["open_orders"] for a in status["accounts"]) > 4, "open orders")


def cancelled(status: dict) -> bool:
    return not any(account["open_orders"] for account in status["accounts"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_cleanly(place: Place, start: Start, number: signal.Signals) -> None:
    node = start("--config", place.strategies(("resting", RESTING)), *SLOW)
    trading(node)
    node.signal(number)
    record = node.end(code=0)
    assert record.summary["state"] == "stopped"
    assert record.open_orders() == 0, "its own orders are cancelled"
    assert "cancelled" in record.table("orders")["status"]
    assert (record.folder / "report.html").stat().st_size > 10_000
    assert not (record.folder / "control.sock").exists()
    assert "EQUAL" in place.omni("verify", record.folder).stdout
    assert "closed in good order" in place.omni("replay", record.folder).stdout


def test_more_signals_lose_nothing_of_what_is_being_written(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("resting", RESTING)), *SLOW)
    trading(node)
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGINT):
        node.signal(number)
    record = node.end(code=0)
    assert (record.folder / "report.html").stat().st_size > 10_000
    assert record.summary["state"] == "stopped"


def test_status_and_stop(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("resting", RESTING), ("taker", TAKER)), *SLOW)
    trading(node)
    said = node.omni("status")
    assert f"SIM run {node.folder.name}" in said
    assert "resting" in said
    assert "taker" in said
    node.omni("stop")
    record = node.end(code=0)
    assert record.summary["state"] == "stopped"
    assert record.open_orders() == 0
    assert "EQUAL" in place.omni("verify", record.folder).stdout


@pytest.mark.parametrize("verb", [("status",), ("stop",), ("kill",), ("resume", "--reason", "checked")])
def test_no_node_is_said(place: Place, verb: tuple[str, ...]) -> None:
    said = place.omni(*verb, "--home", place.home, code=1)
    assert "no node is running" in said.stderr


def test_resume_needs_a_reason(place: Place) -> None:
    place.omni("resume", "--home", place.home, code=2)
    said = place.omni("resume", "--home", place.home, "--reason", "  ", code=2)
    assert "--reason" in said.stderr


def test_the_kill_switch_stops_the_trading_and_stays_through_restarts(place: Place, start: Start) -> None:
    config = place.strategies(("resting", RESTING))
    node = start("--config", config, *SLOW)
    trading(node)
    assert "kill switch ON" in node.omni("kill", "--reason", "prices look wrong")
    status = node.until(cancelled, "all orders cancelled")
    assert status["kill"]["on"]
    again = node.omni("kill", "--reason", "to be sure")
    assert re.search(r"ON already in run \S+, since 20\d\d-.* UTC: prices look wrong; that stays why", again), again
    assert "prices look wrong" in node.omni("status")
    orders = json.dumps(status["accounts"])
    later = node.until(lambda now: now["clock"]["seq"] > status["clock"]["seq"] + 5_000, "the market goes on")
    assert cancelled(later), orders
    node.omni("stop")
    first = node.end(code=0)
    assert "kill switch is ON: prices look wrong" in first.said
    assert first.summary["refusals"]["kill switch is on"] > 0
    assert "EQUAL" in place.omni("verify", first.folder).stdout

    second = place.run("--config", config)
    assert "the kill switch is still on (prices look wrong)" in second.said
    assert set(second.table("orders")["status"]) == {"rejected"}
    assert "EQUAL" in place.omni("verify", second.folder).stdout

    said = place.omni("resume", "--home", place.home, "--reason", "feed repaired")
    assert "the next one will trade" in said.stdout
    third = place.run("--config", config)
    assert third.summary["killed"] is None
    assert "rejected" not in third.table("orders")["status"]
    assert len(third.table("orders")["status"]) > 10


def test_a_node_that_was_killed_trades_again_after_resume(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("resting", RESTING)), *SLOW)
    trading(node)
    node.omni("kill")
    node.until(cancelled, "all orders cancelled")
    node.omni("resume", "--reason", "checked with the venue")
    trading(node)
    assert not node.status()["kill"]["on"]
    node.omni("stop")
    record = node.end(code=0)
    assert record.summary["killed"] is None
    assert not (place.home / "KILLED").exists()
    assert "EQUAL" in place.omni("verify", record.folder).stdout


@pytest.mark.parametrize("timed", [True, False], ids=["on_recover and timers", "on_start and bars"])
def test_a_strategy_that_is_stopped_and_started_again_trades_on(place: Place, start: Start, timed: bool) -> None:
    node = start("--config", place.strategies(("traded", PATIENT_CHAIN if timed else RESTING)), *SLOW)
    node.until(lambda status: sum(a["open_orders"] for a in status["accounts"]) > 1, "open orders")
    with ControlClient(node.folder) as client:
        stopped = client.stop_strategy(1)["seq"]
        status = node.until(cancelled, "its orders cancelled")
        # Ten minutes of its day and more: timers come due, bars pass it by.
        later = int(status["clock"]["time_ns"]) + 600_000_000_000
        node.until(lambda now: int(now["clock"]["time_ns"]) > later, "the market goes on")
        started = client.start_strategy(1)["seq"]
    node.until(lambda status: sum(a["open_orders"] for a in status["accounts"]) > 1, "open orders again")
    node.omni("stop")
    record = node.end(code=0)
    assert record.strategy("traded")["state"] == "stopped", "with the run, by a person"
    orders = record.table("orders")
    sent = list(zip(orders["seq"], orders["status"], strict=True))
    between = [status for seq, status in sent if stopped < seq < started]
    assert len(between) <= 10, "no more than one bar's orders were on their way: it isn't called while it is stopped"
    assert set(between) <= {"rejected"}
    after = [status for seq, status in sent if seq > started]
    assert len(after) > 1
    assert "rejected" not in after
    assert not timed or "recovered with 1 orders" in record.said, "what was cancelled is not among them"
    assert "EQUAL" in place.omni("verify", record.folder).stdout


def test_the_kill_switch_works_while_a_strategy_loops(place: Place, start: Start) -> None:
    config = place.strategies(("looping", LOOPING), ("resting", RESTING), extra=PATIENT)
    node = start("--config", config, *SLOW)
    trading(node)
    seen = {"seq": -1}

    def stands(status: dict) -> bool:
        """Whether the engine waits for the strategy: no input came between two looks."""
        before, seen["seq"] = seen["seq"], status["clock"]["seq"]
        return before == seen["seq"]

    node.until(stands, "the strategy to loop")
    assert "kill switch ON" in node.omni("kill", "--reason", "it loops")
    status = node.until(cancelled, "all orders cancelled, though Python hangs")
    assert status["kill"]["on"]
    assert "it loops" in node.omni("status")
    assert "it loops" in (place.home / "KILLED").read_text()


def test_a_second_run_in_the_same_home_is_its_own(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("resting", RESTING)), *SLOW)
    other = place.run("--config", place.path / "node.toml")
    assert other.folder != node.folder
    assert node.status()["run"]["id"] == node.folder.name
    assert "is not running" in node.omni_fails("stop", "--run-id", other.folder.name)
    node.omni("stop", "--run-id", node.folder.name)
    node.end(code=0)


def test_live_is_refused(place: Place) -> None:
    config = place.path / "live.toml"
    config.write_text('[run]\nmode = "live"\naccount = "A1"\n')
    said = place.omni("run", *FAST, "--config", config, "--home", place.home, "--live", "A1", code=None)
    assert said.returncode in {1, 2}
    assert "live" in said.stderr
    assert not Path(place.home).exists() or not list(place.home.glob("*/journal"))
