"""Runs whose process was killed go on from their journal, with strategies made anew."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import TAKER, Place, Record, Running

SLOW = ("--hours", "6.5", "--inputs", "600000", "--speed", "400")
Start = Callable[..., Running]

#: Writes down what it finds at each start and recovery, and trades on every bar.
WITNESS = """
import json
import pathlib

import omni


class Witness(omni.Strategy):
    def on_start(self):
        self.bars = 0
        self.note("start")

    def on_recover(self):
        self.bars = 0
        self.note("recover")

    def note(self, what):
        row = [what, [self.position(one) for one in self.instruments], [order[0] for order in self.orders]]
        with pathlib.Path("witness.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\\n")

    def on_bar(self, bar):
        self.bars += 1
        self.buy(bar.instrument, 1)
        self.buy(bar.instrument, 1, bar.close * 0.97 // 0.01 * 0.01)
"""
OTHER = WITNESS.replace("Witness", "Other").replace("witness.jsonl", "other.jsonl")


def killed(node: Running, inputs: int) -> Path:
    """Kill a node with SIGKILL behind some inputs of its run."""
    node.until(lambda status: status["clock"]["seq"] > inputs, f"{inputs} inputs")
    node.signal(signal.SIGKILL)
    node.process.wait()
    return node.folder


def started(place: Place, start: Start, inputs: int = 30_000) -> Path:
    config = place.strategies(("witness", WITNESS), ("other", OTHER))
    return killed(start("--config", config, *SLOW), inputs)


def goes_on(place: Place, folder: Path, *words: str) -> Record:
    done = place.omni("run", "--recover", folder, "--no-console", "--exit", "--speed", "unlimited", *words)
    return Record(folder, done.stdout + done.stderr)


def notes(place: Place, name: str) -> list[tuple[str, list[float], list[int]]]:
    return [json.loads(line) for line in (place.path / f"{name}.jsonl").read_text().splitlines()]


def test_a_killed_run_goes_on_twice_and_is_whole(place: Place, start: Start) -> None:
    folder = started(place, start)
    node = Running(place, place.launch("run", "--recover", folder, "--no-console", "--exit"), folder)
    try:
        killed(node, 90_000)
    finally:
        node.leave()
    record = goes_on(place, folder)
    assert record.summary["state"] == "finished"
    assert len(record.summary["recoveries"]) == 2
    assert record.said.count("recovered at input") == 2
    found = notes(place, "witness")
    assert [what for what, *_ in found] == ["start", "recover", "recover"]
    fills, orders = record.table("fills"), record.table("orders")
    for (_, positions, open_orders), seq in zip(found[1:], record.summary["recoveries"], strict=True):
        held = [0.0] * len(positions)
        for row in zip(fills["seq"], fills["session"], fills["instrument"], fills["quantity"], strict=True):
            held[row[2]] += row[3] if row[0] < seq and row[1] == 1 else 0
        assert positions == held
        assert any(held)
        rows = zip(orders["session"], orders["seq"], orders["client_order_id"], strict=True)
        sent = {order for session, came, order in rows if session == 1 and came < seq}
        assert open_orders
        assert set(open_orders) <= sent
    assert "EQUAL" in place.omni("verify", folder).stdout
    assert "the run was recovered" in place.omni("verify", folder).stdout
    assert "EQUAL" in place.omni("replay", folder).stdout
    assert "recovered at input" in place.omni("runs", "show", folder.name, "--home", place.home).stdout
    assert "it ended in good order" in place.omni("run", "--recover", folder, code=1).stderr


def test_a_run_on_recorded_data_goes_on_from_any_folder(place: Place, start: Start, tmp_path: Path) -> None:
    place.omni("data", "sample", "sample")
    config = place.strategies(("taker", TAKER))
    config.write_text(config.read_text().replace(f"{place.path}/", ""))
    data = ("--data", "sample/trades.csv", "sample/quotes.csv", "--speed", "60")
    folder = killed(start("--config", config, *data), 3_000)
    (place.path / "taker.py").unlink()
    elsewhere = Place(tmp_path / "elsewhere")
    elsewhere.path.mkdir()
    record = goes_on(elsewhere, folder)
    assert record.summary["state"] == "finished"
    assert len(record.summary["recoveries"]) == 1
    assert record.table("fills")["price"]
    assert "EQUAL" in elsewhere.omni("verify", folder).stdout


def test_the_examples_on_recorded_data_go_on(place: Place, start: Start) -> None:
    place.omni("data", "sample", "sample")
    folder = killed(start("--data", "sample/quotes.csv", "--speed", "60"), 2_000)
    record = goes_on(place, folder)
    assert [(one["name"], one["state"]) for one in record.summary["strategies"]] == [
        (name, "finished") for name in ("maker", "imbalance", "twap")
    ]


def test_one_that_is_left_out_is_stopped_and_never_called(place: Place, start: Start) -> None:
    folder = started(place, start)
    (folder / "strategies" / "witness.py").write_text("raise RuntimeError('this one ended the process')\n")
    said = place.omni("run", "--recover", folder, "--no-console", "--exit", code=2).stderr
    assert "this one ended the process" in said
    assert "--without NAME" in said
    record = goes_on(place, folder, "--without", "witness")
    assert record.strategy("witness")["fault"] == "left out when the run was recovered"
    assert record.strategy("other")["fault"] is None
    (seq,) = record.summary["recoveries"]
    orders = record.table("orders")
    rows = list(zip(orders["session"], orders["seq"], orders["status"], strict=True))
    assert not [row for row in rows if row[0] == 1 and (row[1] > seq or row[2] in {"new", "partially_filled"})]
    assert [row for row in rows if row[0] == 2 and row[1] > seq]
    assert len(notes(place, "witness")) == 1
    assert "EQUAL" in place.omni("verify", folder).stdout


def test_the_kill_switch_that_came_meanwhile_holds(place: Place, start: Start) -> None:
    folder = started(place, start)
    (place.home / "KILLED").write_text(json.dumps({"run": folder.name, "reason": "by hand"}))
    record = goes_on(place, folder)
    assert record.summary["killed"] == "by hand"
    (seq,) = record.summary["recoveries"]
    orders = record.table("orders")
    assert {status for came, status in zip(orders["seq"], orders["status"], strict=True) if came > seq} == {"rejected"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--seed", "3"), "--seed can't be said with it"),
        (("--config", "node.toml"), "can't be said with it"),
        (("--without", "nosuch"), "the run has witness, other"),
    ],
)
def test_it_goes_on_as_it_was_configured(place: Place, start: Start, words: tuple[str, ...], said: str) -> None:
    folder = started(place, start, 2_000)
    assert said in place.omni("run", "--recover", folder, *words, code=2).stderr
    config = (folder / "config.toml").read_text()
    (folder / "config.toml").write_text(config.replace("position_max = 100000", "position_max = 1"))
    assert "was changed since it started" in place.omni("run", "--recover", folder, code=1).stderr


def test_a_running_node_is_left_alone(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("witness", WITNESS)), *SLOW)
    said = place.omni("run", "--recover", node.folder, code=1).stderr
    assert "is being written by another process; stop that node first" in said
    node.omni("stop")
    node.end(code=0)


def test_without_needs_recover(place: Place) -> None:
    assert "needs --recover RUN" in place.omni("run", "--without", "witness", code=2).stderr


def test_a_kill_switch_that_a_person_ended_meanwhile_stays_off(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("witness", WITNESS)), *SLOW)
    node.until(lambda status: status["clock"]["seq"] > 20_000, "20,000 inputs")
    node.omni("kill", "--reason", "prices look wrong")
    killed(node, 21_000)
    said = place.omni("resume", "--home", place.home, "--reason", "feed repaired").stdout
    assert "no node runs" in said
    record = goes_on(place, node.folder)
    assert record.summary["killed"] is None
    assert not (place.home / "KILLED").exists()
    assert not (node.folder / "RESUMED").exists()
    (seq,) = record.summary["recoveries"]
    orders = record.table("orders")
    later = [status for came, status in zip(orders["seq"], orders["status"], strict=True) if came > seq]
    assert "filled" in later
    assert "EQUAL" in place.omni("verify", node.folder).stdout


def test_a_run_that_ended_is_left_as_it_is(place: Place) -> None:
    folder = place.run("--config", place.strategies(("witness", WITNESS))).folder
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".log"}
    for _ in range(2):
        said = place.omni("run", "--recover", folder, "--no-console", "--exit", code=1).stderr
        assert "it ended in good order: there is nothing to go on with" in said
    assert before == {path: path.read_bytes() for path in before}
    assert sorted(before) == [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".log"]
    assert "closed in good order" in place.omni("replay", folder).stdout


def test_what_is_cut_off_is_told(place: Place, start: Start) -> None:
    folder = started(place, start, 5_000)
    segment = min((folder / "journal").glob("*.journal"))  # The next one is only prepared.
    data = bytearray(segment.read_bytes())
    data[max(at for at, byte in enumerate(data) if byte) - 8] ^= 0x10
    segment.write_bytes(data)
    said = goes_on(place, folder).said
    assert "dropped" in said
    assert segment.name in said
    assert "cut off" in (folder / "omni.log").read_text()
