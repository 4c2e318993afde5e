"""`omni version`: what a report of a fault should name."""

import platform
from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni version`."""
    parser.description = "Print the versions that a report of a fault should name."
    parser.epilog = "example:\n  omni version"
    parser.set_defaults(run=_run)


def _run(_: Namespace) -> int:
    from omni.engine import PROFILE, __version__  # noqa: PLC0415

    print(f"omni      {__version__}")
    print(f"engine    {__version__} ({PROFILE})")
    print(f"python    {platform.python_version()} ({platform.python_implementation()})")
    print(f"platform  {platform.platform()}")
    return 0
