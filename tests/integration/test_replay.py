"""`omni replay` of recorded files: the books of a real exchange's session, exactly; and files with faults."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from harness import Place

SUNDAY = "data/l3_mbo/esh4-glbx-mdp3-20231224.mbo.dbn.zst"
MONDAY = "data/l3_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst"
TRANSCODE = "data/itch/esh4_20231225_transcoded.itch50.gz"
#: sha256 over all top-of-book states of the session, as another reader of the same file computed it.
DIGEST = "eafc1fac4a2f8e98db9f573127cc9c1eb79b2f561acad149df09aee3bd01b34c"
END = {
    "symbol": "ESH4",
    "orders": 11_217,
    "bid_levels": 922,
    "ask_levels": 565,
    "bid": ["4810.00", "22"],
    "ask": ["4810.25", "28"],
}


def replay(place: Place, *paths: Path, code: int = 0) -> dict[str, Any]:
    return json.loads(place.omni("replay", "--json", *paths, code=code).stdout)


def test_the_session_of_the_es_future(place: Place, shared: Path) -> None:
    found = replay(place, shared / MONDAY)
    assert found["books"] == [END]
    assert found["types"] == {"A": 29_216, "C": 17_999, "F": 6_371, "M": 12_233, "T": 2_973}
    assert (found["messages"], found["volume"], found["trades"]) == (68_792, 9_892, 2_973)
    assert (found["states"], found["crossed"], found["unknown_references"]) == (47_022, 891, 7)
    assert found["digest"] == DIGEST
    assert found["rate"]["per_s"] > 0


def test_it_is_shown_for_people(place: Place, shared: Path) -> None:
    said = place.omni("replay", shared / MONDAY).stdout
    assert "11,217 orders, 922 bid and 565 ask levels, 22 at 4810.00 and 28 at 4810.25" in said
    assert "47,022 top-of-book states, 891 of them crossed" in said
    assert DIGEST in said
    assert "messages/s" in said


@pytest.mark.parametrize("order", [(SUNDAY, MONDAY), (MONDAY, SUNDAY)])
def test_the_snapshot_that_two_days_share_is_loaded_once(place: Place, shared: Path, order: tuple[str, str]) -> None:
    paths = [shared / name for name in order]
    found = replay(place, *paths)
    assert found["books"] == [END]
    assert found["duplicate_references"] == 0
    assert found["digest"] == DIGEST
    skipped = {Path(file["path"]).name: file["skipped"] for file in found["files"]}
    assert skipped == {Path(SUNDAY).name: 0, Path(MONDAY).name: 8_725}
    said = place.omni("replay", *paths).stdout
    assert "8,725 snapshot records left out: an earlier file had filled the book already" in said


def test_the_itch_transcode_ends_in_the_same_book(place: Place, shared: Path) -> None:
    found = replay(place, shared / TRANSCODE)
    assert found["books"] == [END]
    assert found["unknown_references"] == 0
    assert found["files"][0]["format"] == "ITCH 5.0"


def test_an_itch_file_merges_only_with_its_date(place: Place, shared: Path) -> None:
    said = place.omni("replay", shared / TRANSCODE, shared / SUNDAY, code=1)
    assert "--midnight" in said.stderr
    place.omni("replay", shared / TRANSCODE, "--midnight", "yesterday", code=2)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ("the file is empty",)),
        (b"seq,price\n1,2\n", ("holds no order-by-order data",)),
        (gzip.compress(b"seq,price\n1,2\n"), ("holds no order-by-order data",)),
        (b"DBN\x09", ("DBN version 9 is not read", "at byte 0")),
    ],
)
def test_other_files_are_refused(place: Place, data: bytes, words: tuple[str, ...]) -> None:
    path = place.path / "file"
    path.write_bytes(data)
    said = place.omni("replay", path, code=1).stderr
    assert str(path) in said
    assert all(word in said for word in words), said


def test_a_missing_file(place: Place) -> None:
    assert "No such file" in place.omni("replay", "nosuch.itch50.gz", code=1).stderr
    assert "there is no run" in place.omni("replay", "20200101", code=1).stderr


def test_a_truncated_file_shows_what_was_read(place: Place, shared: Path) -> None:
    whole = (shared / TRANSCODE).read_bytes()
    path = place.path / "cut.itch50.gz"
    path.write_bytes(whole[: len(whole) // 2])
    done = place.omni("replay", "--json", path, code=1)
    found = json.loads(done.stdout)
    assert 10_000 < found["messages"] < 59_399
    assert f"(at byte {len(whole) // 2}" in found["fault"]
    assert "what is shown was read until then" in done.stderr


def test_a_corrupt_message_is_told_with_its_byte(place: Place, shared: Path) -> None:
    data = bytearray(gzip.decompress((shared / TRANSCODE).read_bytes()))
    at = 0
    for _ in range(1_000):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    data[at + 2] = ord("z")
    path = place.path / "corrupt.itch50"
    path.write_bytes(data)
    found = replay(place, path, code=1)
    assert found["messages"] == 1_000
    assert f"unknown message type 'z' (0x7a) (at byte {at}, after 1000 messages)" in found["fault"]
