"""A compiled strategy that crashes or hangs ends its process; recovery leaves it out, and the run verifies."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import DEADLINE_S, TAKER, TINY, Place, Record, Running, environment, until

from tests.conftest import ROOT

#: Rests an order far from the market at its first bar, and does something at its eighth.
SOURCE = """
#include "omni_plugin.h"

#include <stdlib.h>

static void *create(omni_desk *desk, const omni_parameter *values, uint64_t count) {{
    (void)desk; (void)values; (void)count;
    return calloc(1, sizeof(uint64_t));
}}

static int32_t on_bar(void *self, omni_desk *desk, const omni_bar *bar) {{
    uint64_t *bars = self;
    *bars += 1;
    if (*bars == 1) {{
        omni_buy(desk, omni_limit(bar->instrument, 1, bar->close - bar->close / 20, OMNI_DAY));
    }}
    if (*bars == 8) {{
        {statement}
    }}
    return 0;
}}

static const omni_plugin plugin = {{
    .header = OMNI_HEADER(omni_plugin), .name = "faulty", .version = "1",
    .create = create, .destroy = free, .on_bar = on_bar,
}};

const omni_plugin *omni_plugin_entry(void) {{ return &plugin; }}
"""
STATEMENTS = {
    "crash": "*(volatile int *)8 = 1;",
    "abort": "abort();",
    "hang": "for (volatile int on = 1; on;) {{}}".replace("{{", "{").replace("}}", "}"),
    "fault": 'return omni_fail(desk, "out of tune");',
}
#: A resting order beside it, of a strategy that has done nothing wrong.
RESTING = """
import omni


class Resting(omni.Strategy):
    def on_start(self):
        self.done = False

    def on_bar(self, bar):
        if not self.done:
            self.done = True
            self.buy(bar.instrument, 1, bar.instrument.round_price(bar.close * 0.95, "down"))
"""


#: Counts its bars, keeps the count, and says at its recovery what it was given back.
KEEPING = """
#include "omni_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *create(omni_desk *desk, const omni_parameter *values, uint64_t count) {
    (void)desk; (void)values; (void)count;
    return calloc(1, sizeof(uint64_t));
}

static int32_t on_bar(void *self, omni_desk *desk, const omni_bar *bar) {
    (void)desk; (void)bar;
    *(uint64_t *)self += 1;
    return 0;
}

static int32_t on_start(void *self, omni_desk *desk) { (void)self; (void)desk; return 0; }

static int32_t on_recover(void *self, omni_desk *desk) {
    char said[64];
    snprintf(said, sizeof said, "%llu bars were kept", (unsigned long long)*(uint64_t *)self);
    return omni_fail(desk, said);
}

static uint64_t save(void *self, uint8_t *into, uint64_t capacity) {
    if (capacity >= sizeof(uint64_t)) memcpy(into, self, sizeof(uint64_t));
    return sizeof(uint64_t);
}

static int32_t restore(void *self, omni_desk *desk, const uint8_t *from, uint64_t length) {
    if (length != sizeof(uint64_t)) return omni_fail(desk, "another state");
    memcpy(self, from, sizeof(uint64_t));
    return 0;
}

static const omni_plugin plugin = {
    .header = OMNI_HEADER(omni_plugin), .name = "keeping", .version = "1", .create = create, .destroy = free,
    .on_start = on_start, .on_recover = on_recover, .on_bar = on_bar, .save = save, .restore = restore,
};

