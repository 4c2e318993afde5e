"""A whole accelerated day of `omni run` in headless Chromium: what the page says against what the run store keeps."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from omni.infra.control import ControlClient, NoNodeError
from omni.infra.run import Summary
from omni.infra.store import open_store
from omni.model.error import OmniError, RefusedError
from omni.model.exit import Exit

WAIT_S = 120
STRATEGIES = '''
import omni


class Quoter(omni.Strategy):
    """Rests an order on either side of its instrument, anew every ten seconds."""

    def on_start(self):
        self.set_timer(1, after=10_000_000_000)

    def on_timer(self, timer):
        self.set_timer(1, after=10_000_000_000)
        instrument = self.instruments[0]
        mark = self.mark(instrument)
        if mark is None:
            return
        self.cancel_all()
        self.buy(instrument, 100, round(mark * 0.98, 2))
        self.sell(instrument, 100, round(mark * 1.02, 2))
        if self.position(instrument) < 1_000:
            self.buy(instrument, 100)


class Hanger(omni.Strategy):
    """Rests an order, and never comes back from its second bar."""

    bars = 0

    def on_bar(self, bar):
        self.bars += 1
        if self.bars == 1:
            self.buy(bar.instrument, 100, round(bar.close * 0.98, 2))
        while self.bars > 1:
            pass
'''
CONFIG = """
[watchdog]
timeout_ms = 60000

[[strategy]]
name = "quoter"
source = "{file}:Quoter"
instruments = ["#0"]

[[strategy]]
name = "hanger"
source = "{file}:Hanger"
instruments = ["#1"]
"""
#: An hour of ten instruments; takers pay, so that profit before and after fees differ.
SMALL = ["--instruments", "10", "--inputs", "60000", "--hours", "1"]
FEES = {"OMNI__FEES__TAKER_PPM": "100"}


@dataclass
class Day:
    """A run that goes, as a person at a terminal started it."""

    home: Path
    process: subprocess.Popen[bytes]
    screen: int
    shown: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the terminal has shown."""
        return "".join(self.shown)

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return next(self.home.glob("*/config.toml")).parent

    @property
    def link(self) -> str:
        """The console's address with the token, as the terminal shows it."""
        found = re.search(r"console: (\S+#token=[0-9a-f]{32})", self.text)
        assert found, self.text
        return found.group(1)

    def wait_for(self, said: str) -> None:
        """Wait until the terminal shows a text."""
        until(lambda: said in self.text or self.process.poll() is not None, f"{said!r} in {self.text}")
        assert said in self.text, self.text

    def status(self) -> dict[str, Any]:
        """Ask the node how it stands."""
        with ControlClient(self.folder, timeout_s=WAIT_S) as client:
            return client.status()

    def end(self) -> Summary:
        """Press Ctrl-C, and return what the run store has of the run."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        assert self.process.wait(WAIT_S) == 0, self.text
        return self.stored()

    def stored(self) -> Summary:
        """Return what the run store has of the run."""
        with open_store(self.home) as store:
            return store.show(self.folder.name)


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, f"waited {WAIT_S} s for {what}"
        time.sleep(0.05)


def _listen(day: Day) -> None:
    """Take in what the run writes to its terminal, until it lets go of it."""
    while True:
        try:
            shown = os.read(day.screen, 65_536)
        except OSError:
            return
        if not shown:
            return
        day.shown.append(shown.decode(errors="replace"))


@contextmanager
def _terminal(home: Path, *arguments: str) -> Iterator[Day]:
    screen, end = pty.openpty()
    command = [sys.executable, "-m", "omni", "run", "--home", str(home), "--port", "0", *SMALL, *arguments]
    streams = {"stdin": end, "stdout": end, "stderr": end}
    with subprocess.Popen(command, **streams, env=os.environ | FEES, start_new_session=True) as process:
        os.close(end)
        day = Day(home, process, screen)
        listener = threading.Thread(target=_listen, args=(day,))
        listener.start()
        try:
            day.wait_for("#token=")
            yield day
        finally:
            process.kill()
            process.wait()
            listener.join()
            os.close(screen)


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., Day]]:
    """Return what starts a run on a terminal of its own: `start("--speed", "60")`."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(_terminal(tmp_path / "runs", *arguments))


