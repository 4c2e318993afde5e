"""What a market data file holds, for a person."""

from dataclasses import dataclass
from pathlib import Path

from omni.data import lean, tabular
from omni.data.declaration import Declaration
from omni.data.feed import open_feed, unreadable
from omni.data.table import needed, roles, table
from omni.engine import MarketFile
from omni.model.error import DataError, OmniError

_NEEDED = ("currency", "price_unit", "quantity_unit", "multiplier")
#: A day that stands in while an ITCH file, which doesn't know its own, is looked at.
_SOME_DAY = "1970-01-01"
_SYMBOLS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Info:
    """What a file holds: facts as (name, value), what has to be declared to use it, and what is wrong with it."""

    path: Path
    facts: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    fault: str | None

    def lines(self) -> list[str]:
        """Return them for a terminal."""
        rows = [*self.facts, ("to declare", ", ".join(self.missing) or "nothing")]
        if self.fault is not None:
            rows.append(("FAULT", self.fault))
        width = max(len(name) for name, _ in rows)
        return [str(self.path), *(f"  {name:<{width}}  {value}" for name, value in rows)]


def describe(path: Path) -> Info:
    """Look into a file.

    Raises
    ------
    DataError
        Where there is none, or nothing of it can be read.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    if path.suffix in {".csv", ".parquet", ".zip"}:
        return _columns(path)
    return _feed(path)


def _columns(path: Path) -> Info:
    raw, stated = lean.columns(path) if path.suffix == ".zip" else tabular.columns(path)
    declared, fault = Declaration().under(stated, str(path)), None
    kind, found = roles(raw, declared, str(path))
    rows = len(raw[found["time"]])
    form = {".csv": "CSV", ".parquet": "Parquet", ".zip": "LEAN zip"}[path.suffix]
    facts = [("format", form), ("kind", kind), ("rows", f"{rows:,}"), ("columns", ", ".join(raw))]
    facts += [("states", ", ".join(f"{name}={value}" for name, value in stated.items()) or "nothing")]
    missing = [name for name in needed(kind, raw, found) if getattr(declared, name) is None]
    if not missing:
        try:
            whole = table(raw, declared, str(path))
            facts.append(("symbols", _shown(list(whole.symbols))))
            facts += [("from", _moment(int(whole.time[0]))), ("to", _moment(int(whole.time[-1])))] if rows else []
        except OmniError as error:
            fault = str(error)
    return Info(path, tuple(facts), tuple(missing), fault)


def _feed(path: Path) -> Info:
    file = MarketFile(path)
    if not file.counts:
        raise DataError(unreadable(file) if file.fault is not None else f"{path} has no records")
    itch = file.format.startswith("ITCH")
    feed = open_feed(path, Declaration(date=_SOME_DAY, timezone="UTC"))
    counts = ", ".join(f"{count:,} {kind}" for kind, count in file.counts.items())
    facts = [("format", f"{file.format}, {file.compression}"), ("bytes", f"{file.length:,} uncompressed")]
    named = [f"{name} (number {number})" for name, number in feed.numbers.items()]
    facts += [("records", counts), ("symbols", _shown(named or list(feed.defined)) or "none")]
    for symbol, stated in list(feed.defined.items())[:_SYMBOLS_SHOWN]:
        facts.append((f"states of {symbol}", ", ".join(f"{name}={value}" for name, value in stated.items())))
    if file.span is not None:
        first, last = file.span
        facts += [("from", _moment(first, day=not itch)), ("to", _moment(last, day=not itch))]
    missing = sorted({name for each in feed.numbers for name in _NEEDED if name not in feed.defined.get(each, {})})
    return Info(path, tuple(facts), (*missing, *(("date", "timezone") if itch else ())), file.fault)


def _shown(symbols: list[str]) -> str:
    more = f" and {len(symbols) - _SYMBOLS_SHOWN:,} more" if len(symbols) > _SYMBOLS_SHOWN else ""
    return ", ".join(symbols[:_SYMBOLS_SHOWN]) + more


def _moment(time_ns: int, *, day: bool = True) -> str:
    import numpy as np  # noqa: PLC0415

    text = str(np.datetime64(time_ns, "ns"))
    return f"{text} UTC" if day else f"{text[11:]} since midnight"
