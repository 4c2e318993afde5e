"""`omni journal`: segments, inputs in words, and damage told at its byte."""

import json
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from harness import TAKER, Place, Running

Start = Callable[..., Running]

#: The header of a segment.
HEADER = 4096
SMALL = ("--set", "journal.segment_mib=1", "--set", "journal.mode=group")


@pytest.fixture
def folder(place: Place) -> Path:
    return place.run("--config", place.strategies(("taker", TAKER)), *SMALL).folder


def looked(place: Place, *words: str | Path, code: int = 0) -> Any:
    return json.loads(place.omni("journal", *words, "--json", code=code).stdout)


def test_a_journal_is_listed_shown_and_checked(place: Place, folder: Path) -> None:
    listed = looked(place, "ls", folder)
    states = [segment["state"] for segment in listed["segments"]]
    assert states == ["sealed"] * (len(states) - 1) + ["closed"]
    assert len(states) > 1
    assert (listed["run"], listed["findings"]) == (folder.name, [])
    ends = [(segment["first"][0], segment["last"][0]) for segment in listed["segments"]]
    assert ends[0][0] == 1
    assert all(last + 1 == first for (_, last), (first, _) in pairwise(ends))

    assert "sealed" in place.omni("journal", "ls", folder).stdout
    shown = place.omni("journal", "show", folder, "--from", "1", "--to", "3").stdout.splitlines()
    assert len(shown) == 3
    assert "set-up" in shown[0]
    some = looked(place, "show", folder, "--from", str(ends[1][0] - 1), "--to", str(ends[1][0] + 1))
    assert [each["seq"] for each in some] == [ends[1][0] - 1, ends[1][0], ends[1][0] + 1]
    assert len(looked(place, "show", folder)) == 20

    checked = looked(place, "check", folder)
    assert (checked["good"], checked["inputs"]) == (True, ends[-1][1])
    assert "GOOD" in place.omni("journal", "check", folder).stdout


def test_damage_is_told_at_its_byte(place: Place, folder: Path) -> None:
    segment = folder / "journal" / "segment-00000001.journal"
    whole = segment.read_bytes()
    at = HEADER + 100
    segment.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    said = place.omni("journal", "check", folder, code=1).stdout
    assert f"DAMAGED: {segment.name} at byte {HEADER:,}" in said
    assert "the check sum is not that of the contents" in said
    assert "damaged" in place.omni("journal", "ls", folder).stdout
    segment.write_bytes(whole)
    (folder / "journal" / "segment-00000002.journal").unlink()
    assert (
        "DAMAGED: segment-00000002.journal at byte 0: the segment is missing"
        in place.omni("journal", "check", folder, code=1).stdout
    )


def test_a_snapshot_is_held_to_the_journal(place: Place, folder: Path) -> None:
    forged = folder / "journal" / f"snapshot-{5:020}.state"
    forged.write_bytes(b"OMNISNAP" + bytes(80))
    checked = looked(place, "check", folder, code=1)
    assert checked["snapshots"]["5"] is not None
    assert "snapshot after input 5: DAMAGED" in place.omni("journal", "check", folder, code=1).stdout


def test_a_torn_end_is_no_damage(place: Place, start: Start) -> None:
    node = start(
        "--config", place.strategies(("taker", TAKER)), "--hours", "6.5", "--inputs", "600000", "--speed", "400"
    )
    node.until(lambda status: status["clock"]["seq"] > 5_000, "5,000 inputs")
    node.signal(signal.SIGKILL)
    node.process.wait()
    segment = sorted((node.folder / "journal").glob("segment-*"))[0]
    states = [each["state"] for each in looked(place, "ls", node.folder)["segments"]]
    assert states in (["open", "ready"], ["open"], ["torn", "ready"])
    used = looked(place, "ls", node.folder)["segments"][0]["bytes"]
    with segment.open("r+b") as file:
        file.truncate(used - 10)
    checked = looked(place, "check", node.folder)
    assert checked["good"]
    assert "a torn end of" in checked["findings"][0]["text"]
    assert "note: segment-00000001.journal" in place.omni("journal", "check", node.folder).stdout


def test_an_empty_range_is_refused(place: Place, folder: Path) -> None:
    assert "nothing lies between" in place.omni("journal", "show", folder, "--from", "9", "--to", "8", code=2).stderr
    assert "ends after input" in place.omni("journal", "show", folder, "--from", "99999999", code=1).stderr


@pytest.mark.parametrize("mode", ["memory", "group", "sync"])
def test_an_answered_command_is_there_after_a_kill(place: Place, start: Start, mode: str) -> None:
    words = ("--hours", "6.5", "--inputs", "600000", "--speed", "400", "--set", f"journal.mode={mode}")
    node = start("--config", place.strategies(("taker", TAKER)), *words)
    node.omni("kill", "--reason", "an exercise")
    node.signal(signal.SIGKILL)
    node.process.wait()
    checked = looked(place, "check", node.folder)
    assert checked["good"]
    shown = looked(place, "show", node.folder, "--to", str(checked["inputs"]))
    assert any(each["what"] == "kill switch: an exercise" for each in shown)
    assert looked(place, "ls", node.folder)["segments"][0]["mode"] == mode
