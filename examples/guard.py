"""A program beside a node: it watches all accounts together, and turns the kill switch on when they lose too much.

The engine's own limits hold for each account, before every order; this one looks at their sum from outside, by the
node's control socket. With a node running (`omni run`), in another terminal:

    python examples/guard.py --loss 50000

It ends with the node, or with exit code 1 when it has turned the switch on; `omni resume --reason …` turns it off.
"""

import argparse
import math
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import omni
from omni.infra.control import ControlClient, NoNodeError
from omni.runtime import folder


def main() -> int:
    """Watch the node until it ends, the time is over, or the loss is reached."""
    asked = arguments()
    try:
        with ControlClient(asked.run or newest(Path("runs"))) as node:
            return watch(node, asked.loss, asked.seconds)
    except omni.OmniError as error:
        print(error, file=sys.stderr)
        return 2


def watch(node: ControlClient, loss: Decimal, seconds: float) -> int:
    """Look ten times a second; return the exit code."""
    end = time.monotonic() + seconds
    status = first(node)
    print(f"{status['run']['mode'].upper()} run {status['run']['id']}", flush=True)
    while time.monotonic() < end:
        if killed(node, status, loss):
            return 1
        time.sleep(0.1)
        try:
            status = node.status()
        except NoNodeError:
            print("the node has ended")
            break
    print(f"all accounts together: {profit(status):+,.2f}")
    return 0


def first(node: ControlClient) -> dict[str, Any]:
    """Wait for the node's first view: until then it refuses."""
    while True:
        try:
            return node.status()
        except omni.RefusedError:
            time.sleep(0.1)


def killed(node: ControlClient, status: dict[str, Any], loss: Decimal) -> bool:
    """Turn the kill switch on where the accounts have lost `loss` together; return whether it was turned on."""
    made = profit(status)
    if made > -loss or status["kill"]["on"]:
        return False
    node.kill(f"all accounts together have lost {-made:,.2f}, of {loss:,} allowed")
    print(f"kill switch ON: all accounts together {made:+,.2f}")
    return True


def profit(status: dict[str, Any]) -> Decimal:
    """Return what all accounts have made: amounts are decimal text, and exact."""
    kinds = {account["currency"] for account in status["accounts"]}
    if len(kinds) > 1:
        raise omni.ConfigError(f"accounts in {', '.join(sorted(kinds))} can't be added up")
    return sum(
        (
            Decimal(each["realised"]) + Decimal(each["unrealised"]) - Decimal(each["fees"])
            for each in status["accounts"]
        ),
        Decimal(0),
    )


def newest(home: Path) -> Path:
    """Return the folder of the run that was started last and whose node answers: a killed one leaves its socket."""
    found = folder.newest(home)
    if found is None:
        raise NoNodeError(f"no node runs in {home}; say --run FOLDER")
    return found.path


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Turn the kill switch on when all accounts together lose too much.")
    parser.add_argument("--loss", type=_amount, required=True, help="loss at which to act, in the accounts' currency")
    parser.add_argument("--run", type=Path, help="the run's folder; the newest below runs/ that is running")
    parser.add_argument("--seconds", type=float, default=math.inf, help="how long to watch; until the node ends")
    return parser.parse_args()


def _amount(text: str) -> Decimal:
    amount = Decimal(text) if text.replace(".", "", 1).isdecimal() else Decimal(0)
    if amount <= 0:
        raise argparse.ArgumentTypeError(f"expected an amount above 0, found {text}")
    return amount


if __name__ == "__main__":
    sys.exit(main())
