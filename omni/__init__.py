"""OMNI Alpha: one engine for backtest, paper and live trading.

The names below are the public API. Each is loaded on first use, so that `import omni` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omni.backtesting.result import Result as Result
    from omni.backtesting.run import backtest as backtest
    from omni.engine import __version__ as __version__
    from omni.model.adjustment import Dividend as Dividend
    from omni.model.adjustment import Rename as Rename
    from omni.model.adjustment import Split as Split
    from omni.model.error import ConfigError as ConfigError
    from omni.model.error import DataError as DataError
    from omni.model.error import EngineError as EngineError
    from omni.model.error import OmniError as OmniError
    from omni.model.error import RefusedError as RefusedError
    from omni.model.error import VenueError as VenueError
    from omni.model.parameter import param as param
    from omni.model.plugin import Plugin as Plugin
    from omni.model.strategy import Strategy as Strategy

_HOMES = {
    "ConfigError": "omni.model.error",
    "DataError": "omni.model.error",
    "Dividend": "omni.model.adjustment",
    "EngineError": "omni.model.error",
    "OmniError": "omni.model.error",
    "Plugin": "omni.model.plugin",
    "RefusedError": "omni.model.error",
    "Rename": "omni.model.adjustment",
    "Result": "omni.backtesting.result",
    "Split": "omni.model.adjustment",
    "VenueError": "omni.model.error",
    "Strategy": "omni.model.strategy",
    "__version__": "omni.engine",
    "backtest": "omni.backtesting.run",
    "param": "omni.model.parameter",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    """Load a public name from its home and keep it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'omni' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *_HOMES})
