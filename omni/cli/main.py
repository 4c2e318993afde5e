"""The `omni` command: finds the group that was asked for, runs it, and turns errors into words and exit codes."""

import os
import sys
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module

from omni.cli.command import COMMANDS
from omni.cli.parser import Parser
from omni.model.error import ConfigError, OmniError
from omni.model.exit import Exit

_EPILOG = """\
examples:
  omni doctor             see whether this machine is ready
  omni COMMAND --help     what a command does, with an example

exit codes:
  0 done   1 failed, the message says why   2 wrong usage or configuration
  3 the run is done and kept, but a strategy faulted in it   130 interrupted
"""


class _Version(Action):
    """Prints the version; the engine is loaded only when it is asked for."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from omni.engine import __version__  # noqa: PLC0415

        print(f"omni {__version__}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        args = _parser(words).parse_args(words)
        return _run(args)
    except BrokenPipeError:
        return _close_pipe()
    except KeyboardInterrupt:
        print("omni: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except OmniError as error:
        print(f"omni: {error}", file=sys.stderr)
        return Exit.USAGE if isinstance(error, ConfigError) else Exit.FAILED
    except OSError as error:
        print(f"omni: {error.filename or 'the system refuses'}: {error.strerror or error}", file=sys.stderr)
        return Exit.FAILED


def _run(args: Namespace) -> int:
    code: int = args.run(args)
    sys.stdout.flush()
    return code


def _close_pipe() -> int:
    """Leave quietly when the reader of our output has gone, as `omni … | head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.DONE


def _parser(words: Sequence[str]) -> Parser:
    """Describe every group, but import only the one that is named."""
    parser = Parser(
        prog="omni",
        description="OMNI Alpha: one engine for backtest, paper and live trading.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    groups = parser.add_subparsers(metavar="COMMAND", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for command in COMMANDS:
        group = groups.add_parser(command.name, help=command.summary)
        if command.name == asked:
            getattr(import_module(command.module), command.function)(group)
    return parser
