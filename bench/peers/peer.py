"""A peer: how it gets its own environment, and how it is run on our data."""

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "peers"
#: The longest that an installation or a run may take; past it the peer has failed.
LONGEST_S = 1_800


class Failed(Exception):  # noqa: N818  # What is caught is a peer that failed.
    """Says why a peer has no figures."""


@dataclass(frozen=True)
class Peer:
    """A row of peers.toml."""

    name: str
    crate: str | None = None
    environment: tuple[Mapping[str, Any], ...] = ()

    def measure(self, data: Path, must: list[str]) -> tuple[str, dict[str, float]]:
        """Install the peer where it isn't, run it, and return who exactly it was and its figures by our names.

        Raises
        ------
        Failed
            Where it can't be installed, fails, or does other work than asked.
        """
        if self.crate is not None:
            told = run(self.name, [str(self.built(self.crate)), str(data / "w1.bin"), *must])
            return f"{self.name} {locked(self.crate)}", figures(told)
        for chosen in self.environment:
            python = find_python(*chosen["python"])
            if python is not None:
                seat = self.installed(python, chosen["packages"])
                told = run(self.name, [str(seat), str(HERE / "python" / chosen["program"]), str(data)])
                version = chosen["packages"][0].partition("==")[2]
                return f"{self.name} {version}, Python {version_of(python)}", figures(told)
        wanted = ", ".join(" to ".join(chosen["python"]) for chosen in self.environment)
        raise Failed(f"needs Python {wanted}, none is here")

    def built(self, crate: str) -> Path:
        """Build the program of a crate, in a workspace of its own."""
        package = f"peer-{crate.replace('_', '-')}"
        cargo = ["cargo", "build", "--release", "--locked", "--quiet", "-p", package]
        run(self.name, [*cargo, "--manifest-path", str(HERE / "Cargo.toml"), "--target-dir", str(BUILD / "target")])
        return BUILD / "target" / "release" / package

    def installed(self, python: Path, packages: list[str]) -> Path:
        """Make a virtual environment with packages in it, where it isn't there yet."""
        home = BUILD / self.name
        seat, note = home / "bin" / "python", home / "installed"
        wanted = "\n".join([str(python), *packages])
        if note.exists() and note.read_text(encoding="utf-8") == wanted:
            return seat
        run(self.name, [str(python), "-m", "venv", "--clear", str(home)])
        pip = [str(seat), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        run(self.name, [*pip, *packages])
        note.write_text(wanted, encoding="utf-8")
        return seat


def read(text: str) -> tuple[list[str], list[str], list[Peer]]:
    """Read peers.toml: our figures, the dated peers, the peers that are run."""
    found = tomllib.loads(text)
    peers = [Peer(row["name"], row.get("crate"), tuple(row.get("environment", ()))) for row in found["peer"]]
    return found["ours"], found["dated"], peers


def locked(crate: str) -> str:
    """Return the version of a crate that its program is built with."""
    manifest = tomllib.loads((HERE / crate / "Cargo.toml").read_text(encoding="utf-8"))
    return next(version.lstrip("=") for version in manifest["dependencies"].values() if isinstance(version, str))


def find_python(least: str, most: str) -> Path | None:
    """Return the newest Python here from `least` to `most`."""
    fit = [(numbers(version_of(python)), python) for python in pythons()]
    within = [known for known in fit if numbers(least) <= known[0] <= numbers(most)]
    return max(within)[1] if within else None


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as what compares right."""
    return tuple(map(int, version.split(".")))


def pythons() -> Iterator[Path]:
    """Return the Pythons on the path and under pyenv that run."""
    names = [shutil.which(f"python3.{minor}") for minor in range(11, 15)]
    found = [Path(name) for name in names if name is not None]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from (python for python in [*found, *sorted(versions.glob("3.*/bin/python3"))] if version_of(python))


def version_of(python: Path) -> str:
    """Return a Python's version, nothing where it doesn't run."""
    ask = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def run(name: str, command: list[str]) -> str:
    """Run a command of a peer; what it says is kept in its log, and its last line is why it failed."""
    BUILD.mkdir(parents=True, exist_ok=True)
    log = BUILD / f"{name}.log"
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_S)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"not done in {LONGEST_S} s: {command[0]}") from error
    log.write_text(f"{' '.join(command)}\n{done.stdout}{done.stderr}", encoding="utf-8")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise Failed(f"{lines[-1] if lines else f'exit code {done.returncode}'} ({log.relative_to(ROOT)})")
    return done.stdout


def figures(told: str) -> dict[str, float]:
    """Read what a peer printed: one JSON object on the last line."""
    lines = told.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else {}
    except json.JSONDecodeError as error:
        raise Failed(f"printed no figures: {lines[-1]!r}") from error
    if not found or not all(isinstance(value, float) and value > 0 for value in found.values()):
        raise Failed(f"printed no figures: {told.strip()!r}")
    return dict(found)
