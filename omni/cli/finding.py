"""What `omni doctor` looks at: each check returns one finding."""

import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryFile

from omni.console.listener import HOST, PORT_DEFAULT

_MEMORY_MIN_MB = 1_000
_DISK_MIN_MB = 1_000
_CORES_TO_PIN = 4


class State(Enum):
    """How a finding stands: in order, worth knowing, or in the way of a run."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run would live: its folder and the console's port, None for the default one."""

    home: Path
    port: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report, with what to do about it if anything."""

    what: str
    state: State
    detail: str
    remedy: str = ""


def python(_: Place) -> Finding:
    """Check the interpreter."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older one is told so
        return Finding("python", State.BAD, platform.python_version(), "omni needs Python 3.11 or newer")
    return Finding("python", State.GOOD, f"{platform.python_version()} at {sys.executable}")


def engine(_: Place) -> Finding:
    """Check that the compiled half loads and is fast."""
    try:
        from omni.engine import PROFILE, __version__  # noqa: PLC0415
    except ImportError as error:
        return Finding("engine", State.BAD, str(error), "build it with `make run`, or install the omni-alpha wheel")
    if PROFILE != "release":
        return Finding("engine", State.NOTE, f"{__version__} ({PROFILE})", "it is slow; build a release by `make run`")
    return Finding("engine", State.GOOD, f"{__version__} ({PROFILE})")


def home(place: Place) -> Finding:
    """Check that the runs' folder, or the nearest that exists above it, can be written."""
    folder = next(path for path in (place.home.absolute(), *place.home.absolute().parents) if path.exists())
    try:
        with TemporaryFile(dir=folder):
            free_mb = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        return Finding("runs", State.BAD, f"{folder}: {error.strerror}", "choose a folder of yours with --home")
    if free_mb < _DISK_MIN_MB:
        return Finding("runs", State.NOTE, f"{folder}: {free_mb} MB free", "a generated day takes up to 400 MB")
    return Finding("runs", State.GOOD, f"{folder} is writable, {free_mb} MB free")


def port(place: Place) -> Finding:
    """Check that the console's port is free on 127.0.0.1."""
    number = PORT_DEFAULT if place.port is None else place.port
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, number))
        except (OSError, OverflowError) as error:
            detail = f"{HOST}:{number}: {getattr(error, 'strerror', None) or error}"
            if place.port is None:
                return Finding("port", State.NOTE, detail, "a console takes the next free one")
            return Finding("port", State.BAD, detail, "stop what listens there, or choose another with --port")
    return Finding("port", State.GOOD, f"{HOST}:{number} is free")


def cores(_: Place) -> Finding:
    """Count the cores this process may use."""
    count = len(os.sched_getaffinity(0))
    detail = f"{count} usable"
    if count < _CORES_TO_PIN:
        return Finding("cores", State.NOTE, detail, "pinning and spinning stay off under four cores")
    return Finding("cores", State.GOOD, detail)


def memory(_: Place) -> Finding:
    """Ask for the memory that is available."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        available_mb = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return Finding("memory", State.NOTE, "unknown: /proc/meminfo doesn't say")
    if available_mb < _MEMORY_MIN_MB:
        return Finding(
            "memory", State.NOTE, f"{available_mb} MB available", "a run takes about 250 MB; close something"
        )
    return Finding("memory", State.GOOD, f"{available_mb} MB available")


def clock(_: Place) -> Finding:
    """Name the kernel's clock source, which decides what reading the time costs."""
    source = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    try:
        name = source.read_text(encoding="ascii").strip()
    except OSError:
        return Finding("clock", State.NOTE, f"unknown: can't read {source}")
    if name not in {"tsc", "kvm-clock", "arch_sys_counter"}:
        return Finding("clock", State.NOTE, name, "reading it is a system call: latencies are measured more coarsely")
    return Finding("clock", State.GOOD, name)


def chromium(_: Place) -> Finding:
    """Look for the browser of the console's tests; a run needs none of its own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        return Finding("chromium", State.NOTE, "absent", "only the console's tests need it: apt install chromium")
    return Finding("chromium", State.GOOD, path)


CHECKS: tuple[Callable[[Place], Finding], ...] = (python, engine, home, port, cores, memory, clock, chromium)
