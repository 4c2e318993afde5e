"""The compiled half of omni; import its names from `omni.engine`."""

from typing import Final

__all__ = ["PROFILE", "__version__", "bench_batch", "bench_call", "bench_part", "bench_parts"]

__version__: Final[str]
PROFILE: Final[str]

def bench_batch(records: bytes) -> int:
    """Take a batch of 24-byte records, and read each."""

def bench_call(instrument: int, side: int, price: int, quantity: int) -> int:
    """Take what an order has, and do nothing with it."""

def bench_part(part: str) -> list[tuple[str, float]]:
    """Measure one part; returns its figures by name."""

def bench_parts() -> list[str]:
    """List the parts of the suite that are measured without Python, in their order."""
