"""The day that `omni run` plays of itself: all its instruments and the four examples, looked at by every command."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest
from harness import Place, Record, Running, environment

EXAMPLES = ("maker", "moving-average", "imbalance", "twap")
#: A day of 100 instruments and 6.5 hours, of fewer inputs.
SMALLER = ("--inputs", "150000", "--instruments", "100", "--hours", "6.5")
#: What a run's folder may take, in bytes.
FOLDER_MAX = 400 * 10**6


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Record]]:
    """Run the smaller day once, and return where it ran and what it left."""
    place = Place(tmp_path_factory.mktemp("day"))
    yield place, place.run(*SMALLER)
    shutil.rmtree(place.path)


def test_the_whole_day_fits_its_folder_and_verifies(place: Place) -> None:
    place.omni("run", "--speed", "unlimited", "--exit", "--no-console", "--home", place.home)
    (folder,) = place.runs()
    try:
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert size < FOLDER_MAX, f"{size:,} bytes"
        record = json.loads((folder / "run.json").read_text())
        assert record["counts"]["inputs"] > 3_000_000, "it is the whole day"
        assert [(one["name"], one["state"]) for one in record["strategies"]] == [
            (name, "finished") for name in EXAMPLES
        ]
        assert "EQUAL: the run is what its report says" in place.omni("verify", folder).stdout
    finally:
        shutil.rmtree(folder)


def test_it_verifies_and_replays(day: tuple[Place, Record]) -> None:
    place, record = day
    digest, state_digest, seq = record.hashes
    said = place.omni("verify", record.folder).stdout
    assert f"replayed  {digest}  state {state_digest}  {seq:,} inputs" in said
    assert "EQUAL: the run is what its report says" in said
    found = json.loads(place.omni("replay", record.folder, "--json").stdout)
    assert (found["digest"], found["state_digest"], found["seq"], found["equal"]) == (digest, state_digest, seq, True)
    assert len(found["books"]) == 100
    assert sum(book["orders"] for book in found["books"]) > 100, "orders rest at the end"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_story_of_each_examples_orders(day: tuple[Place, Record], name: str) -> None:
    place, record = day
    session = EXAMPLES.index(name) + 1
    orders = record.table("orders")
    mine = [row for row, who in enumerate(orders["session"]) if who == session]
    assert mine, "it traded"
    for row in (mine[0], mine[-1]):
        told = json.loads(place.omni("why", record.folder, f"{name}:{orders['client_order_id'][row]}", "--json").stdout)
        assert (told["strategy"], told["seq"], told["time"]) == (name, orders["seq"][row], orders["time"][row])
        assert told["side"] == orders["side"][row]
        assert told["cause"]["seq"] < told["seq"], "an event caused it"
        assert told["checks"], "the gate saw it"
        became = [report["status"] for report in told["reports"] if report["exec_type"] != "cancel_rejected"]
        assert became[-1] == orders["status"][row], "a refused cancel of an order that is done changes nothing"


def test_it_is_recovered_where_its_process_was_killed(place: Place, start: Callable[..., Running]) -> None:
    node = start(*SMALLER, "--speed", "2000")
    node.until(lambda status: status["clock"]["seq"] > 20_000, "20,000 inputs")
    node.signal(signal.SIGKILL)
    node.process.wait()
    said = place.omni("recover", node.folder).stdout
    assert "its process ended before it did; recovered up to input" in said
    record = Record(node.folder, said)
    assert [(one["name"], one["state"]) for one in record.summary["strategies"]] == [
        (name, "interrupted") for name in EXAMPLES
    ]
    assert "EQUAL: the run is what its report says" in place.omni("verify", node.folder).stdout


def test_a_terminal_shows_progress_and_then_the_summary(place: Place) -> None:
    said = _on_terminal(place, "run", *SMALLER, "--speed", "8000", "--exit", "--no-console", "--home", str(place.home))
    lines = re.findall(
        r"\r\x1b\[K(SIM trading  \d\d:\d\d:\d\d UTC \[#*\.*\]  *(\d+)%  ([\d,]+) inputs, [\d,]+/s)", said
    )
    assert len(lines) >= 2, said
    shares = [int(share) for _, share, _ in lines]
    inputs = [int(count.replace(",", "")) for *_, count in lines]
    assert (shares, inputs) == (sorted(shares), sorted(inputs)), "it goes forward"
    assert inputs[-1] > inputs[0]
    assert all(len(line) < 120 for line, *_ in lines)
    after = said.rpartition("\r\x1b[K")[2]
    assert re.match(r"SIM run \S+ finished", after), "the line is gone before the summary comes"


def _on_terminal(place: Place, *words: str) -> str:
    """Run a command to its end on a terminal of its own, and return what it showed."""
    screen, end = pty.openpty()
    streams = {"stdin": end, "stdout": end, "stderr": end}
    shown = b""
    with subprocess.Popen(place.command(*words), cwd=place.path, env=environment(), **streams) as process:
        os.close(end)
        try:
            while piece := os.read(screen, 1 << 16):
                shown += piece
        except OSError:
            pass  # So a terminal whose other side is closed ends.
        os.close(screen)
        assert process.wait() == 0, shown.decode()
    return shown.decode()
