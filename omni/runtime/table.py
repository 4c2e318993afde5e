"""The tables that a run leaves, as NumPy columns and as Parquet."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omni.engine import RunResult
from omni.model.column import CODES, MONEY_COLUMNS
from omni.model.error import DataError

if TYPE_CHECKING:
    import numpy as np

TABLES = ("orders", "fills", "equity", "bars")

Columns = dict[str, "np.ndarray[Any, Any]"]


def columns(raw: Mapping[str, Any]) -> Columns:
    """Turn the engine's columns, `(dtype, bytes)` or a list of texts, into NumPy arrays."""
    import numpy as np  # noqa: PLC0415

    def column(value: tuple[str, bytes] | list[str]) -> "np.ndarray[Any, Any]":
        if isinstance(value, list):
            return np.array(value, dtype=object)
        dtype, data = value
        return np.frombuffer(data, dtype=dtype)

    return {name: column(value) for name, value in raw.items()}


def tables(result: RunResult) -> dict[str, Columns]:
    """Return all tables of a result, by name."""
    return {name: columns(getattr(result, name)) for name in TABLES}


def write_parquet(path: Path, table: Columns) -> None:
    """Write a table as Parquet: codes as words, money as decimals, everything else as it is.

    Raises
    ------
    DataError
        Where the file can't be written.
    """
    import duckdb  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    readable = {
        name: np.array(CODES[name], dtype=object)[values] if name in CODES else values for name, values in table.items()
    }
    chosen = ", ".join(
        f"CAST({name} AS DECIMAL(38, 20)) AS {name}" if name in MONEY_COLUMNS else name for name in readable
    )
    with duckdb.connect() as connection:
        connection.register("readable", readable)
        try:
            connection.execute(
                f"COPY (SELECT {chosen} FROM readable) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.Error as error:
            raise DataError(f"can't write {path}: {error}") from None


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
