"""`omni verify RUN`: a stranger can confirm a report."""

from argparse import ArgumentParser, Namespace
from pathlib import Path


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni verify`."""
    parser.description = "Replay a run's recorded inputs with its strategies and compare the hashes."
    parser.epilog = "example:\n  omni verify 20261123-090000-1a2b\n"
    parser.add_argument("name", metavar="RUN", help="the run's id, a beginning of it, or its folder")
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.runtime.node import resolve  # noqa: PLC0415
    from omni.runtime.verify import verify  # noqa: PLC0415

    folder = resolve(args.home, args.name)
    verdict = verify(folder)
    recorded = verdict.recorded
    print(f"recorded  {recorded.digest}  state {recorded.state_digest}  {recorded.seq:,} inputs")
    print(f"replayed  {verdict.digest}  state {verdict.state_digest}  {verdict.seq:,} inputs")
    if not verdict.with_strategies:
        why = "was recovered after its process ended" if recorded.recoveries else "went by the wall clock"
        print(f"the run {why}: its strategies' commands are the journaled ones")
    print("EQUAL: the run is what its report says" if verdict.equal else "DIFFERENT: the replay is not the run")
    return 0 if verdict.equal else 1
