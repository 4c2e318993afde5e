"""`omni runs ls|show|rm`: the runs that were."""

import shutil
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni runs`."""
    parser.description = "List, show and remove runs."
    parser.epilog = "examples:\n  omni runs ls\n  omni runs show 20261123\n  omni runs rm 20261123-090000-1a2b\n"
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    ls = actions.add_parser("ls", help="list the runs, the newest first")
    ls.add_argument("--limit", type=int, default=20, help="at most so many (default: 20)")
    ls.set_defaults(run=_ls)
    show = actions.add_parser("show", help="say how a run ended")
    show.add_argument("name", metavar="RUN", help="its id, or a beginning of it")
    show.set_defaults(run=_show)
    rm = actions.add_parser("rm", help="remove a run and its folder")
    rm.add_argument("name", metavar="RUN", help="its id, or a beginning of it")
    rm.set_defaults(run=_rm)


def _ls(args: Namespace) -> int:
    from omni.infra.store import open_store  # noqa: PLC0415

    with open_store(args.home) as store:
        runs = store.runs(args.limit)
    if not runs:
        print(f"no runs in {args.home}")
        return 0
    print(f"{'run':<24}{'started (UTC)':<21}{'mode':<7}{'state':<10}{'seed':>6}  hash")
    for run in runs:
        started = datetime.fromtimestamp(run.started_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")
        print(f"{run.id:<24}{started:<21}{run.mode:<7}{run.state:<10}{run.seed:>6}  {run.engine_hash or '-'}")
    return 0


def _show(args: Namespace) -> int:
    from omni.runtime import summary  # noqa: PLC0415
    from omni.runtime.node import resolve  # noqa: PLC0415

    folder = resolve(args.home, args.name)
    record = summary.read(folder.summary)
    print("\n".join(summary.lines(record)))
    print(f"folder {folder.path}")
    return 0


def _rm(args: Namespace) -> int:
    from omni.infra.store import open_store  # noqa: PLC0415

    with open_store(args.home) as store:
        run = store.remove(args.name)
    shutil.rmtree(run.folder, ignore_errors=False)
    print(f"removed {run.id}")
    return 0
