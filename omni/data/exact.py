"""Numbers in columns become whole counts of a unit, or are refused with their row."""

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from omni.model.error import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

#: Past it floats don't name counts.
_MOST = 9.0e15
#: What the engine's counts stay below.
_MOST_EXACT = 1 << 62
#: A price in 32nds; the plus is half of one.
_IN_32NDS = re.compile(r"(?P<sign>-?)(?P<whole>\d+)-(?P<part>[0-2]\d|3[01])(?P<half>\+?)", re.ASCII)
#: Rows that are converted at once.
_BLOCK = 1 << 14
_MEND = "mend the row or leave it out"


def counts(values: "Array", unit: Decimal, where: str) -> "Array":
    """Return a column as whole counts of `unit`.

    A float stands for the decimal nearest to it: it must lie within a billionth of a whole count.

    Raises
    ------
    DataError
        For a value that is not a number, off unit, or too large; names the row, counted from 1, and the value.
    """
    import numpy as np  # noqa: PLC0415

    if values.dtype.kind in "OUS":
        return _texts(values, unit, where)
    if values.dtype.kind not in "iuf":
        raise DataError(f"{where}: expected numbers, found {values.dtype}")
    numerator, denominator = unit.as_integer_ratio()
    if values.dtype.kind in "iu" and denominator % numerator == 0:
        scale = denominator // numerator
        _refuse(np.abs(values.astype(np.float64)) * scale >= _MOST, values, where, "is too large")
        return values.astype(np.int64) * scale
    exact = _exact(values, numerator, denominator)
    return _checked(values, unit, where) if exact is None else exact


def _exact(values: "Array", numerator: int, denominator: int) -> "Array | None":
    """Return floats as counts, or `None` where one of them is none; in blocks that stay in the processor's cache."""
    import numpy as np  # noqa: PLC0415

    counted = np.empty(len(values), dtype=np.int64)
    for at in range(0, len(values), _BLOCK):
        with np.errstate(invalid="ignore", over="ignore"):
            exact = values[at : at + _BLOCK].astype(np.float64) * denominator / numerator
            whole = np.rint(exact)
            size = np.abs(whole)
            # What is not a number compares false.
            good = (size < _MOST) & (np.abs(exact - whole) <= 1e-9 * np.maximum(size, 1.0))
        if not good.all():
            return None
        counted[at : at + _BLOCK] = whole
    return counted


def _checked(values: "Array", unit: Decimal, where: str) -> "Array":
    """Return floats as counts, and say which is none and why."""
    import numpy as np  # noqa: PLC0415

    numerator, denominator = unit.as_integer_ratio()
    with np.errstate(invalid="ignore", over="ignore"):
        exact = values.astype(np.float64) * denominator / numerator
        whole = np.rint(exact)
        _refuse(np.isnan(exact), values, where, "is not a number")
        _refuse(np.isinf(exact), values, where, "is not a finite number")
        _refuse(~(np.abs(whole) < _MOST), values, where, "is too large")
        off = np.abs(exact - whole) > 1e-9 * np.maximum(np.abs(whole), 1.0)
    hint = f"declare a finer unit than {unit} if it is right"
    _refuse(off, values, where, f"is not a whole multiple of {unit}", hint)
    return whole.astype(np.int64)


def not_negative(values: "Array", where: str) -> "Array":
    """Return a column of quantities.

    Raises
    ------
    DataError
        For one below zero; names the row.
    """
    _refuse(values < 0, values, where, "is negative")
    return values


def _texts(values: "Array", unit: Decimal, where: str) -> "Array":
    """Convert decimals and texts one by one, exactly."""
    import numpy as np  # noqa: PLC0415

    counted = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        try:
            count = _decimal(str(value)) / unit
        except InvalidOperation:
            raise DataError(f"{where}, row {row + 1}: {str(value)!r} is not a number; {_MEND}") from None
        if not count.is_finite():
            kind = "number" if count.is_nan() else "finite number"
            raise DataError(f"{where}, row {row + 1}: {value} is not a {kind}; {_MEND}")
        if count != count.to_integral_value():
            raise DataError(
                f"{where}, row {row + 1}: {value} is not a whole multiple of {unit}; "
                f"declare a finer unit than {unit} if it is right"
            )
        if abs(count) >= _MOST_EXACT:
            raise DataError(f"{where}, row {row + 1}: {value} is too large; {_MEND}")
        counted[row] = int(count)
    return counted


def _decimal(text: str) -> Decimal:
    """Return a decimal number, or one in 32nds, as bonds are quoted: `101-16+` is 101.515625."""
    found = _IN_32NDS.fullmatch(text)
    if found is None:
        return Decimal(text)
    count = int(found["whole"]) * 64 + int(found["part"]) * 2 + len(found["half"])
    return Decimal(-count if found["sign"] else count) / 64


def _refuse(bad: "Array", values: "Array", where: str, why: str, then: str = _MEND) -> None:
    if bad.any():
        row = int(bad.argmax())
        more = int(bad.sum()) - 1
        others = f" (and {more:,} more rows)" if more else ""
        raise DataError(f"{where}, row {row + 1}: {values[row]} {why}{others}; {then}")
