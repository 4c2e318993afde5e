"""Runs the strategy on a book that leans to one side, then to the other."""

import unittest
from pathlib import Path

import numpy as np

import omni

STRATEGY = str(Path(__file__).with_name("libleaning.so"))
UNITS = {"symbol": "DEMO", "currency": "USD", "price_unit": "0.01", "quantity_unit": "1", "multiplier": "1"}


class LeaningTest(unittest.TestCase):
    """Ten seconds of more bids, ten of more asks, ten of as many."""

    def test_it_follows_the_book_and_leaves(self) -> None:
        """Buy once, leave, sell once, leave, and then stay out."""
        seconds = np.arange(30)
        bids = np.select([seconds < 10, seconds < 20], [900.0, 100.0], 500.0)
        quotes = {
            "time": np.datetime64("2024-01-02T14:30", "ns") + seconds * np.timedelta64(1, "s"),
            "bid": np.full(30, 99.99),
            "ask": np.full(30, 100.01),
            "bid_quantity": bids,
            "ask_quantity": 1000.0 - bids,
        }
        result = omni.backtest(STRATEGY, quotes, timezone="UTC", params={"hold_s": 9.5, "quantity": 10}, **UNITS)
        assert result.fault is None
        sides = [str(side) for side in result.fills["side"]]
        assert sides == ["buy", "sell", "sell", "buy"]


if __name__ == "__main__":
    unittest.main()
