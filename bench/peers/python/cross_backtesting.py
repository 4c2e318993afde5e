"""backtesting.py on our minute bars: the moving-average cross, long or short by a fixed lot."""

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from timing import FAST, LOT, SLOW, best, check_turns, folder, tell


def average(prices: np.ndarray, count: int) -> pd.Series:
    """Return the moving average."""
    return pd.Series(prices).rolling(count).mean()


class Cross(Strategy):
    """Is long while the fast average is above the slow one, else short."""

    def init(self) -> None:
        """Make the averages."""
        self.fast = self.I(average, self.data.Close, FAST)
        self.slow = self.I(average, self.data.Close, SLOW)
        self.long: bool | None = None

    def next(self) -> None:
        """Turn where they cross; an order closes the position before it."""
        long = bool(self.fast[-1] > self.slow[-1])
        if long is self.long:
            return
        self.long = long
        if long:
            self.buy(size=LOT)
        else:
            self.sell(size=LOT)


def main() -> None:
    bars = np.load(folder() / "bars.npz")
    columns = {name.title(): bars[name] for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns, index=pd.to_datetime(bars["time"]))

    def run(test: Backtest) -> None:
        check_turns(test.run()["# Trades"], bars["close"])

    def test() -> Backtest:
        return Backtest(frame, Cross, cash=1e9, exclusive_orders=True, finalize_trades=True)

    tell({"backtest.bars.python.events_per_s": len(frame) / best(test, run)})


if __name__ == "__main__":
    main()
