"""`omni doctor`: checks this machine, and says what is missing and how to get it."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from omni.cli.finding import CHECKS, Finding, Place, State

_EPILOG = """\
examples:
  omni doctor
  omni doctor --home /var/lib/omni --port 9000
"""
_SIGNS = {State.GOOD: "ok", State.NOTE: "note", State.BAD: "BAD"}


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni doctor`."""
    parser.description = "Check this machine, and say what is missing and how to get it. Fails if anything is BAD."
    parser.epilog = _EPILOG
    parser.add_argument("--home", type=Path, default=Path("runs"), help="where runs are kept (default: ./runs)")
    parser.add_argument("--port", type=int, help="the console's port (default: 8310, or the next free one)")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    place = Place(home=args.home, port=args.port)
    findings = [check(place) for check in CHECKS]
    for finding in findings:
        _show(finding)
    return int(any(finding.state is State.BAD for finding in findings))


def _show(finding: Finding) -> None:
    print(f"{_SIGNS[finding.state]:<5} {finding.what:<12} {finding.detail}")
    if finding.remedy:
        print(f"      {'':<12} {finding.remedy}")
