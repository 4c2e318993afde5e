"""Strategies that raise, hang or return garbage: they are stopped with their orders, the rest goes on."""

from collections.abc import Callable, Mapping
from pathlib import Path

from harness import FAST, TAKER, Place, Record, Running

from omni.model.exit import Exit

WATCHDOG = "[watchdog]\ntimeout_ms = 300\n"
#: Rests an order far from the market first, so that there is something to cancel.
RESTING = """
import time

import omni


class Faulty(omni.Strategy):
    def on_start(self):
        self.bars = 0

    def on_bar(self, bar):
        self.bars += 1
        if self.bars == 1:
            self.buy(bar.instrument, 1, bar.instrument.round_price(bar.close * 0.95, "down"))
        if self.bars == 8:
            {}
"""
GARBAGE = {
    "text": 'self.buy(bar.instrument, "many")',
    "nan": 'self.buy(bar.instrument, float("nan"))',
    "infinite": 'self.buy(bar.instrument, float("inf"))',
    "part": "self.buy(bar.instrument, 0.5)",
    "negative": "self.buy(bar.instrument, -1)",
    "huge": "self.buy(bar.instrument, 2**70)",
    "off-unit": "self.buy(bar.instrument, 1, bar.close + 0.001)",
    "beyond": "self.buy(bar.instrument, 1, 1e300)",
    "no-instrument": 'self.buy("NOSUCH", 1)',
    "beyond-list": "self.buy(999_999, 1)",
    "nothing": "self.buy(None, None)",
    "unknown-tif": 'self.buy(bar.instrument, 1, time_in_force="forever")',
    "wrong-cancel": "self.cancel(object())",
    "attribute": "self.nosuch",
    "indicator": 'self.indicator("smaa", 3)',
    "exit": "raise SystemExit",
}


def run(place: Place, statements: Mapping[str, str]) -> Record:
    """Run a day of strategies that each do something at their eighth bar, beside one that trades on."""
    faulty = [(name, RESTING.format(statement)) for name, statement in statements.items()]
    record = place.run("--config", place.strategies(*faulty, ("taker", TAKER), extra=WATCHDOG), code=Exit.FAULTED)
    assert f"omni: faulted: {', '.join(statements)}; the rest of the run went on" in record.said
    return record


def assert_stopped_alone(record: Record, name: str) -> str:
    """Check that a strategy ended with its orders, and that the rest went on; return the fault's text."""
    strategy = record.strategy(name)
    assert strategy["state"] == "faulted"
    orders = record.table("orders")
    mine = [orders["status"][i] for i, account in enumerate(orders["account"]) if account == strategy["account"]]
    assert mine, "it had an order"
    assert not {"new", "partially_filled"}.intersection(mine), "its orders are cancelled"
    assert f"fault: {strategy['fault']}" in record.said, "the summary shows it"
    return str(strategy["fault"])


def assert_went_on(place: Place, record: Record) -> None:
    """Check that the run came to its end, with the strategy that has no fault, and replays to the same hashes."""
    assert record.summary["state"] == "finished"
    taker = record.strategy("taker")
    assert taker["state"] == "finished"
    orders = record.table("orders")
    mine = [
        time for time, account in zip(orders["time"], orders["account"], strict=True) if account == taker["account"]
    ]
    bars = record.table("bars")["time"]
    assert mine[-1] > max(bars) - 180_000_000_000, "it traded until the end"
    assert "EQUAL" in place.omni("verify", record.folder).stdout
    assert "EQUAL" in place.omni("replay", record.folder).stdout


def line_of(place: Place, name: str, text: str) -> str:
    """Return where a piece of a strategy's code stands, as a fault names it."""
    lines = (place.path / f"{name}.py").read_text().splitlines()
    return f"{name}.py, line {next(number for number, line in enumerate(lines, 1) if text in line)}"


def test_a_strategy_that_raises_or_sends_garbage_is_shown_with_its_line(place: Place) -> None:
    statements = {"raises": 'raise RuntimeError("no luck")', **GARBAGE}
    record = run(place, statements)
    for name, statement in statements.items():
        fault = assert_stopped_alone(record, name)
        assert line_of(place, name, statement) in fault, fault
    assert "RuntimeError: no luck" in record.strategy("raises")["fault"]
    assert_went_on(place, record)


