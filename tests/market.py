"""Small recorded markets for the tests of backtests."""

import numpy as np

MINUTE = 60 * 10**9
START = 1_704_205_800 * 10**9
UNITS = {"symbol": "ABC", "currency": "USD", "price_unit": "0.01", "quantity_unit": "1", "multiplier": "1"}
BARS = UNITS | {"interval": "1m", "bar_time": "close"}


def bars(rows=500, seed=1):
    rng = np.random.default_rng(seed)
    close = 100 + np.round(np.cumsum(rng.integers(-5, 6, rows)) / 100, 2)
    opened = np.concatenate(([100.0], close[:-1]))
    return {
        "time_ns": START + MINUTE * np.arange(1, rows + 1),
        "open": opened,
        "high": np.maximum(opened, close),
        "low": np.minimum(opened, close),
        "close": close,
        "volume": np.full(rows, 10_000),
    }


def quotes(rows=500):
    mid = 100 + np.round(np.sin(np.arange(rows) / 20), 2)
    return {
        "time_ns": START + 10**9 * np.arange(1, rows + 1),
        "bid": np.round(mid - 0.01, 2),
        "ask": np.round(mid + 0.01, 2),
        "bid_quantity": np.full(rows, 500),
        "ask_quantity": np.full(rows, 300),
    }
