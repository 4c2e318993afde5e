"""Research on a frame: choose parameters on one part of the data, and judge the choice on another.

    pip install 'omni-alpha[frames,notebook]'
    python examples/research.py

It makes its own bars: a random walk whose drift changes its sign now and then, which a trend follower may like. With
your own, replace `bars()` by `pl.read_parquet("bars.parquet")`. In a notebook, call its functions one by one.
"""

import argparse
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from moving_average import MovingAverage

import omni

#: What the frame doesn't say of itself. Nothing of it is ever guessed.
TERMS: dict[str, Any] = {
    "symbol": "DEMO",
    "currency": "USD",
    "price_unit": "0.01",
    "quantity_unit": "1",
    "multiplier": "1",
    "interval": "1m",
    "bar_time": "close",
    "timezone": "UTC",
}
#: What trading costs: a spread of two cents, and fees of half a basis point.
COSTS: dict[str, Any] = {"rules": {"spread_units": 2}, "fees": {"taker_ppm": 50}}


def bars(count: int, seed: int) -> pl.DataFrame:
    """Return minute bars of a walk in cents."""
    draw = np.random.default_rng(seed)
    drift = np.repeat(draw.choice([-0.4, 0.4], count // 200 + 1), 200)[:count]
    close = 10_000 + np.cumsum(np.rint(draw.normal(drift, 4))).astype(np.int64)
    opened = np.concatenate([[10_000], close[:-1]])
    return pl.DataFrame(
        {
            "time": np.datetime64("2024-01-02T14:31", "ns") + np.arange(count) * np.timedelta64(60, "s"),
            "open": opened / 100,
            "high": (np.maximum(opened, close) + draw.integers(0, 4, count)) / 100,
            "low": (np.minimum(opened, close) - draw.integers(0, 4, count)) / 100,
            "close": close / 100,
            "volume": np.full(count, 10_000.0),
        }
    )


def sweep(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each pair of averages, the best first."""
    rows = [row(fast, slow, run(frame, fast, slow)) for fast, slow in product((5, 10, 20), (30, 60, 120))]
    return pl.DataFrame(rows).sort("profit", descending=True)


def run(frame: pl.DataFrame, fast: int, slow: int) -> omni.Result:
    """Backtest one pair."""
    return omni.backtest(MovingAverage, frame, fast=fast, slow=slow, **TERMS, **COSTS)


def row(fast: int, slow: int, result: omni.Result) -> dict[str, float]:
    """Return what is looked at of a result."""
    found = result.metrics
    return {
        "fast": fast,
        "slow": slow,
        "profit": float(found.profit),
        "fees": float(found.fees),
        "fills": found.fills,
        "drawdown": found.max_drawdown,
    }


def main() -> None:
    """Choose on the first half, judge on the second."""
    asked = arguments()
    frame = bars(asked.bars, asked.seed)
    half = frame.height // 2
    table = sweep(frame.head(half))
    print(table)
    fast, slow = table["fast"][0], table["slow"][0]
    unseen = run(frame.tail(half), fast, slow)
    chosen_by, made = table["profit"][0], unseen.metrics.profit
    print(f"unseen: fast {fast}, slow {slow} made {made:,.2f}; it was chosen for {chosen_by:,.2f}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(unseen.report(asked.folder / "research.html"))
    picture = asked.folder / "research.png"
    unseen.plot().savefig(picture)
    print(picture)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Choose parameters on one half of the data, judge them on the other.")
    parser.add_argument("--bars", type=int, default=20_000, help="how many minute bars to make; default 20,000")
    parser.add_argument("--seed", type=int, default=7, help="which walk; default 7")
    parser.add_argument("--folder", type=Path, default=Path("research"), help="where report and picture go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
