"""`omni recover RUN`: ends a run whose process was killed."""

from argparse import ArgumentParser, Namespace
from pathlib import Path


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni recover`."""
    parser.description = (
        "End a run whose process was killed: cut a torn end off its journal, rebuild its state, and write its record, "
        "tables and report. Refused while its node runs."
    )
    parser.epilog = "example:\n  omni recover 20261123-090000-1a2b\n"
    parser.add_argument("name", metavar="RUN", help="the run's id, a beginning of it, or its folder")
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.runtime import summary  # noqa: PLC0415
    from omni.runtime.node import resolve  # noqa: PLC0415
    from omni.runtime.recover import recover  # noqa: PLC0415

    folder = resolve(args.home, args.name)
    recovery = recover(folder)
    if recovery is None:
        print(f"run {folder.id} had ended in good order: nothing to recover")
        return 0
    print(f"journal: {recovery.dropped or 'whole to its last record'}")
    print("\n".join(summary.lines(recovery.record)))
    if recovery.left_out is not None:
        print(f"to run without it: omni run --config {folder.config} --without {recovery.left_out}")
    return 0
