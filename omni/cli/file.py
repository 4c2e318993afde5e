"""Data files that a command is given."""

from collections.abc import Iterable
from pathlib import Path


def check(files: Iterable[str | Path]) -> None:
    """Refuse a file that isn't there, before anything else is done.

    Raises
    ------
    ConfigError
        Where there is none at a place.
    """
    from omni.model.error import ConfigError  # noqa: PLC0415

    missing = next((file for file in files if not Path(file).exists()), None)
    if missing is not None:
        raise ConfigError(f"there is no file {missing}")
