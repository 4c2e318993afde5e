"""Counts the instructions of the hot paths and holds them to bench/instructions.toml.

Usage: python scripts/instructions.py [--record]

Each path of bench/src/counted.rs runs once under callgrind. A count that differs from its record by more than 3%, up or
down, is a fault until the record is changed too, with --record, in the same commit. Counts are of a compiler and a kind
of processor: with another than the record's they are shown and not judged.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "bench" / "instructions.toml"
PROGRAM = ("cargo", "build", "--release", "--locked", "--quiet", "-p", "omni-bench", "--example", "count")
CHANGE_MAX = 0.03
AGAIN = "make instructions ARGS=--record"
HEAD = f"""\
# Instructions of the hot paths an item: a message, an order, a recorded change. Written by
# `{AGAIN}`. `make check` fails where one differs by more than {CHANGE_MAX:.0%}; see bench/README.md.
"""


@dataclass(frozen=True)
class Counts:
    """Instructions an item by path, and what they depend on."""

    rustc: str
    machine: str
    paths: Mapping[str, float]

    @classmethod
    def read(cls, text: str) -> "Counts":
        """Read a record."""
        found = tomllib.loads(text)
        return cls(found["rustc"], found["machine"], found["instructions"])

    def text(self) -> str:
        """Write a record."""
        rows = "".join(f'"{path}" = {count:.2f}\n' for path, count in self.paths.items())
        return f'{HEAD}rustc = "{self.rustc}"\nmachine = "{self.machine}"\n\n[instructions]\n{rows}'

    def like(self, other: "Counts") -> bool:
        """Return whether counts of both can be compared."""
        return (self.rustc, self.machine) == (other.rustc, other.machine)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write the counts to bench/instructions.toml")
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        return without_valgrind(in_ci=os.environ.get("CI") == "true")
    counted = count()
    if arguments.record:
        RECORD.write_text(counted.text(), encoding="utf-8")
    recorded = Counts.read(RECORD.read_text(encoding="utf-8"))
    print("\n".join(table(recorded, counted)))
    faults = list(judge(recorded, counted))
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    return int(bool(faults) and recorded.like(counted))


def without_valgrind(*, in_ci: bool) -> int:
    """Say that nothing was counted: in CI a failure, elsewhere aloud."""
    what = "FAILED" if in_ci else "SKIPPED"
    print(f"{what}: instruction counts need valgrind; apt install valgrind", file=sys.stderr)
    return int(in_ci)


def count() -> Counts:
    output(*PROGRAM)
    program = str(ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "examples" / "count")
    release = re.search(r"^release: (.+)$", output("rustc", "-vV"), re.MULTILINE)
    if release is None:
        raise SystemExit("rustc -vV names no release")
    paths = {path: count_path(program, path) for path in output(program).split()}
    return Counts(release[1], platform.machine(), paths)


def count_path(program: str, path: str) -> float:
    """Return a path's instructions an item."""
    with TemporaryDirectory(prefix="omni-count-") as folder:
        log = Path(folder) / "log"
        callgrind = ("valgrind", "--tool=callgrind", f"--log-file={log}", f"--callgrind-out-file={folder}/out")
        region = ("--collect-atstart=no", "--toggle-collect=omni_bench::counted::region*")
        items = int(output(*callgrind, *region, program, path))
        collected = re.search(r"Collected : (\d+)", log.read_text(encoding="utf-8"))
    if collected is None or int(collected[1]) == 0:
        raise SystemExit(f"{path}: callgrind saw nothing of omni_bench::counted::region")
    return round(int(collected[1]) / items, 2)


def output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def table(recorded: Counts, counted: Counts) -> Iterator[str]:
    yield f"{'instructions an item':<22}{'recorded':>10}{'now':>10}"
    for path, now in counted.paths.items():
        before = recorded.paths.get(path)
        change = "" if before is None else f"{before:>10.2f}{now:>10.2f}  {now / before - 1:+.1%}"
        yield f"{path:<22}{change or f'{now:>20.2f}'}"


def judge(recorded: Counts, counted: Counts) -> Iterator[str]:
    """Return what is wrong with a record."""
    if not recorded.like(counted):
        yield (
            f"NOT JUDGED: recorded with rustc {recorded.rustc} on {recorded.machine}, this is rustc {counted.rustc} on "
            f"{counted.machine}; counts of two compilers can't be compared. Where this is the one to use: {AGAIN}"
        )
        return
    for path in sorted(recorded.paths.keys() ^ counted.paths.keys()):
        where = "isn't recorded" if path in counted.paths else "is recorded and no longer counted"
        yield f"{path}: {where}; {AGAIN}"
    for path in recorded.paths.keys() & counted.paths.keys():
        change = counted.paths[path] / recorded.paths[path] - 1
        if change > CHANGE_MAX:
            yield f"{path}: grew by {change:.1%}. Find what made it so, or where it is worth that: {AGAIN}"
        elif change < -CHANGE_MAX:
            yield f"{path}: fell by {-change:.1%}. Good; hold it there: {AGAIN}"


if __name__ == "__main__":
    sys.exit(main())
