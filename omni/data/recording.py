"""Everything that a backtest runs on: tables and files with their instruments, from whatever a person gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omni.data import frame, lean, tabular, ticks
from omni.data.declaration import Declaration
from omni.data.feed import Feed, open_feed
from omni.data.scalar import decimal, instant_ns, number
from omni.data.table import Table, table
from omni.engine import Instrument
from omni.model.error import ConfigError, DataError

if TYPE_CHECKING:
    import numpy as np

#: ISO 10383's code for no market.
NO_VENUE = "XXXX"
#: Largest price that an order may have where nothing is declared, in currency.
_PRICE_MAX = Decimal(1_000_000)
#: Largest order, in quantity units, where units and prices leave room for it.
_QUANTITY_MAX = 10**9
#: The engine's largest order value, 2^112 of 10^-20.
_VALUE_MAX = Decimal(2**112)
#: How many symbols an error tells at most.
_SYMBOLS_TOLD = 4
_NEEDED = ("currency", "price_unit", "quantity_unit", "multiplier")


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of the data: its name, kind and rows, and a fingerprint (SHA-256) of its content."""

    name: str
    kind: str
    rows: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Recording:
    """Data ready for a node.

    Parameters
    ----------
    instruments
        What is listed; the position is the id.
    fills
        What orders in each fill from: `orders`, `quotes`, `trades` or `bars`.
    tables, feeds
        The data.
    sources
        Where it came from.
    """

    instruments: tuple[Instrument, ...]
    fills: tuple[str, ...]
    tables: tuple[Table, ...]
    feeds: tuple[Feed, ...]
    sources: tuple[Source, ...]

    def engine_tables(self) -> list[tuple[str, Any, Any, int, dict[str, Any]]]:
        """Return the tables as the node takes them."""
        ids = {one.symbol: one.id for one in self.instruments}
        return [(t.kind, t.time, _owner(t, ids), t.interval_ns, t.columns) for t in self.tables]

    def engine_files(self) -> list[tuple[Any, int, list[tuple[int, int]]]]:
        """Return the files as the node takes them."""
        ids = {one.symbol: one.id for one in self.instruments}
        return [
            (f.file, f.midnight_ns, [(number, ids[name]) for name, number in f.numbers.items() if name in ids])
            for f in self.feeds
            if f.numbers
        ]

    @property
    def kinds(self) -> set[str]:
        """What there is of bars, quotes and trades; a feed's books have both of these, and so may its quotes."""
        found: set[str] = {each.kind for each in self.tables}
        for feed in self.feeds:
            if feed.numbers:
                found |= {"quotes", "trades"} if feed.fills in {"orders", "quotes"} else {feed.fills}
        return found

    @property
    def span(self) -> tuple[int, int]:
        """The first and last time, in nanoseconds since 1970 in UTC."""
        spans = [(int(t.time[0]), int(t.time[-1])) for t in self.tables if len(t.time)]
        for feed in self.feeds:
            if feed.numbers and feed.file.span is not None:
                first, last = feed.file.span
                spans.append((feed.midnight_ns + first, feed.midnight_ns + last))
        return min(first for first, _ in spans), max(last for _, last in spans)


def read(data: object, declared: Declaration) -> Recording:
    """Read data from paths, frames, NumPy columns, or a list of them.

    Raises
    ------
    DataError
        Where it can't be read or doesn't hold together.
    ConfigError
        Where it needs a declaration that is missing or contradicts it.
    """
    tables: list[Table] = []
    feeds: list[Feed] = []
    sources: list[Source] = []
    for piece in _pieces(data):
        if isinstance(piece, str | PathLike):
            _open(Path(piece), declared, tables, feeds, sources)
        else:
            _take(piece, declared, tables, sources, len(sources))
    _check_once(tables, sources)
    instruments, fills = _listed(tables, feeds, declared)
    if not tables and not any(feed.numbers for feed in feeds):
        raise DataError("the data has definitions of instruments, but no records of them")
    return Recording(instruments, fills, tuple(tables), tuple(feeds), tuple(sources))


def _check_once(tables: Sequence[Table], sources: Sequence[Source]) -> None:
    """Refuse a file that is given twice, and bars of one instrument, length and time in two tables."""
    names = [one.name for one in sources]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{twice} is given twice; name it once")
    bars = [each for each in tables if each.kind == "bars"]
    for at, one in enumerate(bars):
        for other in (each for each in bars[:at] if each.interval_ns == one.interval_ns):
            for symbol in set(one.symbols).intersection(other.symbols):
                _check_apart(one, other, symbol)


def _check_apart(one: Table, other: Table, symbol: str) -> None:
    import numpy as np  # noqa: PLC0415

    shared = np.intersect1d(one.times(symbol), other.times(symbol))
    if len(shared):
        raise DataError(
            f"{one.source}: {symbol} has a bar that closes at {np.datetime64(int(shared[0]), 'ns')} UTC in "
            f"{other.source} too; an instrument has one bar at a time: leave one out"
        )


