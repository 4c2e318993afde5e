"""A result beside an earlier one: what is better or worse by more than the machine itself has moved.

The floors are the same work in both results, and nothing of the engine is in them: by how much they differ is what the
machine did. A figure has to differ by more than the floor under it does.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from omni.benching.figure import Better, better, floor
from omni.benching.spread import is_percentile
from omni.benching.table import aligned, shown
from omni.model.error import ConfigError

#: No difference below this is told, however still the floors were.
NOISE_LEAST = 0.03
_TIMER = "floor.timer.p50_ns"
_HEAD = ("figure", "earlier", "now", "now is", "noise", "")


class Verdict(Enum):
    """What a difference says."""

    BETTER = "better"
    WORSE = "worse"
    SAME = ""
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure in both results.

    Parameters
    ----------
    name
        The figure.
    before, now
        Its value in the earlier result and in this one.
    times
        How many times as good it is now: 2 is twice as good, whichever way is better.
    low, high
        Between these `times` says nothing: the floors went as far.
    verdict
        Whether it is better or worse beyond that noise.
    """

    name: str
    before: float
    now: float
    times: float
    low: float
    high: float
    verdict: Verdict

    @property
    def noise(self) -> str:
        """The band that says nothing."""
        return f"x{self.low:.2f} to x{self.high:.2f}"


def read(file: Path) -> dict[str, float]:
    """Read an earlier result of `omni bench --json`.

    Raises
    ------
    ConfigError
        Where the file isn't there, or isn't such a result.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"--compare: the file {file} isn't there") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigError(f"--compare: {file} isn't a result of omni bench --json: {error}") from error
    if not isinstance(found, dict) or not found:
        raise ConfigError(f"--compare: {file} isn't a result of omni bench --json: expected figures by name")
    wrong = [name for name, value in found.items() if not _is_figure(value)]
    if wrong:
        raise ConfigError(f"--compare: {file}: {wrong[0]} is {found[wrong[0]]!r}, expected a number of at least 0")
    return {name: float(value) for name, value in found.items()}


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def changes(now: Mapping[str, float], before: Mapping[str, float]) -> list[Change]:
    """Return the figures that both results have, each with its verdict; of nothing there is no ratio."""
    both = [name for name in now if now[name] > 0 and before.get(name, 0) > 0]
    floors = {name: times(name, now[name], before[name]) for name in both if name.startswith("floor.")}
    return [_change(name, now, before, floors) for name in both if name not in floors]


def times(name: str, now: float, before: float) -> float:
    """Return how many times as good a figure is now."""
    return now / before if better(name) is Better.MORE else before / now


def confirmed(first: Sequence[Change], second: Sequence[Change]) -> list[Change]:
    """Return the first changes, of which those are better or worse that a second measurement finds so too."""
    again = {each.name: each.verdict for each in second}
    return [
        each if again.get(each.name, each.verdict) is each.verdict else replace(each, verdict=Verdict.SAME)
        for each in first
    ]


def moved(found: Sequence[Change]) -> list[str]:
    """Return the figures that are better or worse."""
    return [each.name for each in found if each.verdict in {Verdict.BETTER, Verdict.WORSE}]


def _change(name: str, now: Mapping[str, float], before: Mapping[str, float], floors: Mapping[str, float]) -> Change:
    ratio = times(name, now[name], before[name])
    low, high = _band(name, floors)
    slack = now.get(_TIMER, 0.0) if is_percentile(name) else 0.0
    if not floors or name.endswith(".max_ns"):
        verdict = Verdict.NOT_JUDGED
    elif low <= ratio <= high or abs(now[name] - before[name]) <= slack:
        verdict = Verdict.SAME
    else:
        verdict = Verdict.BETTER if ratio > high else Verdict.WORSE
    return Change(name, before[name], now[name], ratio, low, high, verdict)


def _band(name: str, floors: Mapping[str, float]) -> tuple[float, float]:
    """Return the ratios that say nothing: from standing still to what the floor did, and a little more.

    Where it has none of its own, and for percentiles, whose timer moves in steps, all floors of its kind count.
    """
    own = None if is_percentile(name) else floors.get(floor(name))
    ratios = [own] if own is not None else _like(name, floors) or list(floors.values())
    return min([1.0, *ratios]) / (1 + NOISE_LEAST), max([1.0, *ratios]) * (1 + NOISE_LEAST)


def _like(name: str, floors: Mapping[str, float]) -> list[float]:
    return [ratio for each, ratio in floors.items() if _kind(each) == _kind(name)]


def _kind(name: str) -> str:
    """Return what a figure can be likened to: others of its percentile, sizes, seconds, or work."""
    if is_percentile(name):
        return name.rpartition(".")[2]
    return next((end for end in ("_mb", ".s") if name.endswith(end)), "work")


def lines(found: Sequence[Change], *, busy: bool = False) -> Iterator[str]:
    """Return the comparison as a table, and what is better and what is worse; on a busy machine with a doubt."""
    if not found:
        yield "The earlier result has none of these figures."
        return
    yield from aligned([_HEAD, *map(_row, found)], {0, 5})
    yield ""
    yield from said(found)
    if busy:
        yield "The machine was busy, which the engine feels more than its floors do: believe this once it is quiet."


def said(found: Sequence[Change]) -> Iterator[str]:
    """Say what is better and what is worse."""
    for verdict in (Verdict.BETTER, Verdict.WORSE):
        names = [f"{each.name} (x{each.times:.2f})" for each in found if each.verdict is verdict]
        if names:
            yield f"{verdict.value.title()} beyond the noise of the floors: {', '.join(names)}."
    if all(each.verdict is Verdict.NOT_JUDGED for each in found):
        yield "Nothing is judged: the two results have no floor in common."
    elif not moved(found):
        yield "Nothing is better or worse beyond the noise of the floors."


def _row(change: Change) -> tuple[str, ...]:
    return (
        change.name,
        shown(change.before),
        shown(change.now),
        f"x{change.times:.2f}",
        change.noise,
        change.verdict.value,
    )
