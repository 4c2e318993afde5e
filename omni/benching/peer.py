"""What peers were measured at: dated, on a machine that is named. Only ratios of one run are a claim of their own."""

from dataclasses import dataclass

#: Where all figures below come from, but those that say something else.
MEASURED = "November 2026, two cores of a shared AMD EPYC (Zen 4) virtual machine, processor time, best of several"


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer's figure.

    Parameters
    ----------
    name
        Who, and which version.
    value
        The figure in the unit of ours; where a range was measured, its better end.
    """

    name: str
    value: float


def _one(name: str, figures: dict[str, float]) -> list[tuple[str, Peer]]:
    return [(figure, Peer(name, value)) for figure, value in figures.items()]


_CPP_TRADER = {
    "match.w1.mean_ns": 91.0,
    "match.w1000.mean_ns": 477.0,
    "match.w8000.mean_ns": 665.0,
    "match.w50k.mean_ns": 946.0,
    "match.w1.add.p50_ns": 80.0,
    "match.w1.add.p99_ns": 230.0,
    "match.w1.cancel.p50_ns": 70.0,
    "match.w1.cancel.p99_ns": 250.0,
    "match.w1.market.p50_ns": 341.0,
    "match.w1.market.p99_ns": 1_082.0,
    "itch.decode.mean_ns": 10.0,
    "itch.book.w1.mean_ns": 71.0,
    "itch.book.w1000.mean_ns": 378.0,
    "itch.book.w8000.mean_ns": 616.0,
}
_MATCHCORE = {
    "match.w1.mean_ns": 144.0,
    "match.w1.add.p50_ns": 200.0,
    "match.w1.add.p99_ns": 511.0,
    "match.w1.cancel.p50_ns": 130.0,
    "match.w1.cancel.p99_ns": 501.0,
    "match.w1.market.p50_ns": 451.0,
    "match.w1.market.p99_ns": 2_914.0,
    "memory.books50k.empty_mb": 40.0,
}
_NAUTILUS = {
    "backtest.bars.python.events_per_s": 313e3,
    "import.s": 0.3,
}

#: The nearest peers first.
PEERS: tuple[tuple[str, Peer], ...] = (
    *_one("CppTrader (2025-04)", _CPP_TRADER),
    *_one("nautilus_trader 2.0.0rc7", _NAUTILUS),
    *_one("nautilus_trader 2.0.0rc7 doing nothing", {"backtest.quotes.python.events_per_s": 581e3}),
    *_one("hftbacktest 2.4.4", {"backtest.l3.maker.events_per_s": 2.5e6}),
    *_one("orderbook-rs 0.15", {"memory.books50k.orders20_mb": 6_500.0}),
    *_one("matchcore 0.4", _MATCHCORE),
    *_one("Liquibook", {"match.w1.mean_ns": 421.0, "match.w1000.mean_ns": 3_495.0}),
    *_one("lobster 0.7", {"match.w1.mean_ns": 511.0}),
    *_one("backtesting.py 0.6.6", {"backtest.bars.python.events_per_s": 96e3}),
)


def peers(figure: str) -> list[Peer]:
    """Return who was measured at a figure, the nearest first."""
    return [peer for name, peer in PEERS if name == figure]
