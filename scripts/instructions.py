"""Counts the instructions of the hot paths and holds them to bench/instructions.toml.

Usage: python scripts/instructions.py [--record]

Each path of bench/src/counted.rs runs once under callgrind. A count that has grown by more than 3% is a fault until the
record is changed too, with --record, in the same commit; one that has fallen is told. Counts are of a compiler, a kind
of processor and a C library: with others than the record's they are shown, said aloud and not judged.
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
PROGRAM = ("cargo", "build", "--release", "--locked", "--quiet", "-p", "omni-bench", "--bin", "count")
CHANGE_MAX = 0.03
AGAIN = "make instructions ARGS=--record"
HEAD = f"""\
# Instructions of the hot paths an item: a message, an order, a recorded change. Written by
# `{AGAIN}`. `make check` fails where one grows by more than {CHANGE_MAX:.0%}; see bench/README.md.
"""
#: The code that any x86-64 or ARM machine runs, whatever flags the user's own configuration of cargo sets.
BUILT_WITH = {"CARGO_ENCODED_RUSTFLAGS": ""}
#: The C library then copies memory by instructions that every such processor has. Nothing else of the environment is
#: seen, so that its size moves no stack.
RUN_WITH = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS", "PATH": os.defpath}


@dataclass(frozen=True)
class Counts:
    """Instructions an item by path, and what they depend on."""

    rustc: str
    machine: str
    libc: str
    paths: Mapping[str, float]

    @classmethod
    def read(cls, text: str) -> "Counts":
        """Read a record."""
        found = tomllib.loads(text)
        return cls(found["rustc"], found["machine"], found["libc"], found["instructions"])

    def text(self) -> str:
        """Write a record."""
        rows = "".join(f'"{path}" = {count:.2f}\n' for path, count in self.paths.items())
        of = f'rustc = "{self.rustc}"\nmachine = "{self.machine}"\nlibc = "{self.libc}"\n'
        return f"{HEAD}{of}\n[instructions]\n{rows}"

    def like(self, other: "Counts") -> bool:
        """Return whether counts of both can be compared."""
        return (self.rustc, self.machine, self.libc) == (other.rustc, other.machine, other.libc)

    def made_by(self) -> str:
        """Say what the counts depend on."""
        return f"rustc {self.rustc} on {self.machine} with {self.libc}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write the counts to bench/instructions.toml")
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        return without_valgrind(in_ci=os.environ.get("CI") == "true")
    counted, recorded = count(), read_record()
    print("\n".join(table(recorded, counted)))
    if arguments.record:
        RECORD.write_text(counted.text(), encoding="utf-8")
        return 0
    if recorded is None:
        print(f"{RECORD.name} is no record, as after a merge of two: {AGAIN}", file=sys.stderr)
        return 1
    return held(recorded, counted)


def read_record() -> Counts | None:
    """Read the record, nothing where it isn't there or isn't one."""
    try:
        return Counts.read(RECORD.read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError, KeyError):
        return None


def held(recorded: Counts, counted: Counts) -> int:
    """Say how counts compare with their record; returns the exit code."""
    if not recorded.like(counted):
        print(not_judged(recorded, counted), file=sys.stderr)
        return 0
    for fall in falls(recorded, counted):
        print(fall)
    faults = list(judge(recorded, counted))
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


def without_valgrind(*, in_ci: bool) -> int:
    """Say that nothing was counted: in CI a failure, elsewhere aloud."""
    what = "FAILED" if in_ci else "SKIPPED"
    print(f"{what}: instruction counts need valgrind; apt install valgrind", file=sys.stderr)
    return int(in_ci)


def count() -> Counts:
    output(*PROGRAM, environment={**os.environ, **BUILT_WITH})
    program = str(ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "count")
    release = re.search(r"^release: (.+)$", output("rustc", "-vV"), re.MULTILINE)
    if release is None:
        raise SystemExit("rustc -vV names no release")
    paths = {path: count_path(program, path) for path in output(program).split()}
    return Counts(release[1], platform.machine(), " ".join(platform.libc_ver()).strip() or "no glibc", paths)


def count_path(program: str, path: str) -> float:
    """Return a path's instructions an item."""
    with TemporaryDirectory(prefix="omni-count-") as folder:
        log = Path(folder) / "log"
        callgrind = ("valgrind", "--tool=callgrind", f"--log-file={log}", f"--callgrind-out-file={folder}/out")
        region = ("--collect-atstart=no", "--toggle-collect=omni_bench::counted::region*")
        items = int(output(*callgrind, *region, program, path, environment=RUN_WITH))
        collected = re.search(r"Collected : (\d+)", log.read_text(encoding="utf-8"))
    if collected is None or int(collected[1]) == 0:
        raise SystemExit(f"{path}: callgrind saw nothing of omni_bench::counted::region")
    return round(int(collected[1]) / items, 2)


def output(*command: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def table(recorded: Counts | None, counted: Counts) -> Iterator[str]:
    yield f"{'instructions an item':<22}{'recorded':>10}{'now':>10}"
    for path, now in counted.paths.items():
        before = recorded.paths.get(path) if recorded is not None else None
        change = "" if before is None else f"{before:>10.2f}{now:>10.2f}  {now / before - 1:+.1%}"
        yield f"{path:<22}{change or f'{now:>20.2f}'}"


def not_judged(recorded: Counts, counted: Counts) -> str:
    """Say why counts can't be held to a record."""
    return (
        f"NOT JUDGED: the record is of {recorded.made_by()}, this is {counted.made_by()}; counts of the two can't be "
        f"compared. Where this is the one to use: {AGAIN}"
    )


def judge(recorded: Counts, counted: Counts) -> Iterator[str]:
    """Return what is wrong with a record that can be compared."""
    for path in sorted(recorded.paths.keys() ^ counted.paths.keys()):
        where = "isn't recorded" if path in counted.paths else "is recorded and no longer counted"
        yield f"{path}: {where}; {AGAIN}"
    for path, change in changes(recorded, counted):
        if change > CHANGE_MAX:
            yield (
                f"{path}: grew by {change:.1%}, more than {CHANGE_MAX:.0%}. Find what made it so; where it is worth "
                f"that, change the record in the same commit: {AGAIN}"
            )


def falls(recorded: Counts, counted: Counts) -> Iterator[str]:
    """Return what fell by so much that the record no longer holds it."""
    for path, change in changes(recorded, counted):
        if change < -CHANGE_MAX:
            yield f"{path}: fell by {-change:.1%}. So that it stays there: {AGAIN}"


def changes(recorded: Counts, counted: Counts) -> Iterator[tuple[str, float]]:
    """Return by how much each path of both has grown, 0.01 for a hundredth."""
    for path, before in recorded.paths.items():
        if path in counted.paths:
            yield path, counted.paths[path] / before - 1


if __name__ == "__main__":
    sys.exit(main())
