"""Runs whose process was killed, and journals with damaged ends: recovered to the last good record, and verified."""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from harness import TAKER, Place, Running

SLOW = ("--hours", "6.5", "--inputs", "600000", "--speed", "400")
Start = Callable[..., Running]


def killed(place: Place, start: Start, inputs: int) -> Path:
    """Start a run, kill it with SIGKILL after some inputs, and return its folder."""
    node = start("--config", place.strategies(("taker", TAKER)), *SLOW)
    node.until(lambda status: status["clock"]["seq"] > inputs, f"{inputs} inputs")
    node.signal(signal.SIGKILL)
    node.process.wait()
    return node.folder


def test_a_killed_run_is_recovered_and_verifies(place: Place, start: Start) -> None:
    folder = killed(place, start, 20_000)
    assert "omni recover" in place.omni("verify", folder, code=1).stderr
    said = place.omni("recover", folder).stdout
    assert "its process ended before it did; recovered up to input" in said
    assert "EQUAL" in place.omni("verify", folder).stdout
    assert "EQUAL" in place.omni("replay", folder).stdout
    for name in ("orders", "fills", "equity", "bars"):
        assert (folder / f"{name}.parquet").exists()
    assert "its process ended" in place.omni("runs", "show", folder.name, "--home", place.home).stdout
    assert "stopped" in place.omni("runs", "ls", "--home", place.home).stdout
    assert not (folder / "control.sock").exists()
    again = place.omni("recover", folder).stdout
    assert "nothing to recover" in again


def test_what_is_recovered_is_what_an_undisturbed_run_has(place: Place, start: Start) -> None:
    folder = killed(place, start, 40_000)
    place.omni("recover", folder)
    words = ("--hours", "6.5", "--inputs", "600000", "--speed", "unlimited")
    whole = place.run("--config", place.path / "node.toml", *words).folder
    with duckdb.connect() as connection:
        for name in ("fills", "bars", "equity"):
            part, all_of_it = f"'{folder / name}.parquet'", f"'{whole / name}.parquet'"
            (last,) = connection.execute(f"SELECT max(time) FROM {part}").fetchone() or (0,)
            undisturbed = f"SELECT * FROM {all_of_it} WHERE time < {last}"
            found = connection.execute(f"SELECT * FROM {part} WHERE time < {last}").fetchall()
            assert found == connection.execute(undisturbed).fetchall()
            assert len(found) > 3


def test_a_running_node_is_not_recovered(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("taker", TAKER)), *SLOW)
    said = place.omni("recover", node.folder, code=1)
    assert "is being written by another process; stop that node first" in said.stderr
    node.omni("stop")
    node.end(code=0)


def test_the_kill_switch_survives_a_kill_of_the_process(place: Place, start: Start) -> None:
    node = start("--config", place.strategies(("taker", TAKER)), *SLOW)
    node.until(lambda status: status["clock"]["seq"] > 2_000, "inputs")
    node.omni("kill", "--reason", "testing")
    node.signal(signal.SIGKILL)
    node.process.wait()
    (place.home / "KILLED").unlink()  # As if the process had been killed before it was noted.
    assert "kill switch is ON: testing" in place.omni("recover", node.folder).stdout
    assert "testing" in (place.home / "KILLED").read_text()


@pytest.mark.parametrize("damage", ["truncated", "flipped", "garbage"])
def test_a_damaged_end_is_cut_off_and_told(place: Place, start: Start, damage: str) -> None:
    folder = killed(place, start, 5_000)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    segment = min((folder / "journal").glob("*.journal"))  # The next one is only prepared.
    data = bytearray(segment.read_bytes())
    end = max(place for place, byte in enumerate(data) if byte) + 1
    at = end - 1 - random.Random(seed).randrange(40)
    if damage == "truncated":
        data[at:] = bytes(len(data) - at)
    elif damage == "flipped":
        data[at] ^= 0x10
    else:
        data[end : end + 100] = random.Random(seed).randbytes(100)
    segment.write_bytes(data)
    said = place.omni("recover", folder).stdout
    assert "dropped" in said
    assert segment.name in said
    assert "at byte" in said
    assert "EQUAL" in place.omni("verify", folder).stdout


def test_damage_in_the_middle_is_refused_and_left_as_it_is(place: Place, start: Start) -> None:
    folder = killed(place, start, 20_000)
    segment = min((folder / "journal").glob("*.journal"))
    data = bytearray(segment.read_bytes())
    data[300_000] ^= 1
    segment.write_bytes(data)
    said = place.omni("recover", folder, code=1)
    assert "is damaged at byte" in said.stderr
    assert "this is not a torn tail" in said.stderr
    assert segment.read_bytes() == data
    assert not (folder / "run.json").exists()


def test_what_a_run_could_not_write_is_written_later(place: Place) -> None:
    record = place.run()
    wrote = record.table("fills")
    for name in ("report.html", "fills.parquet"):
        (record.folder / name).unlink()
    place.omni("recover", record.folder)
    assert record.table("fills") == wrote
    assert (record.folder / "report.html").exists()
    assert "nothing to recover" in place.omni("recover", record.folder).stdout


def test_a_run_without_a_journal(place: Place) -> None:
    folder = place.home / "20260101-000000-abcd"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("")
    assert "has no journal" in place.omni("recover", folder, code=1).stderr
