"""What a backtest is set to, beside its data and its strategy's parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from omni.data.declaration import near
from omni.model.error import ConfigError

#: Limits of the account, wide unless given: a count, a time or an amount of its currency.
LIMITS: Mapping[str, int | str] = {
    "order_quantity_max": 10**9,
    "order_notional_max": "1000000000000",
    "collar_bps": 5_000,
    "position_max": 10**9,
    "gross_exposure_max": "1000000000000",
    "open_orders_max": 10_000,
    "message_rate": 1_000_000,
    "message_window_ms": 1_000,
    "drawdown_max": "",
}
#: Fees of a fill: in millionths of its value, and per unit of quantity.
FEES: Mapping[str, int | str] = {"maker_ppm": 0, "taker_ppm": 0, "unit_fee": "0"}
#: How orders fill; `volume_share_ppm` of `None` fills whatever a bar's volume. Where there are trades and no quotes,
#: `queue_units` is what is ahead of a limit at its price; `None` fills it only when a trade goes through that price.
RULES: Mapping[str, int | str | bool | None] = {
    "reach": "through",
    "spread_units": 0,
    "spread_bps": 0,
    "queue_units": None,
    "touch_fills": False,
    "volume_share_ppm": 1_000_000,
    "grace_ns": 1_000_000_000,
    "priority": "worst_first",
}
_AMOUNTS = frozenset({"order_notional_max", "gross_exposure_max", "drawdown_max", "unit_fee"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a backtest is set to.

    Parameters
    ----------
    seed
        Of everything that is drawn; part of the result.
    cash, currency
        The account's opening cash, and its currency; by default the data's.
    limits, fees, rules
        Where they differ from `LIMITS`, `FEES` and `RULES`.
    latency_ns
        From an event to the order that answers it reaching the venue.
    bar_interval
        Length of the bars that are built where the data has trades but no bars.
    equity_interval
        Event time between two samples of equity; by default some thousands over the data.
    instruments
        Symbols that the strategy is called for; none is all.
    orders, levels
        Most recorded orders and price levels at once (level 3).
    """

    seed: int = 1
    cash: int | str | Decimal = 1_000_000
    currency: str | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    fees: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    latency_ns: int = 100_000
    bar_interval: str = "1m"
    equity_interval: str | None = None
    instruments: tuple[str, ...] = ()
    orders: int = 1 << 18
    levels: int = 1 << 17

    def terms(self, currency: str) -> dict[str, Any]:
        """Return the account's cash, limits and fees as the engine reads them.

        Raises
        ------
        ConfigError
            For an unknown name or a value that isn't what it should be.
        """
        limits = _merged("limits", LIMITS, self.limits)
        # An account that has lost all of its cash has nothing to trade with.
        limits["drawdown_max"] = limits["drawdown_max"] or self.cash
        terms = {"currency": currency, "cash": self.cash} | limits | _merged("fees", FEES, self.fees)
        return {name: _value(name, value) for name, value in terms.items()}

    def fill_rules(self) -> dict[str, Any]:
        """Return how orders fill.

        Raises
        ------
        ConfigError
            For an unknown name.
        """
        return _merged("rules", RULES, self.rules)


NAMES = tuple(each.name for each in fields(Options))


def _merged(what: str, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = next((name for name in given if name not in defaults), None)
    if unknown is not None:
        raise ConfigError(f"{what}: {unknown}{near(unknown, list(defaults))}; there are {', '.join(defaults)}")
    return {**defaults, **given}


def _value(name: str, value: object) -> object:
    if name == "currency":
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ConfigError(f"{name}: expected a number, found {value!r}") from None
    least = Decimal("-Infinity") if name == "maker_ppm" else Decimal(0)
    if not number.is_finite() or number < least:
        raise ConfigError(f"{name}: expected zero or more, found {value!r}")
    if name in _AMOUNTS or name == "cash":
        return f"{number:f}"
    if number != number.to_integral_value():
        raise ConfigError(f"{name}: expected a whole number, found {value!r}")
    return int(number)
