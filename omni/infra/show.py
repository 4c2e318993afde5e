"""Writes a configuration out: as TOML that says where each value comes from, and as a fingerprint."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from msgspec import UNSET, Struct
from msgspec.structs import fields, replace

from omni.infra.amount import Amount
from omni.infra.config import Loaded
from omni.infra.schema import NONE
from omni.infra.secret import Secret
from omni.infra.section import Config, LimitOverrides, Section, Strategy
from omni.infra.source import DEFAULT, Source


def show(loaded: Loaded) -> str:
    """Return the whole configuration as TOML; the comment of each value says where it comes from, secrets are masked.

    Without secrets, loading the text again gives the same configuration.
    """
    lines: list[str] = []
    for section in fields(Config):
        if section.name != "strategy":
            table = getattr(loaded.config, section.name)
            items = ((name, name, value) for name, value in _items(table))
            lines += [f"[{section.name}]", *_rows(items, section.name, loaded.provenance), ""]
    for strategy in loaded.config.strategy:
        rows = _strategy_items(strategy)
        lines += ["[[strategy]]", *_rows(rows, f"strategy.{strategy.name}", loaded.provenance), ""]
    return "\n".join(lines)


def placed(config: Config) -> Config:
    """Return the configuration with its data's places written in full, so that it holds in any folder."""
    data = tuple(str(Path(file).absolute()) for file in config.day.data)
    return replace(config, day=replace(config.day, data=data))


def fingerprint(config: Config) -> str:
    """Return the SHA-256 of the configuration's values in hexadecimal; equal configurations have equal ones.

    Where runs and data lie is left out, but for the files' names: a run whose folder was moved is still the same.
    """
    names = tuple(Path(file).name for file in config.day.data)
    placeless = replace(config, run=replace(config.run, home=Config().run.home), day=replace(config.day, data=names))
    return sha256(json.dumps(_plain(placeless), sort_keys=True).encode()).hexdigest()


def _items(table: Struct) -> Iterator[tuple[str, object]]:
    for name in table.__struct_fields__:
        yield name, getattr(table, name)


def _strategy_items(strategy: Strategy) -> Iterator[tuple[str, str, object]]:
    for name, value in _items(strategy):
        if isinstance(value, LimitOverrides):
            own = ((limit, amount) for limit, amount in _items(value) if amount is not None)
            yield from ((f"limits.{limit}", f"limits.{limit}", amount) for limit, amount in own)
        elif isinstance(value, dict):
            yield from ((f"params.{_text_key(each)}", "params", amount) for each, amount in value.items())
        else:
            yield name, name, value


def _rows(items: Iterator[tuple[str, str, object]], prefix: str, provenance: Mapping[str, Source]) -> Iterator[str]:
    for name, key, value in items:
        source = provenance.get(f"{prefix}.{key}", DEFAULT)
        yield f"{name} = {_toml(value)}  # {source}"


def _text_key(name: str) -> str:
    return name if name.isascii() and name.replace("-", "_").isidentifier() else json.dumps(name)


def _toml(value: object) -> str:  # noqa: PLR0911  # One line per kind of value.
    match value:
        case None:
            return f'"{NONE}"'
        case bool():
            return str(value).lower()
        case Amount():
            return f'"{value:f}"'
        case datetime():
            return value.isoformat()
        case int():
            return str(value)
        case float():
            return repr(value)
        case tuple():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
    # TOML's basic strings escape as JSON's do, but for the delete character, which JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")


def _plain(value: object) -> object:
    """Return the value as JSON's types; a secret only as set or not."""
    match value:
        case Section():
            return {name: _plain(item) for name, item in _items(value)}
        case Secret():
            return bool(value)
        case Amount():
            return f"{value.normalize():f}"
        case datetime():
            return value.timestamp()
        case tuple():
            return [_plain(item) for item in value]
    return value if value is not UNSET else None
