"""The terms of a run in words: what it traded, for whom, at which costs."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from omni.backtesting.option import Limits
from omni.engine import Instrument

_UNITS = ((10**9, "s"), (10**6, "ms"), (10**3, "us"))
#: Of many instruments so many are shown.
_SHOWN = 3


def terms(options: Mapping[str, Any], instruments: Sequence[Instrument]) -> list[tuple[str, str]]:
    """Return what a result has to say of its terms, as (name, words)."""
    fees, currency = options["fees"], options["currency"]
    rows = [("instrument", _instrument(one)) for one in instruments[:_SHOWN]]
    if len(instruments) > _SHOWN:
        rows.append(("instrument", f"and {len(instruments) - _SHOWN:,} more"))
    rows.append(("cash", f"{Decimal(options['cash']):,f} {currency}"))
    rows.append(("latency", f"{time(options['latency_ns'])} from an event to the answer at the venue"))
    rows.append(("fee rates", ", ".join(_fees(fees, currency)) or "none"))
    rows += [("adjustment", each) for each in options["adjustments"]]
    wide = Limits().plain()
    rows += [
        (f"limit {name}", _limit(value))
        for name, value in options["limits"].items()
        if value != wide[name] and (name, value) != ("drawdown_max", options["cash"])
    ]
    return rows


def _limit(value: int | str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:,}" if isinstance(value, int) else value


def time(time_ns: int) -> str:
    """Return a length of time in the largest unit that it is whole in."""
    for unit, name in _UNITS:
        if time_ns and time_ns % unit == 0:
            return f"{time_ns // unit:,} {name}"
    return f"{time_ns:,} ns"


def _instrument(one: Instrument) -> str:
    units = f"price unit {one.price_unit} {one.currency}, quantity unit {one.quantity_unit}"
    return f"{one}, {units}, multiplier {one.multiplier}"


def _fees(fees: Mapping[str, Any], currency: str) -> list[str]:
    """Return the fees that aren't zero; those in millionths as a share of the value."""
    told = [
        f"{name} {Decimal(fees[f'{name}_ppm']) / 10_000:f}% of value"
        for name in ("maker", "taker")
        if fees[f"{name}_ppm"]
    ]
    return [*told, f"{fees['unit_fee']} {currency} a unit"] if Decimal(fees["unit_fee"]) else told
