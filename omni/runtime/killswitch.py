"""The kill switch across restarts: a file beside the runs that stays until a person resumes with a reason."""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

FILE = "KILLED"
RESUMED = "RESUMED"


@dataclass(frozen=True, slots=True)
class KillFile:
    """The note that the kill switch is on.

    Parameters
    ----------
    home
        The runs' folder.
    """

    home: Path

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.home / FILE

    def reason(self) -> str | None:
        """Return why the kill switch is on, or `None` where it is off; an unreadable note means on."""
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return None
        try:
            return str(json.loads(text)["reason"])
        except (ValueError, KeyError, TypeError):
            return f"unreadable note in {self.path}"

    def since(self) -> str:
        """Return when it was turned on, for people; empty where the note doesn't tell."""
        try:
            since_ns = int(json.loads(self.path.read_text())["since_ns"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return f"{datetime.fromtimestamp(since_ns // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"

    def write(self, run: str, reason: str) -> None:
        """Note that it is on, so that it survives whatever comes; a note that stands already keeps its reason."""
        if self.reason() is not None:
            return
        note = json.dumps({"run": run, "reason": reason, "since_ns": time.time_ns()})
        # Whoever kills and the node that obeys both write it, at the same moment.
        draft = self.path.with_suffix(f".{os.getpid()}")
        with draft.open("w") as file:
            file.write(note + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def remove(self) -> None:
        """Note that a person ended it."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ResumeNote:
    """The note that a person ended the kill switch after a run's process had: its journal doesn't know it yet.

    Parameters
    ----------
    folder
        The run's folder.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.folder / RESUMED

    def reason(self) -> str | None:
        """Return why it was ended, or `None` where it was not, or the note can't be read."""
        try:
            return str(json.loads(self.path.read_text())["reason"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, reason: str) -> None:
        """Note why it was ended."""
        self.path.write_text(json.dumps({"reason": reason, "since_ns": time.time_ns()}) + "\n")

    def remove(self) -> None:
        """Note that the run's journal says it, or that the switch is on again."""
        self.path.unlink(missing_ok=True)


@dataclass(slots=True)
class KillNote:
    """Keeps the file as the kill switch of a running node is.

    Parameters
    ----------
    file
        The file.
    run
        The run's id.
    """

    file: KillFile
    run: str
    _on: bool = field(init=False)
    _warned: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._on = self.file.reason() is not None

    def follow(self, killed: str | None) -> None:
        """Write or remove the note where the switch has changed; a failure is told once and tried again."""
        if (killed is not None) == self._on:
            return
        try:
            if killed is not None:
                self.file.write(self.run, killed)
            else:
                self.file.remove()
        except OSError as error:
            if not self._warned:
                print(f"omni: can't note the kill switch in {self.file.path}: {error.strerror}", file=sys.stderr)
            self._warned = True
            return
        self._on = killed is not None
