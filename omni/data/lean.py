"""LEAN's zip files of US equities: ticks, seconds, minutes, hours and days, trades and quotes.

The format states its units: prices are in 1/10000 of a dollar, quantities in shares, times in milliseconds since
midnight in New York (ticks to minutes) or local times (hours and days), a bar's being its start. Orders are held to
cents, as Regulation NMS (rule 612) holds them. A tick of a quote file changes one side of the national best bid and
offer; the other side stays. Bars of a quote file become the quote that stood at their end.
"""

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from omni.data.declaration import Declaration, zone
from omni.data.instant import midnight_ns, utc
from omni.model.error import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_DAILY = re.compile(r"(?P<symbol>[a-z0-9.\-]+)\.csv", re.ASCII)
_DATED = re.compile(
    r"(?P<day>\d{8})_(?P<symbol>[a-z0-9.\-]+)_(?:(?P<r1>tick|second|minute)_)?(?P<what>trade|quote)(?:_(?P<r2>tick))?\.csv",
    re.ASCII,
)
_INTERVALS = {"second": "1s", "minute": "1m", "hour": "1h", "daily": "1d"}
_MILLISECOND = 10**6
_STATED = {
    "asset_class": "equity",
    "currency": "USD",
    "price_unit": "0.0001",
    "quantity_unit": "1",
    "multiplier": "1",
    "tick": "0.01",
    "bar_time": "open",
    "time_unit": "ns",
}


def columns(path: Path) -> "tuple[dict[str, Array], dict[str, str]]":
    """Return a file's columns, and what its format states.

    Raises
    ------
    DataError
        Where it isn't such a file, is cut or damaged; names the row where one is to blame.
    """
    name, text = _read(path)
    dated = _DATED.fullmatch(name.lower())
    daily = _DAILY.fullmatch(name.lower())
    if dated is not None:
        day = datetime.strptime(dated["day"], "%Y%m%d").date()  # noqa: DTZ007  # A date has no zone.
        resolution = dated["r1"] or dated["r2"] or "tick"
        found = _of_day(text, day, dated["what"], resolution, path)
        symbol = dated["symbol"]
    elif daily is not None:
        found, resolution = _of_years(text, path)
        symbol = daily["symbol"]
    else:
        raise DataError(f"{path}: expected a LEAN file such as 20131007_spy_Trade_Tick.csv in it, found {name}")
    stated = _STATED | {"symbol": symbol.upper()}
    if resolution in _INTERVALS and "open" in found:
        stated["interval"] = _INTERVALS[resolution]
    return found, {name: value for name, value in stated.items() if name != "bar_time" or "open" in found}


def stated(declared: Declaration, stated: dict[str, str], source: str) -> Declaration:
    """Put the format's words under a declaration, whose own tick goes first."""
    if declared.tick is not None:
        stated = stated | {"tick": declared.tick}
    return declared.under(stated, source)


def _read(path: Path) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != 1:
                found = f"found {len(names)}: {', '.join(names[:3])}{', …' if len(names) > 3 else ''}"
                raise DataError(
                    f"{path}: expected one file of a US equity in it, {found}; unpack it and give one as CSV"
                )
            return names[0], archive.read(names[0])
    except (BadZipFile, EOFError, OSError) as error:
        raise DataError(f"{path}: the zip file is cut or damaged: {error} ({path.stat().st_size:,} bytes)") from None


def _numbers(text: bytes, used: tuple[int, ...], path: Path) -> "Array":
    import numpy as np  # noqa: PLC0415

    if not text.strip():
        raise DataError(f"{path}: the file in it is empty")
    try:
        columns = np.loadtxt(io.BytesIO(text), delimiter=",", usecols=used, dtype=np.float64, ndmin=2).T
    except ValueError as error:
        why = f"{str(error).rstrip('.')} (rows and columns from 0)"
        raise DataError(f"{path}: not the columns of a US equity of LEAN: {why}") from None
    strange = ~np.isfinite(columns)
    if strange.any():
        row = int(strange.any(axis=0).argmax())
        at = int(strange[:, row].argmax())
        raise DataError(
            f"{path}, row {row + 1}, column {used[at] + 1}: {columns[at, row]} is not a finite number; "
            "mend the row or leave it out"
        )
    return columns


def _of_day(text: bytes, day: date, what: str, resolution: str, path: Path) -> "dict[str, Array]":
    import numpy as np  # noqa: PLC0415

    step = {"tick": 0, "second": 10**9, "minute": 60 * 10**9}[resolution]
    names, used = {
        ("trade", True): (("price", "quantity"), (1, 2)),
        ("quote", True): (("bid", "bid_quantity", "ask", "ask_quantity"), (1, 2, 3, 4)),
        ("trade", False): (("open", "high", "low", "close", "volume"), (1, 2, 3, 4, 5)),
        ("quote", False): (("bid", "bid_quantity", "ask", "ask_quantity"), (4, 5, 9, 10)),
    }[what, resolution == "tick"]
    time, *values = _numbers(text, (0, *used), path)
    found = dict(zip(names, values, strict=True))
    if what == "quote" and resolution == "tick":
        _carry(found)
    _in_dollars(found, path)
    start = time.astype(np.int64) * _MILLISECOND + midnight_ns(day, zone("America/New_York"))
    # Bars of trades are moved to their close by the declaration; a quote that ends a bar is moved here.
    found["time_ns"] = start + (step if what == "quote" else 0)
    return found


def _in_dollars(found: "dict[str, Array]", path: Path) -> None:
    """Turn prices into dollars; a file of another market, whose prices LEAN writes as they are, is refused."""
    for name in found.keys() - {"quantity", "volume", "bid_quantity", "ask_quantity"}:
        (parts,) = (found[name] % 1).nonzero()
        if len(parts) > 0:
            row = int(parts[0])
            price = f"row {row + 1}: {name} {found[name][row]:g} is no whole number of 1/10000 dollars"
            other = "so this is not a US equity of LEAN; unpack it and give it as CSV, with its units declared"
            raise DataError(f"{path}, {price}, {other}")
        found[name] = found[name] / 10_000


def _carry(found: "dict[str, Array]") -> None:
    """Carry each side over the rows that change the other one."""
    import numpy as np  # noqa: PLC0415

    rows = np.arange(len(found["bid"]))
    for side in ("bid", "ask"):
        changed = found[side] > 0
        last = np.maximum.accumulate(np.where(changed, rows, -1))
        for name in (side, f"{side}_quantity"):
            found[name] = np.where(last >= 0, found[name][last], 0.0)


def _of_years(text: bytes, path: Path) -> "tuple[dict[str, Array], str]":
    import numpy as np  # noqa: PLC0415

    opened, high, low, close, volume = _numbers(text, (1, 2, 3, 4, 5), path)
    local = np.empty(len(opened), dtype="datetime64[ns]")
    for row, line in enumerate(filter(None, text.decode().splitlines())):
        stamp = line.split(",", 1)[0]
        try:
            local[row] = np.datetime64(f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:]}")
        except ValueError:
            raise DataError(f"{path}, row {row + 1}: {stamp!r} is not a time such as 19980102 00:00") from None
    nanos = local.astype(np.int64)
    hourly = bool((nanos % (86_400 * 10**9)).any())
    found = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    _in_dollars(found, path)
    found["time_ns"] = utc(nanos, zone("America/New_York"))
    return found, "hour" if hourly else "daily"
