"""Finds strategies: by the name of an entry point, or in a file, of Python or compiled."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb

from omni.model.error import ConfigError
from omni.model.parameter import Value
from omni.model.plugin import Plugin
from omni.model.strategy import Strategy

GROUP = "omni.strategies"
#: Strategies in Rust, which the engine makes by name, and the market data that each can't do without.
_TAKES = {"maker": ("on_quote",), "taker": ("on_book",)}
BUILT_IN = tuple(_TAKES)
#: Ours, where nothing goes wrong but what it was asked wrongly: the public names, and the base class.
_PASSING_ON = (Path(__file__).parent.parent, Path(__file__).parent.parent / "model")
#: How the names of compiled strategies' files end.
_LIBRARIES = (".so", ".dylib")


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A strategy that is part of the engine."""

    name: str

    @property
    def callbacks(self) -> tuple[str, ...]:
        """The callbacks that take the market data it can't do without."""
        return _TAKES[self.name]

    def numbers(self, params: Mapping[str, Value]) -> list[tuple[str, float]]:
        """Return its parameters, which are all numbers; a command line's come as text.

        Raises
        ------
        ConfigError
            For one that is no number.
        """
        return [(name, _number(name, value)) for name, value in params.items()]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a strategy comes from: a file and the class in it, a shared library, or what is installed under a name.

    Parameters
    ----------
    file
        The file, if it comes from one.
    name
        The class in the file, empty where it has only one; or the name under which it is installed.
    """

    file: Path | None
    name: str

    @staticmethod
    def read(text: str) -> "Source":
        """Read `FILE.py`, `FILE.py:CLASS`, a shared library's path or a name."""
        if text.endswith(_LIBRARIES):
            return Source(Path(text), "")
        place, name = (text, "") if text.endswith(".py") else text.rpartition(":")[::2]
        return Source(Path(place), name) if place.endswith(".py") else Source(None, text)

    def __str__(self) -> str:
        if self.file is None:
            return self.name
        return f"{self.file}:{self.name}" if self.name else str(self.file)


def find(source: str) -> type[Strategy] | Plugin | BuiltIn:
    """Return a strategy's class, a compiled one, or the name of a built-in one.

    Parameters
    ----------
    source
        The name of an entry point of `omni.strategies`, a built-in strategy's name, `FILE.py:CLASS`, or the path of a
        shared library.

    Raises
    ------
    ConfigError
        Where there is none, or it isn't a strategy; says what there is.
    """
    if source in BUILT_IN:
        return BuiltIn(source)
    asked = Source.read(source)
    if asked.file is not None and asked.file.suffix in _LIBRARIES:
        return _loaded(Plugin(asked.file))
    if asked.file is not None:
        return _from_file(asked.file, asked.name)
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if source not in known:
        raise ConfigError(_unknown(source, [*known, *BUILT_IN]))
    return _checked(_load(known[source]), source)


def described(error: Exception) -> str:
    """Tell an error of somebody's code, and the line of it that led there."""
    frames = extract_tb(error.__traceback__)
    last = next((one for one in reversed(frames) if Path(one.filename).parent not in _PASSING_ON), frames[-1])
    return f"{type(error).__name__}: {error} (in {last.name}, {last.filename}, line {last.lineno})"


def names() -> list[str]:
    """Return the names of all strategies that are installed, built-in ones included."""
    return sorted({entry.name for entry in entry_points(group=GROUP)} | set(BUILT_IN))


def _load(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"strategy {entry.name} ({entry.value}) can't be loaded: {error}") from error


def _number(name: str, value: Value) -> float:
    try:
        if not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError):
        pass
    raise ConfigError(f"parameter {name}: expected a number, found {value!r}")


def _from_file(path: Path, name: str) -> type[Strategy]:
    if not path.is_file():
        raise ConfigError(f"there is no strategy file {path}")
    module = path.stem
    spec = spec_from_file_location(module, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} is not a Python file")
    loaded = module_from_spec(spec)
    sys.modules[module] = loaded
    try:
        spec.loader.exec_module(loaded)
    except SyntaxError as error:
        raise ConfigError(f"{path}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        raise ConfigError(f"strategy file {path} can't be loaded: {described(error)}") from error
    classes = [one for one in vars(loaded).values() if isinstance(one, type) and issubclass(one, Strategy)]
    own = {one.__name__: one for one in classes if one.__module__ == module}
    if not name and len(own) == 1:
        return next(iter(own.values()))
    if name not in own:
        raise ConfigError(f"{Source(path, name)}: the file has {', '.join(own) or 'no strategy'}; say FILE.py:CLASS")
    return own[name]


def _loaded(plugin: Plugin) -> Plugin:
    """Load a compiled strategy now, so that what is wrong with it is told before anything starts."""
    _ = plugin.library
    return plugin


def _checked(loaded: object, source: str) -> type[Strategy] | Plugin:
    if isinstance(loaded, str | Path):
        loaded = Plugin(loaded)
    if isinstance(loaded, Plugin):
        return _loaded(loaded)
    if isinstance(loaded, type) and issubclass(loaded, Strategy):
        return loaded
    raise ConfigError(f"strategy {source} is {loaded!r}, neither a class derived from omni.Strategy nor an omni.Plugin")


def _unknown(source: str, known: list[str]) -> str:
    near = get_close_matches(source, known, 1)
    hint = (
        f"did you mean {near[0]}?"
        if near
        else f"there are {', '.join(sorted(known))}, or give FILE.py:CLASS or a shared library's path"
    )
    return f"there is no strategy {source}; {hint}"
