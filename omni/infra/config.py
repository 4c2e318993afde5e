"""Loads the configuration: defaults, then the file, then the environment, then flags; each over the one before."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from omni.infra.schema import Key, converted, found, keys, nearest, strategy_keys
from omni.infra.section import Config, LimitOverrides, Strategy
from omni.infra.source import (
    DEFAULT,
    PREFIX,
    Flag,
    Lines,
    Setting,
    Source,
    environment_settings,
    flag_settings,
    read_file,
)
from omni.model.error import ConfigError

# A live account must not come from where a person doesn't look.
FILE_ONLY = frozenset({"run.account"})


class Loaded(Struct, frozen=True):
    """A configuration, and where each of its values comes from.

    Parameters
    ----------
    config
        The configuration.
    provenance
        The source of every key; a strategy's keys are `strategy.NAME.key`.
    """

    config: Config
    provenance: Mapping[str, Source]


def load(file: Path | None, environ: Mapping[str, str], flags: Mapping[str, Flag]) -> Loaded:
    """Return the configuration.

    Parameters
    ----------
    file
        A TOML file, or none.
    environ
        The environment; of it only the variables `OMNI__SECTION__KEY` are read.
    flags
        What the command line sets, by key (`run.seed`).

    Raises
    ------
    ConfigError
        With a line for everything that is wrong: what, where it was set, what was expected, what was probably meant.
    """
    reader = _Reader()
    tables, lines = read_file(file) if file is not None else ({}, None)
    if lines is not None:
        reader.take_file(tables, lines)
    for setting in (*environment_settings(environ), *flag_settings(flags)):
        reader.take(setting)
    strategies = reader.strategies(tables.get("strategy", []), lines) if lines is not None else ()
    if reader.faults:
        raise ConfigError("\n".join(reader.faults))
    return Loaded(reader.config(strategies), reader.provenance)


class _Reader:
    """Collects values and their sources, and everything that is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.values: dict[str, object] = {name: key.default for name, key in keys().items()}
        self.provenance: dict[str, Source] = dict.fromkeys(keys(), DEFAULT)

    def config(self, strategies: tuple[Strategy, ...]) -> Config:
        sections: dict[str, object] = {}
        for section in fields(Config):
            if section.name != "strategy":
                kind = type(section.default)
                own = {field.name: self.values[f"{section.name}.{field.name}"] for field in fields(kind)}
                sections[section.name] = kind(**own)
        return Config(**sections, strategy=strategies)  # type: ignore[arg-type]  # Checked key by key.

    def take_file(self, tables: Mapping[str, object], lines: Lines) -> None:
        names = [section.name for section in fields(Config)]
        for name, table in tables.items():
            if name not in names:
                self._fault(name, lines.source(name), f"there is no such section{_meant(name, names)}")
            elif name != "strategy" and not isinstance(table, dict):
                self._fault(name, lines.source(name), f"expected a table, [{name}], found {found(table)}")
            elif name != "strategy":
                for key, value in cast("dict[str, object]", table).items():
                    self.take(Setting(f"{name}.{key}", value, lines.source(f"{name}.{key}")))

    def take(self, setting: Setting) -> None:
        """Set a value over what an earlier layer set."""
        key = keys().get(setting.key)
        if key is None:
            self._unknown(setting)
        elif setting.key in FILE_ONLY and setting.source.kind != "file":
            self._fault(setting.key, setting.source, "may only stand in the configuration file")
        elif (value := self._converted(key, setting.key, setting)) is not NODEFAULT:
            self.values[setting.key] = value
            self.provenance[setting.key] = setting.source

    def strategies(self, entries: object, lines: Lines) -> tuple[Strategy, ...]:
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._fault("strategy", lines.source("strategy"), "expected tables, each [[strategy]]")
            return ()
        read = [self._strategy(i, entry, lines) for i, entry in enumerate(entries)]
        names = [strategy.name for strategy in read if strategy is not None]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._fault("strategy.name", lines.source("strategy"), f'more than one strategy is called "{name}"')
        return tuple(strategy for strategy in read if strategy is not None)

    def _strategy(self, index: int, entry: Mapping[str, object], lines: Lines) -> Strategy | None:
        before = len(self.faults)
        place, label = f"strategy[{index}]", str(entry.get("name", index))
        own: dict[str, object] = {}
        for setting in _strategy_settings(place, entry, lines):
            short = setting.key.removeprefix(f"{place}.")
            key = strategy_keys().get(short)
            if key is None:
                text = f"there is no such key{_meant(short, strategy_keys())}"
                self._fault(f"strategy.{label}.{short}", setting.source, text)
            else:
                own[short] = self._converted(key, f"strategy.{label}.{short}", setting)
                self.provenance[f"strategy.{label}.{short}"] = setting.source
        for needed in ("name", "source"):
            if needed not in own:
                self._fault(f"strategy.{label}", lines.source(place), f"needs its key {needed}")
        return None if len(self.faults) > before else _built(own)

    def _converted(self, key: Key, name: str, setting: Setting) -> object:
        """Return the value, or NODEFAULT after noting what is wrong with it."""
        try:
            return converted(key, setting.value, text=setting.text)
        except ValueError as error:
            self._fault(name, setting.source, str(error))
            return NODEFAULT

    def _unknown(self, setting: Setting) -> None:
        if setting.key.startswith("strategy") and setting.source.kind != "file":
            text = "strategies are set in the file only"
        else:
            text = f"there is no such key{_meant(setting.key, keys(), setting.source)}"
        self._fault(setting.key, setting.source, text)

    def _fault(self, key: str, source: Source, text: str) -> None:
        # A flag is what a person wrote; the key behind it they may never have seen.
        place = source.place if source.kind == "flag" else f"{key} ({source})"
        self.faults.append(f"{place}: {text}")


def _meant(name: str, known: Iterable[str], source: Source = DEFAULT) -> str:
    near = nearest(name, known)
    if near is not None and source.kind == "environment":
        near = PREFIX + near.upper().replace(".", "__")
    return "" if near is None else f"; did you mean {near}?"


def _strategy_settings(place: str, entry: Mapping[str, object], lines: Lines) -> Iterator[Setting]:
    for name, value in entry.items():
        key = f"{place}.{name}"
        if name == "limits" and isinstance(value, dict):
            for limit, amount in value.items():
                yield Setting(f"{key}.{limit}", amount, lines.source(f"{key}.{limit}"))
        else:
            yield Setting(key, value, lines.source(key))


def _built(own: Mapping[str, object]) -> Strategy:
    limits = {name.removeprefix("limits."): value for name, value in own.items() if name.startswith("limits.")}
    plain = {name: value for name, value in own.items() if "." not in name}
    return Strategy(**plain, limits=LimitOverrides(**limits))  # type: ignore[arg-type]  # Checked key by key.
