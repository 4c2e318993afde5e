"""`omni new strategy`: a strategy of one's own to begin with."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

_EPILOG = """\
examples:
  omni new strategy mine
  omni new strategy --kind rust mine   then `make -C mine test` builds and tests it
"""
#: The languages, as `omni.strategy.project` has them; the engine isn't loaded to read the arguments.
KINDS = ("python", "rust", "c", "cython")


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni new`."""
    parser.description = "Write a small project to begin with, with a test that passes as it is."
    parser.epilog = _EPILOG
    groups = parser.add_subparsers(metavar="WHAT", required=True)
    strategy = groups.add_parser("strategy", help="a strategy in Python, or compiled: in Rust, C or Cython")
    strategy.add_argument("name", metavar="NAME", help="what it is called: small letters, digits, - and _")
    strategy.add_argument("--kind", choices=KINDS, default="python", help="its language (default: python)")
    strategy.add_argument(
        "--into", type=Path, default=Path(), metavar="FOLDER", help="where it is made (default: here)"
    )
    strategy.set_defaults(run=_strategy)


def _strategy(args: Namespace) -> int:
    from omni.strategy.project import write  # noqa: PLC0415

    for file in write(args.kind, args.name, args.into):
        print(file)
    place = args.into / args.name
    print(f"`make -C {place} test` builds and tests it")
    return 0
