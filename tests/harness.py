"""Runs nodes as processes on tiny days, for the tests of whole runs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from omni.infra.control import ControlClient, NoNodeError
from omni.model.error import RefusedError

#: Far above what anything here takes: a test that reaches it has found a hang.
DEADLINE_S = 120.0
#: A day of about 20,000 inputs on five instruments: a second of work.
TINY = ("--instruments", "5", "--inputs", "20000", "--hours", "0.2")
FAST = (*TINY, "--speed", "unlimited", "--exit", "--no-console")

TAKER = """
import omni


class Taker(omni.Strategy):
    def on_start(self):
        self.bars = 0

    def on_bar(self, bar):
        self.bars += 1
        if self.bars % 2:
            self.buy(bar.instrument, 1)
        else:
            self.sell(bar.instrument, 1)
"""


def until(true: Callable[[], Any], what: str) -> Any:
    """Poll until something is true and return it; fails by name at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not (found := true()):
        assert time.monotonic() < deadline, f"still waiting after {DEADLINE_S:g} s: {what}"
        time.sleep(0.01)
    return found


@dataclass(slots=True)
class Place:
    """A folder in which a test runs `omni`.

    Parameters
    ----------
    path
        The folder; runs lie in `runs` below it unless `home` says otherwise.
    """

    path: Path
    home: Path = field(init=False)

    def __post_init__(self) -> None:
        self.home = self.path / "runs"

    def strategies(self, *pairs: tuple[str, str], extra: str = "") -> Path:
        """Write strategies, given as (name, source code of its last class), and a configuration of them."""
        text = extra
        for name, code in pairs:
            (self.path / f"{name}.py").write_text(code)
            class_name = code.rpartition("\nclass ")[2].partition("(")[0]
            text += f'\n[[strategy]]\nname = "{name}"\nsource = "{self.path / name}.py:{class_name}"\n'
        config = self.path / "node.toml"
        config.write_text(text)
        return config

    def command(self, *words: str | Path) -> list[str]:
        return [sys.executable, "-m", "omni", *map(str, words)]

    def omni(
        self, *words: str | Path, code: int | None = 0, settings: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, under these settings of the environment, and check its exit code."""
        done = subprocess.run(
            self.command(*words),
            check=False,
            cwd=self.path,
            env=environment() | (settings or {}),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        said = f"{done.args}\nexit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert code is None or done.returncode == code, said
        assert "Traceback" not in done.stderr, said
        return done

    def run(self, *words: str | Path, code: int = 0) -> "Record":
        """Run a tiny day to its end and return its record."""
        known = set(self.runs())
        done = self.omni("run", *FAST, "--home", self.home, *words, code=code)
        (folder,) = set(self.runs()) - known
        return Record(folder, done.stdout + done.stderr)

    def launch(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start one command and return its process."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self, *words: str | Path) -> "Running":
        """Start a tiny day and return once its control socket answers."""
        known = set(self.runs())
        process = self.launch("run", *TINY, "--no-console", "--exit", "--home", self.home, *words)

        def folder() -> Path | None:
            assert process.poll() is None, process.communicate()[0]
            new = [run for run in self.runs() if run not in known and (run / "control.sock").exists()]
            return new[0] if new else None

        return Running(self, process, until(folder, "the control socket of the run"))

    def runs(self) -> list[Path]:
        """Return the runs' folders, oldest first."""
        return sorted(path.parent for path in self.home.glob("*/config.toml"))


@dataclass(slots=True)
class Record:
    """What a run left, and what it said."""

    folder: Path
    said: str

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads((self.folder / "run.json").read_text())

    @property
    def hashes(self) -> tuple[str, str, int]:
        summary = self.summary
        return summary["digest"], summary["state_digest"], summary["seq"]

    def strategy(self, name: str) -> dict[str, Any]:
        return next(one for one in self.summary["strategies"] if one["name"] == name)

    def table(self, name: str) -> dict[str, list[Any]]:
        """Return a Parquet table as lists by column."""
        with duckdb.connect() as connection:
            relation = connection.execute(f"SELECT * FROM '{self.folder / name}.parquet'")
            names = [column[0] for column in relation.description]
            return dict(zip(names, map(list, zip(*relation.fetchall(), strict=True)), strict=False))

    def tables(self) -> dict[str, dict[str, list[Any]]]:
        return {name: self.table(name) for name in ("orders", "fills", "equity", "bars")}

    def open_orders(self) -> int:
        """Count the orders that were still open at the end."""
        return sum(status in {"new", "partially_filled"} for status in self.table("orders").get("status", []))


@dataclass(slots=True)
class Running:
    """A node that goes."""

    place: Place
    process: subprocess.Popen[str]
    folder: Path

    def omni(self, verb: str, *words: str, code: int = 0) -> str:
        """Speak to the node by the command line."""
        return self.place.omni(verb, "--home", self.place.home, *words, code=code).stdout

    def omni_fails(self, verb: str, *words: str) -> str:
        """Speak to the node by the command line, which refuses; return why."""
        return self.place.omni(verb, "--home", self.place.home, *words, code=1).stderr

    def status(self) -> dict[str, Any]:
        with ControlClient(self.folder) as client:
            return client.status()

    def until(self, true: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        """Poll the node's status until something is true of it."""

        def look() -> dict[str, Any] | None:
            assert self.process.poll() is None, self.process.communicate()[0]
            try:
                status = self.status()
            except (NoNodeError, RefusedError):
                return None  # It doesn't answer, or has shown no state yet.
            return status if true(status) else None

        return until(look, what)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, code: int = 0) -> Record:
        """Wait for the end and return what the run left."""
        said, _ = self.process.communicate(timeout=DEADLINE_S)
        assert self.process.returncode == code, f"exit code {self.process.returncode}\n{said}"
        assert "Traceback" not in said, said
        return Record(self.folder, said)

    def leave(self) -> None:
        """End the process, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def environment() -> dict[str, str]:
    """Return the environment without settings of ours, with this checkout first."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OMNI__")}
    return own | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
