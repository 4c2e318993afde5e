"""Numbers and moments that a person writes."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from omni.model.error import ConfigError


def instant_ns(text: str, name: str) -> int:
    """Return a time with its offset from UTC, such as `2026-03-20T20:00Z`, in nanoseconds since 1970.

    Raises
    ------
    ConfigError
        For anything else.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = datetime.min  # noqa: DTZ901  # Without an offset, as what is refused.
    if time.tzinfo is None:
        raise ConfigError(f"{name}: expected a time with its offset such as 2026-03-20T20:00Z, found {text!r}")
    whole = int(time.replace(microsecond=0).timestamp())
    return whole * 10**9 + time.microsecond * 1000


def number(text: str, name: str) -> Decimal:
    """Return a decimal of either sign.

    Raises
    ------
    ConfigError
        For anything else.
    """
    value = _finite(text)
    if value is None:
        raise ConfigError(f"{name}: expected a decimal such as 100 or -37.63, found {text!r}")
    return value


def decimal(text: str, name: str) -> Decimal:
    """Return a positive decimal.

    Raises
    ------
    ConfigError
        For anything else.
    """
    value = _finite(text)
    if value is None or value <= 0:
        raise ConfigError(f"{name}: expected a decimal above zero such as 0.01, found {text!r}")
    return value


def _finite(text: str) -> Decimal | None:
    """Return a text as a decimal, or `None` where it isn't a finite one."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
