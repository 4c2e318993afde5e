"""Installs a wheel alone into an empty environment and uses it as a stranger does, without Rust, Node or a checkout."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHEEL_MB, INSTALL_MB = 15.0, 220.0
MB = 1e6
#: Far above what any step takes.
DEADLINE_S = 300
DAY = ("run", "--exit", "--instruments", "5", "--hours", "0.2", "--inputs", "20000")
HEAVY = {"pandas", "polars", "litestar", "uvicorn", "numpy", "duckdb", "sqlalchemy"}


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit("usage: try_wheel.py DIST: the folder with the wheel of this Python")
    wheel = newest(Path(sys.argv[1]))
    say(f"{wheel.name}: {size(wheel) / MB:.1f} MB")
    expect(size(wheel) <= WHEEL_MB * MB, f"a wheel of at most {WHEEL_MB:g} MB")
    with tempfile.TemporaryDirectory(prefix="omni-wheel-") as scratch:
        place = Path(scratch)
        install(wheel, place / "env")
        weigh(place / "env")
        use(place / "env" / "bin", place)
    return 0


def newest(folder: Path) -> Path:
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    wheels = sorted(folder.glob(f"omni_alpha-*-{tag}-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        sys.exit(f"no wheel for {tag} in {folder}: run `make wheel`")
    return wheels[-1]


def install(wheel: Path, env: Path) -> None:
    """Make an environment that holds the wheel and its locked dependencies, not even pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True)
    lock = (ROOT / "requirements" / "base.lock").read_text(encoding="utf-8")
    pins = env / "pins.txt"
    pins.write_text("\n".join(re.findall(r"^([^#\s][^\\\n]*)", lock, flags=re.MULTILINE)), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", env / "bin" / "python", "--quiet"]
    subprocess.run([*pip, "install", "--constraint", pins, wheel], check=True)
    subprocess.run([*pip, "check"], check=True)


def weigh(env: Path) -> None:
    """Hold what is installed to its budget, by the files' sizes; blocks of a disk depend on the disk."""
    held = [path.lstat() for path in env.rglob("*") if not path.is_dir()]
    total, blocks = (sum(one.st_size for one in held), sum(one.st_blocks * 512 for one in held))
    say(f"installed: {total / MB:.1f} MB in {len(held)} files, {blocks / MB:.1f} MB of disk")
    expect(total <= INSTALL_MB * MB, f"an installation of at most {INSTALL_MB:g} MB")


def use(programs: Path, place: Path) -> None:
    with_omni = Outsider(programs, place)
    expect("backtest" in with_omni.ask("omni", "--help"), "a help page")
    loaded = HEAVY.intersection(with_omni.ask("python", "-c", "import omni, sys; print(*sys.modules)").split())
    expect(not loaded, f"an import that loads nothing heavy, found {loaded}")
    said = with_omni.ask("omni", *DAY, "--speed", "unlimited", "--no-console")
    expect("report: runs/" in said, "a run with a report")
    say(said.splitlines()[1])
    expect("risk.gate.mean_ns" in with_omni.ask("omni", "bench", "--only", "risk"), "a figure of the gate")
    with with_omni.day() as address:
        look(address, place)
    say("the console's page, its files and its data answer")


class Outsider:
    """Somebody with this environment's programs and nothing else on the path, outside the checkout."""

    def __init__(self, programs: Path, place: Path) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("OMNI", "PYTHON"))}
        self.environment = own | {"PATH": str(programs)}
        self.programs, self.place = programs, place

    def ask(self, program: str, *words: str) -> str:
        """Run one program to its end in good order and return what it said."""
        done = subprocess.run(
            [self.programs / program, *words],
            check=False,
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE_S,
        )
        asked = " ".join((program, *words))
        expect(done.returncode == 0, f"exit code 0 of {asked}, found {done.returncode}\n{done.stdout}")
        return done.stdout

    @contextmanager
    def day(self) -> Iterator[str]:
        """Run a day with the console while the block lasts; give the console's address."""
        command = [self.programs / "omni", *DAY, "--speed", "10", "--port", "0"]
        to = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, cwd=self.place, env=self.environment, text=True, **to) as run:
            try:
                assert run.stdout is not None
                line = run.stdout.readline()
                address = re.match(r"console: (http://\S+/)", line)
                expect(address is not None, f"the console's address first, found {line!r}")
                yield address[1] if address else ""
            finally:
                run.terminate()
                run.communicate(timeout=DEADLINE_S)
            expect(run.returncode == 0, f"a run that ends in good order, found exit code {run.returncode}")


def look(address: str, place: Path) -> None:
    """Open the page as a browser does: the files it names, then its data with the run's token."""
    page = fetch(address).decode()
    files = re.findall(r'(?:src|href)="/?([^"#:]+)"', page)
    expect(any(name.endswith(".js") for name in files), f"the console's built page, found\n{page}")
    for name in files:
        expect(len(fetch(address + name)) > 0, f"a file at {address}{name}")
    token = max(place.glob("runs/*/console.token")).read_text().strip()
    view = json.loads(fetch(f"{address}api/view", token))
    expect(view["run"]["mode"] == "sim", "the view of a run in simulation")


def fetch(url: str, token: str = "") -> bytes:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=DEADLINE_S) as answer:
        return bytes(answer.read())


def size(path: Path) -> int:
    return path.stat().st_size


def say(line: str) -> None:
    print(line, flush=True)


def expect(true: bool, what: str) -> None:
    if not true:
        sys.exit(f"the wheel isn't what it should be: expected {what}")


if __name__ == "__main__":
    sys.exit(main())
