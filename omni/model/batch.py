"""Batches of market data, as the callbacks `on_bars`, `on_quotes` and `on_trades` get them.

Each is a structured NumPy array: `time` in nanoseconds since 1970 in UTC, `instrument` its number, prices and
quantities as floats. A quote's empty side has a price that is not a number; a trade's aggressor is 1, -1 or 0 for
unknown.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_HEAD = [("time", "<i8"), ("instrument", "<i8")]


def _layout(*names: str) -> list[tuple[str, str]]:
    return [*_HEAD, *((name, "<f8") for name in names)]


LAYOUTS = {
    "on_bars": _layout("open", "high", "low", "close", "volume"),
    "on_quotes": _layout("bid", "ask", "bid_quantity", "ask_quantity"),
    "on_trades": _layout("price", "quantity", "aggressor"),
}


def array(callback: str, rows: bytes) -> "np.ndarray[Any, Any]":
    """Return the rows of a batch; the array is a read-only view."""
    import numpy as np  # noqa: PLC0415

    return np.frombuffer(rows, dtype=LAYOUTS[callback])
