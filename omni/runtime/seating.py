"""Seats a run's strategies in its node: each with its account, limits and instruments."""

from collections.abc import Collection, Mapping, Sequence

from omni.engine import Instrument, Node
from omni.infra.section import Config, Rates
from omni.infra.section import Strategy as Entry
from omni.model.error import ConfigError
from omni.model.plugin import Compiled
from omni.runtime.roster import Seat
from omni.strategy.registry import BuiltIn


def seat(node: Node, config: Config, seats: Sequence[Seat], instruments: Sequence[Instrument]) -> list[str]:
    """Set the rates, open each strategy's account and seat it.

    Returns
    -------
    list
        The restricted symbols that aren't in this run: a firm's list names others too, but one may be mistyped.

    Raises
    ------
    ConfigError
        Where a strategy names an instrument that isn't there, or trades one in a currency without a rate.
    """
    rates = _rates(config.rates)
    for (base, other), rate in rates.items():
        node.rate(base, other, rate)
    by_name = {name: one.id for one in instruments for name in (one.symbol, str(one), f"#{one.id}")}
    restricted: dict[str, None] = {}
    for each in seats:
        risk = each.entry.risk(config.risk)
        wanted = _wanted(each.entry, by_name)
        traded = [instruments[id_] for id_ in wanted] or instruments
        _check_rates(each.entry, risk.currency, {one.currency: one.symbol for one in traded}, rates)
        node.account(each.session, each.entry.name, risk.plain() | config.fees.plain())
        node.restrict(each.session, [by_name[name] for name in risk.restricted if name in by_name])
        restricted |= dict.fromkeys(risk.restricted)
        _sit(node, each, wanted)
    return [name for name in restricted if name not in by_name]


def _sit(node: Node, each: Seat, wanted: list[int]) -> None:
    place = (each.session, each.session, each.entry.name)
    match each.strategy:
        case None:
            node.absent(*place)
        case BuiltIn(name):
            node.built_in(*place, name, _numbers(each.entry, each.strategy), wanted)
        case Compiled() as compiled:
            node.plugin(*place, compiled.plugin.library, compiled.pairs, wanted)
        case strategy:
            node.strategy(*place, strategy, strategy.callbacks(), wanted, strategy.batch_ns)


def _numbers(entry: Entry, strategy: BuiltIn) -> list[tuple[str, float]]:
    try:
        return strategy.numbers(entry.params)
    except ConfigError as error:
        raise ConfigError(f"strategy {entry.name}: {error}") from None


def _rates(rates: Rates) -> dict[tuple[str, str], str]:
    """Return the rates by pair of currencies.

    Raises
    ------
    ConfigError
        For a pair that stands there twice, or is one currency.
    """
    by_pair = rates.by_pair()
    if len(by_pair) < len(rates.pairs):
        raise ConfigError(f"rates.pairs: a pair stands there twice in {', '.join(rates.pairs)}")
    same = next((base for base, other in by_pair if base == other), None)
    if same is not None:
        raise ConfigError(f"rates.pairs: {same}{same} is one currency, not a pair")
    return by_pair


def _check_rates(entry: Entry, currency: str, traded: Mapping[str, str], rates: Collection[tuple[str, str]]) -> None:
    """Refuse a strategy whose every order in a currency would be refused for want of a rate.

    `traded` has an instrument's symbol for each currency that it trades in.
    """
    for other, symbol in traded.items():
        if other != currency and (other, currency) not in rates:
            raise ConfigError(
                f"strategy {entry.name}: its account is in {currency} and {symbol} trades in {other}; "
                f'give the rate by rates.pairs = ["{other}{currency}=…"], or risk.currency = "{other}"'
            )


def _wanted(entry: Entry, by_name: Mapping[str, int]) -> list[int]:
    """Return the numbers of the instruments that a strategy trades; empty is all."""
    if entry.instruments == ("*",):
        return []
    missing = [name for name in entry.instruments if name not in by_name]
    if missing:
        raise ConfigError(f"strategy {entry.name}: no instrument {missing[0]} in this run")
    return [by_name[name] for name in entry.instruments]
