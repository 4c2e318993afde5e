"""A compiled strategy that crashes or hangs ends its process; recovery leaves it out, and the run verifies."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import DEADLINE_S, TAKER, TINY, Place, Record, Running, environment

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


def build(place: Place, statement: str) -> Path:
    """Build the plugin with the machine's compiler."""
    code, library = place.path / "faulty.c", place.path / "libfaulty.so"
    code.write_text(SOURCE.format(statement=statement))
    words = ["cc", "-O1", "-shared", "-fPIC", f"-I{ROOT}/core/plugin", "-o", str(library), str(code)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return library


def configure(place: Place, statement: str) -> Path:
    """Write a configuration of the plugin, with a taker and a resting order beside it."""
    library = build(place, statement)
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
    """Recover, and check that the plugin is left out, that nothing is open, and that the run verifies."""
    said = place.omni("recover", folder).stdout
    assert why in said, said
    assert f"to run without it: omni run --config {folder}/config.toml --without faulty" in said
    record = Record(folder, said)
    states = {one["name"]: one["state"] for one in record.summary["strategies"]}
    assert states == {"faulty": "faulted", "taker": "running", "resting": "running"}
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


def test_the_next_run_goes_without_it(place: Place) -> None:
    _, _, folder = ended(place, STATEMENTS["crash"])
    place.omni("recover", folder)
    record = place.run("--config", folder / "config.toml", "--without", "faulty")
    assert {one["name"]: one["state"] for one in record.summary["strategies"]} == {
        "taker": "running",
        "resting": "running",
    }
    assert len(record.table("orders")["status"]) > 10
    assert "EQUAL" in place.omni("verify", record.folder).stdout
    none = place.omni("run", "--config", folder / "config.toml", "--without", "nobody", code=2).stderr
    assert "--without nobody: the file has faulty, resting, taker" in none


def test_one_that_fails_by_the_rules_is_stopped_alone(place: Place) -> None:
    record = place.run("--config", configure(place, STATEMENTS["fault"]))
    assert record.strategy("faulty")["fault"] == "on_bar: out of tune"
    assert record.strategy("taker")["state"] == "running"
    assert "EQUAL" in place.omni("verify", record.folder).stdout


def test_a_kill_of_the_process_outside_its_calls_blames_nobody(place: Place, start: Callable[..., Running]) -> None:
    config = configure(place, "return 0;")
    node = start("--config", config, "--hours", "6.5", "--inputs", "600000", "--speed", "40")
    node.until(lambda status: status["clock"]["seq"] > 5_000, "5,000 inputs")
    node.signal(signal.SIGKILL)
    node.process.wait()
    place.omni("recover", node.folder)
    record = Record(node.folder, "")
    assert {one["state"] for one in record.summary["strategies"]} == {"running"}
