"""The boundary between Python and the engine."""

from collections.abc import Callable
from itertools import repeat
from time import thread_time_ns

from omni.engine import bench_batch, bench_call

_CALLS = 1_000_000
_RECORDS = 100_000
_BATCHES = 20
_RECORD_BYTES = 24
_ROUNDS = 7


def measure() -> dict[str, float]:
    """Measure a call with an order's four numbers, and a batch of records, per record."""
    batch = bytes(_RECORDS * _RECORD_BYTES)

    def nothing() -> None:
        for _ in repeat(None, _CALLS):
            pass

    def call() -> None:
        for _ in repeat(None, _CALLS):
            bench_call(7, 1, 15_025, 100)

    def batches() -> None:
        for _ in repeat(None, _BATCHES):
            bench_batch(batch)

    return {
        "boundary.call_ns": (_best(call) - _best(nothing)) / _CALLS,
        "boundary.batch_item_ns": _best(batches) / (_BATCHES * _RECORDS),
    }


def _best(work: Callable[[], None]) -> float:
    took = []
    for _ in range(_ROUNDS):
        start = thread_time_ns()
        work()
        took.append(thread_time_ns() - start)
    return min(took)
