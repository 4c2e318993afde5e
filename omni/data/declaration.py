"""What a person says of data that doesn't say it itself."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from numbers import Number
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from omni.data import ticks
from omni.data.scalar import decimal, instant_ns, number
from omni.model.error import ConfigError

Kind = Literal["bars", "quotes", "trades"]
BarTime = Literal["open", "close"]
TimeUnit = Literal["ns", "us", "ms", "s"]
AssetClass = Literal["equity", "future", "option", "fx", "bond", "crypto"]
Right = Literal["put", "call"]
Exercise = Literal["european", "american", "bermudan"]

_UNITS_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}
_INTERVAL = re.compile(r"(\d+)(ns|us|ms|s|m|h|d)", re.ASCII)
_CHOICES = {
    "kind": Kind,
    "bar_time": BarTime,
    "time_unit": TimeUnit,
    "asset_class": AssetClass,
    "right": Right,
    "exercise": Exercise,
}
_DECIMALS = ("price_unit", "quantity_unit", "multiplier", "tick", "lot", "price_max")
_NUMBERS = (*_DECIMALS, "strike")
_FORMS = {
    "currency": (re.compile(r"[A-Z]{3}", re.ASCII), "the three capitals of ISO 4217, such as USD"),
    "venue": (re.compile(r"[A-Z0-9]{4}", re.ASCII), "the four capitals or digits of ISO 10383, such as XNYS"),
}
_SHARES, _ES = "for US shares", "for the ES future"
#: What can't be left out, and what to write for it: values, and what for.
_EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "symbol": (("SPY", ""),),
    "currency": (("USD", ""),),
    "price_unit": (("0.01", _SHARES), ("0.25", _ES)),
    "quantity_unit": (("1", ""),),
    "multiplier": (("1", _SHARES), ("50", _ES)),
    "bar_time": (("close", ""), ("open", "where a row carries the bar's start")),
    "interval": (("1m", ""),),
    "time_unit": (("ns", ""), ("us", ""), ("ms", ""), ("s", "")),
    "timezone": (("UTC", ""), ("America/New_York", "where the times are New York's")),
    "date": (("2024-01-02", ""),),
}


class UndeclaredError(ConfigError):
    """Data doesn't say what has to be known of it, and it isn't declared.

    Parameters
    ----------
    source
        The data.
    names
        What it doesn't say.
    """

    def __init__(self, source: str, names: tuple[str, ...]) -> None:
        self.source, self.names = source, names
        super().__init__(self.told(lambda name, value: f'{name}="{value}"'))

    def told(self, written: Callable[[str, str], str]) -> str:
        """Return the message, with each declaration written as it is where the reader can add it."""
        *first, last = self.names
        named = f"{', '.join(first)} and {last}" if first else last
        lines = [
            ", or ".join(_example(written(name, value), what) for value, what in _EXAMPLES[name]) for name in self.names
        ]
        pronoun, gap = ("they are", "\n  ") if first else ("it is", " ")
        return f"{self.source} doesn't say its {named}, and {pronoun} not guessed: add{gap}{gap.join(lines)}"


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
    ticks
        Tick by price instead of `tick`: a list of (from, tick), or a dict of such lists by the time from which they
        hold; as text `0:0.0001 1:0.01`, a later table behind its time.
    expiry
        When a derivative expires or a bond matures, with its offset from UTC: `2026-03-20T20:00Z`.
    underlying
        Symbol of what a future or an option is on, which is in the data too.
    strike, right, exercise
        An option's strike in currency, `put` or `call`, and `european`, `american` or `bermudan`.
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
    asset_class: AssetClass | None = None
    currency: str | None = None
    price_unit: str | None = None
    quantity_unit: str | None = None
    multiplier: str | None = None
    tick: str | None = None
    lot: str | None = None
    price_max: str | None = None
    ticks: str | None = None
    expiry: str | None = None
    underlying: str | None = None
    strike: str | None = None
    right: Right | None = None
    exercise: Exercise | None = None
    kind: Kind | None = None
    interval: str | None = None
    bar_time: BarTime | None = None
    time_unit: TimeUnit | None = None
    timezone: str | None = None
    date: str | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None:
                _check(each.name, value)

    def need(self, name: str, source: str) -> str:
        """Return a value that the data doesn't tell.

        Raises
        ------
        UndeclaredError
            Where it isn't declared; says what to write.
        """
        self.require((name,), source)
        return str(getattr(self, name))

    def require(self, names: Iterable[str], source: str) -> None:
        """Check that everything that the data doesn't tell is declared.

        Raises
        ------
        UndeclaredError
            Where it isn't; says all that is missing, and what to write.
        """
        missing = tuple(name for name in names if getattr(self, name) is None)
        if missing:
            raise UndeclaredError(source, missing)

    def under(self, stated: "dict[str, str]", source: str) -> "Declaration":
        """Return this declaration with what the data states of itself.

        Raises
        ------
        ConfigError
            Where the two contradict each other, or the data states what there is no word for or can't be.
        """
        unknown = [name for name in stated if name not in NAMES]
        if unknown:
            raise ConfigError(f"{source} states {unknown[0]}{near(unknown[0], NAMES)}")
        for name, value in stated.items():
            declared = getattr(self, name)
            if declared is not None and not _same(str(declared), value):
                raise ConfigError(f"{source} states {name} {value}, but {name}={declared!r} is declared")
        try:
            return replace(self, **stated)  # type: ignore[arg-type]  # Checked when it is made.
        except ConfigError as error:
            raise ConfigError(f"{source} states {error}") from None


NAMES = tuple(field.name for field in fields(Declaration))


def declared(keywords: Mapping[str, object]) -> Declaration:
    """Return a declaration of keywords, numbers and days among them as text; `None` stands for what isn't given.

    Raises
    ------
    ConfigError
        For a value that isn't what it should be; says what was expected.
    """
    given = {name: _text(name, value) for name, value in keywords.items() if value is not None}
    return Declaration(**given)  # type: ignore[arg-type]  # Checked when it is made.


def near(name: str, known: "tuple[str, ...] | list[str]") -> str:
    """Say which known name was probably meant."""
    match = get_close_matches(name, known, 1)
    return f", which is unknown; did you mean {match[0]}?" if match else ", which is unknown"


def interval_ns(text: str, name: str = "interval") -> int:
    """Return a length such as `1m` in nanoseconds.

    Raises
    ------
    ConfigError
        For anything else.
    """
    found = _INTERVAL.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ConfigError(f"{name}: expected a number and ns, us, ms, s, m, h or d, such as 1m, found {text!r}")
    return int(found[1]) * _UNITS_NS[found[2]]


def zone(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises
    ------
    ConfigError
        Where there is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"timezone: there is no {name!r}; write UTC or a name such as America/New_York") from None


def day(text: str) -> date:
    """Return a day such as `2024-01-02`.

    Raises
    ------
    ConfigError
        For anything else.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"date: expected a day such as 2024-01-02, found {text!r}") from None


