"""Where a configuration's values come from: the file, the environment, the flags."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from omni.model.error import ConfigError

PREFIX = "OMNI__"


class Source(Struct, frozen=True):
    """Where a value comes from.

    Parameters
    ----------
    kind
        Which layer.
    place
        `FILE:LINE`, the environment's variable, or the flag; empty for a default.
    """

    kind: Literal["default", "file", "environment", "flag"]
    place: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.place}".rstrip()


DEFAULT = Source("default")


class Flag(Struct, frozen=True):
    """A value that the command line sets.

    Parameters
    ----------
    name
        As a person writes it: `--speed`, or `--set run.speed`.
    value
        As it was given; text may spell a number or a truth value.
    """

    name: str
    value: object


class Setting(Struct, frozen=True):
    """One value that a layer sets.

    Parameters
    ----------
    key
        As it is written: `section.key`.
    value
        As it was found.
    source
        Where.
    text
        Whether it came as text, which may spell a number or a truth value.
    """

    key: str
    value: object
    source: Source
    text: bool = False


def read_file(path: Path) -> tuple[dict[str, object], "Lines"]:
    """Return a file's tables, and on which line each key stands.

    Raises
    ------
    ConfigError
        Where it can't be read or isn't TOML; the message says at which line and column.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"can't read the configuration {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"the configuration {path} is not UTF-8 text: byte {error.start}") from None
    try:
        return tomllib.loads(text), Lines(path, text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the configuration {path} is not TOML: {error}") from None


def environment_settings(environ: Mapping[str, str]) -> Iterator[Setting]:
    """Yield what the variables `OMNI__SECTION__KEY` set, in the order of their names."""
    for name in sorted(environ):
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX).lower().replace("__", ".")
            yield Setting(key, environ[name], Source("environment", name), text=True)


def flag_settings(flags: Mapping[str, Flag]) -> Iterator[Setting]:
    """Yield what the command line sets."""
    for key, flag in flags.items():
        yield Setting(key, flag.value, Source("flag", flag.name), text=isinstance(flag.value, str))


class Lines:
    """On which line of a file each key stands.

    tomllib doesn't say, so headers and assignments are looked up by their form; what isn't found so (a key in an
    inline table, for one) has the file alone as its place.
    """

    _HEADER = re.compile(r"\s*\[(\[?)\s*([\w.-]+)\s*\]")
    _ASSIGNMENT = re.compile(r"\s*([\w-]+(?:\s*\.\s*[\w-]+)*)\s*=")

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._numbers: dict[str, int] = {}
        table, entries = "", 0
        for number, line in enumerate(text.splitlines(), start=1):
            if header := self._HEADER.match(line):
                table = header[2]
                if header[1]:
                    table, entries = f"{table}[{entries}]", entries + 1
                elif table.startswith("strategy."):
                    table = f"strategy[{entries - 1}].{table.partition('.')[2]}"
                self._numbers.setdefault(table, number)
            elif assignment := self._ASSIGNMENT.match(line):
                name = re.sub(r"\s", "", assignment[1])
                self._numbers.setdefault(f"{table}.{name}" if table else name, number)

    def source(self, key: str) -> Source:
        """Return where a key stands."""
        number = self._numbers.get(key)
        return Source("file", str(self._path) if number is None else f"{self._path}:{number}")
