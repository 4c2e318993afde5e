"""Callbacks that hang or are interrupted, in a backtest: on the caller's own thread."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness import DEADLINE_S
from market import BARS, bars

import omni

#: Short, since the tests wait for it; a callback that doesn't hang takes microseconds.
PATIENCE_MS = 100


@pytest.fixture(autouse=True)
def _handler():
    """Give interrupts Python's own handler, whatever the tests were started with."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Hangs(omni.Strategy):
    how: str = omni.param("loops")
    where: str = omni.param("bar")

    def on_start(self):
        self.seen = 0
        self.after("start")

    def on_bar(self, bar):
        self.seen += 1
        if self.seen == 1:
            self.buy(bar.instrument, 1, 1.0, time_in_force="gtc")
        if self.seen == 10:
            self.after("bar")

    def on_stop(self):
        self.after("stop")

    def after(self, where):
        if where == self.where:
            getattr(self, self.how)()

    def loops(self):
        while True:
            pass

    def sleeps(self):
        time.sleep(3_600)

    def catches(self):
        while True:
            try:  # noqa: SIM105
                time.sleep(0.001)
            except BaseException:  # noqa: BLE001
                pass

    def returns(self):
        try:
            time.sleep(3_600)
        except KeyboardInterrupt:
            return


def line_of(text: str) -> str:
    lines = Path(__file__).read_text().splitlines()
    return f"{__file__}, line {next(number for number, line in enumerate(lines, 1) if text in line)}"


@pytest.mark.parametrize(
    ("how", "text"), [("sleeps", "time.sleep(3_600)"), ("catches", "time.sleep(0.001)"), ("returns", "in returns")]
)
def test_a_callback_that_hangs_is_ended_with_its_line(how, text):
    result = omni.backtest(Hangs, bars(), **BARS, how=how, watchdog_ms=PATIENCE_MS)
    assert result.fault is not None
    assert f"did not come back within {PATIENCE_MS} ms" in result.fault
    assert text in result.fault or line_of(text) in result.fault
    assert result.counts["inputs"] > 500, "the run goes on without it"
    assert result.orders["status"].tolist() == ["cancelled"]


@pytest.mark.parametrize("where", ["start", "bar", "stop"])
def test_a_loop_is_ended_wherever_it_is(where):
    result = omni.backtest(Hangs, bars(), **BARS, where=where, watchdog_ms=PATIENCE_MS)
    assert "(in loops, " in result.fault
    assert omni.backtest(Hangs, bars(), **BARS, where="never").fault is None, "the next run is none the wiser"


def test_a_loop_is_ended_on_another_thread_and_without_a_handler():
    def call():
        return omni.backtest(Hangs, bars(), **BARS, watchdog_ms=PATIENCE_MS).fault

    with ThreadPoolExecutor(1) as pool:
        assert "did not come back" in pool.submit(call).result()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert "did not come back" in call()


def test_a_batch_that_hangs_is_ended():
    class Batched(omni.Strategy):
        batch_ns = 3_600 * 10**9

        def on_bars(self, rows):
            while True:
                pass

    assert "(in on_bars, " in omni.backtest(Batched, bars(), **BARS, watchdog_ms=PATIENCE_MS).fault


def test_many_short_callbacks_are_no_hang():
    class Slow(omni.Strategy):
        def on_bar(self, bar):
            time.sleep(0.001)

    assert omni.backtest(Slow, bars(400), **BARS, watchdog_ms=200).fault is None


class Stops(omni.Strategy):
    how: str = omni.param("interrupt")

    def on_bar(self, bar):
        if self.how == "exit":
            sys.exit(7)
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_and_an_exit_reach_the_caller():
    with pytest.raises(KeyboardInterrupt):
        omni.backtest(Stops, bars(), **BARS)
    with pytest.raises(SystemExit) as caught:
        omni.backtest(Stops, bars(), **BARS, how="exit")
    assert caught.value.code == 7
    assert omni.backtest("moving-average", bars(), **BARS).fault is None


def test_an_interrupted_command_ends_with_130_and_no_result(tmp_path):
    (tmp_path / "loops.py").write_text(
        "import omni\n\n\nclass Loops(omni.Strategy):\n    def on_bar(self, bar):\n"
        '        print("called", flush=True)\n        while True:\n            pass\n'
    )
    head = "# symbol=A, currency=USD, price_unit=1, quantity_unit=1, multiplier=1, interval=1m, bar_time=close\n"
    (tmp_path / "bars.csv").write_text(f"{head}time_ns,open,high,low,close,volume\n60000000000,1,1,1,1,1\n")
    command = [sys.executable, "-m", "omni", "backtest", "loops.py:Loops", "--data", "bars.csv"]
    with subprocess.Popen(
        [*command, "--set", "watchdog_ms=600000"],
        cwd=tmp_path,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == "called\n"
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, said) == (130, "")
    assert complained == "omni: interrupted\n"
