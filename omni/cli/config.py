"""`omni config show`: the configuration, and where each value comes from."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni config`."""
    parser.description = "Show the configuration that a run would have."
    parser.epilog = "example:\n  omni config show --config node.toml\n"
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    show = actions.add_parser("show", help="print every key as TOML, with its value's source")
    show.add_argument("--config", type=Path, metavar="FILE", help="configuration (TOML)")
    show.set_defaults(run=_show)


def _show(args: Namespace) -> int:
    from omni.infra.config import load  # noqa: PLC0415
    from omni.infra.show import show  # noqa: PLC0415

    print(show(load(args.config, os.environ, {})), end="")
    return 0
