"""A run's figures, added up once for all parts of the page."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from omni.model.error import DataError
from omni.reporting import measure
from omni.reporting.column import Bars, Equity, Fills, exact, pick, read
from omni.reporting.measure import Curve, Fall
from omni.reporting.number import duration
from omni.reporting.run_data import Account, Instrument, RunData
from omni.reporting.timeline import Timeline


@dataclass(frozen=True)
class Figures:
    """A run with its columns read.

    Raises
    ------
    DataError
        From `of`, when columns or amounts don't hold together.
    """

    data: RunData
    equity: Equity
    fills: Fills
    bars: Bars
    timeline: Timeline
    instruments: dict[int, Instrument]
    accounts: dict[int, Account]

    @classmethod
    def of(cls, data: RunData) -> "Figures":
        """Read a run's columns."""
        equity, fills, bars = read(Equity, data.equity), read(Fills, data.fills), read(Bars, data.bars)
        instruments = {each.id: each for each in data.instruments}
        unknown = (set(np.unique(fills.instrument).tolist()) | set(np.unique(bars.instrument).tolist())) - set(
            instruments
        )
        if unknown:
            raise DataError(f"instrument {min(unknown)} has fills or bars but is not among the run's instruments")
        bounds = np.array([data.first_ns, data.last_ns] if data.last_ns > data.first_ns else [], np.int64)
        regular = np.concatenate([equity.time, bars.time])
        timeline = Timeline(np.concatenate([regular, fills.time, bounds]), regular)
        return cls(data, equity, fills, bars, timeline, instruments, {each.account: each for each in data.accounts})

    @cached_property
    def currencies(self) -> list[str]:
        """The accounts' currencies, in the order of their first account."""
        return list(dict.fromkeys(each.currency for each in self.data.accounts))

    @cached_property
    def curves(self) -> dict[int, Curve]:
        """Each account's equity."""
        return {account: measure.of_account(self.equity, account) for account in self.accounts}

    @cached_property
    def fill_counts(self) -> Counter[int]:
        """Fills by session."""
        sessions, counts = np.unique(self.fills.session, return_counts=True)
        return Counter(dict(zip(sessions.tolist(), counts.tolist(), strict=True)))

    @cached_property
    def order_counts(self) -> Counter[int] | None:
        """Orders by session, `None` where they aren't known."""
        if self.data.orders is None:
            return None
        return Counter(int(session) for session in self.data.orders.get("session", ()))

    def total(self, currency: str) -> Curve:
        """Return the equity of all accounts in a currency."""
        return measure.total([self.curves[key] for key, each in self.accounts.items() if each.currency == currency])

    def fall(self, account: Account) -> Fall | None:
        """Return an account's deepest drawdown: of its samples or, as its peak may lie between them, at the end."""
        sampled = measure.fall(self.curves[account.account])
        if not account.peak:
            return sampled
        last = measure.below(float(amount(account, "peak")), float(amount(account, "equity")))
        return last if sampled is None or last.money > sampled.money else sampled

    def fall_of_all(self, currency: str) -> Fall | None:
        """Return the deepest drawdown of the sum of a currency's accounts."""
        own = [each for each in self.data.accounts if each.currency == currency]
        return self.fall(own[0]) if len(own) == 1 else measure.fall(self.total(currency))

    @cached_property
    def sampled(self) -> str:
        """How often equity was sampled, in words; empty where that can't be told."""
        gaps = [gap for each in self.currencies if (gap := measure.gap_ns(self.total(each)))]
        return f"sampled every {duration(min(gaps))}" if gaps else ""

    def sum_of(self, currency: str, *fields: str) -> Decimal:
        """Return the sum of these amounts over all accounts in a currency, exact."""
        own = [each for each in self.data.accounts if each.currency == currency]
        return sum((amount(each, field) for each in own for field in fields), Decimal(0))

    def profit(self, currency: str) -> Decimal:
        """Return what all accounts in a currency made, fees paid."""
        return self.sum_of(currency, "realised", "unrealised") - self.sum_of(currency, "fees")

    def volume(self, fills: Fills) -> dict[str, Decimal]:
        """Return the value of fills by currency, exact."""
        volumes: dict[str, Decimal] = {}
        for identity in np.unique(fills.instrument).tolist():
            own = pick(fills, fills.instrument == identity)
            pairs = zip(own.price.tolist(), own.quantity.tolist(), strict=True)
            units = sum(abs(price) * quantity for price, quantity in pairs)
            instrument = self.instruments[identity]
            value = units * unit(instrument.price_unit) * unit(instrument.quantity_unit) * unit(instrument.multiplier)
            volumes[instrument.currency] = volumes.get(instrument.currency, Decimal(0)) + value
        return volumes

    def of_session(self, session: int) -> Fills:
        """Return one strategy's fills."""
        return pick(self.fills, self.fills.session == session)


def amount(account: Account, field: str) -> Decimal:
    """Return an exact amount of an account."""
    return exact(getattr(account, field), f"account {account.name}: {field}")


def unit(text: str) -> Decimal:
    """Return an instrument's unit."""
    return exact(text, "instrument unit")
