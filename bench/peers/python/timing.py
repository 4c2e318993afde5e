"""How a peer written for Python is timed on our data, and how it says what it found."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np

ROUNDS = 2
FAST, SLOW, LOT = 10, 30, 100
#: How far turns may be from the crossings: averages of cents tie, and floats break ties.
TURNS_OFF_MAX = 0.02


def folder() -> Path:
    """Return the folder of the data, the only argument."""
    return Path(sys.argv[1])


def best(set_up: Callable, work: Callable) -> float:
    """Return the best processor time of a few rounds in seconds; what `set_up` makes for `work` isn't timed."""
    took = []
    for _ in range(ROUNDS):
        made = set_up()
        start = process_time()
        work(made)
        took.append(process_time() - start)
    return min(took)


def check_turns(turns: int, prices: np.ndarray) -> None:
    """Refuse a run of the cross that turned its position at other times than prices ask for."""
    cents = np.round(prices * 200).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(cents)])
    fast, slow = (total[count:] - total[:-count] for count in (FAST, SLOW))
    above = fast[SLOW - FAST :] * SLOW > slow * FAST
    wanted = int(np.count_nonzero(above[1:] != above[:-1])) + 1
    if abs(turns - wanted) > TURNS_OFF_MAX * wanted:
        raise SystemExit(f"the position was turned {turns} times; the averages cross {wanted} times")


def tell(figures: dict[str, float]) -> None:
    """Print figures by the names of ours."""
    print(json.dumps(figures))
