"""`omni status`, `stop`, `kill` and `resume`: speak to a running node."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from omni.infra.control import ControlClient, NoNodeError
from omni.model.error import ConfigError

Action = Callable[[Namespace], int]


def _place(parser: ArgumentParser, action: Action) -> None:
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    parser.add_argument("--run-id", metavar="RUN", help="which run, where several go (default: the newest)")
    parser.set_defaults(run=action)


def configure_status(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni status`."""
    parser.description = "Say how a running node stands."
    parser.epilog = "example:\n  omni status\n"
    _place(parser, _status)


def configure_stop(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni stop`."""
    parser.description = "End a running node cleanly: its strategies' orders are cancelled, the report is written."
    parser.epilog = "example:\n  omni stop\n"
    _place(parser, _stop)


def configure_kill(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni kill`."""
    parser.description = (
        "Turn the kill switch on: every order of the strategies is cancelled and new ones are refused, through "
        "restarts, until `omni resume`. Works while a strategy hangs."
    )
    parser.epilog = 'example:\n  omni kill --reason "prices look wrong"\n'
    parser.add_argument("--reason", default="by the command line", help="why; shown wherever the state is")
    _place(parser, _kill)


def configure_resume(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni resume`."""
    parser.description = (
        "End the kill switch, with a reason; also where no node runs and it would stay on for the next."
    )
    parser.epilog = 'example:\n  omni resume --reason "feed repaired, checked with the venue"\n'
    parser.add_argument(
        "--reason", required=True, help="why it is safe; kept in the journal, or for the run that goes on"
    )
    _place(parser, _resume)


def _status(args: Namespace) -> int:
    from omni.runtime.node import client, find  # noqa: PLC0415

    folder = find(args.home, args.run_id)
    with client(folder) as node:
        _show(node.status())
    return 0


def _stop(args: Namespace) -> int:
    from omni.runtime.node import client, find  # noqa: PLC0415

    folder = find(args.home, args.run_id)
    with client(folder) as node:
        node.stop()
    print(f"run {folder.id} is stopping")
    return 0


def _kill(args: Namespace) -> int:
    from omni.runtime.killswitch import KillFile  # noqa: PLC0415
    from omni.runtime.node import client, find  # noqa: PLC0415

    folder = find(args.home, args.run_id)
    with client(folder) as node:
        before = _standing(node)
        seq = node.kill(args.reason)
    note = KillFile(folder.path.parent)
    # The node notes it too, but only once its Python comes to it.
    note.write(folder.id, before["reason"] if before["on"] else args.reason)
    if before["on"]:
        since = note.since() or "before"
        print(f"kill switch is ON already in run {folder.id}, since {since}: {before['reason']}; that stays why")
    else:
        print(f"kill switch ON in run {folder.id} (input {seq['seq']}); `omni resume --reason …` ends it")
    return 0


def _standing(node: ControlClient) -> Mapping[str, Any]:
    """Return how the kill switch stands; a node that has shown no state yet is killed all the same."""
    from omni.model.error import RefusedError  # noqa: PLC0415

    try:
        kill: Mapping[str, Any] = node.status()["kill"]
    except RefusedError:
        return {"on": False}
    return kill


def _resume(args: Namespace) -> int:
    from omni.runtime.killswitch import KillFile, ResumeNote  # noqa: PLC0415
    from omni.runtime.node import client, find, unended  # noqa: PLC0415

    if not args.reason.strip():
        raise ConfigError("--reason must say why it is safe to trade again")
    note = KillFile(args.home)
    was = note.reason()
    try:
        folder = find(args.home, args.run_id)
        with client(folder) as node:
            node.resume(args.reason)
        print(f"kill switch off in run {folder.id}")
    except NoNodeError:
        if was is None:
            raise
        for run in unended(args.home):
            ResumeNote(run.path).write(args.reason)
        print("no node runs; the next one will trade, and so will a run that goes on")
    note.remove()
    return 0


def _show(status: Mapping[str, Any]) -> None:
    run, clock, kill = status["run"], status["clock"], status["kill"]
    done = clock.get("progress")
    progress = "" if done is None else f", {done:.0%} of the day"
    print(f"{run['mode'].upper()} run {run['id']}: {clock['state']}{progress}, {clock['seq']:,} inputs")
    if kill["on"]:
        print(f"kill switch is ON: {kill['reason']}", file=sys.stdout)
    for account in status.get("accounts", ()):
        fault = f"  {account['fault']}" if account.get("fault") else ""
        print(
            f"  {account['name']:<18}{account['state']:<10}equity {account['equity']:>24} {account['currency']}"
            f"  open orders {account['open_orders']}{fault}"
        )
