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
    function
        The name of `configure` in a file that has several groups.
    """

    name: str
    module: str
    summary: str
    function: str = "configure"


COMMANDS: tuple[Command, ...] = (
    Command("run", "omni.cli.run", "run a trading day, generated or as a file says, with the console"),
    Command("backtest", "omni.cli.backtest", "run a strategy on recorded data"),
    Command("status", "omni.cli.operate", "say how a running node stands", "configure_status"),
    Command("stop", "omni.cli.operate", "end a running node cleanly", "configure_stop"),
    Command("kill", "omni.cli.operate", "turn the kill switch on", "configure_kill"),
    Command("resume", "omni.cli.operate", "end the kill switch, with a reason", "configure_resume"),
    Command("runs", "omni.cli.runs", "list, show and remove runs"),
    Command("verify", "omni.cli.verify", "replay a run with its strategies and compare the hashes"),
    Command("replay", "omni.cli.replay", "rebuild the books of recorded files, or a run from its journal"),
    Command("why", "omni.cli.why", "tell what caused an order, and what became of it"),
    Command(
        "journal", "omni.cli.journal", "look into the journal of a run: its segments, its inputs, whether it is whole"
    ),
    Command("recover", "omni.cli.recover", "end a run whose process was killed"),
    Command("new", "omni.cli.new", "write a strategy of one's own to begin with, with a test"),
    Command("data", "omni.cli.data", "look into market data files, or write small generated ones"),
    Command("bench", "omni.cli.bench", "measure, beside the floors and the peers"),
    Command("config", "omni.cli.config", "show the configuration and where each value comes from"),
    Command("doctor", "omni.cli.doctor", "check this machine, and say what is missing and how to get it"),
    Command("version", "omni.cli.version", "print the versions that a report of a fault should name"),
)
