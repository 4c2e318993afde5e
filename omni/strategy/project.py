"""Writes a strategy of one's own to begin with: a small project in Python, Rust, C or Cython, with a test."""

import keyword
import re
from pathlib import Path

from omni.engine import plugin_projects
from omni.model.error import ConfigError

#: The languages.
KINDS = ("python", "rust", "c", "cython")
#: What the worked examples are called, and where they find what the engine offers them.
_EXAMPLE, _OURS = "leaning", "../../../core/plugin"
#: Names of modules that the project needs itself.
_TAKEN = {"numpy", "omni", "omni_plugin", "test", "unittest"}


def write(kind: str, name: str, folder: Path) -> list[Path]:
    """Write a project into a new folder and return its files.

    Parameters
    ----------
    kind
        One of `KINDS`.
    name
        What the strategy is called: small letters, digits and `_` or `-`.
    folder
        Where the project's folder is made.

    Raises
    ------
    ConfigError
        For a name that can't be, and where there is something already.
    """
    files = dict(plugin_projects())[kind]
    module = _module(name)
    place = folder / name
    if place.exists():
        raise ConfigError(f"{place} is there already: choose another name, or remove it")
    written = []
    for path, text in files:
        file = place / path.replace(_EXAMPLE, module)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_own(text, module), encoding="utf-8")
        written.append(file)
    return written


def _module(name: str) -> str:
    module = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", module) or keyword.iskeyword(module) or module in _TAKEN:
        raise ConfigError(f"a strategy can't be called {name!r}: expected small letters, digits, - and _, such as mine")
    return module


def _own(text: str, module: str) -> str:
    """Give a file of the example the strategy's own name, and what lies beside it."""
    camel = "".join(part.capitalize() for part in module.split("_"))
    text = text.replace(f'path = "{_OURS}", default-features = false', 'path = "omni-plugin"')
    text = text.replace(f"INCLUDE := {_OURS}", "INCLUDE := .")
    return text.replace(_EXAMPLE, module).replace(_EXAMPLE.capitalize(), camel)