def test_strategies_that_hang_are_found_by_the_watchdog(place: Place) -> None:
    record = run(place, {"loops": "while True: pass", "sleeps": "time.sleep(3600)"})
    for name in ("loops", "sleeps"):
        assert "did not come back in time" in assert_stopped_alone(record, name)
    assert_went_on(place, record)


def test_strategies_that_raise_at_the_beginning_and_the_end(place: Place) -> None:
    raising = (
        'import omni\n\n\nclass Raising(omni.Strategy):\n    def {}(self):\n        raise RuntimeError("no luck")\n'
    )
    record = place.run(
        "--config",
        place.strategies(("early", raising.format("on_start")), ("late", raising.format("on_stop")), ("taker", TAKER)),
        code=Exit.FAULTED,
    )
    for name in ("early", "late"):
        assert record.strategy(name)["state"] == "faulted"
        assert f"{name}.py, line 6" in record.strategy(name)["fault"]
    assert_went_on(place, record)


def test_orders_that_are_refused_are_reports_and_not_faults(place: Place) -> None:
    code = """
import omni


class Refused(omni.Strategy):
    def on_bar(self, bar):
        self.buy(bar.instrument, 0)
        self.buy(bar.instrument, 9_000_000)
        self.buy(bar.instrument, 1, 999_999)
"""
    record = place.run("--config", place.strategies(("refused", code)))
    assert record.strategy("refused")["state"] == "finished"
    assert set(record.table("orders")["status"]) == {"rejected"}
    third = len(record.table("orders")["status"]) // 3
    assert third > 10
    assert record.summary["refusals"] == {
        "quantity is zero, off the lot size or above the instrument's maximum": 2 * third,
        "price is off tick or outside the instrument's range": third,
    }
    assert "EQUAL" in place.omni("verify", record.folder).stdout


def test_what_a_callback_returns_is_ignored(place: Place) -> None:
    garbage = (
        "    def on_start(self):\n        self.bars = 0\n        return self\n\n"
        "    def on_quote(self, quote):\n        return {'side': 'buy', 'quantity': 1e9}\n\n"
        "    def on_bar(self, bar):\n        self.trade(bar)\n        return [('sell', bar)] * 1000\n\n"
        "    def trade(self, bar):\n"
    )
    plain = place.run("--config", place.strategies(("taker", TAKER)))
    code = TAKER.replace("    def on_start(self):\n        self.bars = 0\n\n    def on_bar(self, bar):\n", garbage)
    assert "return {" in code
    returning = place.run("--config", place.strategies(("taker", code)))
    assert returning.strategy("taker")["state"] == "finished"
    assert returning.table("fills")["price"]
    for table in ("orders", "fills", "equity"):
        assert returning.table(table) == plain.table(table)


def test_a_file_with_a_mistake_names_it(place: Place) -> None:
    config = place.strategies(("broken", "import omni\n\n\nclass Broken(omni.Strategy:\n    pass\n"))
    said = place.omni("run", "--config", config, "--home", place.home, code=2)
    assert "broken.py" in said.stderr
    assert_no_run(place.home)


def test_an_async_callback_is_refused_before_the_run(place: Place) -> None:
    code = "import omni\n\n\nclass Waits(omni.Strategy):\n    async def on_bar(self, bar):\n        pass\n"
    said = place.omni("run", *FAST, "--config", place.strategies(("waits", code)), "--home", place.home, code=2)
    assert "Waits.on_bar is an async function, which would never run; write `def on_bar`" in said.stderr
    assert_no_run(place.home)


def assert_no_run(home: Path) -> None:
    assert not list(home.glob("*/journal")), "nothing was started"


def test_a_stop_after_a_fault_is_told_as_one(place: Place, start: Callable[..., Running]) -> None:
    node = start("--config", place.strategies(("broken", RESTING.format("raise ValueError"))), "--speed", "60")
    node.until(lambda status: "faulted" in [one["state"] for one in status["accounts"]], "the fault")
    node.omni("stop")
    assert "omni: faulted: broken; the rest of the run went on until it was stopped" in node.end(Exit.FAULTED).said
