"""A table of recorded data, ready for the engine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omni.data.declaration import Declaration, Kind, interval_ns
from omni.data.exact import counts, not_negative
from omni.data.instant import nanoseconds, undeclared
from omni.data.scalar import decimal
from omni.model.error import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

#: What a column may be called; the first is ours.
_ALIASES = {
    "time": ("time", "time_ns", "timestamp", "datetime", "date", "ts", "ts_event"),
    "symbol": ("symbol", "ticker"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume",),
    "bid": ("bid", "bid_price"),
    "ask": ("ask", "ask_price"),
    "bid_quantity": ("bid_quantity", "bid_size"),
    "ask_quantity": ("ask_quantity", "ask_size"),
    "price": ("price",),
    "quantity": ("quantity", "size"),
    "aggressor": ("aggressor", "side"),
}
_ROLES: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bars": (("open", "high", "low", "close"), ("volume",)),
    "quotes": (("bid", "ask"), ("bid_quantity", "ask_quantity")),
    "trades": (("price",), ("quantity",)),
}
#: Asset classes whose prices can be negative: oil's in April 2020, a spread's.
_BELOW_ZERO = frozenset({"future", "option"})
_SIDES = {"buy": 1, "b": 1, "sell": -1, "s": -1, "a": -1, "none": 0, "n": 0, "": 0}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind in the order of time, prices and quantities in counts of their units.

    Parameters
    ----------
    kind
        `bars`, `quotes` or `trades`.
    symbols
        The instruments' symbols.
    owner
        Position in `symbols` of each row's instrument; `None` where there is only one.
    time
        Nanoseconds since 1970 in UTC; a bar's is its close.
    columns
        The values by name.
    interval_ns
        Length of a bar.
    declared
        Units and names.
    source
        Where it comes from.
    """

    kind: Kind
    symbols: tuple[str, ...]
    owner: "Array | None"
    time: "Array"
    columns: "dict[str, Array]"
    interval_ns: int
    declared: Declaration
    source: str

    def times(self, symbol: str) -> "Array":
        """Return the times of one instrument's rows."""
        return self.time if self.owner is None else self.time[self.owner == self.symbols.index(symbol)]


def table(raw: "dict[str, Array]", declared: Declaration, source: str) -> Table:
    """Check columns and convert them to counts of the declared units.

    Raises
    ------
    DataError
        For columns that are missing, named twice or of unequal length, and rows that can't be taken.
    ConfigError
        For what has to be declared and isn't.
    """
    kind, found = roles(raw, declared, source)
    if not len(raw[found["time"]]):
        raise DataError(f"{source}: the data has no rows")
    declared.require(needed(kind, raw, found), source)
    prices, quantities = _ROLES[kind]
    columns = {name: _column(raw, found, name, kind, source) for name in (*prices, *quantities)}
    price_unit = decimal(declared.need("price_unit", source), "price_unit")
    quantity_unit = decimal(declared.need("quantity_unit", source), "quantity_unit")
    for name in quantities:
        where = f"{source}, column {found[name]}"
        columns[name] = not_negative(counts(columns[name], quantity_unit, where), where)
    for name in prices:
        shown = _shown(columns[name], columns.get(f"{name}_quantity"))
        where = f"{source}, column {found[name]}"
        columns[name] = _check_prices(counts(shown, price_unit, where), columns[name], where, declared)
    if "aggressor" in found and kind == "trades":
        columns["aggressor"] = _aggressor(raw[found["aggressor"]], source)
    time = nanoseconds(raw[found["time"]], found["time"], declared, source)
    length = _length(kind, declared, source)
    symbols, owner = _owners(raw, found, declared, source)
    if kind == "bars":
        _check_bars(columns, source)
        _check_times(time, owner, source)
        time = time + length if declared.need("bar_time", source) == "open" else time
    return Table(kind, symbols, owner, time, columns, length, declared, source)


def needed(kind: Kind, raw: "dict[str, Array]", found: dict[str, str]) -> list[str]:
    """Return what the columns don't tell."""
    names = [] if "symbol" in found else ["symbol"]
    names += ["currency", "price_unit", "quantity_unit", "multiplier"]
    names += ["interval", "bar_time"] if kind == "bars" else []
    return [*names, *undeclared(raw[found["time"]], found["time"])]


def roles(raw: "dict[str, Array]", declared: Declaration, source: str) -> tuple[Kind, dict[str, str]]:
    """Return what the rows are, and the column of each role.

    Raises
    ------
    DataError
        Where the columns don't tell, are named twice or of unequal length.
    """
    found = _named(raw, source)
    return declared.kind or _kind(found, source), found


