"""Data frames and arrays as columns: Polars, pandas, Arrow, NumPy; none of the libraries is imported here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from omni.model.error import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def columns(data: object) -> "dict[str, Array] | None":
    """Return the columns of a frame or mapping, or `None` where it is neither.

    Raises
    ------
    DataError
        For a column that can't become an array, and two of one name.
    """
    if isinstance(data, Mapping):
        return {str(name): _array(values, str(name)) for name, values in data.items()}
    names = _names(data)
    if names is None:
        return _from_structured(data)
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise DataError(f"the frame has two columns named {twice}")
    index = getattr(data, "index", None)
    found = {name: _array(data[name], name) for name in names}  # type: ignore[index]
    if index is not None and getattr(index, "name", None) is not None and str(index.name) not in found:
        # A named index of pandas, which is where its time most often is.
        found[str(index.name)] = _array(index, str(index.name))
    return found


def _names(data: object) -> list[str] | None:
    for attribute in ("column_names", "columns"):
        names = getattr(data, attribute, None)
        if names is not None and not callable(names) and hasattr(data, "__getitem__"):
            listed = list(names)
            if all(isinstance(name, str) for name in listed):
                return listed
    return None


def _from_structured(data: object) -> "dict[str, Array] | None":
    import numpy as np  # noqa: PLC0415

    if isinstance(data, np.ndarray) and data.dtype.names:
        return {name: np.ascontiguousarray(data[name]) for name in data.dtype.names}
    return None


def _array(values: object, name: str) -> "Array":
    import numpy as np  # noqa: PLC0415

    zone = getattr(getattr(values, "dtype", None), "time_zone", None) or getattr(
        getattr(values, "type", None), "tz", None
    )
    aware = zone is not None or getattr(getattr(values, "dtype", None), "tz", None) is not None
    array = np.asarray(_plain(values))
    if array.ndim != 1:
        raise DataError(f"column {name}: expected one dimension, found {array.ndim}")
    if aware and array.dtype.kind == "M":
        # The instants are in UTC already: as whole nanoseconds they need no time zone.
        return _Utc.mark(array)
    return array


def _plain(values: object) -> object:
    to_numpy = getattr(values, "to_numpy", None)
    if to_numpy is None:
        return values
    dtype = getattr(values, "dtype", None)
    if getattr(dtype, "tz", None) is not None:
        times: Any = values
        if hasattr(times, "dt"):
            return times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return times.tz_convert("UTC").tz_localize(None).to_numpy()
    return to_numpy()


class _Utc:
    """Marks times that are known to be in UTC."""

    @staticmethod
    def mark(array: "Array") -> "Array":
        """Return the times with metadata that says so."""
        import numpy as np  # noqa: PLC0415

        nanos = array.astype("datetime64[ns]")
        return nanos.view(np.dtype("datetime64[ns]", metadata={"timezone": "UTC"}))
