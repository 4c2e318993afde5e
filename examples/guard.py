"""A program beside a node: it watches all accounts together, and turns the kill switch on when they lose too much.

The engine's own limits hold for each account, before every order; this one looks at their sum from outside, by the
node's control socket. With a node running (`omni run`), in another terminal:

    python examples/guard.py --loss 50000

It ends with the node, with exit code 1 where it has turned the switch on; `omni resume --reason …` turns it off.
"""

import argparse
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import omni
from omni.infra.control import ControlClient, NoNodeError


def main() -> int:
    """Watch until the node ends, the time is over, or the loss is reached."""
    asked = arguments()
    folder = asked.run or newest(Path("runs"))
    end = None if asked.seconds is None else time.monotonic() + asked.seconds
    with ControlClient(folder) as node:
        status = node.status()
        print(f"{status['run']['mode'].upper()} run {status['run']['id']}")
        while not killed(node, status, asked.loss):
            if end is not None and time.monotonic() > end:
                print(f"all accounts together: {profit(status):+,.2f}")
                return 0
            time.sleep(0.1)
            status = node.status()
    return 1


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
    """Return the folder of the run that was started last."""
    runs = sorted(path.parent for path in home.glob("*/control.sock"))
    if not runs:
        raise NoNodeError(f"no node runs in {home}; say --run FOLDER")
    return runs[-1]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Turn the kill switch on when all accounts together lose too much.")
    parser.add_argument("--loss", type=_amount, required=True, help="loss at which to act, in the accounts' currency")
    parser.add_argument("--run", type=Path, help="the run's folder; the newest below runs/ that is running")
    parser.add_argument("--seconds", type=float, help="how long to watch; until the node ends")
    return parser.parse_args()


def _amount(text: str) -> Decimal:
    amount = Decimal(text) if text.replace(".", "", 1).isdecimal() else Decimal(0)
    if amount <= 0:
        raise argparse.ArgumentTypeError(f"expected an amount above 0, found {text}")
    return amount


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoNodeError as error:
        sys.exit(f"the node is gone: {error}")