def _named(raw: "dict[str, Array]", source: str) -> dict[str, str]:
    """Return the column of each role."""
    found: dict[str, str] = {}
    lower: dict[str, str] = {}
    for name in raw:
        if name.lower() in lower:
            raise DataError(f"{source}: columns {lower[name.lower()]} and {name} have the same name")
        lower[name.lower()] = name
    for role, aliases in _ALIASES.items():
        named = [lower[alias] for alias in aliases if alias in lower]
        if len(named) > 1:
            raise DataError(f"{source}: columns {' and '.join(named)} both are the {role}; leave one out")
        if named:
            found[role] = named[0]
    lengths = {name: len(values) for name, values in raw.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"{source}: columns have unequal lengths: {told}")
    if "time" not in found:
        raise DataError(f"{source}: there is no column time among {', '.join(raw) or 'no columns'}")
    return found


def _kind(found: dict[str, str], source: str) -> Kind:
    for kind, (prices, _) in _ROLES.items():
        if all(name in found for name in prices):
            return kind
    raise DataError(
        f"{source}: expected columns open, high, low, close (bars), bid, ask (quotes) or price (trades), "
        f"found {', '.join(found.values())}"
    )


def _column(raw: "dict[str, Array]", found: dict[str, str], name: str, kind: str, source: str) -> "Array":
    if name not in found:
        raise DataError(f"{source}: {kind} need a column {' or '.join(_ALIASES[name])}; there are {', '.join(raw)}")
    return raw[found[name]]


def _shown(prices: "Array", quantities: "Array | None") -> "Array":
    """Return the prices, 0 where a side of a quote is empty and so has none."""
    import numpy as np  # noqa: PLC0415

    if quantities is None or prices.dtype.kind != "f":
        return prices
    absent = np.isnan(prices)
    return np.where((quantities == 0) & absent, 0.0, prices) if absent.any() else prices


def _length(kind: Kind, declared: Declaration, source: str) -> int:
    return interval_ns(declared.need("interval", source)) if kind == "bars" else 0


def _check_bars(columns: "dict[str, Array]", source: str) -> None:
    low, high = columns["low"], columns["high"]
    checks = [("high", high < low, "below its low")]
    for name in ("open", "close"):
        checks += [(name, columns[name] < low, "below its low"), (name, columns[name] > high, "above its high")]
    for name, bad, where in checks:
        if bad.any():
            row = int(bad.argmax()) + 1
            raise DataError(f"{source}, row {row}: the bar's {name} lies {where}; mend the row or leave it out")


def _check_times(time: "Array", owner: "Array | None", source: str) -> None:
    """Refuse two bars of one instrument at one time."""
    import numpy as np  # noqa: PLC0415

    rows = np.arange(len(time)) if owner is None else np.argsort(owner, kind="stable")
    same = np.diff(time[rows]) == 0
    if owner is not None:
        same &= np.diff(owner[rows]) == 0
    if same.any():
        at = int(same.argmax())
        before, row = int(rows[at]) + 1, int(rows[at + 1]) + 1
        raise DataError(
            f"{source}, row {row}: its bar has the time of row {before}'s; "
            "an instrument has one bar at a time: leave one out"
        )


def _check_prices(prices: "Array", shown: "Array", where: str, declared: Declaration) -> "Array":
    """Return the prices, which only futures and options may have below zero."""
    kind = declared.asset_class or "equity"
    if kind not in _BELOW_ZERO and (prices < 0).any():
        row = int((prices < 0).argmax())
        hint = "" if declared.asset_class else "; of a future or an option, declare asset_class"
        raise DataError(
            f"{where}, row {row + 1}: {shown[row]} is negative, and prices of asset class {kind} are not{hint}"
        )
    return prices


def _aggressor(values: "Array", source: str) -> "Array":
    import numpy as np  # noqa: PLC0415

    if values.dtype.kind in "iu":
        return np.sign(values).astype(np.int64)
    words = [str(value or "").lower() for value in values]
    unknown = next((row for row, word in enumerate(words) if word not in _SIDES), None)
    if unknown is not None:
        raise DataError(
            f"{source}, row {unknown + 1}: aggressor: expected buy, sell or none, found {values[unknown]!r}"
        )
    return np.array([_SIDES[word] for word in words], dtype=np.int64)


def _owners(
    raw: "dict[str, Array]", found: dict[str, str], declared: Declaration, source: str
) -> "tuple[tuple[str, ...], Array | None]":
    import numpy as np  # noqa: PLC0415

    if "symbol" not in found:
        return (declared.need("symbol", source),), None
    symbols, owner = np.unique(raw[found["symbol"]].astype(str), return_inverse=True)
    names = tuple(str(symbol) for symbol in symbols)
    return names, None if len(names) == 1 else owner.astype(np.int64)
