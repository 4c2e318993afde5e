"""The lasting names of the figures, and what each may reach at most or must at least."""

from dataclasses import dataclass
from enum import Enum


class Better(Enum):
    """Which way is better."""

    LESS = "<="
    MORE = ">="


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to reach."""

    better: Better
    value: float

    def met(self, value: float) -> bool:
        """Return whether a figure reaches it."""
        return value <= self.value if self.better is Better.LESS else value >= self.value


#: How many orders of an account are open, positions held, instruments listed, where commands are timed among so many.
GROWTH: dict[str, tuple[int, ...]] = {
    "orders": (1_000, 3_200, 10_000, 32_000, 100_000),
    "positions": (1_000, 3_200, 10_000, 32_000),
    "instruments": (1_000, 3_200, 10_000, 50_000),
}


def grown(what: str, size: int) -> str:
    """Return the figure of a command among so many orders, positions or instruments."""
    return f"command.{what}.at{size}.mean_ns"


#: Every name of `omni bench --json`, in the order of the table. They stay; the floors are `floor.…` beside them.
NAMES: tuple[str, ...] = (
    *(f"match.{load}.{how}_ns" for load in ("w1", "w1000", "w8000", "w50k") for how in ("mean", "batched")),
    *(f"match.w1.{what}.{part}_ns" for what in ("add", "cancel", "market") for part in ("p50", "p99")),
    "command.w1.mean_ns",
    "command.w1000.mean_ns",
    *(grown(what, size) for what, sizes in GROWTH.items() for size in sizes),
    "risk.gate.mean_ns",
    "itch.decode.mean_ns",
    "itch.book.w1.mean_ns",
    "itch.book.w1000.mean_ns",
    "itch.book.w8000.mean_ns",
    "tick_to_order.p50_ns",
    "tick_to_order.p99_ns",
    "backtest.bars.python.events_per_s",
    "backtest.bars.python.batched.events_per_s",
    "backtest.quotes.python.events_per_s",
    "backtest.quotes.python.batched.events_per_s",
    "backtest.l3.maker.events_per_s",
    "plugin.rust.event_ns",
    "plugin.c.event_ns",
    "plugin.cython.event_ns",
    "boundary.call_ns",
    "boundary.batch_item_ns",
    "memory.books50k.empty_mb",
    "memory.books50k.orders20_mb",
    "run.pss_mb",
    "import.s",
    "journal.group.commands_per_s",
    "journal.replay.commands_per_s",
)

#: What is timed operation by operation; its percentiles are figures, of which the table shows the middle and the 99th.
SINGLE: tuple[str, ...] = ("match.w1.add", "match.w1.cancel", "match.w1.market", "tick_to_order")
#: Every other percentile, in the JSON and the table of percentiles.
TAILS: tuple[str, ...] = tuple(f"{what}.{part}_ns" for what in SINGLE for part in ("p90", "p999", "p9999", "max"))

TARGETS: dict[str, Target] = {
    "match.w1.mean_ns": Target(Better.LESS, 60),
    "itch.book.w1.mean_ns": Target(Better.LESS, 85),
    "risk.gate.mean_ns": Target(Better.LESS, 60),
    "backtest.l3.maker.events_per_s": Target(Better.MORE, 5e6),
    "backtest.bars.python.events_per_s": Target(Better.MORE, 1e6),
    "backtest.quotes.python.events_per_s": Target(Better.MORE, 1.5e6),
    "memory.books50k.empty_mb": Target(Better.LESS, 16),
    "run.pss_mb": Target(Better.LESS, 250),
    "import.s": Target(Better.LESS, 0.15),
    "journal.group.commands_per_s": Target(Better.MORE, 5e6),
    "journal.replay.commands_per_s": Target(Better.MORE, 15e6),
}
#: The floor under a figure, where it isn't `floor.` and the figure's own name.
FLOORS: dict[str, str] = {
    **{f"match.{load}.batched_ns": f"floor.match.{load}.mean_ns" for load in ("w1", "w1000", "w8000", "w50k")},
    **{f"itch.book.{load}.mean_ns": "floor.itch.decode.mean_ns" for load in ("w1", "w1000", "w8000")},
    **{
        f"match.w1.{what}.{part}_ns": f"floor.timer.{part}_ns"
        for what in ("add", "cancel", "market")
        for part in ("p50", "p99")
    },
    "tick_to_order.p50_ns": "floor.timer.p50_ns",
    "tick_to_order.p99_ns": "floor.timer.p99_ns",
    **{f"plugin.{kind}.event_ns": "floor.plugin.event_ns" for kind in ("rust", "c", "cython")},
    "import.s": "floor.python.s",
}


def better(name: str) -> Better:
    """Return which way a figure is better: rates are more, times and sizes less."""
    return Better.MORE if name.endswith("per_s") else Better.LESS


def floor(name: str) -> str:
    """Return the name of the floor under a figure, measured or not."""
    return FLOORS.get(name, f"floor.{name}")
