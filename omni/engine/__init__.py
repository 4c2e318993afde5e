"""The public names of the compiled half, and the only importer of it."""

from omni._native import (
    PROFILE,
    Bar,
    Book,
    ExecutionReport,
    Indicator,
    Instrument,
    MarketFile,
    Node,
    Quote,
    RunResult,
    Status,
    StrategyBase,
    Timer,
    Trade,
    __version__,
    indicators,
)

__all__ = [
    "PROFILE",
    "Bar",
    "Book",
    "ExecutionReport",
    "Indicator",
    "Instrument",
    "MarketFile",
    "Node",
    "Quote",
    "RunResult",
    "Status",
    "StrategyBase",
    "Timer",
    "Trade",
    "__version__",
    "indicators",
]
