"""What the run store keeps of a run."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from msgspec import Struct

State = Literal["running", "finished", "stopped", "failed"]


class Run(Struct, frozen=True, kw_only=True):
    """One execution of a node, backtest or sweep.

    Parameters
    ----------
    id
        Its name, unique in the store.
    started_ns, ended_ns
        When, in nanoseconds since 1970 in UTC; the end is None while it runs.
    mode, environment, seed, code_version, config_hash
        What it ran under.
    engine_hash
        The running hash over all state and output at the end.
    state
        Whether it runs, came to its end, was stopped by a person, or failed.
    fault
        Why it failed.
    folder
        Where its journal, Parquet files and report are.
    """

    id: str
    started_ns: int
    mode: str
    environment: str
    seed: int
    code_version: str
    config_hash: str
    folder: str
    ended_ns: int | None = None
    engine_hash: str | None = None
    state: State = "running"
    fault: str | None = None


class Account(Struct, frozen=True, kw_only=True):
    """How an account ended: exact money in its currency, and counts."""

    name: str
    currency: str
    equity: Decimal
    realised: Decimal
    fees: Decimal
    orders: int
    fills: int
    refusals: int


class Strategy(Struct, frozen=True, kw_only=True):
    """How a strategy ended, and whose account it traded."""

    name: str
    source: str
    account: str
    state: str
    fault: str | None = None


class End(Struct, frozen=True, kw_only=True):
    """How a run ended."""

    ended_ns: int
    state: State
    engine_hash: str | None = None
    fault: str | None = None
    accounts: tuple[Account, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    metrics: Mapping[str, float] = {}


class Summary(Struct, frozen=True, kw_only=True):
    """A run with everything that the store knows of it, each in the order of names."""

    run: Run
    accounts: tuple[Account, ...]
    strategies: tuple[Strategy, ...]
    metrics: Mapping[str, float]
