"""Compiled strategies: shared libraries with the interface of `omni_plugin.h`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from omni.engine import PluginLibrary
from omni.model.error import ConfigError
from omni.model.parameter import Parameter, Value, unknown


class Plugin:
    """A compiled strategy, as a package names it in its entry point of `omni.strategies`.

    ::

        strategy = omni.Plugin(Path(__file__).with_name("libmine.so"))

    Where the library is a module of Python too, as Cython makes them, it is imported first.

    Parameters
    ----------
    path
        The shared library.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __call__(self, **parameters: Value) -> "Compiled":
        """Make a strategy with these parameters, as a class does.

        Raises
        ------
        ConfigError
            For a file that is no plugin, and a parameter that it doesn't take.
        """
        known = self.parameters()
        for name in parameters:
            if name not in known:
                raise ConfigError(unknown(self.name, name, list(known)))
        return Compiled(self, {name: known[name].check(name, value) for name, value in parameters.items()})

    @property
    def name(self) -> str:
        """What the plugin calls itself."""
        return self.library.name

    def parameters(self) -> dict[str, Parameter]:
        """Return the declared parameters by name."""
        rows = self.library.parameters
        return {name: Parameter(default, text, least, most) for name, _, default, least, most, text in rows}

    @cached_property
    def library(self) -> PluginLibrary:
        """The library, loaded."""
        if self.path.name.endswith((EXTENSION_SUFFIXES[0], ".abi3.so")):
            _import(self.path)
        return PluginLibrary(str(self.path))


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled strategy and the parameters that were given.

    Parameters
    ----------
    plugin
        Where it comes from.
    given
        The parameters that aren't left at their defaults.
    """

    plugin: Plugin
    given: Mapping[str, Value]

    @property
    def name(self) -> str:
        """What the plugin calls itself."""
        return self.plugin.name

    @property
    def callbacks(self) -> list[str]:
        """The callbacks that take market data."""
        return self.plugin.library.callbacks

    @property
    def values(self) -> dict[str, Value]:
        """All parameters with their values."""
        defaults = {name: one.default for name, one in self.plugin.parameters().items()}
        return defaults | dict(self.given)

    @property
    def pairs(self) -> list[tuple[str, float | str]]:
        """The given parameters as the engine takes them."""
        return [(name, value if isinstance(value, str) else float(value)) for name, value in self.given.items()]


def _import(path: Path) -> None:
    """Import a module that is a plugin, so that what it needs of Python is set up."""
    name = path.name.partition(".")[0]
    spec = spec_from_file_location(name, path, loader=ExtensionFileLoader(name, str(path)))
    if spec is None or spec.loader is None:
        raise ConfigError(f"plugin {path} is not a module of Python")
    try:
        spec.loader.exec_module(module_from_spec(spec))
    except ImportError as error:
        raise ConfigError(f"plugin {path} can't be imported: {error}") from error