def _same(declared: str, stated: str) -> bool:
    try:
        return Decimal(declared) == Decimal(stated)
    except InvalidOperation:
        return declared == stated


def _example(written: str, what: str) -> str:
    return f"{written} {what}".rstrip()


def _text(name: str, value: object) -> object:
    if name == "ticks" and not isinstance(value, str):
        return ticks.text(value)
    number = name in _NUMBERS and isinstance(value, Number) and not isinstance(value, bool)
    day = name == "date" and isinstance(value, date)
    return str(value) if number or day else value


def _check(name: str, value: object) -> None:
    """Check a declared value as far as it can be told without the data."""
    if not isinstance(value, str) or not value:
        kind = "a decimal such as 0.01" if name in _NUMBERS else "a text"
        raise ConfigError(f"{name}: expected {kind}, found {value!r}")
    if name in _CHOICES and value not in get_args(_CHOICES[name]):
        *first, last = get_args(_CHOICES[name])
        match = get_close_matches(value.lower(), [*first, last], 1)
        hint = f"; did you mean {match[0]}?" if match else ""
        raise ConfigError(f"{name}: expected {', '.join(first)} or {last}, found {value!r}{hint}")
    if name in _FORMS and not _FORMS[name][0].fullmatch(value):
        raise ConfigError(f"{name}: expected {_FORMS[name][1]}, found {value!r}")
    if name in _DECIMALS:
        decimal(value, name)
    if name in _READ:
        _READ[name](value)


#: What is read again where it is used, and wrong even where it isn't.
_READ: Mapping[str, Callable[[str], object]] = {
    "interval": interval_ns,
    "timezone": zone,
    "date": day,
    "expiry": lambda text: instant_ns(text, "expiry"),
    "strike": lambda text: number(text, "strike"),
    "ticks": ticks.tables,
}
