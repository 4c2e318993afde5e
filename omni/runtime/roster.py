"""Which strategies run: those of the configuration, or the four examples."""

import shutil
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from omni.infra.section import Config, LimitOverrides
from omni.infra.section import Strategy as Entry
from omni.model.error import ConfigError, DataError
from omni.model.plugin import Compiled
from omni.model.strategy import Strategy
from omni.runtime.folder import RunFolder
from omni.strategy.feeding import unfed
from omni.strategy.registry import BuiltIn, Source, described, find

if TYPE_CHECKING:
    from omni.data.recording import Recording

#: Strategies have the sessions and accounts from 1 on; the generated market's members those from 100 on.
SEATS_MAX = 60

#: The day without a configuration: what each example trades, by position in the list of instruments.
_EXAMPLES = (
    Entry(
        name="maker",
        source="maker",
        instruments=("*",),
        limits=LimitOverrides(open_orders_max=1_000, message_rate=100_000),
    ),
    Entry(name="moving-average", source="moving-average", instruments=("#0", "#1", "#2", "#3", "#4")),
    Entry(name="imbalance", source="imbalance", instruments=("#5", "#6")),
    Entry(name="twap", source="twap", instruments=("#7",)),
)
#: The same on recorded data, whose instruments and sizes aren't known beforehand: one contract or share at a time.
_RECORDED = (
    Entry(name="maker", source="maker", params={"size": 1, "size_max": 1, "position_max": 10}),
    Entry(name="moving-average", source="moving-average", params={"quantity": 1.0}),
    Entry(name="imbalance", source="imbalance", params={"quantity": 1.0}),
    Entry(name="twap", source="twap", params={"quantity": 50.0, "slices": 50}),
)


@dataclass(frozen=True, slots=True)
class Seat:
    """A strategy that is to run.

    Parameters
    ----------
    session
        Its session, and its account's number.
    entry
        How it is configured.
    strategy
        The object, a compiled one with its parameters, the name of a built-in one, or `None` where a recovery leaves it
        out.
    """

    session: int
    entry: Entry
    strategy: Strategy | Compiled | BuiltIn | None


def entries(config: Config) -> tuple[Entry, ...]:
    """Return the configured strategies, or the examples where none is configured."""
    if config.strategy or config.day.data:
        return config.strategy or _RECORDED
    return tuple(_within(entry, config.day.instruments) for entry in _EXAMPLES)


def _within(entry: Entry, count: int) -> Entry:
    """Give an example other instruments where the day has fewer than it names."""
    places = [int(name.removeprefix("#")) % count for name in entry.instruments if name != "*"]
    return replace(entry, instruments=tuple(f"#{place}" for place in dict.fromkeys(places)) or entry.instruments)


def seats(config: Config, without: Collection[str] = ()) -> list[Seat]:
    """Make the configured strategies, or the examples where none is configured; those `without` keep an empty seat.

    Raises
    ------
    ConfigError
        For an unknown strategy or parameter, two of one name, or too many.
    """
    chosen = entries(config)
    names = [entry.name for entry in chosen]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"two strategies are named {twice}: each needs a name of its own")
    if len(chosen) > SEATS_MAX:
        raise ConfigError(f"{len(chosen)} strategies are configured; one node runs at most {SEATS_MAX}")
    return [
        Seat(session, entry, None if entry.name in without else _made(entry)) for session, entry in enumerate(chosen, 1)
    ]


def fed(crew: Iterable[Seat], recording: "Recording", *, chosen: bool) -> list[Seat]:
    """Return those that the data can ever call, numbered anew; of the examples, each that is left out is told.

    Raises
    ------
    ConfigError
        Where a person chose one that it can't.
    """
    seated: list[Seat] = []
    for seat in crew:
        why = None if seat.strategy is None else unfed(seat.strategy, recording)
        if why is None:
            seated.append(Seat(len(seated) + 1, seat.entry, seat.strategy))
        elif chosen:
            raise ConfigError(f"strategy {seat.entry.name} {why}")
        else:
            print(f"omni: the example {seat.entry.name} is left out: it {why}", file=sys.stderr)
    return seated


def check_names(config: Config, without: Iterable[str]) -> None:
    """Refuse a name that no strategy of the run has."""
    names = [entry.name for entry in entries(config)]
    unknown = next((name for name in without if name not in names), None)
    if unknown is not None:
        raise ConfigError(f"--without {unknown}: the run has {', '.join(names)}")


def _made(entry: Entry) -> Strategy | Compiled | BuiltIn:
    found = find(entry.source)
    if isinstance(found, BuiltIn):
        return found
    try:
        return found(**entry.params)
    except ConfigError as error:
        raise ConfigError(f"strategy {entry.name}: {error}") from error
    except Exception as error:
        raise ConfigError(f"strategy {entry.name} can't be made: {described(error)}") from error


def keep_sources(folder: RunFolder, chosen: Iterable[Entry]) -> None:
    """Copy the files that strategies come from into the run's folder, so that anyone can replay it as it was.

    Raises
    ------
    DataError
        Where one can't be copied.
    """
    for entry in chosen:
        path = Source.read(entry.source).file
        if path is None:
            continue
        try:
            copy = _copy(folder, entry.name, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        except OSError as error:
            raise DataError(f"can't keep a copy of the strategy file {path}: {error.strerror}") from None


def _copy(folder: RunFolder, name: str, file: Path) -> Path:
    """Return where a strategy's file is copied to; a library keeps its name, which Python imports some by."""
    return folder.sources / (f"{name}.py" if file.suffix == ".py" else f"{name}/{file.name}")


def kept(folder: RunFolder, config: Config) -> Config:
    """Return a run's configuration with its strategies from the copies in its folder."""

    def own(entry: Entry) -> Entry:
        source = Source.read(entry.source)
        if source.file is None:
            return entry
        copy = _copy(folder, entry.name, source.file)
        return replace(entry, source=str(Source(copy, source.name))) if copy.exists() else entry

    return replace(config, strategy=tuple(own(entry) for entry in config.strategy))
