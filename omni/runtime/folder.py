"""A run's folder: what is in it and where."""

import os
import secrets
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from omni.infra.control import address
from omni.model.error import DataError
from omni.runtime.table import TABLES


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run.

    Parameters
    ----------
    path
        Where it is; its name is the run's id.
    """

    path: Path

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def config(self) -> Path:
        """The configuration that the run had, every key."""
        return self.path / "config.toml"

    @property
    def summary(self) -> Path:
        """How the run ended, as JSON."""
        return self.path / "run.json"

    @property
    def journal(self) -> Path:
        """The journal's folder."""
        return self.path / "journal"

    @property
    def has_journal(self) -> bool:
        """Whether anything of the run was written down; without, nothing happened in it."""
        return any(self.journal.glob("*"))

    @property
    def venue(self) -> Path:
        """How orders fill, where the run is on recorded data."""
        return self.path / "venue.json"

    @property
    def call(self) -> Path:
        """Which compiled strategy is being called, while the run goes."""
        return self.path / "plugin.call"

    @property
    def socket(self) -> Path:
        """The control socket, while the run goes."""
        return self.path / "control.sock"

    @property
    def report(self) -> Path:
        """The report."""
        return self.path / "report.html"

    @property
    def sources(self) -> Path:
        """Copies of the files that strategies came from, so that the run can be replayed as it was."""
        return self.path / "strategies"

    @property
    def is_complete(self) -> bool:
        """Whether record, tables and report are all there."""
        return all(path.exists() for path in (self.summary, self.report, *map(self.table, TABLES)))

    @property
    def is_running(self) -> bool:
        """Whether a node answers."""
        if not self.socket.exists():
            return False
        with address(self.path) as place, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(place) == 0

    def table(self, name: str) -> Path:
        """Return the Parquet file of one of `TABLES`."""
        return self.path / f"{name}.parquet"


def make(home: Path) -> RunFolder:
    """Make a new run's folder in `home`, named after the moment and a few random letters.

    Raises
    ------
    DataError
        Where it can't be made: says why, and what to do.
    """
    stamp = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%d-%H%M%S")
    path = home / f"{stamp}-{secrets.token_hex(2)}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise DataError(f"can't make the run's folder {path}: {reason}; choose another place by --home") from None
    return RunFolder(path)


def newest(home: Path) -> RunFolder | None:
    """Return the newest run's folder where a node answers, or `None`; a killed node leaves a socket that doesn't."""
    sockets = sorted(home.glob("*/control.sock"), reverse=True)
    return next((folder for folder in (RunFolder(path.parent) for path in sockets) if folder.is_running), None)
