"""The parts of the suite, in their order, and the figures of those that were asked for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from omni.benching.figure import NAMES, TAILS
from omni.benching.spread import Spread, is_percentile
from omni.engine import bench_part, bench_parts
from omni.model.error import ConfigError, OmniError

#: A part's figures, and how the times of single operations are spread where it times these.
Found = tuple[dict[str, float], list[Spread]]
Part = tuple[str, Callable[[], Found]]

_ALL = NAMES + TAILS


@dataclass(slots=True)
class Measured:
    """What the parts came to.

    Parameters
    ----------
    figures
        By name, in the unit that the name ends in; floors among them.
    spreads
        How the times of single operations are spread.
    failures
        Why a part has no figures, by its name.
    """

    figures: dict[str, float] = field(default_factory=dict)
    spreads: list[Spread] = field(default_factory=list)
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
    if not any(name.startswith(only) for name in _ALL):
        groups = ", ".join(dict.fromkeys(name.partition(".")[0] for name in NAMES))
        raise ConfigError(f"--only {only}: no figure begins so; figures begin with {groups}")
    return [part for part in _parts() if part[0] == "floor" or any(name.startswith(only) for name in _names(part[0]))]


def _names(part: str) -> list[str]:
    """Return the figures that a part measures."""
    single = [name for name in _ALL if name.startswith("match.w1.") and is_percentile(name)]
    if part == "match.w1.single":
        return single
    mine = [name for name in _ALL if name.startswith((f"{part}.", f"{part}_"))]
    return [name for name in mine if name not in single]


def measure(chosen: list[Part], only: str | None, progress: Callable[[str], None]) -> Measured:
    """Run parts and return their figures: those that `only` asks for, and their floors.

    A part that can't be measured, or whose work came out wrong, has no figure; the others go on.
    """
    measured = Measured()
    for name, run in chosen:
        progress(name)
        try:
            figures, spreads = run()
        except Exception as error:  # noqa: BLE001  # Whatever a part ends by, it is told and the rest is measured.
            measured.failures[name] = str(error) if isinstance(error, OmniError) else f"{type(error).__name__}: {error}"
        else:
            measured.figures |= {each: value for each, value in figures.items() if only is None or _wanted(each, only)}
            measured.spreads += [each for each in spreads if f"{each.name}.p50_ns" in measured.figures]
    measured.spreads.sort(key=lambda each: each.name.startswith("floor."))
    return measured


def again(figures: Sequence[str], chosen: list[Part], only: str | None, progress: Callable[[str], None]) -> Measured:
    """Measure a second time the parts that have any of these figures."""
    return measure([part for part in chosen if not set(figures).isdisjoint(_names(part[0]))], only, progress)


def _wanted(name: str, only: str) -> bool:
    return name.startswith((only, "floor."))


def _parts() -> Iterator[Part]:
    from omni.benching import crossing, plugin, process  # noqa: PLC0415

    for name in bench_parts():
        yield (
            name,
            partial(_whole, partial(process.part, name)) if name.startswith("memory.") else partial(_native, name),
        )
    yield "backtest.bars.python", partial(_whole, partial(_backtest, "bars"))
    yield "backtest.quotes.python", partial(_whole, partial(_backtest, "quotes"))
    for kind in ("rust", "c", "cython"):
        yield f"plugin.{kind}", partial(_whole, partial(plugin.measure, kind))
    yield "boundary", partial(_whole, crossing.measure)
    yield "import", partial(_whole, process.imports)
    yield "run", partial(_whole, process.run_memory)


def _whole(run: Callable[[], dict[str, float]]) -> Found:
    return run(), []


def _native(name: str) -> Found:
    figures, spreads = bench_part(name)
    return dict(figures), [Spread(what, count, curve) for what, count, curve in spreads]


def _backtest(data: str) -> dict[str, float]:
    from omni.benching import backtest  # noqa: PLC0415

    found: dict[str, float] = backtest.bars() if data == "bars" else backtest.quotes()
    return found
