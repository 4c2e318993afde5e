"""The researcher's call."""

from collections.abc import Mapping, Sequence
from typing import Any

from omni.backtesting import option
from omni.backtesting.collect import collect
from omni.backtesting.option import Options
from omni.backtesting.result import Result
from omni.data import declaration
from omni.data.declaration import Declaration, interval_ns, near
from omni.data.recording import Recording, read
from omni.engine import Instrument, Node, __version__
from omni.model.adjustment import Adjustment, Given, given
from omni.model.error import ConfigError, DataError
from omni.model.parameter import Value
from omni.model.plugin import Compiled, Plugin
from omni.model.strategy import Strategy
from omni.strategy.feeding import unfed
from omni.strategy.registry import BuiltIn, find

_SESSION = _ACCOUNT = 1
#: Steps between samples of equity that are chosen from, and about how many samples there may be.
_STEPS = ("1s", "10s", "1m", "5m", "1h", "1d")
_SAMPLES = 20_000
#: How many of our orders may be open, and timers set, at once.
_OWN_ORDERS, _TIMERS = 16_384, 4_096


def backtest(
    strategy: str | type[Strategy] | Strategy | Plugin,
    data: object,
    *,
    params: Mapping[str, Value] | None = None,
    adjustments: Sequence[Adjustment] = (),
    **keywords: Any,  # noqa: ANN401  # Told apart by name, and checked there.
) -> Result:
    """Run a strategy on recorded data.

    Parameters
    ----------
    strategy
        A class derived from `omni.Strategy`, an object of one, the name of an installed strategy (`moving-average`),
        `FILE.py:CLASS`, or a compiled strategy: an `omni.Plugin` or the path of a shared library.
    data
        A path (CSV, Parquet, LEAN zip, ITCH 5.0, DBN), a Polars, pandas or Arrow frame, a dict of NumPy columns, or a
        list of these, merged by time.
    params
        Parameters of the strategy.
    adjustments
        Corporate actions on the data's instruments: `omni.Split`, `omni.Dividend`, `omni.Rename`.
    **keywords
        Units and meaning of the data (`omni.data.declaration.Declaration`: symbol, currency, price_unit…), settings of
        the run (`omni.backtesting.option.Options`: seed, cash, fees, latency_ns…), and parameters of the strategy,
        told apart by name; a parameter named like a setting goes into `params`.

    Returns
    -------
    Result
        Equity, orders, fills, positions, metrics, and the rules and seed it ran under.

    Raises
    ------
    DataError
        Where the data can't be read or doesn't hold together; names the place.
    ConfigError
        Where a keyword is unknown or missing; says what to write.
    """
    chosen = find(strategy) if isinstance(strategy, str) else strategy
    declared, options, own = _sorted(keywords, chosen, dict(params or {}))
    seat = _made(chosen, own)
    callbacks = seat.callbacks() if isinstance(seat, Strategy) else {}
    recording = read(data, declared)
    why = unfed(seat, recording)
    if why is not None:
        raise ConfigError(f"{_name(seat)} {why}")
    currency = _currency(recording.instruments, options)
    settings = options.settled(currency)
    actions = given(adjustments, {one.symbol: one.id for one in recording.instruments}, recording.span)
    settings["adjustments"] = [f"{each.symbol} on {each.on}: {' '.join(each.told())}" for each in adjustments]
    node = _node(recording, options, settings["rules"], actions)
    node.account(_ACCOUNT, "backtest", option.terms(settings))
    node.restrict(_ACCOUNT, _numbers("limits.restricted", recording.instruments, options.limits.restricted))
    wanted = _numbers("instruments", recording.instruments, options.instruments)
    if isinstance(seat, BuiltIn):
        node.built_in(_SESSION, _ACCOUNT, seat.name, seat.name, seat.numbers(own), wanted)
    elif isinstance(seat, Compiled):
        node.plugin(_SESSION, _ACCOUNT, seat.name, seat.plugin.library, seat.pairs, wanted)
    else:
        node.strategy(_SESSION, _ACCOUNT, type(seat).__name__, seat, callbacks, wanted, seat.batch_ns)
    raw = node.run(inline=True)
    if raw.failed is not None:
        raise DataError(raw.failed)
    name = strategy if isinstance(strategy, str) else _name(seat)
    return collect(raw, recording, settings, (name, _values(seat, own)))


