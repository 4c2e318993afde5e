"""`omni runs ls|show|rm`: the runs that were."""

import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omni.cli.parser import whole

if TYPE_CHECKING:
    from omni.infra.run import Run

_EXAMPLES = {
    "ls": "omni runs ls --limit 5",
    "show": "omni runs show 20261123",
    "rm": "omni runs rm 20261123-090000-1a2b",
}
#: What can be done with a run whose process ended before it did.
_ADVICE = {
    "killed": "its process ended before it did: `omni run --recover {run}` goes on with it, "
    "`omni recover {run}` ends it",
    "empty": "nothing happened before its process ended; `omni runs rm {run}` removes it",
}


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni runs`."""
    parser.description = "List, show and remove runs."
    parser.epilog = "examples:\n" + "".join(f"  {example}\n" for example in _EXAMPLES.values())
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    ls = _action(actions, "ls", "list the runs, the newest first", _ls)
    ls.add_argument("--limit", type=whole(1, 10**6), default=20, help="at most so many (default: 20)")
    for name, summary, run in (("show", "say how a run ended", _show), ("rm", "remove a run and its folder", _rm)):
        _action(actions, name, summary, run).add_argument("name", metavar="RUN", help="its id, or a beginning of it")


def _action(actions: Any, name: str, summary: str, run: Callable[[Namespace], int]) -> ArgumentParser:  # noqa: ANN401  # argparse keeps its type to itself.
    parser: ArgumentParser = actions.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"example:\n  {_EXAMPLES[name]}\n",
    )
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    parser.set_defaults(run=run)
    return parser


def _ls(args: Namespace) -> int:
    from omni.infra.store import FILE, open_store  # noqa: PLC0415

    runs = []
    if (args.home / FILE).exists():
        with open_store(args.home) as store:
            runs = store.runs(args.limit)
    if not runs:
        print(f"no runs in {args.home}")
        return 0
    print(f"{'run':<24}{'started (UTC)':<21}{'mode':<7}{'state':<10}{'seed':>6}  hash")
    for run in runs:
        started = datetime.fromtimestamp(run.started_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")
        state = _state(args.home, run)
        print(f"{run.id:<24}{started:<21}{run.mode:<7}{state:<10}{run.seed:>6}  {run.engine_hash or '-'}")
        if state in _ADVICE:
            print(f"  {_ADVICE[state].format(run=run.id)}")
    return 0


def _state(home: Path, run: "Run") -> str:
    """Return how a run stands; one that the store has running is dead where no node answers."""
    from omni.runtime.folder import RunFolder  # noqa: PLC0415

    folder = RunFolder(home / run.id)
    if run.state != "running" or folder.is_running:
        return run.state
    return "killed" if folder.has_journal else "empty"


def _show(args: Namespace) -> int:
    from omni.runtime import summary  # noqa: PLC0415
    from omni.runtime.node import resolve  # noqa: PLC0415

    folder = resolve(args.home, args.name)
    record = summary.read(folder.summary)
    print("\n".join(summary.lines(record)))
    print(f"folder {folder.path}")
    return 0


def _rm(args: Namespace) -> int:
    from omni.infra.store import FILE, open_store  # noqa: PLC0415
    from omni.model.error import DataError, RefusedError  # noqa: PLC0415
    from omni.runtime.folder import RunFolder  # noqa: PLC0415

    if not (args.home / FILE).exists():
        raise DataError(f"there are no runs in {args.home}; --home names another folder")
    with open_store(args.home) as store:
        run = store.show(args.name).run
        # The folder is where it is now, whatever its home was called when it ran.
        folder = RunFolder(args.home / run.id)
        if folder.is_running:
            raise RefusedError(f"run {run.id} is running; `omni stop --run-id {run.id}` ends it")
        if folder.path.exists():
            shutil.rmtree(folder.path)
        store.remove(run.id)
    print(f"removed {run.id}")
    return 0
