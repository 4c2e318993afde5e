"""vectorbt on our minute bars: the cross over whole arrays, so it stands beside our batches and calls no strategy."""

import numpy as np
import pandas as pd
import vectorbt as vbt
from timing import FAST, LOT, SLOW, best, check_turns, folder, tell


def main() -> None:
    bars = np.load(folder() / "bars.npz")
    close = pd.Series(bars["close"], index=pd.to_datetime(bars["time"]))

    def run(prices: pd.Series) -> None:
        fast, slow = vbt.MA.run(prices, FAST), vbt.MA.run(prices, SLOW)
        above, below = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
        portfolio = vbt.Portfolio.from_signals(prices, above, short_entries=below, size=LOT, init_cash=1e9)
        check_turns(len(portfolio.orders.records), bars["close"])

    run(close)  # Compiles what it compiles.
    tell({"backtest.bars.python.batched.events_per_s": len(close) / best(lambda: close, run)})


if __name__ == "__main__":
    main()
