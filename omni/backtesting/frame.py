"""A table of a result: NumPy columns by name, and the data frames of other libraries."""

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

    def to_polars(self) -> Any:
        """Return a Polars frame; needs `pip install 'omni-alpha[frames]'`."""
        return _library("polars").DataFrame({name: _plain(values) for name, values in self.items()})

    def to_pandas(self) -> Any:
        """Return a pandas frame; needs `pip install 'omni-alpha[frames]'`."""
        return _library("pandas").DataFrame(dict(self))

    def to_arrow(self) -> Any:
        """Return an Arrow table; needs `pip install 'omni-alpha[frames]'`."""
        return _library("pyarrow").table({name: _plain(values) for name, values in self.items()})

    def __repr__(self) -> str:
        return f"Frame({self.rows:,} rows: {', '.join(self)})"


def _plain(values: "np.ndarray[Any, Any]") -> Any:
    return values.tolist() if values.dtype.kind in "OU" else values


def _library(name: str) -> Any:
    from importlib import import_module  # noqa: PLC0415

    try:
        return import_module(name)
    except ImportError:
        raise ConfigError(f"{name} is not installed; `pip install 'omni-alpha[frames]'` brings it") from None
