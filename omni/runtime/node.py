"""Speaks to a running node: finds it, asks, commands."""

from pathlib import Path

from omni.infra.control import ControlClient, NoNodeError
from omni.model.error import DataError
from omni.runtime.folder import RunFolder, newest
from omni.runtime.summary import read


def find(home: Path, run: str | None) -> RunFolder:
    """Return the folder of a running node: the named one, or the newest in `home`.

    Raises
    ------
    NoNodeError
        Where no node runs.
    """
    if run is None:
        found = newest(home)
        if found is None:
            raise NoNodeError(f"no node is running in {home}; `omni run` starts one, --home names another folder")
        return found
    folder = resolve(home, run)
    if not folder.socket.exists():
        raise NoNodeError(f"run {folder.id} is not running; `omni runs show {folder.id}` tells how it ended")
    return folder


def resolve(home: Path, run: str) -> RunFolder:
    """Return a run's folder by its path, its id, or a beginning of its id that no other has.

    Raises
    ------
    DataError
        Where there is none, or more than one.
    """
    direct = Path(run)
    if direct.is_absolute() and not (direct / "config.toml").is_file():
        raise DataError(f"{run} is no run's folder: it has no config.toml")
    if (direct / "config.toml").is_file():
        return RunFolder(direct)
    matches = sorted(path for path in home.glob(f"{run}*") if (path / "config.toml").is_file())
    if len(matches) == 1:
        return RunFolder(matches[0])
    if not matches:
        raise DataError(f"there is no run {run} in {home}; `omni runs ls` lists them")
    raise DataError(f"more than one run begins with {run}: {', '.join(path.name for path in matches[:4])}")


def unended(home: Path) -> list[RunFolder]:
    """Return the runs whose processes ended before they did: those that may be gone on with."""
    folders = [RunFolder(path.parent) for path in sorted(home.glob("*/journal"))]
    return [folder for folder in folders if not folder.summary.exists() or read(folder.summary).state == "failed"]


def client(folder: RunFolder) -> ControlClient:
    """Return a client of a running node."""
    return ControlClient(folder.path)
