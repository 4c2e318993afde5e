"""Corporate actions, as a person gives them: splits, dividends, changes of symbol."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from omni.model.error import ConfigError


def _moment(on: str | datetime) -> datetime:
    """Return a moment that carries its offset from UTC."""
    try:
        moment = datetime.fromisoformat(on) if isinstance(on, str) else on
    except ValueError:
        moment = datetime.min  # noqa: DTZ901  # Without an offset, as what is refused.
    if getattr(moment, "tzinfo", None) is None:
        raise ConfigError(f"on: expected a time with its offset such as 2024-01-02T09:30-05:00, found {on!r}")
    return moment


@dataclass(frozen=True, slots=True)
class Split:
    """So many new shares for so many old ones: `Split("ABC", "2024-01-02T09:30-05:00", 4)` is 4 for 1.

    Parameters
    ----------
    symbol
        The instrument.
    on
        When it takes effect, with its offset from UTC: before the first data at the new prices.
    new, old
        `new` for `old`; 1 for 10 is a reverse split.
    """

    symbol: str
    on: str | datetime
    new: int
    old: int = 1

    def told(self) -> tuple[str, str]:
        """Return its kind, and what it does."""
        return "split", f"{self.new}:{self.old}"


@dataclass(frozen=True, slots=True)
class Dividend:
    """Cash, quoted as the price is: `Dividend("ABC", "2024-01-02T09:30-05:00", "0.24")`.

    Parameters
    ----------
    symbol
        The instrument.
    on
        When it goes ex, with its offset from UTC.
    cash
        Per share, before taxes.
    """

    symbol: str
    on: str | datetime
    cash: str | Decimal | float

    def told(self) -> tuple[str, str]:
        """Return its kind, and what it does."""
        return "dividend", f"{self.cash}"


@dataclass(frozen=True, slots=True)
class Rename:
    """A new symbol: `Rename("ABC", "2024-01-02T09:30-05:00", "XYZ")`.

    Parameters
    ----------
    symbol
        The instrument, as the data calls it.
    on
        When it takes effect, with its offset from UTC.
    to
        The new symbol.
    """

    symbol: str
    on: str | datetime
    to: str

    def told(self) -> tuple[str, str]:
        """Return its kind, and what it does."""
        return "rename", self.to


Adjustment = Split | Dividend | Rename
#: When, the instrument's number, the kind, and what: as the engine takes it.
Given = tuple[int, int, str, str]


def given(adjustments: object, ids: dict[str, int], span: tuple[int, int]) -> list[Given]:
    """Return corporate actions as the engine takes them, in the order of time.

    Parameters
    ----------
    adjustments
        A list of `Split`, `Dividend` and `Rename`.
    ids
        The instruments' numbers by symbol.
    span
        The data's first and last time, in nanoseconds since 1970 in UTC.

    Raises
    ------
    ConfigError
        For anything else, an instrument that isn't there, or a time outside the data.
    """
    if not isinstance(adjustments, list | tuple):
        raise ConfigError(f"adjustments: expected a list of omni.Split, Dividend and Rename, found {adjustments!r}")
    return sorted(_one(each, ids, span) for each in adjustments)


def _one(each: object, ids: dict[str, int], span: tuple[int, int]) -> Given:
    if not isinstance(each, Adjustment):
        raise ConfigError(f"adjustments: expected omni.Split, Dividend or Rename, found {each!r}")
    if each.symbol not in ids:
        raise ConfigError(f"adjustments: the data has no {each.symbol}; it has {', '.join(sorted(ids))}")
    moment = _moment(each.on)
    time = int(moment.replace(microsecond=0).timestamp()) * 10**9 + moment.microsecond * 1000
    if not span[0] < time <= span[1]:
        raise ConfigError(
            f"adjustments: {each.symbol} on {each.on} lies outside the data, after whose first time it must be"
        )
    return (time, ids[each.symbol], *each.told())
