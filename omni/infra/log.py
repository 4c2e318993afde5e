"""Structured logs: one JSON object a line in files that rotate, and words for people on a terminal."""

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from math import isfinite
from pathlib import Path
from typing import Self, TextIO

from omni.infra.secret import MASK, Secret
from omni.infra.section import Log
from omni.model.error import ConfigError

FILE = "omni.log"
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MIB = 1024 * 1024


def open_log(config: Log, directory: Path, terminal: TextIO | None = None, secrets: Iterable[Secret] = ()) -> "LogBook":
    """Send what is logged under `omni` to a file that rotates, and to a terminal if there is one.

    Parameters
    ----------
    config
        The section `[log]`; its own directory, where it has one, comes before `directory`.
    directory
        The run's folder.
    terminal
        A stream for people, or none.
    secrets
        Texts that are masked wherever they would be written.

    Raises
    ------
    ConfigError
        Where the file can't be opened.
    """
    path = Path(config.directory or directory) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _File(path, maxBytes=config.rotate_mib * _MIB, backupCount=config.rotate_count, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"can't write the log {path}: {error.strerror}; see log.directory") from None
    masks = tuple(secret.reveal() for secret in secrets if secret)
    file.setFormatter(JsonFormat(masks))
    handlers: list[logging.Handler] = [file]
    if terminal is not None:
        handlers.append(logging.StreamHandler(terminal))
        handlers[-1].setFormatter(HumanFormat(masks))
    return LogBook(path, config.level, handlers)


class LogBook:
    """The open logs of a run; close it, or use it as a context, to flush and let go of them.

    Parameters
    ----------
    path
        The file that is written now; those put aside are `PATH.1`, the newest, and on.
    level
        The least important that is written.
    handlers
        Where it goes.
    """

    def __init__(self, path: Path, level: str, handlers: list[logging.Handler]) -> None:
        self.path = path
        self._handlers = handlers
        self._logger = logging.getLogger("omni")
        self._before = (self._logger.level, self._logger.propagate)
        self._logger.setLevel(level.upper())
        self._logger.propagate = False
        for handler in handlers:
            self._logger.addHandler(handler)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Flush and close every log, and leave the logger as it was."""
        for handler in self._handlers:
            self._logger.removeHandler(handler)
            handler.close()
        level, self._logger.propagate = self._before
        self._logger.setLevel(level)


class _File(RotatingFileHandler):
    """A log file whose disk may be full: that is told once, and never in the way of what is logged."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # The name that logging calls.
        """Say that the log can't be written."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._told:
            print(f"omni: can't write the log {self.baseFilename}: {error.strerror}", file=sys.stderr)
            self._told = True

    def close(self) -> None:
        """Close the file; what it couldn't take was told."""
        try:
            super().close()
        except OSError:
            self._told = True


class _Masked(logging.Formatter):
    """Masks secrets in whatever is written, tracebacks included."""

    def __init__(self, masks: tuple[str, ...]) -> None:
        super().__init__()
        # The longest first, so that a secret that holds another goes whole.
        self._masks = sorted(masks, key=len, reverse=True)

    def _mask(self, text: str) -> str:
        for mask in self._masks:
            text = text.replace(mask, MASK)
        return text

    def _clean(self, value: object) -> object:
        """Return the value as JSON's types, with its texts masked."""
        match value:
            case float():
                return value if isfinite(value) else str(value)  # JSON has no infinities.
            case None | bool() | int():
                return value
            case dict():
                return {self._mask(str(name)): self._clean(item) for name, item in value.items()}
            case list() | tuple():
                return [self._clean(item) for item in value]
        return self._mask(str(value))


class JsonFormat(_Masked):
    """One JSON object a line: time (UTC, ISO 8601), level, logger, message, what `extra` gave, and the fault."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN and name not in line}
        if record.exc_info:
            line["fault"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(self._clean(line), ensure_ascii=False)


class HumanFormat(_Masked):
    """One line for people: time of day (UTC), level, message, and what `extra` gave; then the fault."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line or lines."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        extra = "".join(f" {name}={value}" for name, value in vars(record).items() if name not in _OWN)
        text = f"{time} {record.levelname.lower():<7} {record.getMessage()}{extra}"
        if record.exc_info:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return self._mask(text)
