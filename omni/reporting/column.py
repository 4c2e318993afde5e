"""Columns of a run as checked arrays."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from omni.model.error import DataError
from omni.reporting.run_data import Columns

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Equity:
    """Samples of accounts' equity, in the order of time."""

    time: Ints
    account: Ints
    equity: Floats


@dataclass(frozen=True, slots=True)
class Fills:
    """Fills of the strategies, in the order of time."""

    time: Ints
    session: Ints
    instrument: Ints
    side: Ints
    price: Ints
    quantity: Ints
    liquidity: Ints


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of all instruments, in the order of time."""

    time: Ints
    instrument: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints


Table = TypeVar("Table", Equity, Fills, Bars)


def read(kind: type[Table], columns: Columns) -> Table:
    """Return the columns as arrays of one length, sorted by time; no columns at all are no rows.

    Raises
    ------
    DataError
        When a column is missing, has another length than the others, or holds what is not a number.
    """
    names = kind.__dataclass_fields__
    table = kind.__name__.lower()
    if not columns:
        return kind(*(np.empty(0, _dtype(name)) for name in names))
    missing = [name for name in names if name not in columns]
    if missing:
        raise DataError(f"{table}: column {missing[0]!r} is missing; found {', '.join(columns)}")
    arrays = [_array(f"{table}.{name}", columns[name], _dtype(name)) for name in names]
    lengths = {name: len(array) for name, array in zip(names, arrays, strict=True)}
    if len(set(lengths.values())) > 1:
        raise DataError(f"{table}: expected columns of one length, found {lengths}")
    order = np.argsort(arrays[0], kind="stable")
    return kind(*(array[order] for array in arrays))


def pick(table: Table, rows: Mask) -> Table:
    """Return the rows where the mask is true."""
    return type(table)(*(getattr(table, name)[rows] for name in table.__dataclass_fields__))


def exact(text: str, what: str) -> Decimal:
    """Return an exact amount.

    Raises
    ------
    DataError
        When the text is no finite decimal.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise DataError(f"{what}: expected a decimal, found {text!r}")
    return value


def _dtype(name: str) -> "np.dtype[Any]":
    return np.dtype(np.float64 if name == "equity" else np.int64)


def _array(name: str, values: object, dtype: "np.dtype[Any]") -> NDArray[Any]:
    try:
        array = np.asarray(values).astype(dtype)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: expected numbers: {error}") from error
    if array.ndim != 1:
        raise DataError(f"{name}: expected one dimension, found {array.ndim}")
    if not np.isfinite(array).all():
        at = int(np.flatnonzero(~np.isfinite(array))[0])
        raise DataError(f"{name}: row {at} is {array[at]}, not a finite number")
    return array
