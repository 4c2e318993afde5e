"""`omni replay`: rebuilds the books of recorded files, or a run from its journal."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omni.cli.parser import whole
from omni.model.error import ConfigError

if TYPE_CHECKING:
    from omni.runtime.replay import FileReplay, Rate, RunReplay

_EPILOG = """\
examples:
  omni replay esh4-20231225.mbo.dbn.zst
  omni replay 12302019.NASDAQ_ITCH50.gz --midnight 2019-12-30T00:00:00-05:00
  omni replay 20261123-090000-1a2b
"""
#: Instruments that are shown one by one; --json has them all.
_SHOWN = 20
_COUNT = whole(1, 2**28)


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni replay`."""
    parser.description = (
        "Rebuild the books of recorded order-by-order files (ITCH 5.0 or DBN mbo, plain, gzip or zstd; several are "
        "merged in time), or a run from its journal; print the end state and the rates."
    )
    parser.epilog = _EPILOG
    parser.add_argument("name", metavar="FILE|RUN", nargs="+", help="recorded files, or a run's id or folder")
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    parser.add_argument("--midnight", metavar="TIME", help="when the ITCH files' day began, with its offset from UTC")
    parser.add_argument("--orders", type=_COUNT, help="most orders at rest at once (default: 4194304)")
    parser.add_argument("--levels", type=_COUNT, help="most price levels in use at once (default: 1048576)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.runtime.node import resolve  # noqa: PLC0415
    from omni.runtime.replay import Capacity, replay_files, replay_run  # noqa: PLC0415

    if (
        not any(Path(name).is_file() for name in args.name)
        and len(args.name) == 1
        and not _looks_like_file(args.name[0])
    ):
        return _show_run(replay_run(resolve(args.home, args.name[0])), as_json=args.json)
    default = Capacity()
    capacity = Capacity(args.orders or default.orders, args.levels or default.levels)
    return _show_files(replay_files([Path(name) for name in args.name], _midnight(args.midnight), capacity), args)


def _looks_like_file(name: str) -> bool:
    """Return whether a name that isn't there was meant as a file: a missing file should be told as such."""
    path = Path(name)
    return not path.is_dir() and (len(path.parts) > 1 or path.suffix != "")


def _midnight(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--midnight: {text!r} is not a time such as 2019-12-30T00:00:00-05:00") from None
    if time.tzinfo is None:
        raise ConfigError(f"--midnight: {text} needs its offset from UTC, such as 2019-12-30T00:00:00-05:00")
    return int(time.timestamp()) * 1_000_000_000


def _show_files(replay: "FileReplay", args: Namespace) -> int:
    if args.json:
        record = {"files": replay.files, **replay.counts, "books": replay.books, "digest": replay.digest}
        print(json.dumps({**record, "fault": replay.fault, "rate": _rate(replay.rate)}))
    else:
        print("\n".join(_file_lines(replay, dated=args.midnight is not None)))
    if replay.fault is not None:
        print(f"omni: {replay.fault}; what is shown was read until then", file=sys.stderr)
    return 0 if replay.fault is None else 1


def _file_lines(replay: "FileReplay", *, dated: bool) -> Iterator[str]:
    counts = replay.counts
    for file in replay.files:
        yield f"{file['path']}: {file['format']}, {file['bytes']:,} bytes"
        if file["skipped"]:
            yield f"  {file['skipped']:,} snapshot records left out: an earlier file had filled the book already"
    yield f"{counts['messages']:,} messages: " + ", ".join(f"{kind} {n:,}" for kind, n in counts["types"].items())
    if counts["first_ns"] is not None:
        dated = dated or not any(file["format"].startswith("ITCH") for file in replay.files)
        yield f"from {_time(counts['first_ns'], dated=dated)} to {_time(counts['last_ns'], dated=dated)}"
    yield f"{counts['trades']:,} trades of {counts['volume']:,} in all"
    yield f"{counts['states']:,} top-of-book states, {counts['crossed']:,} of them crossed"
    yield (
        f"{counts['unknown_references']:,} unknown references, {counts['duplicate_references']:,} duplicate, "
        f"{counts['excess']:,} with more taken than was left"
    )
    yield from _book_lines(replay.books)
    yield f"digest of the states (sha256) {replay.digest}"
    yield _rate_line(replay.rate, "messages")


def _show_run(replay: "RunReplay", *, as_json: bool) -> int:
    state = replay.state
    if as_json:
        print(json.dumps({**state, "recorded": replay.recorded, "equal": replay.equal, "rate": _rate(replay.rate)}))
        return 0 if replay.equal is not False else 1
    print(f"{state['seq']:,} inputs, to {_time(state['time'], dated=True)}; the journal is {state['end']}")
    print("\n".join(_book_lines(state["books"])))
    print(f"rebuilt   {state['digest']}  state {state['state_digest']}")
    if replay.recorded is None:
        print("the run has no record to compare with: it goes on, or was killed (`omni recover`)")
    else:
        print(f"recorded  {replay.recorded[0]}  state {replay.recorded[1]}")
        print("EQUAL" if replay.equal else "DIFFERENT: the journal doesn't lead to the recorded state")
    print(_rate_line(replay.rate, "inputs"))
    return 0 if replay.equal is not False else 1


def _book_lines(books: list[dict[str, Any]]) -> Iterator[str]:
    for book in books[:_SHOWN]:
        best = f"{_best(book['bid'], 'no bid')} and {_best(book['ask'], 'no ask')}"
        yield (
            f"{book['symbol']}: {book['orders']:,} orders, {book['bid_levels']:,} bid and {book['ask_levels']:,} ask "
            f"levels, {best}"
        )
    if len(books) > _SHOWN:
        rest = books[_SHOWN:]
        orders = sum(book["orders"] for book in rest)
        yield f"and {len(rest):,} more instruments with {orders:,} orders; --json shows them"


def _best(level: tuple[str, str] | None, nothing: str) -> str:
    return nothing if level is None else f"{level[1]} at {level[0]}"


def _time(time_ns: int, *, dated: bool) -> str:
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    if dated:
        return f"{moment:%Y-%m-%d %H:%M:%S}.{nanoseconds:09d} UTC"
    return f"{moment:%H:%M:%S}.{nanoseconds:09d} of the venue's day"


def _rate(rate: "Rate") -> Mapping[str, float]:
    return {"per_s": rate.per_s, "cpu_ns": rate.ns}


def _rate_line(rate: "Rate", what: str) -> str:
    return f"{rate.per_s:,.0f} {what}/s, {rate.ns:,.0f} ns of processor time each"
