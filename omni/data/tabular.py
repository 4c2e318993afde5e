"""CSV and Parquet files as columns, read by DuckDB, and what such a file states of itself."""

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
    try:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            if path.suffix == ".parquet":
                return _fetch(connection, f"read_parquet('{_quoted(path)}')"), _stated(connection, path)
            skipped, stated = _preamble(path)
            source = f"read_csv('{_quoted(path)}', header = true, delim = ',', skip = {skipped}, sample_size = -1)"
            return _fetch(connection, source), stated
    except duckdb.Error as error:
        raise DataError(f"{path}: {_first_lines(str(error))}") from None


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


def _first_lines(message: str) -> str:
    return " ".join(line.strip() for line in message.splitlines()[:3] if line.strip())
