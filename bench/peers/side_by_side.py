"""Measures peers and us on the same work in one call: `make bench-peers`.

Each peer is installed into an environment of its own under build/peers/, and fails alone: its dated figures then stand
in for it. Ours is measured before and after them.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import compare
import numpy as np
from peer import BUILD, HERE, ROOT, Failed, Peer, read

from omni.benching.backtest import bar_data, quote_data
from omni.benching.machine import machine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PREFIX", default="", help="only peers whose names begin so")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows for machines")
    arguments = parser.parse_args()
    prefixes, dated, peers = read((HERE / "peers.toml").read_text(encoding="utf-8"))
    chosen = [peer for peer in peers if peer.name.startswith(arguments.only)]
    if not chosen:
        parser.error(f"--only {arguments.only}: the peers are {', '.join(peer.name for peer in peers)}")
    here, must = machine(), write_data(BUILD / "data")
    first = ours(prefixes)
    theirs = [(peer, result_of(peer, must)) for peer in chosen]
    mine = compare.best(first, ours(prefixes))
    absent = [peer.name for peer, result in theirs if isinstance(result, Failed)]
    found = [*rows(theirs, mine), *compare.dated([*dated, *absent], mine)]
    told_here = [*here.lines(), f"load      {os.getloadavg()[0]:.2f} at the end, of which about 1 is ours"]
    print("\n".join([*told_here, "", *compare.table(found)]))
    if arguments.json is not None:
        told = {"machine": told_here, "ours": mine, "rows": [row.json() for row in found]}
        arguments.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return int(any(row.failure for row in found))


Result = tuple[str, dict[str, float]] | Failed


def result_of(peer: Peer, must: list[str]) -> Result:
    """Return a peer's figures, or why there are none."""
    print(f"{peer.name}…", file=sys.stderr, flush=True)
    try:
        return peer.measure(BUILD / "data", must)
    except Failed as failure:
        return failure


def rows(theirs: Sequence[tuple[Peer, Result]], mine: dict[str, float]) -> Iterator[compare.Row]:
    """Return the rows of the peers that were run, by figure."""
    known = [(peer, result) for peer, result in theirs if not isinstance(result, Failed)]
    yield from sorted(
        (row for _, (who, figures) in known for row in compare.measured(who, figures, mine)), key=lambda row: row.figure
    )
    yield from (compare.Row("", peer.name, failure=str(why)) for peer, why in theirs if isinstance(why, Failed))


def ours(prefixes: Sequence[str]) -> dict[str, float]:
    """Measure our own figures."""
    found: dict[str, float] = {}
    file = BUILD / "ours.json"
    for prefix in prefixes:
        print(f"ours: {prefix}…", file=sys.stderr, flush=True)
        output(sys.executable, "-m", "omni", "bench", "--only", prefix, "--json", str(file))
        found |= json.loads(file.read_text(encoding="utf-8"))
    return {name: value for name, value in found.items() if not name.startswith("floor.")}


def write_data(folder: Path) -> list[str]:
    """Write what peers read; return the trades and volume that every engine must make of the workload."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "bars.npz", **bar_data())
    np.savez(folder / "quotes.npz", **quote_data())
    stream = ["cargo", "run", "--release", "--locked", "--quiet", "-p", "omni-bench", "--example", "stream"]
    return output(*stream, "--", str(folder)).split()


def output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