@pytest.fixture
def hanging(tmp_path) -> Path:
    """Return a configuration with a strategy that hangs, and a watchdog that is patient with it."""
    file, config = tmp_path / "desk.py", tmp_path / "node.toml"
    file.write_text(STRATEGIES)
    config.write_text(CONFIG.format(file=file))
    return config


def _assert_page_equals_store(values: dict[str, str], stored: Summary, record: dict[str, Any]) -> None:
    accounts = {account.name: account for account in stored.accounts}
    assert len(accounts) == len(record["strategies"]) > 0
    open_orders = {account["account"]: account["open_orders"] for account in record["accounts"]}
    for strategy in record["strategies"]:
        account, row = accounts[strategy["name"]], f"strategy-{strategy['session']}"
        for name in ("equity", "realised", "fees"):
            assert Decimal(values[f"{row}-{name}"]) == getattr(account, name), (strategy, name)
        for name in ("orders", "fills", "refusals"):
            assert int(values[f"{row}-{name}"]) == getattr(account, name), (strategy, name)
        assert int(values[f"{row}-open_orders"]) == open_orders[strategy["account"]]
    for name in ("equity", "realised", "fees"):
        assert Decimal(values[f"summary-{name}"]) == sum(getattr(account, name) for account in stored.accounts)
    assert int(values["summary-fills"]) == sum(account.fills for account in stored.accounts) == stored.metrics["fills"]
    assert int(values["summary-inputs"]) == stored.metrics["inputs"]
    assert int(values["summary-engine-orders"]) == stored.metrics["orders"]
    assert int(values["summary-trades"]) == stored.metrics["trades"]
    assert int(values["summary-refusals"]) == stored.metrics["refusals"]
    opened = sum(Decimal(account["equity"]) for account in record["accounts"]) - Decimal(values["summary-profit"])
    assert opened == 1_000_000 * len(accounts), "what is made is equity less the opening cash"


def _record(day: Day) -> dict[str, Any]:
    return json.loads((day.folder / "run.json").read_text())


def test_the_pages_final_numbers_are_the_run_stores(start, visit, read_desk):
    day = start("--speed", "240")
    page = visit(None, link=day.link)
    desk = read_desk(page).wait()
    day.wait_for("report:")
    page.get_by_test_id("over-banner").wait_for()
    assert "The day is over" in page.get_by_test_id("over-banner").inner_text()
    values = desk.values()
    assert desk.text("clock-state") == "done"
    assert desk.text("link") == "Over"
    wide = (
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)"
    )
    assert page.evaluate(wide) == [], "a desk shows every column"
    page.set_viewport_size({"width": 1280, "height": 720})
    left = "document.querySelector('.risk .scroll').scrollHeight - document.querySelector('.risk .scroll').clientHeight"
    assert page.evaluate(left) <= 0, "nor is a line of the risk panel cut, on the smallest desk"
    assert page.get_by_test_id("kill-button").is_disabled()
    day.wait_for("console stays up")
    again = read_desk(visit(None, link=day.link)).wait()
    assert {name: value for name, value in again.values().items() if name.startswith(("summary", "strategy"))} == {
        name: value for name, value in values.items() if name.startswith(("summary", "strategy"))
    }, "a page opened after the end shows the same"
    with pytest.raises(NoNodeError), ControlClient(day.folder, timeout_s=WAIT_S):
        pytest.fail("for the command line the node has ended")
    shown = [_chart(again, instrument) for instrument in ("0", "9")]
    stored = day.end()
    for instrument, (bars, arrows) in zip(("0", "9"), shown, strict=True):
        assert bars == _rows(day, "bars", instrument) > 0
        assert (arrows > 0) == (_rows(day, "fills", instrument) > 0)
    assert any(arrows > 0 for _, arrows in shown)
    assert stored.run.state == "finished"
    assert {strategy.name for strategy in stored.strategies} == {"maker", "moving-average", "imbalance", "twap"}
    assert int(values["summary-fills"]) > 0
    _assert_page_equals_store(values, stored, _record(day))
    _assert_token_is_kept(day)


