"""Numbers as people read them."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from omni.reporting.markup import Html, tag

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
_CENTS = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def whole(value: int) -> str:
    """Return a count: `12,345`."""
    return signed(Decimal(value), 0)


def signed(value: Decimal | float, decimals: int, *, plus: bool = False) -> str:
    """Return a number with thousands separated and a proper minus; rounds half to even, zero has no sign."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    sign = MINUS if rounded < 0 else "+" if plus and rounded > 0 else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def money(value: Decimal, currency: str, *, change: bool = False) -> Html:
    """Return an amount to the cent, the exact one in its `value` and on hover; a change has a sign and a colour."""
    shown = signed(value, _CENTS, plus=change)
    colour = "up" if value > 0 else "down" if value < 0 else None
    exact = f"{value:f}"
    return tag("data", shown, value=exact, title=f"{exact} {currency}", class_=colour if change else None)


def compact(value: Decimal | float) -> str:
    """Return three or four digits of an amount: `1.23M`."""
    size = abs(float(value))
    for least, divisor, suffix in ((999_500_000, 10**9, "B"), (999_500, 10**6, "M"), (99_950, 10**3, "k")):
        if size >= least:
            return signed(float(value) / divisor, 2 if size / divisor < 99.995 else 1) + suffix
    return signed(value, 0 if size >= 1_000 else 2)


def latency(value_ns: int) -> str:
    """Return a latency in three digits: `1.25 µs`."""
    for least, unit in ((10**9, "s"), (10**6, "ms"), (10**3, "µs")):
        if value_ns >= least:
            scaled = value_ns / least
            return f"{scaled:,.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f} {unit}"
    return f"{value_ns} ns"


def duration(value_ns: int) -> str:
    """Return a duration in its two largest units: `6 h 30 min`."""
    seconds = abs(value_ns) / 1e9
    if seconds < 10:
        return f"{seconds:.2f} s"
    rest, parts = round(seconds), list[str]()
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if part)


def moment(time_ns: int) -> datetime:
    """Return a time in UTC, to the microsecond below."""
    return _EPOCH + timedelta(microseconds=time_ns // 1_000)


def stamp(time_ns: int) -> str:
    """Return a time in UTC to the second: `2026-01-05 14:30:00`."""
    return f"{moment(time_ns):%Y-%m-%d %H:%M:%S}"


def time_element(time_ns: int) -> Html:
    """Return a time in UTC for people and machines."""
    return tag("time", f"{stamp(time_ns)} UTC", datetime=f"{moment(time_ns).isoformat()}")


def decimals_of(unit: str) -> int:
    """Return the decimals that a unit such as `0.01` needs."""
    exponent = Decimal(unit).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
