"""Backtests: a strategy on recorded data, and what came of it."""