def _chart(desk, instrument: str) -> tuple[int, int]:
    """Choose an instrument by the keyboard; return how many bars and arrows its chart has, once its ladder is there."""
    while desk.value("instrument") != instrument:
        desk.page.keyboard.press("]")
    desk.page.get_by_test_id("depth-bid-0").wait_for()
    chart = desk.page.locator("[data-testid=price-chart]:not([data-bars='0'])")
    chart.wait_for()
    return int(chart.get_attribute("data-bars")), int(chart.get_attribute("data-arrows"))


def _rows(day: Day, table: str, instrument: str) -> int:
    """Return how many rows of a table in the run's folder are an instrument's."""
    names = duckdb.sql(f"select instrument from '{day.folder / table}.parquet'").fetchall()
    return sum(str(name) == instrument for (name,) in names)


def test_a_run_over_before_its_console_came_is_shown_too(start, visit, read_desk):
    day = start("--speed", "unlimited")
    day.wait_for("console stays up")
    desk = read_desk(visit(None, link=day.link)).wait()
    desk.page.get_by_test_id("over-banner").wait_for()
    bars, _ = _chart(desk, "4")
    stored = day.end()
    assert bars == _rows(day, "bars", "4") > 0
    assert int(desk.value("summary-inputs")) == stored.metrics["inputs"]


