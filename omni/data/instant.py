"""Columns of times become nanoseconds since 1970 in UTC."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from omni.data.declaration import Declaration, zone
from omni.model.error import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_COUNTS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # Wall-clock time, as the column has it.


def nanoseconds(values: "Array", name: str, declared: Declaration, source: str) -> "Array":
    """Return times as nanoseconds since 1970 in UTC.

    Raises
    ------
    ConfigError
        Where whole numbers don't say what they count, or local times not where.
    DataError
        For a time that can't be read, or one before the row's before it; names the row, counted from 1.
    """
    import numpy as np  # noqa: PLC0415

    where = f"{source}, column {name}"
    if values.dtype.kind in "iu":
        unit = "ns" if _named_ns(name) else declared.need("time_unit", where)
        times = values.astype(np.int64, copy=False)
        times = times if unit == "ns" else times * _COUNTS[unit]
    else:
        times = _dates(values, where, declared)
    late = np.diff(times) < 0
    if late.any():
        row = int(late.argmax()) + 2
        raise DataError(f"{where}, row {row}: its time lies before that of row {row - 1}; sort the data by time first")
    return times


def undeclared(values: "Array", name: str) -> tuple[str, ...]:
    """Return what has to be declared of a column of times."""
    if values.dtype.kind in "iu":
        return () if _named_ns(name) else ("time_unit",)
    return () if _aware(values) else ("timezone",)


def _named_ns(name: str) -> bool:
    return name.lower().endswith("_ns")


def _dates(values: "Array", where: str, declared: Declaration) -> "Array":
    import numpy as np  # noqa: PLC0415

    try:
        stamps = values if values.dtype.kind == "M" else _parsed(values, where)
    except ValueError as error:
        raise DataError(f"{where}: {error}") from None
    missing = np.isnat(stamps)
    if missing.any():
        raise DataError(f"{where}, row {int(missing.argmax()) + 1}: there is no time")
    times: Array = stamps.astype("datetime64[ns]").astype(np.int64)
    return times if _aware(values) else utc(times, zone(declared.need("timezone", where)))


def _aware(values: "Array") -> bool:
    """Whether the times carry their offset from UTC."""
    if values.dtype.metadata is not None and values.dtype.metadata.get("timezone") == "UTC":
        return True
    first = values[0] if len(values) and values.dtype.kind in "OUS" else None
    if isinstance(first, datetime):
        return first.tzinfo is not None
    return isinstance(first, str) and (first.endswith("Z") or "+" in first[10:] or "-" in first[10:])


def _parsed(values: "Array", where: str) -> "Array":
    import numpy as np  # noqa: PLC0415

    def one(row: int, value: object) -> int:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise DataError(f"{where}, row {row + 1}: {value!r} is not an ISO 8601 time") from None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise DataError(f"{where}, row {row + 1}: {value!r} is not a time")
        offset = value.utcoffset() or timedelta()
        return (value.replace(tzinfo=None) - offset - _EPOCH) // timedelta(microseconds=1)

    micros = np.fromiter((one(row, value) for row, value in enumerate(values)), dtype=np.int64, count=len(values))
    return micros.astype("datetime64[us]")


def utc(local_ns: "Array", at: ZoneInfo) -> "Array":
    """Return wall-clock times of a zone as UTC; a time that a clock change repeats is its first occurrence."""
    import numpy as np  # noqa: PLC0415

    hour = 3_600 * 10**9
    # An offset holds for whole hours everywhere but at the change itself, and no zone changes within one.
    hours, index = np.unique(local_ns // hour, return_inverse=True)
    offsets = np.array([_offset_ns(int(each) * hour, at) for each in hours], dtype=np.int64)
    return local_ns - (offsets[index] if len(hours) else np.int64(0))


def _offset_ns(local_ns: int, at: ZoneInfo) -> int:
    moment = (_EPOCH + timedelta(microseconds=local_ns // 1_000)).replace(tzinfo=at)
    offset = moment.utcoffset() or timedelta()
    return offset // timedelta(microseconds=1) * 1_000


def midnight_ns(day: date, at: ZoneInfo) -> int:
    """Return a local midnight in nanoseconds since 1970 in UTC."""
    return int(datetime.combine(day, time(), at).timestamp()) * 10**9
