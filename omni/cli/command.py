"""The table of command groups: what `omni --help` lists, and where each is found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One command group.

    Parameters
    ----------
    name
        The word after `omni`.
    module
        The file that implements it. It has `configure(parser)`, which declares the arguments and sets `run`, a
        function of the parsed arguments that returns the exit code.
    summary
        Its line in `omni --help`.
    """

    name: str
    module: str
    summary: str


COMMANDS: tuple[Command, ...] = (
    Command("doctor", "omni.cli.doctor", "check this machine, and say what is missing and how to get it"),
    Command("version", "omni.cli.version", "print the versions that a report of a fault should name"),
)
