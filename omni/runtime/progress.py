"""The progress line of a run."""

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

_EVERY_S = 0.25
_WIDTH = 24


@dataclass(slots=True)
class ProgressLine:
    """One line on a terminal, written over; nothing elsewhere.

    Parameters
    ----------
    mode
        The run's mode, always shown.
    start_ns, end_ns
        The day; an end of `None` is not known.
    stream
        Where it is written.
    """

    mode: str
    start_ns: int
    end_ns: int | None
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _last_s: float = 0.0
    _last_seq: int = 0
    _rate: float = 0.0

    def show(self, time_ns: int, seq: int, *, killed: bool) -> None:
        """Write the line, at most four times a second."""
        now = time.monotonic()
        elapsed = now - self._last_s
        if not self.stream.isatty() or elapsed < _EVERY_S or time_ns <= 0:
            return
        if self._last_s:
            self._rate = (seq - self._last_seq) / elapsed
        self._last_s, self._last_seq = now, seq
        clock = datetime.fromtimestamp(time_ns / 1e9, UTC).strftime("%H:%M:%S")
        state = "KILLED" if killed else "trading"
        line = f"{self.mode.upper()} {state}  {clock} UTC {self._bar(time_ns)}  {seq:,} inputs, {self._rate:,.0f}/s"
        self.stream.write(f"\r\x1b[K{line}")
        self.stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self.stream.isatty():
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def _bar(self, time_ns: int) -> str:
        if self.end_ns is None:
            return ""
        done = min(max((time_ns - self.start_ns) / max(self.end_ns - self.start_ns, 1), 0.0), 1.0)
        full = int(done * _WIDTH)
        return f"[{'#' * full}{'.' * (_WIDTH - full)}] {done:4.0%}"