def _name(seat: Strategy | Compiled | BuiltIn) -> str:
    return type(seat).__name__ if isinstance(seat, Strategy) else seat.name


def _sorted(
    keywords: dict[str, Any], chosen: object, params: dict[str, Value]
) -> tuple[Declaration, Options, dict[str, Value]]:
    """Tell declarations, settings and the strategy's parameters apart."""
    known = chosen.parameters() if hasattr(chosen, "parameters") else {}
    declared: dict[str, Any] = {}
    options: dict[str, Any] = {}
    for name, value in keywords.items():
        setting = name in option.NAMES or name in declaration.NAMES
        if setting and name in known:
            raise ConfigError(
                f"{name} is a setting and a parameter of the strategy; say params={{{name!r}: …}} for that"
            )
        if name in params:
            raise ConfigError(f"parameter {name} is given twice, by keyword and in params")
        if name in declaration.NAMES:
            declared[name] = value
        if name in option.NAMES:
            options[name] = value
        if not setting:
            if name not in known and not isinstance(chosen, BuiltIn):
                names = [*known, *declaration.NAMES, *option.NAMES]
                raise ConfigError(f"backtest: keyword {name}{near(name, names)}")
            params[name] = value
    return declaration.declared(declared), option.options(options), params


def _made(
    chosen: str | type[Strategy] | Strategy | Plugin | BuiltIn, params: dict[str, Value]
) -> Strategy | Compiled | BuiltIn:
    if isinstance(chosen, Plugin) or (isinstance(chosen, type) and issubclass(chosen, Strategy)):
        return chosen(**params)
    if isinstance(chosen, Strategy):
        if params:
            raise ConfigError("parameters go to a class or a name; this strategy is already made")
        return chosen
    if isinstance(chosen, BuiltIn):
        return chosen
    raise ConfigError(
        f"strategy: expected a class derived from omni.Strategy, an object of one or a name, found {chosen!r}"
    )


def _values(seat: Strategy | Compiled | BuiltIn, params: dict[str, Value]) -> dict[str, Value]:
    if isinstance(seat, BuiltIn):
        return params
    if isinstance(seat, Compiled):
        return seat.values
    return {name: getattr(seat, name) for name in seat.parameters()}


def _currency(instruments: Sequence[Instrument], options: Options) -> str:
    """Return the account's currency; others need rates, which recorded prices don't carry."""
    found = {one.currency for one in instruments}
    currency = options.currency or next(iter(found))
    if found != {currency}:
        raise ConfigError(
            f"the data is in {', '.join(sorted(found))} and the account in {currency}; a backtest runs in one currency"
        )
    return currency


def _node(recording: Recording, options: Options, rules: dict[str, Any], actions: Sequence[Given]) -> Node:
    """Put the venue and its data together."""
    bars_only = all(kind == "bars" for kind in recording.fills)
    count = len(recording.instruments)
    node = Node(
        run_id="backtest",
        mode="sim",
        environment="dev",
        version=__version__,
        seed=options.seed,
        started_ns=0,
        config_hash=bytes(32),
        engine={
            "instruments": count,
            "orders": options.orders,
            "levels": options.levels,
            "accounts": _ACCOUNT + 1,
            "risk_slots": count + 1,
            "timers": _TIMERS,
            "bar_ns": 0 if bars_only else interval_ns(options.bar_interval),
            "latency_ns": options.latency_ns,
        },
    )
    node.historical(list(recording.fills), rules, _OWN_ORDERS)
    node.recorded(list(recording.instruments), recording.engine_tables(), recording.engine_files(), actions)
    node.pace(None, options.watchdog_ms, _equity_ns(recording.span, options))
    return node


def _equity_ns(span: tuple[int, int], options: Options) -> int:
    if options.equity_interval is not None:
        return interval_ns(options.equity_interval)
    steps = [interval_ns(step) for step in _STEPS]
    return next((step for step in steps if (span[1] - span[0]) / step <= _SAMPLES), steps[-1])


def _numbers(setting: str, instruments: Sequence[Instrument], symbols: Sequence[str]) -> list[int]:
    ids = {name: one.id for one in instruments for name in (one.symbol, str(one))}
    missing = next((symbol for symbol in symbols if symbol not in ids), None)
    if missing is not None:
        raise ConfigError(
            f"{setting}: the data has no {missing}; it has {', '.join(one.symbol for one in instruments)}"
        )
    return [ids[symbol] for symbol in symbols]
