"""Finds strategies: by the name of an entry point, or in a file, of Python or compiled."""

import sys
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from omni.model.error import ConfigError
from omni.model.plugin import Plugin
from omni.model.strategy import Strategy

GROUP = "omni.strategies"
#: Strategies in Rust, which the engine makes by name.
BUILT_IN = ("maker", "taker")
#: How the names of compiled strategies' files end.
_LIBRARIES = (".so", ".dylib")


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A strategy that is part of the engine."""

    name: str


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
    if source.endswith(_LIBRARIES):
        return _loaded(Plugin(source))
    if ".py" in source:
        return _from_file(source)
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if source not in known:
        raise ConfigError(_unknown(source, [*known, *BUILT_IN]))
    return _checked(_load(known[source]), source)


def names() -> list[str]:
    """Return the names of all strategies that are installed, built-in ones included."""
    return sorted({entry.name for entry in entry_points(group=GROUP)} | set(BUILT_IN))


def _load(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"strategy {entry.name} ({entry.value}) can't be loaded: {error}") from error


def _from_file(source: str) -> type[Strategy]:
    place, _, name = source.partition(":")
    path = Path(place)
    if not path.is_file():
        raise ConfigError(f"there is no strategy file {place}")
    module = path.stem
    spec = spec_from_file_location(module, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{place} is not a Python file")
    loaded = module_from_spec(spec)
    sys.modules[module] = loaded
    try:
        spec.loader.exec_module(loaded)
    except SyntaxError as error:
        raise ConfigError(f"{place}, line {error.lineno}: {error.msg}") from error
    classes = [one for one in vars(loaded).values() if isinstance(one, type) and issubclass(one, Strategy)]
    own = {one.__name__: one for one in classes if one.__module__ == module}
    if not name and len(own) == 1:
        return next(iter(own.values()))
    if name not in own:
        raise ConfigError(f"{source}: the file has {', '.join(own) or 'no strategy'}; say FILE.py:CLASS")
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
