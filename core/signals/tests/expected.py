"""Writes expected.csv beside it: what TA-Lib says about a seeded random walk.

Needs `pip install TA-Lib` (0.8.2 made the committed table): ``python expected.py > expected.csv``.
Rows 0 to 59 and then every twentieth; an empty cell is a row that TA-Lib gives no value for. The directional
indicators come with the ADX, so they are left empty as long as it is.
"""

import sys
from collections.abc import Iterator

import numpy as np
import talib

ROWS = 1000
MASK = (1 << 64) - 1


def uniforms(seed: int) -> Iterator[float]:
    """Yield SplitMix64's numbers as multiples of 2^-53 in [0, 1)."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield ((z ^ (z >> 31)) >> 11) / (1 << 53)


def walk() -> np.ndarray:
    """Return columns high, low, close, volume; the close is now and then unchanged."""
    u = uniforms(20240102)
    close, bars = 100.0, []
    for _ in range(ROWS):
        step = next(u) * 2.0 - 1.0
        close = close if abs(step) < 0.1 else close + step
        bars.append((close + next(u), close - next(u), close, float(int(next(u) * 1000.0))))
    return np.array(bars).T.copy()


def columns() -> dict[str, np.ndarray]:
    """Return what TA-Lib says, by indicator and output."""
    high, low, close, volume = walk()
    upper, middle, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    macd, signal, histogram = talib.MACD(close, 12, 26, 9)
    k, d = talib.STOCH(high, low, close, 14, 3, 0, 3, 0)
    top, centre, bottom = talib.DONCHIAN(high, low, 20)
    adx = talib.ADX(high, low, close, 14)
    return {
        "adx.adx": adx,
        "adx.plus_di": np.where(np.isnan(adx), adx, talib.PLUS_DI(high, low, close, 14)),
        "adx.minus_di": np.where(np.isnan(adx), adx, talib.MINUS_DI(high, low, close, 14)),
        "atr.atr": talib.ATR(high, low, close, 14),
        "bollinger.upper": upper,
        "bollinger.middle": middle,
        "bollinger.lower": lower,
        "donchian.upper": top,
        "donchian.middle": centre,
        "donchian.lower": bottom,
        "ema.ema": talib.EMA(close, 20),
        "macd.macd": macd,
        "macd.signal": signal,
        "macd.histogram": histogram,
        "max.max": talib.MAX(close, 20),
        "min.min": talib.MIN(close, 20),
        "momentum.momentum": talib.MOM(close, 10),
        "obv.obv": talib.OBV(close, volume),
        "roc.roc": talib.ROC(close, 10),
        "rsi.rsi": talib.RSI(close, 14),
        "sma.sma": talib.SMA(close, 20),
        "stddev.stddev": talib.STDDEV(close, 20, 1.0),
        "stochastic.k": k,
        "stochastic.d": d,
        "vwap.vwap": talib.VWAP(high, low, close, volume),
        "wma.wma": talib.WMA(close, 20),
    }


def main() -> None:
    """Print the table."""
    table = columns()
    sys.stdout.write(",".join(["row", *table]) + "\n")
    for i in [*range(60), *range(60, ROWS, 20)]:
        cells = ["" if np.isnan(c[i]) else f"{c[i]:.12g}" for c in table.values()]
        sys.stdout.write(",".join([str(i), *cells]) + "\n")


if __name__ == "__main__":
    main()
