"""The parts of the suite, in their order, and the figures of those that were asked for."""

from collections.abc import Callable, Iterator
from functools import partial

from omni.benching.figure import NAMES
from omni.engine import bench_part, bench_parts
from omni.model.error import ConfigError

Part = tuple[str, Callable[[], dict[str, float]]]


def parts(only: str | None = None) -> list[Part]:
    """Return the parts that have figures whose names begin with `only`, and the machine's own floors.

    Raises
    ------
    ConfigError
        Where no figure begins so.
    """
    if only is None:
        return list(_parts())
    if not any(name.startswith(only) for name in NAMES):
        groups = ", ".join(dict.fromkeys(name.partition(".")[0] for name in NAMES))
        raise ConfigError(f"--only {only}: no figure begins so; figures begin with {groups}")
    return [part for part in _parts() if part[0] == "floor" or any(name.startswith(only) for name in _names(part[0]))]


def _names(part: str) -> list[str]:
    """Return the figures that a part measures."""
    single = [name for name in NAMES if name.startswith("match.w1.") and name.endswith(("p50_ns", "p99_ns"))]
    if part == "match.w1.single":
        return single
    mine = [name for name in NAMES if name.startswith((f"{part}.", f"{part}_"))]
    return [name for name in mine if name not in single]


def measure(chosen: list[Part], only: str | None, progress: Callable[[str], None]) -> dict[str, float]:
    """Run parts and return their figures by name: those that `only` asks for, and their floors."""
    figures: dict[str, float] = {}
    for name, run in chosen:
        progress(name)
        figures |= run()
    return {name: value for name, value in figures.items() if only is None or _wanted(name, only)}


def _wanted(name: str, only: str) -> bool:
    return name.startswith((only, "floor."))


def _parts() -> Iterator[Part]:
    from omni.benching import crossing, plugin, process  # noqa: PLC0415

    for name in bench_parts():
        yield name, partial(process.part, name) if name.startswith("memory.") else partial(_native, name)
    yield "backtest.bars.python", partial(_backtest, "bars")
    yield "backtest.quotes.python", partial(_backtest, "quotes")
    for kind in ("rust", "c", "cython"):
        yield f"plugin.{kind}", partial(plugin.measure, kind)
    yield "boundary", crossing.measure
    yield "import", process.imports
    yield "run", process.run_memory


def _native(name: str) -> dict[str, float]:
    return dict(bench_part(name))


def _backtest(data: str) -> dict[str, float]:
    from omni.benching import backtest  # noqa: PLC0415

    found: dict[str, float] = backtest.bars() if data == "bars" else backtest.quotes()
    return found
