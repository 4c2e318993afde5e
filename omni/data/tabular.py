"""CSV and Parquet files as columns, read by DuckDB, and what such a file states of itself."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omni.model.error import DataError

if TYPE_CHECKING:
    import duckdb
    import numpy as np

    Array = np.ndarray[Any, Any]

#: What a Parquet file's metadata is called that states units; a CSV file has it in its first lines, after `#`.
KEY = "omni"


def columns(path: Path) -> "tuple[dict[str, Array], dict[str, str]]":
    """Return a file's columns, and what it states of itself as `name=value, name=value`.

    Raises
    ------
    DataError
        Where the file is empty, cut or damaged; names the line where one is to blame.
    """
    import duckdb  # noqa: PLC0415

    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    skipped, stated = (0, {}) if path.suffix == ".parquet" else _preamble(path)
    try:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            if path.suffix == ".parquet":
                return _fetch(connection, f"read_parquet('{_quoted(path)}')"), _stated(connection, path)
            source = f"read_csv('{_quoted(path)}', header = true, delim = ',', skip = {skipped}, sample_size = -1)"
            return _fetch(connection, source), stated
    except duckdb.Error as error:
        if path.suffix == ".parquet":
            why = f"the Parquet file is cut or damaged: {_reason(error)} ({path.stat().st_size:,} bytes)"
        else:
            why = _uneven(path, skipped) or _reason(error)
        raise DataError(f"{path}: {why}") from None


def _fetch(connection: "duckdb.DuckDBPyConnection", source: str) -> "dict[str, Array]":
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    zoned = {name for name, kind, *_ in described if "WITH TIME ZONE" in kind}
    chosen = ", ".join(
        f"CAST({_name(name)} AS TIMESTAMP) AS {_name(name)}" if name in zoned else _name(name) for name, *_ in described
    )
    found = connection.execute(f"SELECT {chosen} FROM {source}").fetchnumpy()
    return {name: _utc(_whole(values)) if name in zoned else _whole(values) for name, values in found.items()}


def _whole(values: "Array") -> "Array":
    """Return a column without a mask: missing numbers are not numbers, missing texts are empty."""
    import numpy as np  # noqa: PLC0415

    if not isinstance(values, np.ma.MaskedArray):
        return np.asarray(values)
    if not np.ma.getmaskarray(values).any():
        return np.asarray(values.data)
    kind = values.dtype.kind
    if kind in "iuf":
        return np.ma.filled(values.astype(np.float64), np.nan)
    return np.asarray(values.filled(np.datetime64("NaT") if kind == "M" else ""))


def _utc(values: "Array") -> "Array":
    import numpy as np  # noqa: PLC0415

    nanos = values.astype("datetime64[ns]")
    return nanos.view(np.dtype("datetime64[ns]", metadata={"timezone": "UTC"}))


def _preamble(path: Path) -> tuple[int, dict[str, str]]:
    """Read the lines before a CSV file's header, which start with `#`."""
    stated: dict[str, str] = {}
    skipped = 0
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if not line.startswith("#"):
                    break
                skipped += 1
                stated |= pairs(line.lstrip("# ").strip(), f"{path}, line {skipped}")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: it is not text: byte {error.start} is {error.object[error.start]:#04x}") from None
    return skipped, stated


def _stated(connection: "duckdb.DuckDBPyConnection", path: Path) -> dict[str, str]:
    found = connection.execute(f"SELECT key, value FROM parquet_kv_metadata('{_quoted(path)}')").fetchall()
    text = {bytes(key).decode(errors="replace"): bytes(value).decode(errors="replace") for key, value in found}
    return pairs(text[KEY], str(path)) if KEY in text else {}


def pairs(text: str, source: str) -> dict[str, str]:
    """Read `name=value, name=value`.

    Raises
    ------
    DataError
        Where a part is no such pair.
    """
    stated = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not value.strip():
            raise DataError(f"{source}: expected name=value, found {part!r}")
        stated[name.strip()] = value.strip()
    return stated


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _reason(error: Exception) -> str:
    """Return what an error of DuckDB says first; the query and hints for its writer stand behind it."""
    return str(error).partition("\n")[0].strip()


def _uneven(path: Path, skipped: int) -> str | None:
    """Look for the first line of a CSV file that hasn't as many columns as its header."""
    byte = columns = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            found = len(next(csv.reader([line.decode(errors="replace")]), []))
            if number == skipped + 1:
                columns = found
            elif number > skipped and 0 < found != columns:
                rows = number - skipped - 2
                return (
                    f"line {number} (byte {byte:,}) has {found} of {columns} columns; {rows:,} rows before it are whole"
                )
            byte += len(line)
    return None
