"""`omni journal ls|show|check RUN`: looks into the journal of a run."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omni.cli.parser import whole

if TYPE_CHECKING:
    from omni.runtime.folder import RunFolder
    from omni.runtime.journal import Check

_EXAMPLES = {
    "ls": "omni journal ls 20261123-090000-1a2b",
    "show": "omni journal show 20261123 --from 5000 --to 5020",
    "check": "omni journal check 20261123",
}
#: How many inputs are shown where nobody says.
_SHOWN = 20
_NUMBER = whole(1, 2**63 - 1)


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni journal`."""
    parser.description = "Look into the journal of a run: its segments, its inputs, and whether all of it is whole."
    parser.epilog = "examples:\n" + "".join(f"  {example}\n" for example in _EXAMPLES.values())
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _action(actions, "ls", "list the segments and snapshots", _ls)
    show = _action(actions, "show", "print inputs in words", _show)
    show.add_argument("--from", dest="first", type=_NUMBER, default=1, help="number of the first input (default: 1)")
    show.add_argument("--to", dest="last", type=_NUMBER, help=f"number of the last input (default: {_SHOWN} are shown)")
    _action(actions, "check", "verify every check sum, the chain and the snapshots", _check)


def _action(actions: Any, name: str, summary: str, run: Callable[[Namespace], int]) -> ArgumentParser:  # noqa: ANN401  # argparse keeps its type to itself.
    parser: ArgumentParser = actions.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"example:\n  {_EXAMPLES[name]}\n",
    )
    parser.add_argument("name", metavar="RUN", help="the run's id, a beginning of it, or its folder")
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)
    return parser


def _folder(args: Namespace) -> "RunFolder":
    from omni.runtime.node import resolve  # noqa: PLC0415

    return resolve(args.home, args.name)


def _ls(args: Namespace) -> int:
    from omni.runtime.journal import inspect  # noqa: PLC0415

    found = inspect(_folder(args))
    print(json.dumps(found) if args.json else "\n".join(_segments(found)))
    return 0


def _segments(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'segment':>8}  {'state':<8} {'mode':<7}{'bytes':>14}{'first':>14}{'last':>14}  {'from':<24}to (UTC)"
    for segment in found["segments"]:
        (first, since), (last, until) = segment["first"] or ("-", None), segment["last"] or ("-", None)
        yield (
            f"{segment['number']:>8}  {segment['state']:<8} {segment['mode'] or '-':<7}{segment['bytes']:>14,}"
            f"{_count(first):>14}{_count(last):>14}  {_time(since):<24}{_time(until)}"
        ).rstrip()
    if found["snapshots"]:
        yield "snapshots after inputs " + ", ".join(f"{seq:,}" for seq in found["snapshots"])
    yield from _findings(found)


def _findings(found: Mapping[str, Any]) -> Iterator[str]:
    for finding in found["findings"]:
        word = "DAMAGED" if finding["damage"] else "note"
        yield f"{word}: {finding['file']} at byte {finding['byte']:,}: {finding['text']}"


def _show(args: Namespace) -> int:
    from omni.runtime.journal import inputs  # noqa: PLC0415

    last = args.first + _SHOWN - 1 if args.last is None else args.last
    told = inputs(_folder(args), args.first, last)
    if args.json:
        print(json.dumps([{"seq": seq, "time": time, "cause": cause, "what": what} for seq, time, cause, what in told]))
        return 0
    for seq, time, cause, what in told:
        print(f"{seq:>14,}  {_time(time)}  {what}{f', caused by {cause:,}' if cause else ''}")
    return 0


def _check(args: Namespace) -> int:
    from omni.runtime.journal import check  # noqa: PLC0415

    checked = check(_folder(args))
    print(json.dumps(_json(checked)) if args.json else "\n".join(_verdict(checked)))
    return 0 if checked.good else 1


def _json(checked: "Check") -> dict[str, Any]:
    return {
        "good": checked.good,
        "inputs": sum(segment["inputs"] for segment in checked.journal["segments"]),
        "findings": checked.journal["findings"],
        "snapshots": {str(seq): wrong for seq, wrong in checked.snapshots.items()},
        "unproven": checked.unproven,
    }


def _verdict(checked: "Check") -> Iterator[str]:
    segments = checked.journal["segments"]
    inputs = sum(segment["inputs"] for segment in segments)
    yield f"{len(segments)} segments, {inputs:,} inputs: every check sum and the chain were looked at"
    yield from _findings(checked.journal)
    for seq, wrong in checked.snapshots.items():
        said = f"DAMAGED: {wrong}" if wrong else "the state that the journal leads to"
        yield f"snapshot after input {seq:,}: {said}"
    if checked.unproven:
        yield f"note: the snapshots were not compared with the journal: {checked.unproven}"
    yield "GOOD: all of it is as it was written" if checked.good else "DAMAGED: restore the files named from a copy"


def _count(number: int | str) -> str:
    return f"{number:,}" if isinstance(number, int) else number


def _time(time_ns: int | None) -> str:
    if time_ns is None:
        return ""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%m-%d %H:%M:%S}.{nanoseconds:09d}"
