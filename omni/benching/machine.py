"""The machine that the figures are of."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from omni.engine import PROFILE, __version__


@dataclass(frozen=True, slots=True)
class Machine:
    """What it was when the suite began."""

    processor: str
    cores: int
    governor: str
    load: float
    memory_gb: float
    system: str
    versions: str

    def lines(self) -> list[str]:
        """Say it to people."""
        return [
            f"machine   {self.processor}, {self.cores} cores, governor {self.governor}, {self.memory_gb:.0f} GB",
            f"load      {self.load:.2f} at the start" + ("; a busy machine: figures are high" if self.busy else ""),
            f"versions  {self.versions}, {self.system}",
        ]

    @property
    def busy(self) -> bool:
        """Whether others work on it."""
        return self.load > 0.3 * self.cores


def machine() -> Machine:
    """Describe this machine."""
    return Machine(
        processor=_field(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        governor=_governor(),
        load=os.getloadavg()[0],
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        system=f"{platform.system()} {platform.release()}",
        versions=f"omni {__version__} ({PROFILE}), Python {platform.python_version()}",
    )


def _field(path: Path, name: str) -> str | None:
    if not path.exists():
        return None
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), None)


def _governor() -> str:
    path = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return path.read_text().strip() if path.exists() else "not told"
