"""The parts of the suite, in their order, and the figures of those that were asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from omni.benching.figure import NAMES
from omni.engine import bench_part, bench_parts
from omni.model.error import ConfigError, OmniError

Part = tuple[str, Callable[[], dict[str, float]]]


@dataclass(slots=True)
class Measured:
    """What the parts came to.

    Parameters
    ----------
    figures
        By name, in the unit that the name ends in; floors among them.
    failures
        Why a part has no figures, by its name.
    """

    figures: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


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


def measure(chosen: list[Part], only: str | None, progress: Callable[[str], None]) -> Measured:
    """Run parts and return their figures: those that `only` asks for, and their floors.

    A part that can't be measured, or whose work came out wrong, has no figure; the others go on.
    """
    measured = Measured()
    for name, run in chosen:
        progress(name)
        try:
            found = run()
        except Exception as error:  # noqa: BLE001  # Whatever a part ends by, it is told and the rest is measured.
            measured.failures[name] = str(error) if isinstance(error, OmniError) else f"{type(error).__name__}: {error}"
        else:
            measured.figures |= {each: value for each, value in found.items() if only is None or _wanted(each, only)}
    return measured


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
