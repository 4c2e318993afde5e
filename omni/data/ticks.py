"""Tick tables, as a person writes them: how fine a price may be, by its size and by date."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from omni.data.scalar import decimal, instant_ns, number
from omni.model.error import ConfigError

#: From this price on, this tick.
Row = tuple[Decimal, Decimal]
#: From this time on, in nanoseconds since 1970 in UTC, these rows; `None` is from the beginning.
Dated = tuple[int | None, list[Row]]

_EXPECTED = "expected rows such as 0:0.0001 1:0.01, later tables behind their time (2025-11-03T00:00Z 0:0.005)"


def text(given: object) -> str:
    """Return a list of (from, tick), or a dict of such lists by time, as text.

    Raises
    ------
    ConfigError
        For anything else.
    """
    if isinstance(given, Mapping):
        return " ".join(f"{time} {_rows(rows)}" if time else _rows(rows) for time, rows in given.items())
    return _rows(given)


def _rows(given: object) -> str:
    rows = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    pairs = [row for row in rows if isinstance(row, tuple | list) and len(row) == 2]
    if len(pairs) < len(rows) or not rows:
        raise ConfigError(f"ticks: expected a list of (from, tick), found {given!r}")
    return " ".join(f"{price}:{tick}" for price, tick in pairs)


def tables(written: str) -> list[Dated]:
    """Return the tables of a text, in the order in which they are written.

    Raises
    ------
    ConfigError
        Where a part is neither a row nor a time.
    """
    found: list[Dated] = []
    for part in written.split():
        if "T" in part:
            found.append((instant_ns(part, "ticks"), []))
            continue
        price, colon, tick = part.partition(":")
        if not colon:
            raise ConfigError(f"ticks: {_EXPECTED}, found {part!r}")
        if not found:
            found.append((None, []))
        found[-1][1].append((number(price, "ticks"), decimal(tick, "ticks")))
    if not found or not all(rows for _, rows in found):
        raise ConfigError(f"ticks: {_EXPECTED}, found {written!r}")
    return found
