"""Small generated files of each format, to learn with."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from omni.data import wire
from omni.data.declaration import zone
from omni.data.instant import midnight_ns
from omni.data.wire import Change
from omni.engine import Instrument, MarketFile, generated_orders
from omni.model.error import DataError

_DAY = date(2024, 1, 2)
_OPEN_NS = int(datetime(2024, 1, 2, 14, 30, tzinfo=UTC).timestamp()) * 10**9
_MINUTE = 60 * 10**9
_LENGTH_NS = 60 * _MINUTE
_INSTRUMENTS, _INPUTS = 2, 60_000
_ACTIONS = {0: "add", 2: "reduce", 3: "delete", 4: "execute"}

Row = tuple[object, ...]


def write(folder: Path, seed: int) -> Iterator[tuple[Path, int]]:
    """Write the files; the same seed gives the same bytes.

    Yields
    ------
    tuple
        Each file and its number of rows or records.

    Raises
    ------
    DataError
        Where the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield from _write(folder, seed)
    except OSError as error:
        raise DataError(f"can't write into {folder}: {error.strerror}") from None


def _write(folder: Path, seed: int) -> Iterator[tuple[Path, int]]:
    end_ns = _OPEN_NS + _LENGTH_NS
    instruments, changes = _day(seed, end_ns)
    first = instruments[0]
    own = [change for change in changes if change.instrument == first.id]
    trades, quotes = _trades(own, first), _quotes(own, first)
    bars = _bars(trades)
    units = (
        f"symbol={first.symbol}, venue={first.venue}, currency={first.currency}, price_unit={first.price_unit}, "
        f"quantity_unit={first.quantity_unit}, multiplier={first.multiplier}"
    )
    names = "time,open,high,low,close,volume"
    told = [(f"{datetime.fromtimestamp(row[0] / 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}", *row[1:]) for row in bars]
    yield _csv(folder / "bars.csv", f"{units}, interval=1m, bar_time=close", names, told)
    yield _csv(folder / "quotes.csv", units, "time_ns,bid,bid_quantity,ask,ask_quantity", quotes)
    yield _csv(folder / "trades.csv", units, "time_ns,price,quantity,aggressor", trades)
    yield _parquet(folder / "trades.parquet", folder / "trades.csv", units, len(trades))
    yield _lean(folder, first, bars)
    span, day = (_OPEN_NS, end_ns), int(f"{_DAY:%Y%m%d}")
    midnight = midnight_ns(_DAY, zone("America/New_York"))
    yield _bytes(folder / "orders.itch50", wire.itch(instruments, changes, midnight))
    yield _bytes(folder / "orders.mbo.dbn", wire.orders(instruments, changes, span, day))
    yield _bytes(folder / "definitions.dbn", wire.definitions(instruments, span, day))


def _day(seed: int, end_ns: int) -> tuple[Sequence[Instrument], list[Change]]:
    import numpy as np  # noqa: PLC0415

    instruments, raw = generated_orders(seed, _INSTRUMENTS, _OPEN_NS, end_ns, _INPUTS)
    columns = {name: np.frombuffer(data, dtype=dtype).tolist() for name, (dtype, data) in raw.items()}
    nanos = [round(float(one.price_unit) * 10**9) for one in instruments]
    rows = zip(*columns.values(), strict=True)
    return instruments, [
        Change(time, owner, _ACTIONS[action], ("buy", "sell")[side], reference, price * nanos[owner], quantity)
        for time, owner, action, side, reference, price, quantity in rows
    ]


def _price(change: Change, instrument: Instrument) -> float:
    return instrument.price(change.price // round(float(instrument.price_unit) * 10**9))


def _trades(changes: Sequence[Change], instrument: Instrument) -> list[Row]:
    other = {"buy": "sell", "sell": "buy"}
    return [
        (each.time_ns, _price(each, instrument), each.quantity, other[each.side])
        for each in changes
        if each.action == "execute"
    ]


def _quotes(changes: Sequence[Change], instrument: Instrument) -> list[Row]:
    """Follow the book and tell each change of its top."""
    levels: dict[str, dict[float, int]] = {"buy": {}, "sell": {}}
    rows: list[Row] = []
    known: tuple[object, ...] = ()
    for each in changes:
        side, price = levels[each.side], _price(each, instrument)
        sign = 1 if each.action == "add" else -1
        side[price] = side.get(price, 0) + sign * each.quantity
        if side[price] == 0:
            del side[price]
        bid, ask = max(levels["buy"], default=None), min(levels["sell"], default=None)
        top = (bid, levels["buy"].get(bid or 0.0, 0), ask, levels["sell"].get(ask or 0.0, 0))
        if top != known:
            rows.append((each.time_ns, *("" if value is None else value for value in top)))
            known = top
    return rows


def _bars(trades: Sequence[Row]) -> list[tuple[int, float, float, float, float, int]]:
    bars: dict[int, list[tuple[float, int]]] = {}
    for time, price, quantity, _ in trades:
        close = (int(str(time)) // _MINUTE + 1) * _MINUTE
        bars.setdefault(close, []).append((float(str(price)), int(str(quantity))))
    return [
        (
            close,
            rows[0][0],
            max(price for price, _ in rows),
            min(price for price, _ in rows),
            rows[-1][0],
            sum(quantity for _, quantity in rows),
        )
        for close, rows in bars.items()
    ]


def _csv(path: Path, stated: str, names: str, rows: Sequence[Row]) -> tuple[Path, int]:
    lines = [f"# {stated}", names, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, len(rows)


def _parquet(path: Path, csv: Path, stated: str, rows: int) -> tuple[Path, int]:
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as connection:
        source, target = (str(each).replace("'", "''") for each in (csv, path))
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{source}', header = true, delim = ',', skip = 1)) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{omni: '{stated}'}})"
        )
    return path, rows


def _lean(
    folder: Path, instrument: Instrument, bars: Sequence[tuple[int, float, float, float, float, int]]
) -> tuple[Path, int]:
    midnight = midnight_ns(_DAY, zone("America/New_York"))
    lines = [
        ",".join(map(str, ((close - _MINUTE - midnight) // 10**6, *(round(p * 10_000) for p in prices), volume)))
        for close, *prices, volume in bars
    ]
    name = f"{_DAY:%Y%m%d}_{instrument.symbol.lower()}_minute_trade"
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        # With a date of its own, so that the same seed gives the same bytes.
        archive.writestr(zipfile.ZipInfo(f"{name}.csv", (2024, 1, 2, 0, 0, 0)), "\n".join(lines) + "\n")
    return path, len(lines)


def _bytes(path: Path, content: bytes) -> tuple[Path, int]:
    path.write_bytes(content)
    return path, sum(MarketFile(path).counts.values())