def _pieces(data: object) -> Sequence[object]:
    if isinstance(data, list | tuple):
        if not data:
            raise DataError("there is no data: the list is empty")
        return data
    return [data]


def _open(path: Path, declared: Declaration, tables: list[Table], feeds: list[Feed], sources: list[Source]) -> None:
    if path.is_dir():
        raise DataError(f"{path} is a folder; name its files")
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    name = str(path)
    fingerprint = sha256(path.read_bytes()).hexdigest()
    if path.suffix in {".csv", ".parquet"}:
        raw, stated = tabular.columns(path)
        each = table(raw, declared.under(stated, name), name)
    elif path.suffix == ".zip":
        raw, stated = lean.columns(path)
        each = table(raw, lean.stated(declared, stated, name), name)
    else:
        feed = open_feed(path, declared, needed=("date", "currency", "multiplier"))
        feeds.append(feed)
        sources.append(Source(name, feed.file.format, sum(feed.file.counts.values()), fingerprint))
        return
    tables.append(each)
    sources.append(Source(name, each.kind, len(each.time), fingerprint))


def _take(piece: object, declared: Declaration, tables: list[Table], sources: list[Source], at: int) -> None:
    import numpy as np  # noqa: PLC0415

    raw = frame.columns(piece)
    if raw is None:
        raise DataError(
            f"data: expected a path, a Polars, pandas or Arrow frame, a dict of NumPy columns, or a list of these, "
            f"found {type(piece).__name__}"
        )
    name = f"{type(piece).__module__.partition('.')[0]} {type(piece).__name__} {at + 1}".removeprefix("builtins ")
    each = table(raw, declared, name)
    digest = sha256()
    for values in (each.time, *each.columns.values()):
        digest.update(np.ascontiguousarray(values).data)
    tables.append(each)
    sources.append(Source(name, each.kind, len(each.time), digest.hexdigest()))


def _listed(
    tables: Iterable[Table], feeds: Sequence[Feed], declared: Declaration
) -> tuple[tuple[Instrument, ...], tuple[str, ...]]:
    """List every symbol once, in the order of symbols, but what another is on before it."""
    units: dict[str, Declaration] = {}
    fills: dict[str, str] = {}
    prices: dict[str, tuple[int, int]] = {}
    for each in tables:
        for symbol in each.symbols:
            _agree(units, symbol, each.declared, each.source)
            _fill(fills, symbol, each.kind)
            prices[symbol] = _range(each, prices.get(symbol))
    defined = {symbol: stated for feed in feeds for symbol, stated in feed.defined.items()}
    for feed in feeds:
        for symbol in _wanted(feed, declared):
            source = str(feed.path) + ("" if symbol in defined else _of_others(symbol, defined))
            _agree(units, symbol, _finer(declared, defined.get(symbol, {}), source), source)
            _fill(fills, symbol, feed.fills)
    symbols = _ordered(units)
    ids = {symbol: at for at, symbol in enumerate(symbols)}
    instruments = tuple(_instrument(ids, symbol, units[symbol], prices.get(symbol, (0, 0))) for symbol in symbols)
    return instruments, tuple(fills[symbol] for symbol in symbols)


def _ordered(units: dict[str, Declaration]) -> list[str]:
    """Return the symbols in order, an underlying before everything that is on it."""

    def depth(symbol: str, above: tuple[str, ...] = ()) -> int:
        underlying = units[symbol].underlying
        if underlying is None:
            return 0
        if underlying not in units:
            raise ConfigError(
                f"underlying: {symbol} is on {underlying}, which isn't in the data; there are {_told(units)}"
            )
        if underlying in (symbol, *above):
            raise ConfigError(f"underlying: {symbol} is on itself, by way of {underlying}")
        return 1 + depth(underlying, (symbol, *above))

    return sorted(units, key=lambda symbol: (depth(symbol), symbol))


def _told(symbols: Iterable[str]) -> str:
    return ", ".join(islice(sorted(symbols), _SYMBOLS_TOLD))


def _of_others(symbol: str, defined: Iterable[str]) -> str:
    """Say that there are definitions, but of other instruments; empty where there are none."""
    others = list(islice(defined, _SYMBOLS_TOLD))
    return f" (it has {symbol}, and the definitions are of {', '.join(others)})" if others else ""


def _wanted(feed: Feed, declared: Declaration) -> list[str]:
    """Return the symbols of a feed that are asked for."""
    if declared.symbol is None or not feed.numbers:
        return list(feed.numbers)
    asked = [name.strip() for name in declared.symbol.split(",")]
    missing = [name for name in asked if name not in feed.numbers]
    if missing:
        raise ConfigError(f"{feed.path} has no symbol {missing[0]}; it has {', '.join(feed.numbers)}")
    return asked


