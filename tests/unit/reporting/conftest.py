"""A run to report: small, whole, and of our making, so that every number is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from omni.reporting.run_data import Account, Instrument, Latency, RunData, Strategy

MINUTE = 60 * 10**9
START = 1_767_623_400 * 10**9  # 2026-01-05 14:30 UTC
FAULT = 'Traceback:\n  File "mine.py", line 3\nKeyError: <script>alert("&")</script>'


def run_data(**changes):
    """Return a run of an hour with two strategies and two instruments."""
    times = START + MINUTE * np.arange(1, 61)
    first = 10_000 + np.cumsum(np.tile([5.0, -3.0, 2.5], 20))
    second = 20_000 - np.arange(60.0)
    closes = 10_050 + np.arange(60) % 7
    whole = {
        "run": "2026-01-05-7",
        "mode": "sim",
        "environment": "dev",
        "version": "0.1.0",
        "seed": 7,
        "started_ns": START,
        "ended_ns": START + 5 * 10**9,
        "first_ns": START,
        "last_ns": int(times[-1]),
        "digest": "ab12" * 16,
        "state_digest": "cd34" * 16,
        "ending": "completed",
        "rules": ("Market orders fill at the next bar's open.",),
        "configuration": 'name = "a < b"  # file',
        "counts": {"inputs": 123_456, "orders": 9, "cancels": 2, "trades": 40, "fills": 4, "too_late": 7},
        "refusals": {"too many messages in the rate window": 1, "price is outside the collar": 3},
        "latency": (Latency("risk gate", 1_000, 41, 55, 88, 410, 91_000), Latency("unused", 0, 0, 0, 0, 0, 0)),
        "strategies": (Strategy(1, 10, "cross", "finished"), Strategy(2, 11, "taker", "faulted", FAULT)),
        "accounts": (
            _account(10, "cross", "10090.1250", "95.625", "-1", "4.5"),
            _account(11, "taker", "19941.00", "-58", "0", "1"),
        ),
        "instruments": (
            Instrument(0, "AAA", "OMNI", "USD", "0.01"),
            Instrument(1, "ES", "OMNI", "USD", "0.25", "1", "50"),
        ),
        "equity": {
            "time": np.repeat(times, 2),
            "account": np.tile([10, 11], 60),
            "equity": np.stack([first, second], axis=1).ravel(),
        },
        "orders": {"session": [1, 1, 1, 2, 2, 2, 2, 2, 2]},
        "fills": {
            "time": START + MINUTE * np.array([1, 2, 30, 59]),
            "session": [1, 1, 2, 2],
            "instrument": [0, 0, 1, 1],
            "side": [0, 1, 0, 1],
            "price": [10_051, 10_052, 16_000, 16_004],
            "quantity": [100, 50, 2, 1],
            "liquidity": [1, 2, 2, 2],
        },
        "bars": {
            "time": times,
            "instrument": np.zeros(60, int),
            "open": closes,
            "high": closes + 3,
            "low": closes - 2,
            "close": closes + 1,
            "volume": np.full(60, 1_000),
        },
    }
    return RunData(**(whole | changes))


def empty(**changes):
    """Return a run in which nothing happened."""
    nothing = {"first_ns": START, "last_ns": START, "configuration": "", "orders": None}
    nothing |= dict.fromkeys(("rules", "latency", "strategies", "accounts", "instruments"), ())
    nothing |= {name: {} for name in ("counts", "refusals", "equity", "fills", "bars")}
    return run_data(**(nothing | changes))


def _account(number, name, *amounts):
    named = dict(zip(("equity", "realised", "unrealised", "fees"), amounts, strict=True))
    return Account(account=number, name=name, currency="USD", **named)


@pytest.fixture(scope="session")
def sample():
    """Return the makers of runs and what they are made of."""
    return SimpleNamespace(run_data=run_data, empty=empty, START=START, MINUTE=MINUTE, FAULT=FAULT)