def _assert_token_is_kept(day: Day) -> None:
    """The token is on the terminal and in one file that nobody else may read."""
    token_file = day.folder / "console.token"
    token = token_file.read_text().strip()
    assert day.link.endswith(token)
    assert token_file.stat().st_mode & 0o777 == 0o600
    held = [path for path in day.home.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert held == [token_file]


def test_without_a_terminal_the_token_is_not_shown(tmp_path):
    command = [sys.executable, "-m", "omni", "run", "--home", str(tmp_path), "--port", "0", *SMALL]
    command += ["--speed", "unlimited"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=True)
    token = next(tmp_path.glob("*/console.token"))
    assert token.read_text().strip() not in done.stdout + done.stderr
    assert str(token) in done.stderr


def test_the_kill_switch_stops_the_trading_until_resumed(start, visit, read_desk):
    day = start("--speed", "20")
    page = visit(None, link=day.link)
    desk = read_desk(page).wait()
    until(lambda: _number(desk, "summary-orders") > 0, "working orders")
    _confirm(page, "wrong prices")
    desk.wait_for_value("kill-state", "on")
    desk.wait_for_value("summary-orders", "0")
    assert desk.text("clock-state") == "killed"
    killed = desk.values()
    until(lambda: _grew(desk, killed, "summary-refusals"), "refusals of what the strategies still send")
    until(lambda: _grew(desk, killed, "summary-trades"), "the flow of all others")
    assert desk.value("summary-orders") == "0"
    assert desk.value("summary-fills") == killed["summary-fills"], "nothing of ours trades"
    assert int(desk.value("refusal-kill-switch-is-on")) > 0
    assert json.loads((day.home / "KILLED").read_text())["reason"] == "wrong prices"
    _confirm(page, "prices are right again")
    desk.wait_for_value("kill-state", "off")
    until(lambda: _number(desk, "summary-orders") > 0, "working orders after the resume")
    assert not (day.home / "KILLED").exists()
    stored = _stopped(day)
    page.get_by_test_id("over-banner").wait_for()
    assert "was ended at" in page.get_by_test_id("over-banner").inner_text()
    _assert_page_equals_store(desk.values(), stored, _record(day))


def test_the_run_is_stopped_from_the_page(start, visit, read_desk):
    day = start("--speed", "20")
    page = visit(None, link=day.link)
    desk = read_desk(page).wait()
    until(lambda: _number(desk, "summary-orders") > 0, "working orders")
    page.keyboard.press("s")
    page.get_by_test_id("stop-confirm").click()
    page.get_by_test_id("over-banner").wait_for()
    assert "was ended at" in page.get_by_test_id("over-banner").inner_text()
    assert day.process.wait(WAIT_S) == 0, day.text
    stored = day.stored()
    assert stored.run.state == "stopped"
    assert desk.text("report") == str(day.folder / "report.html")
    assert (day.folder / "report.html").exists()
    assert desk.text("link") == "Over", "the console goes with the run; the page keeps what it was"
    assert desk.value("summary-orders") == "0"
    assert any(account.orders > 0 for account in stored.accounts), "orders worked, whoever was first"
    assert sum(account.refusals for account in stored.accounts) == stored.metrics["refusals"]
    _assert_page_equals_store(desk.values(), stored, _record(day))


def test_a_strategy_is_stopped_and_started_by_its_button(start, visit, read_desk):
    day = start("--speed", "20")
    page = visit(None, link=day.link)
    desk = read_desk(page).wait()
    toggle, state = page.get_by_test_id("strategy-1-toggle"), page.get_by_test_id("strategy-1-state")
    until(lambda: _number(desk, "strategy-1-open_orders") > 0, "the maker's quotes")
    with ControlClient(day.folder, timeout_s=WAIT_S) as client, pytest.raises(RefusedError, match="is not on"):
        client.resume("nothing was killed")
    toggle.click()
    state.get_by_text("stopped").wait_for()
    desk.wait_for_value("strategy-1-open_orders", "0")
    assert desk.text("strategy-2-state") == "running"
    toggle.click()
    state.get_by_text("running").wait_for()
    until(lambda: _number(desk, "strategy-1-open_orders") > 0, "the maker's quotes after its start")
    assert day.end().run.state == "stopped"


def test_the_kill_switch_works_while_a_strategy_loops(start, visit, read_desk, hanging):
    day = start("--speed", "120", "--config", str(hanging))
    desk = read_desk(visit(None, link=day.link)).wait()
    until(lambda: _hangs(day), "the loop")
    hung = day.status()
    until(lambda: _number(desk, "summary-inputs") == hung["counters"]["inputs"], "the page to show it")
    assert _number(desk, "summary-orders") > 0, "orders work while it loops"
    _confirm(desk.page, "it hangs")
    desk.wait_for_value("kill-state", "on")
    desk.wait_for_value("summary-orders", "0")
    killed = day.status()
    assert (killed["clock"]["state"], killed["kill"]["reason"]) == ("killed", "it hangs")
    assert killed["clock"]["time_ns"] == hung["clock"]["time_ns"], "the market waits for the loop still"
    assert [account["state"] for account in killed["accounts"]] == ["running", "running"], "the watchdog did not do it"
    stored = _stopped(day, Exit.FAULTED)
    assert {one.name: one.state for one in stored.strategies} == {"quoter": "stopped", "hanger": "faulted"}
    assert json.loads((day.home / "KILLED").read_text())["reason"] == "it hangs"
    desk.page.get_by_test_id("over-banner").wait_for()
    _assert_page_equals_store(desk.values(), stored, _record(day))


def _confirm(page, reason: str) -> None:
    """Press the kill switch, say why, and confirm."""
    page.get_by_test_id("kill-button").click()
    page.get_by_test_id("kill-reason-input").fill(reason)
    page.get_by_test_id("kill-confirm").click()
    page.get_by_test_id("kill-dialog").wait_for(state="hidden")


def _number(desk, name: str) -> int:
    return int(desk.value(name))


def _grew(desk, before: dict[str, str], name: str) -> bool:
    return _number(desk, name) > int(before[name])


def _hangs(day: Day) -> bool:
    """Return whether the market stood still while its clock should have moved on by two minutes."""
    try:
        before = day.status()["clock"]["time_ns"]
        time.sleep(1)
        return day.status()["clock"]["time_ns"] == before
    except OmniError:
        return False


def _stopped(day: Day, code: Exit = Exit.DONE) -> Summary:
    """End the run by `omni stop`, as another terminal would."""
    command = [sys.executable, "-m", "omni", "stop", "--home", str(day.home)]
    subprocess.run(command, check=True, capture_output=True, timeout=WAIT_S)
    assert day.process.wait(WAIT_S) == code, day.text
    stored = day.stored()
    assert stored.run.state == "stopped"
    return stored