def _finer(declared: Declaration, stated: dict[str, str], source: str) -> Declaration:
    """Put what a feed states under the declaration; a declared price unit may be coarser than ITCH's own."""
    kept = {name: value for name, value in stated.items() if getattr(declared, name) is None or name == "currency"}
    return declared.under(kept, source)


def _agree(units: dict[str, Declaration], symbol: str, declared: Declaration, source: str) -> None:
    declared.require(_NEEDED, source)
    known = units.setdefault(symbol, declared)
    for name in _NEEDED:
        if getattr(known, name) != getattr(declared, name):
            raise ConfigError(
                f"{source}: {symbol} has {name} {getattr(declared, name)}, but {getattr(known, name)} in other data"
            )


def _fill(fills: dict[str, str], symbol: str, kind: str) -> None:
    """Let the finest data of an instrument fill its orders."""
    rank = ("bars", "trades", "quotes", "orders")
    fills[symbol] = max(fills.get(symbol, "bars"), kind, key=rank.index)


def _range(each: Table, known: tuple[int, int] | None) -> tuple[int, int]:
    columns = [each.columns[name] for name in ("low", "high", "bid", "ask", "price") if name in each.columns]
    lows, highs = (
        zip(*((int(c.min()), int(c.max())) for c in columns if len(c)), strict=True) if len(each.time) else ((0,), (0,))
    )
    low, high = known or (0, 0)
    return min(low, *lows), max(high, *highs)


def _instrument(ids: dict[str, int], symbol: str, declared: Declaration, prices: tuple[int, int]) -> Instrument:
    price_unit = decimal(declared.price_unit or "", "price_unit")
    quantity_unit = decimal(declared.quantity_unit or "", "quantity_unit")
    multiplier = decimal(declared.multiplier or "", "multiplier")
    tables = _tables(declared, price_unit)
    # Steps of whoever looks at the one tick alone.
    finest = min((tick for _, rows in tables for _, tick in rows), default=1)
    tick = _steps(declared.tick, price_unit, "tick") if declared.tick else finest
    lot = _steps(declared.lot, quantity_unit, "lot")
    most = decimal(declared.price_max, "price_max") if declared.price_max else _PRICE_MAX
    price_max = max(int(most / price_unit), 10 * max(abs(prices[0]), abs(prices[1])))
    value = price_unit * quantity_unit * multiplier * 10**20
    return Instrument(
        ids[symbol],
        symbol,
        declared.venue or NO_VENUE,
        asset_class=declared.asset_class or "equity",
        currency=declared.currency or "",
        price_unit=f"{price_unit:f}",
        quantity_unit=f"{quantity_unit:f}",
        multiplier=f"{multiplier:f}",
        tick=tick,
        lot=lot,
        price_min=-price_max if prices[0] < 0 else tick,
        price_max=price_max,
        quantity_max=max(1, min(_QUANTITY_MAX, int(_VALUE_MAX / (value * price_max)))),
        expiry=instant_ns(declared.expiry, "expiry") if declared.expiry else None,
        underlying=ids[declared.underlying] if declared.underlying else None,
        strike=_count(number(declared.strike, "strike"), price_unit, "strike") if declared.strike else None,
        right=declared.right,
        exercise=declared.exercise,
        ticks=next((rows for time, rows in tables if time is None), None),
        dated_ticks=[(time, rows) for time, rows in tables if time is not None],
    )


def _tables(declared: Declaration, price_unit: Decimal) -> list[tuple[int | None, list[tuple[int, int]]]]:
    """Return the tick tables in counts of the price unit."""
    if declared.ticks is None:
        return []
    if declared.tick is not None:
        raise ConfigError("ticks: they take the place of tick; declare one of them")
    return [
        (time, [(_count(price, price_unit, "ticks"), _count(tick, price_unit, "ticks")) for price, tick in rows])
        for time, rows in ticks.tables(declared.ticks)
    ]


def _steps(step: str | None, unit: Decimal, name: str) -> int:
    if step is None:
        return 1
    return _count(decimal(step, name), unit, name)


def _count(value: Decimal, unit: Decimal, name: str) -> int:
    count = value / unit
    if count != count.to_integral_value():
        raise ConfigError(f"{name} {value} is not a whole multiple of its unit {unit}")
    return int(count)


def _owner(each: Table, ids: dict[str, int]) -> "int | np.ndarray[Any, Any]":
    import numpy as np  # noqa: PLC0415

    if each.owner is None:
        return ids[each.symbols[0]]
    return np.array([ids[symbol] for symbol in each.symbols], dtype=np.int64)[each.owner]
