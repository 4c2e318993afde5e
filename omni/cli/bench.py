"""`omni bench`: measures, beside the floors and the peers."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from omni.model.error import ConfigError

_EPILOG = """\
examples:
  omni bench                          everything, in about five minutes; let the machine rest meanwhile
  omni bench --only match.w1          the figures whose names begin so, with their floors
  omni bench --json figures.json      the numbers by name, for a machine
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni bench`."""
    parser.description = "Measure this build on this machine, beside its floors and what peers were measured at."
    parser.epilog = _EPILOG
    parser.add_argument("--only", metavar="PREFIX", help="only figures whose names begin so, such as itch or match.w1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one flat object of numbers by name")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.benching import suite, table  # noqa: PLC0415
    from omni.benching.machine import machine  # noqa: PLC0415

    chosen = suite.parts(args.only)
    if args.json is not None and not args.json.absolute().parent.is_dir():
        raise ConfigError(f"--json: the folder {args.json.absolute().parent} isn't there")
    here = machine()
    measured = suite.measure(chosen, args.only, _progress)
    _progress("")
    print("\n".join([*here.lines(), "", *table.lines(measured.figures)]))
    if args.json is not None:
        args.json.write_text(json.dumps(measured.figures, indent=2) + "\n")
    for part, reason in measured.failures.items():
        print(f"omni: {part} has no figures: {reason}", file=sys.stderr)
    return 1 if measured.failures else 0


def _progress(part: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{f'measuring {part}…' if part else ''}", end="", file=sys.stderr, flush=True)
