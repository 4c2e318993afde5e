"""What a backtest is set to, beside its data and its strategy's parameters."""

from collections.abc import Iterator, Mapping
from operator import index
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import fields

from omni.data import declaration
from omni.data.declaration import near
from omni.infra import section
from omni.infra.amount import Amount
from omni.infra.schema import Key, converted, found, section_keys
from omni.infra.section import Count, CurrencyCode, Fees, Nanoseconds, Rules, Section, Seed
from omni.model.error import ConfigError


class Limits(section.Limits, frozen=True):
    """Limits of the account, wide unless given; by default it may lose all of its cash."""

    order_quantity_max: Count = 10**9
    order_notional_max: Amount = Amount(10**12)
    collar_bps: Annotated[int, Meta(ge=1, le=10**6)] = 5_000
    position_max: Count = 10**9
    gross_exposure_max: Amount = Amount(10**12)
    open_orders_max: Count = 10_000
    message_rate: Count = 1_000_000
    drawdown_max: Amount | None = None  # type: ignore[assignment]  # An account that has lost all can't trade on.


class Options(Section, frozen=True):
    """What a backtest is set to; bounds are those of the configuration.

    Parameters
    ----------
    seed
        Of everything that is drawn; part of the result.
    cash, currency
        The account's opening cash, and its currency; by default the data's.
    limits, fees, rules
        Where they differ from the defaults of `Limits`, `Fees` and `Rules`.
    latency_ns
        From an event to the order that answers it reaching the venue.
    watchdog_ms
        Longest time that a callback may take; one that takes longer hangs, and its strategy is stopped.
    bar_interval
        Length of the bars that are built where the data has trades but no bars.
    equity_interval
        Event time between two samples of equity; by default some thousands over the data.
    instruments
        Symbols that the strategy is called for; none is all.
    orders, levels
        Most recorded orders and price levels at once (level 3).
    """

    seed: Seed = 1
    cash: Amount = Amount(1_000_000)
    currency: CurrencyCode | None = None
    limits: Limits = Limits()
    fees: Fees = Fees()
    rules: Rules = Rules()
    latency_ns: Nanoseconds = 100_000
    watchdog_ms: Annotated[int, Meta(ge=10, le=86_400_000)] = 5_000
    bar_interval: str = "1m"
    equity_interval: str | None = None
    instruments: tuple[str, ...] = ()
    orders: Count = 1 << 18
    levels: Count = 1 << 17

    def settled(self, currency: str) -> dict[str, Any]:
        """Return every setting as plain values, money as exact text; those left to the data with what it says."""
        values = self.plain() | {"currency": currency} | {name: getattr(self, name).plain() for name in TABLES}
        if self.limits.drawdown_max is None:
            values["limits"]["drawdown_max"] = values["cash"]
        return values


NAMES = tuple(each.name for each in fields(Options))
TABLES = ("limits", "fees", "rules")
_INTERVALS = ("bar_interval", "equity_interval")


def terms(settled: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account's cash, limits and fees as the engine reads them."""
    return {"currency": settled["currency"], "cash": settled["cash"], **settled["limits"], **settled["fees"]}


def options(given: Mapping[str, object]) -> Options:
    """Return the options of a call.

    Raises
    ------
    ConfigError
        For an unknown name or a value that isn't what it should be; says what was expected.
    """
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in TABLES:
            values[name] = _TABLE[name](**_table(name, value))
        else:
            values[name] = _value(_KEYS[name], (value,) if name == "instruments" and isinstance(value, str) else value)
        if name in _INTERVALS and values[name] is not None:
            declaration.interval_ns(values[name], name)
    return Options(**values)


def read(name: str, text: str) -> object:
    """Return a setting that came as text, such as `latency_ns` or `fees.taker_ppm`; another's text as it is.

    Raises
    ------
    ConfigError
        For a value that isn't what it should be; says what was expected.
    """
    table, dot, _ = name.partition(".")
    key = _KEYS.get(name) if not dot or table in TABLES else None
    # What declares the data is text, as the data itself has it.
    return text if key is None or name in (*TABLES, *declaration.NAMES) else _value(key, text, text=True)


_TABLE: Mapping[str, type[Struct]] = {"limits": Limits, "fees": Fees, "rules": Rules}


def _keys() -> Iterator[tuple[str, Key]]:
    yield from section_keys("", Options).items()
    for name, kind in _TABLE.items():
        yield from section_keys(f"{name}.", kind).items()


_KEYS = dict(_keys())


def _table(name: str, given: object) -> dict[str, Any]:
    known = [each.name for each in fields(_TABLE[name])]
    if not isinstance(given, Mapping):
        raise ConfigError(f"{name}: expected a dict of {', '.join(known)}, found {found(given)}")
    for key in given:
        if key not in known:
            raise ConfigError(f"{name}: {key}{near(str(key), known)}; there are {', '.join(known)}")
    return {key: _value(_KEYS[f"{name}.{key}"], value) for key, value in given.items()}


def _value(key: Key, value: object, *, text: bool = False) -> object:
    if not isinstance(value, bool) and hasattr(value, "__index__"):
        # A whole number of NumPy's is one.
        value = index(value)
    try:
        return converted(key, value, text=text)
    except ValueError as error:
        raise ConfigError(f"{key.name}: {error}") from None
