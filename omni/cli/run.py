"""`omni run`: a whole trading day, or a node from a configuration."""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omni.infra.source import Flag

_EPILOG = """\
examples:
  omni run                           the generated day, with the console, in about a minute
  omni run --speed unlimited --exit  as fast as it goes, then end
  omni run --config node.toml        the node that the file describes
  omni run --data ES.mbo.dbn.zst --set data.currency=USD --set data.price_unit=0.25 \\
      --set data.quantity_unit=1 --set data.multiplier=50
                                     the day on recorded data
  omni run --recover 20261123-090000-1a2b
                                     go on with a run whose process was killed
"""
#: What may be said of a run that is gone on with; everything else is as it was.
_RECOVERY_FLAGS = frozenset({"run.home", "run.exit", "run.speed", "console.port", "console.enabled"})


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni run`."""
    parser.description = "Run a trading day: generated without --config, else what the file says."
    parser.epilog = _EPILOG
    add_settings(parser)
    parser.add_argument("--live", metavar="ACCOUNT", help="confirm live trading of this account (refused for now)")
    parser.add_argument(
        "--recover", metavar="RUN", help="go on with a run whose process was killed, as it was configured"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="NAME",
        help="with --recover: leave a strategy out; repeatable",
    )
    parser.set_defaults(run=_run)


def add_settings(parser: ArgumentParser) -> None:
    """Declare the configuration file and the flags that go over it."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (TOML); see `omni config show`")
    parser.add_argument(
        "--data", nargs="+", metavar="FILE", help="recorded files to run on, instead of the generated day"
    )
    parser.add_argument("--home", help="folder that holds the runs (default: ./runs)")
    parser.add_argument("--seed", type=int, help="seed of everything that is drawn (default: 1)")
    parser.add_argument("--speed", help="event time per real time, such as 1 or 390, or unlimited (default: 390)")
    parser.add_argument("--instruments", type=int, help="number of generated instruments (default: 100)")
    parser.add_argument("--hours", type=float, help="length of the generated session (default: 6.5)")
    parser.add_argument("--inputs", type=int, help="about how many inputs the generated session has (default: 4000000)")
    parser.add_argument("--port", type=int, help="the console's port (default: 8310, or the next free one)")
    parser.add_argument("--no-console", action="store_true", help="run without the console")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help='any key, such as data.currency=USD; a list is A,B or ["A", "B"]; repeatable',
    )
    parser.add_argument("--exit", action="store_true", help="end with the day, rather than keep the console up")


def _run(args: Namespace) -> int:
    from omni.cli.file import check  # noqa: PLC0415
    from omni.data.declaration import UndeclaredError  # noqa: PLC0415
    from omni.infra.config import load  # noqa: PLC0415
    from omni.infra.live import admit  # noqa: PLC0415
    from omni.model.error import ConfigError  # noqa: PLC0415
    from omni.runtime.day import run  # noqa: PLC0415

    if args.recover is not None:
        return _recover(args)
    if args.without:
        raise ConfigError("--without leaves a strategy out of a run that is gone on with; it needs --recover RUN")
    loaded = load(args.config, os.environ, flags(args))
    admit(loaded, args.live)
    check(loaded.config.day.data)
    leaves = loaded.config.run.exit or not sys.stderr.isatty()
    try:
        return run(loaded, keep_console=not leaves)
    except UndeclaredError as error:
        in_file = args.config is not None and args.data is None
        raise ConfigError(error.told(_in_file if in_file else _by_flag)) from None


def _recover(args: Namespace) -> int:
    """Go on with a run: only where it is, its pace, its console and whether that stays up may be said."""
    from omni.model.error import ConfigError  # noqa: PLC0415
    from omni.runtime.day import go_on  # noqa: PLC0415
    from omni.runtime.node import resolve  # noqa: PLC0415
    from omni.runtime.recover import own  # noqa: PLC0415

    given = flags(args)
    others = [flag.name for key, flag in given.items() if key not in _RECOVERY_FLAGS]
    others += [name for name, value in (("--config", args.config), ("--live", args.live)) if value is not None]
    if others:
        raise ConfigError(f"--recover goes on with the run as it was configured; {others[0]} can't be said with it")
    folder = resolve(Path(args.home or "runs"), args.recover)
    settings = own(folder, given)
    leaves = settings.config.run.exit or not sys.stderr.isatty()
    return go_on(folder, settings, args.without, keep_console=not leaves)


def _in_file(name: str, value: str) -> str:
    """Write a declaration of the data as the configuration file has it."""
    return f'[data] {name} = "{value}"'


def _by_flag(name: str, value: str) -> str:
    return f"--set data.{name}={value}"


def flags(args: Namespace) -> "dict[str, Flag]":
    """Return the flags that were given, by their keys in the configuration; one of its own goes over `--set`."""
    from omni.infra.source import Flag  # noqa: PLC0415

    own = {
        "run.home": Flag("--home", args.home),
        "run.seed": Flag("--seed", args.seed),
        "run.speed": Flag("--speed", args.speed),
        "run.exit": Flag("--exit", args.exit or None),
        "day.data": Flag("--data", tuple(args.data) if args.data else None),
        "day.instruments": Flag("--instruments", args.instruments),
        "day.hours": Flag("--hours", args.hours),
        "day.inputs": Flag("--inputs", args.inputs),
        "console.port": Flag("--port", args.port),
        "console.enabled": Flag("--no-console", False if args.no_console else None),
    }
    texts = {key: Flag(f"--set {key}", value) for key, value in _settings(args.set)}
    return texts | {key: flag for key, flag in own.items() if flag.value is not None}


def _settings(words: list[str]) -> list[tuple[str, str]]:
    """Read `KEY=VALUE` words."""
    from omni.model.error import ConfigError  # noqa: PLC0415

    pairs = [word.partition("=") for word in words]
    wrong = next((word for word, (key, equals, _) in zip(words, pairs, strict=True) if not (key and equals)), None)
    if wrong is not None:
        raise ConfigError(f"--set {wrong}: expected KEY=VALUE, such as data.currency=USD")
    return [(key.strip(), value.strip()) for key, _, value in pairs]
