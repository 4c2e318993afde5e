"""`omni config show`: the configuration, and where each value comes from."""

import os
from argparse import ArgumentParser, Namespace

from omni.cli.run import add_settings, flags


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni config`."""
    parser.description = "Show the configuration that a run would have."
    parser.epilog = _EXAMPLES
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    show = actions.add_parser(
        "show",
        help="print every key as TOML, with its value's source",
        description="Print every key as TOML, with its value's source; takes the flags of `omni run`.",
        epilog=_EXAMPLES,
    )
    add_settings(show)
    show.set_defaults(run=_show)


def _show(args: Namespace) -> int:
    from omni.infra.config import load  # noqa: PLC0415
    from omni.infra.show import show  # noqa: PLC0415

    print(show(load(args.config, os.environ, flags(args))), end="")
    return 0


_EXAMPLES = "examples:\n  omni config show --config node.toml\n  omni config show --seed 7 --set fees.taker_ppm=50\n"