const omni_plugin *omni_plugin_entry(void) { return &plugin; }
"""


def build(place: Place, name: str, source: str) -> Path:
    """Build a plugin with the machine's compiler."""
    code, library = place.path / f"{name}.c", place.path / f"lib{name}.so"
    code.write_text(source)
    words = ["cc", "-O1", "-shared", "-fPIC", f"-I{ROOT}/core/plugin", "-o", str(library), str(code)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return library


def configure(place: Place, statement: str) -> Path:
    """Write a configuration of the plugin, with a taker and a resting order beside it."""
    library = build(place, "faulty", SOURCE.format(statement=statement))
    extra = f'[watchdog]\ntimeout_ms = 500\n\n[[strategy]]\nname = "faulty"\nsource = "{library}"\n'
    return place.strategies(("taker", TAKER), ("resting", RESTING), extra=extra)


def ended(place: Place, statement: str) -> tuple[int, str, Path]:
    """Run a day until the plugin ends its process; return how, what it said, and the run's folder."""
    config = configure(place, statement)
    words = ("run", *TINY, "--speed", "unlimited", "--no-console", "--exit", "--home", place.home, "--config", config)
    done = subprocess.run(
        place.command(*words),
        check=False,
        cwd=place.path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    (folder,) = place.runs()
    return done.returncode, done.stdout + done.stderr, folder


def assert_left_out(place: Place, folder: Path, why: str) -> None:
    """End the run, and check that the plugin is left out, that nothing is open, and that the run verifies."""
    said = place.omni("recover", folder).stdout
    assert why in said, said
    record = Record(folder, said)
    states = {one["name"]: one["state"] for one in record.summary["strategies"]}
    assert states == {"faulty": "faulted", "taker": "interrupted", "resting": "interrupted"}
    assert why in record.strategy("faulty")["fault"]
    assert record.open_orders() == 0
    accounts = {record.strategy(name)["account"]: name for name in ("faulty", "resting")}
    orders = record.table("orders")
    ends = {accounts.get(account): status for account, status in zip(orders["account"], orders["status"], strict=True)}
    assert ends["faulty"] == "cancelled"
    assert ends["resting"] == "cancelled"
    assert record.summary["counts"]["inputs"] == record.summary["seq"]
    assert not (folder / "plugin.call").exists()
    assert "EQUAL" in place.omni("verify", folder).stdout
    assert "EQUAL" in place.omni("replay", folder).stdout
    assert "nothing to recover" in place.omni("recover", folder).stdout


@pytest.mark.parametrize(("what", "number"), [("crash", signal.SIGSEGV), ("abort", signal.SIGABRT)])
def test_one_that_crashes_ends_the_process_and_is_left_out(place: Place, what: str, number: signal.Signals) -> None:
    code, _, folder = ended(place, STATEMENTS[what])
    assert code == -number
    assert_left_out(place, folder, "the process ended while it was called")


def test_one_that_hangs_is_ended_by_the_watchdog_and_left_out(place: Place) -> None:
    code, said, folder = ended(place, STATEMENTS["hang"])
    assert code == -signal.SIGABRT
    assert "the compiled strategy faulty did not come back within 500 ms from input" in said
    assert_left_out(place, folder, "it did not come back in time")


@pytest.mark.parametrize("what", ["crash", "hang"])
def test_the_run_goes_on_without_it(place: Place, what: str) -> None:
    _, _, folder = ended(place, STATEMENTS[what])
    done = place.omni("run", "--recover", folder, "--exit", "--no-console", code=3)
    assert "strategy faulty ended a process of this run, or hung; it goes on without it" in done.stderr
    record = Record(folder, done.stdout)
    states = {one["name"]: one["state"] for one in record.summary["strategies"]}
    assert states == {"faulty": "faulted", "taker": "finished", "resting": "finished"}
    (seq,) = record.summary["recoveries"]
    orders = record.table("orders")
    ours = {one["name"]: one["account"] for one in record.summary["strategies"]}
    rows = list(zip(orders["account"], orders["seq"], orders["status"], strict=True))
    assert {status for account, _, status in rows if account == ours["faulty"]} == {"cancelled"}
    assert [came for account, came, _ in rows if account == ours["taker"] and came > seq]
    assert {status for account, _, status in rows if account == ours["resting"]} <= {"new", "filled", "expired"}
    assert "EQUAL" in place.omni("verify", folder).stdout


def test_one_that_fails_by_the_rules_is_stopped_alone(place: Place) -> None:
    record = place.run("--config", configure(place, STATEMENTS["fault"]), code=3)
    assert record.strategy("faulty")["fault"] == "on_bar: out of tune"
    assert record.strategy("taker")["state"] == "finished"
    assert "EQUAL" in place.omni("verify", record.folder).stdout


def test_a_kill_of_the_process_outside_its_calls_blames_nobody(place: Place, start: Callable[..., Running]) -> None:
    config = configure(place, "return 0;")
    node = start("--config", config, "--hours", "6.5", "--inputs", "600000", "--speed", "40")
    node.until(lambda status: status["clock"]["seq"] > 5_000, "5,000 inputs")
    node.signal(signal.SIGKILL)
    node.process.wait()
    place.omni("recover", node.folder)
    record = Record(node.folder, "")
    assert {one["state"] for one in record.summary["strategies"]} == {"interrupted"}


def test_one_that_keeps_its_state_finds_it_again(place: Place, start: Callable[..., Running]) -> None:
    library = build(place, "keeping", KEEPING)
    config = place.strategies(extra=f'[[strategy]]\nname = "keeping"\nsource = "{library}"\n')
    node = start("--config", config, "--hours", "6.5", "--inputs", "600000", "--speed", "400")
    node.until(lambda status: status["clock"]["seq"] > 150_000, "150,000 inputs")
    kept = node.folder / "journal" / "strategy-1"
    until(lambda: any(kept.glob("snapshot-*.state")), "a state that was kept")
    node.signal(signal.SIGKILL)
    node.process.wait()
    done = place.omni("run", "--recover", node.folder, "--exit", "--no-console", "--speed", "unlimited", code=3)
    fault = Record(node.folder, done.stdout).strategy("keeping")["fault"]
    assert fault.startswith("on_recover: ")
    assert int(fault.split()[1]) > 5
    assert fault.endswith(" bars were kept")
