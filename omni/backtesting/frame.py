"""A table of a result: NumPy columns by name, and the data frames of other libraries."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from omni.model.error import ConfigError

if TYPE_CHECKING:
    import numpy as np


class Frame(dict[str, "np.ndarray[Any, Any]"]):
    """NumPy columns by name, all of one length."""

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self.values()), ()))

    def to_polars(self) -> object:
        """Return a Polars frame; needs `pip install 'omni-alpha[frames]'`."""
        frame: object = _library("polars").DataFrame({name: _plain(values) for name, values in self.items()})
        return frame

    def to_pandas(self) -> object:
        """Return a pandas frame; needs `pip install 'omni-alpha[frames]'`."""
        frame: object = _library("pandas").DataFrame(dict(self))
        return frame

    def to_arrow(self) -> object:
        """Return an Arrow table; needs `pip install 'omni-alpha[frames]'`."""
        frame: object = _library("pyarrow").table({name: _plain(values) for name, values in self.items()})
        return frame

    def __repr__(self) -> str:
        return f"Frame({self.rows:,} rows: {', '.join(self)})"


def _plain(values: "np.ndarray[Any, Any]") -> object:
    return values.tolist() if values.dtype.kind in "OU" else values


def _library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError:
        raise ConfigError(f"{name} is not installed; `pip install 'omni-alpha[frames]'` brings it") from None
