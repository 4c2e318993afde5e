"""What a person says of data that doesn't say it itself."""

import re
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Literal

from omni.model.error import ConfigError

Kind = Literal["bars", "quotes", "trades"]

_UNITS_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}
_INTERVAL = re.compile(r"(\d+)(ns|us|ms|s|m|h|d)", re.ASCII)
#: What can't be left out, and what to write for it.
_EXAMPLES = {
    "symbol": 'symbol="SPY"',
    "currency": 'currency="USD"',
    "price_unit": 'price_unit="0.01"',
    "quantity_unit": 'quantity_unit="1"',
    "multiplier": 'multiplier="1"',
    "bar_time": 'bar_time="close", or "open" where a row carries the bar\'s start',
    "interval": 'interval="1m"',
    "time_unit": 'time_unit="ns", "us", "ms" or "s"',
    "timezone": 'timezone="UTC", or where the times are local "America/New_York"',
    "date": 'date="2024-01-02"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Units and meaning of recorded data; `None` is "the data says it".

    Parameters
    ----------
    symbol, venue
        The instrument, where the data has no column of symbols; the venue's ISO 10383 code, `XXXX` being none.
    asset_class
        `equity`, `future`, `option`, `fx`, `bond` or `crypto`.
    currency
        Currency of the prices, ISO 4217.
    price_unit, quantity_unit
        What prices and quantities are whole multiples of, as decimal text.
    multiplier
        Value of one share or contract per whole unit of price.
    tick, lot
        Step of order prices and quantities; the units where not given.
    price_max
        Largest price that an order may have, in currency.
    kind
        `bars`, `quotes` or `trades`, where the columns' names don't tell.
    interval
        Length of a bar: `1m`, `5s`, `1d`.
    bar_time
        Whether a bar's row carries its `open` or its `close` time.
    time_unit
        What whole-number times count.
    timezone
        Of times that don't carry one.
    date
        The day that times of day belong to (ITCH).
    """

    symbol: str | None = None
    venue: str | None = None
    asset_class: str | None = None
    currency: str | None = None
    price_unit: str | None = None
    quantity_unit: str | None = None
    multiplier: str | None = None
    tick: str | None = None
    lot: str | None = None
    price_max: str | None = None
    kind: Kind | None = None
    interval: str | None = None
    bar_time: Literal["open", "close"] | None = None
    time_unit: Literal["ns", "us", "ms", "s"] | None = None
    timezone: str | None = None
    date: str | None = None

    def need(self, name: str, source: str) -> str:
        """Return a value that the data doesn't tell.

        Raises
        ------
        ConfigError
            Where it isn't declared; says what to write.
        """
        value = getattr(self, name)
        if value is None:
            raise ConfigError(f"{source} doesn't say its {name}, and it is not guessed: add {_EXAMPLES[name]}")
        return str(value)

    def under(self, stated: "dict[str, str]", source: str) -> "Declaration":
        """Return this declaration with what the data states of itself.

        Raises
        ------
        ConfigError
            Where the two contradict each other, or the data states what there is no word for.
        """
        unknown = [name for name in stated if name not in NAMES]
        if unknown:
            raise ConfigError(f"{source} states {unknown[0]}{near(unknown[0], NAMES)}")
        for name, value in stated.items():
            declared = getattr(self, name)
            if declared is not None and not _same(str(declared), value):
                raise ConfigError(f"{source} states {name} {value}, but {name}={declared!r} is declared")
        return replace(self, **stated)  # type: ignore[arg-type]


NAMES = tuple(field.name for field in fields(Declaration))


def near(name: str, known: "tuple[str, ...] | list[str]") -> str:
    """Say which known name was probably meant."""
    match = get_close_matches(name, known, 1)
    return f", which is unknown; did you mean {match[0]}?" if match else ", which is unknown"


def interval_ns(text: str) -> int:
    """Return a length such as `1m` in nanoseconds.

    Raises
    ------
    ConfigError
        For anything else.
    """
    found = _INTERVAL.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ConfigError(f"interval: expected a number and ns, us, ms, s, m, h or d, such as 1m, found {text!r}")
    return int(found[1]) * _UNITS_NS[found[2]]


def decimal(text: str, name: str) -> Decimal:
    """Return a positive decimal.

    Raises
    ------
    ConfigError
        For anything else.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise ConfigError(f"{name}: expected a decimal above zero such as 0.01, found {text!r}")
    return value


def _same(declared: str, stated: str) -> bool:
    try:
        return Decimal(declared) == Decimal(stated)
    except InvalidOperation:
        return declared == stated
