"""`omni why RUN ORDER`: the chain from the event that caused an order to its fills."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni why`."""
    parser.description = (
        "Tell the story of an order: what caused it, the book and every check of the risk gate at that moment, and "
        "its reports up to its fills."
    )
    parser.epilog = "examples:\n  omni why 20261123-090000-1a2b imbalance:17\n  omni why 20261123 3:17 --json\n"
    parser.add_argument("name", metavar="RUN", help="the run's id, a beginning of it, or its folder")
    parser.add_argument("order", metavar="ORDER", help="STRATEGY:NUMBER or SESSION:NUMBER (the client order id)")
    parser.add_argument("--home", type=Path, default=Path("runs"), help="folder that holds the runs (default: ./runs)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.runtime.node import resolve  # noqa: PLC0415
    from omni.runtime.story import story  # noqa: PLC0415

    told = story(resolve(args.home, args.name), args.order)
    print(json.dumps(told) if args.json else "\n".join(_lines(told)))
    return 0


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield from _cause(told)
    yield from _order(told)
    yield from _book(told)
    yield from _checks(told["checks"])
    yield "what became of it"
    for report in told["reports"]:
        yield f"  {_time(report['time'])}  input {report['seq']:<10,} {_report(report)}"


def _cause(told: Mapping[str, Any]) -> Iterator[str]:
    cause = told["cause"]
    if cause is None:
        yield "it came from outside: no strategy's delivery caused it"
    else:
        yield f"caused by input {cause['seq']:,} at {_time(cause['time'])}: {cause['what']}"


def _order(told: Mapping[str, Any]) -> Iterator[str]:
    who = told["strategy"] or f"session {told['session']}"
    at = "at market" if told["price"] is None else f"at {told['price']}"
    only = ", post-only" if told["post_only"] else ""
    terms = "".join(f", {term}" for term in told["terms"])
    own = "" if told["self_trade"] == "cancel_newest" else f", self-trade {told['self_trade']}"
    yield (
        f"{who} sent order {told['session']}:{told['client_order_id']}: {told['side']} {told['quantity']} "
        f"{told['instrument']} {at} ({told['order_type']}, {told['time_in_force']}{only}{own}{terms})"
    )
    yield f"it took effect as input {told['seq']:,} at {_time(told['time'])}"


def _book(told: Mapping[str, Any]) -> Iterator[str]:
    yield "the book then"
    yield f"  {'orders':>8}{'size':>12}{'bid':>14}   {'ask':<14}{'size':<12}{'orders':<8}"
    for bid, ask in zip_longest(told["bids"], told["asks"], fillvalue=("", "", "")):
        yield f"  {bid[2]:>8}{bid[1]:>12}{bid[0]:>14}   {ask[0]:<14}{ask[1]:<12}{ask[2]:<8}".rstrip()


def _checks(checks: list[dict[str, Any]]) -> Iterator[str]:
    yield "the risk gate"
    yield f"  {'check':<30}{'value':>24}{'limit':>24}"
    for check in checks:
        value, limit = check["value"] or "-", check["limit"] or "-"
        yield f"  {check['check']:<30}{value:>24}{limit:>24}  {'passed' if check['passed'] else 'REFUSED'}"


def _report(report: Mapping[str, Any]) -> str:
    parts = [report["exec_type"]]
    if "new_price" in report:
        parts.append(f"asked for {report['new_quantity']} in all at {report['new_price']}")
    if "last_price" in report:
        parts.append(
            f"{report['last_quantity']} at {report['last_price']} as {report['liquidity']}, fee {report['fee']}"
        )
    parts.append(f"now {report['status']}, {report['filled']} filled, {report['leaves']} open")
    if report["reason"]:
        parts.append(report["reason"])
    return "; ".join(parts)


def _time(time_ns: int) -> str:
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{nanoseconds:09d}"
