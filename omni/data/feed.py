"""ITCH 5.0 and DBN files: their instruments, as far as files and declaration tell."""

from dataclasses import dataclass
from pathlib import Path

from omni.data.declaration import Declaration, day, zone
from omni.data.instant import midnight_ns
from omni.engine import MarketFile
from omni.model.error import DataError

_NANO = 10**9
_CLASSES = {"F": "future", "S": "future", "K": "equity", "C": "option", "P": "option", "B": "bond", "X": "fx"}
_FILLS = {"mbo": "orders", "quote": "quotes", "trade": "trades", "bar": "bars"}


@dataclass(frozen=True, slots=True)
class Feed:
    """A file of a feed.

    Parameters
    ----------
    path, file
        Where it lies, and what is in it.
    midnight_ns
        What ITCH times count from.
    fills
        What orders fill from: `orders`, `quotes`, `trades` or `bars`; empty for a file of definitions only.
    numbers
        The file's number of each symbol that it has records of.
    defined
        What the file states of instruments, by symbol.
    """

    path: Path
    file: MarketFile
    midnight_ns: int
    fills: str
    numbers: dict[str, int]
    defined: dict[str, dict[str, str]]


def open_feed(path: Path, declared: Declaration, *, needed: tuple[str, ...] = ("date",)) -> Feed:
    """Open a file and tell what is in it.

    Parameters
    ----------
    path
        Where it lies.
    declared
        What a person says of it.
    needed
        What has to be declared of an ITCH file.

    Raises
    ------
    DataError
        Where it holds neither ITCH 5.0 nor DBN, or nothing could be read of it.
    ConfigError
        Where what has to be known of an ITCH file isn't declared.
    """
    file = MarketFile(path)
    if file.fault is not None and not file.counts:
        raise DataError(unreadable(file))
    itch = file.format.startswith("ITCH")
    midnight = 0
    if itch:
        declared.require(needed, str(path))
        midnight = midnight_ns(day(declared.need("date", str(path))), zone(declared.timezone or "America/New_York"))
    kinds = [] if itch else [_FILLS[kind] for kind in file.counts if kind in _FILLS]
    if set(kinds) == {"quotes", "trades"}:
        kinds = ["quotes"]
    if len(set(kinds)) > 1:
        raise DataError(f"{path}: it mixes {', '.join(file.counts)}; give a file of one schema")
    fills = "orders" if itch else next(iter(kinds), "")
    defined = {symbol: stated for _, symbol, _, lot, d in file.instruments if (stated := _stated(d, lot, itch=itch))}
    numbers = {symbol: number for number, symbol, records, _, _ in file.instruments if symbol and records}
    return Feed(path, file, midnight, fills, numbers if fills else {}, defined)


def unreadable(file: MarketFile) -> str:
    """Return why nothing could be read of a file."""
    if file.format == "unknown" and file.length:
        return f"{file.fault}; data of other kinds is told by its name: .csv, .parquet or .zip (LEAN)"
    return file.fault or "it has no records"


def _stated(
    definition: tuple[int, str, str, int | None, str] | None, _lot: int | None, *, itch: bool
) -> dict[str, str]:
    if itch:
        # The format's own: prices in 1/10000, quantities in shares.
        return {"price_unit": "0.0001", "quantity_unit": "1"}
    if definition is None:
        return {}
    tick, currency, venue, multiplier, kind = definition
    stated = {"price_unit": _nano(tick), "quantity_unit": "1", "currency": currency}
    if venue:
        stated["venue"] = venue
    if multiplier is not None:
        stated["multiplier"] = _nano(multiplier)
    if kind in _CLASSES:
        stated["asset_class"] = _CLASSES[kind]
    return {name: value for name, value in stated.items() if value}


def _nano(count: int) -> str:
    whole, rest = divmod(count, _NANO)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")
