"""The kill switch across restarts: a file beside the runs that stays until a person resumes with a reason."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

FILE = "KILLED"


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

    def write(self, run: str, reason: str) -> None:
        """Note that it is on, so that it survives whatever comes."""
        note = json.dumps({"run": run, "reason": reason, "since_ns": time.time_ns()})
        draft = self.path.with_suffix(".new")
        with draft.open("w") as file:
            file.write(note + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def remove(self) -> None:
        """Note that a person ended it."""
        self.path.unlink(missing_ok=True)
