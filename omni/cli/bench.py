"""`omni bench`: measures, beside the floors and the peers."""

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from omni.model.error import ConfigError

if TYPE_CHECKING:
    from omni.benching.compare import Change
    from omni.benching.suite import Measured, Part

_EPILOG = """\
examples:
  omni bench                          everything, in about five minutes; let the machine rest meanwhile
  omni bench --only match.w1          the figures whose names begin so, with their floors
  omni bench --json figures.json      the numbers by name, for a machine
  omni bench --html bench.html        the same as a page, with percentiles drawn
  omni bench --compare figures.json   what is better or worse than in that earlier result
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni bench`."""
    parser.description = "Measure this build on this machine, beside its floors and what peers were measured at."
    parser.epilog = _EPILOG
    parser.add_argument("--only", metavar="PREFIX", help="only figures whose names begin so, such as itch or match.w1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one flat object of numbers by name")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write the results as one page that needs nothing else"
    )
    parser.add_argument("--compare", type=Path, metavar="FILE", help="compare with an earlier result of --json")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.benching import compare, page, spread, suite, table  # noqa: PLC0415
    from omni.benching.machine import machine  # noqa: PLC0415

    chosen = suite.parts(args.only)
    _require_folders(args)
    earlier = None if args.compare is None else compare.read(args.compare)
    here = machine()
    measured = suite.measure(chosen, args.only, _progress)
    changes = [] if earlier is None else _changes(measured, earlier, chosen, args.only)
    _progress("")
    singles = spread.lines(measured.spreads, measured.figures)
    print("\n".join([*here.lines(), "", *singles, *table.lines(measured.figures)]))
    if earlier is not None:
        print("\n".join(["", *compare.lines(changes, busy=here.busy)]))
    if args.json is not None:
        args.json.write_text(json.dumps(measured.figures, indent=2) + "\n")
    if args.html is not None:
        beside = None if earlier is None else page.Earlier(args.compare.name, earlier, changes)
        page.write(args.html, page.Result(measured, here, time.time_ns(), beside))
    for part, reason in measured.failures.items():
        print(f"omni: {part} has no figures: {reason}", file=sys.stderr)
    return 1 if measured.failures else 0


def _changes(
    measured: "Measured", earlier: Mapping[str, float], chosen: "list[Part]", only: str | None
) -> "list[Change]":
    """Return what has changed; what seems better or worse is measured a second time."""
    from omni.benching import compare, suite  # noqa: PLC0415

    first = compare.changes(measured.figures, earlier)
    second = suite.again(compare.moved(first), chosen, only, _progress)
    return compare.confirmed(first, compare.changes(measured.figures | second.figures, earlier))


def _require_folders(args: Namespace) -> None:
    """Refuse files that couldn't be written, before minutes of measuring."""
    for flag, file in (("--json", args.json), ("--html", args.html)):
        if file is not None and not file.absolute().parent.is_dir():
            raise ConfigError(f"{flag}: the folder {file.absolute().parent} isn't there")


def _progress(part: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{f'measuring {part}…' if part else ''}", end="", file=sys.stderr, flush=True)
