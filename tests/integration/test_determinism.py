"""The same inputs give the same outputs: twice, at any speed, from the journal, with any journal settings."""

from pathlib import Path

import pytest
from harness import TAKER, Place, Record

#: Answers several events at once, a second of event time each.
BATCHED = TAKER.replace("class Taker", "class Batched").replace(
    "def on_start", "batch_ns = 1_000_000_000\n\n    def on_start"
)
QUOTING = """
import omni


class Quoting(omni.Strategy):
    def on_start(self):
        self.since = 0

    def on_book(self, book):
        self.since += 1
        if self.since % 50 == 0 and book.bids and book.asks:
            self.buy(book.instrument, 1, book.bids[0][0])
        if self.since % 75 == 0 and book.bids and book.asks:
            self.sell(book.instrument, 1, book.asks[0][0])
"""


@pytest.fixture
def config(place: Place) -> Path:
    return place.strategies(("taker", TAKER), ("batched", BATCHED), ("quoting", QUOTING))


def assert_equal(one: Record, other: Record) -> None:
    assert one.hashes == other.hashes
    mine, theirs = one.tables(), other.tables()
    assert mine == theirs
    assert len(mine["orders"]["seq"]) > 20, "the strategies traded"
    assert len(mine["fills"]["seq"]) > 20


def test_the_same_run_twice(place: Place, config: Path) -> None:
    assert_equal(place.run("--config", config), place.run("--config", config))


def test_at_another_speed(place: Place, config: Path) -> None:
    assert_equal(place.run("--config", config), place.run("--config", config, "--speed", "2000"))


def test_with_other_journal_settings(place: Place, config: Path) -> None:
    usual = place.run("--config", config)
    config.write_text(config.read_text() + '\n[journal]\nmode = "sync"\nsegment_mib = 1\n')
    assert_equal(usual, place.run("--config", config))


def test_with_other_batch_settings(place: Place) -> None:
    watcher = """
import omni


class Watcher(omni.Strategy):
    batch_ns = {}

    def on_{}(self, events):
        self.seen = events
"""
    said = set()
    for batch_ns, callback in ((0, "quote"), (1, "quotes"), (10**7, "quotes"), (10**10, "trades"), (10**15, "bars")):
        config = place.strategies(("taker", TAKER), ("watcher", watcher.format(batch_ns, callback)))
        record = place.run("--config", config)
        assert len(record.table("fills")["seq"]) > 20, "the other one traded"
        assert "EQUAL" in place.omni("verify", record.folder).stdout
        said.add(record.hashes)
    assert len(said) == 1, "how a strategy is delivered to doesn't change what happens"


@pytest.mark.parametrize("batch_ns", [10**6, 10**9, 10**11])
def test_a_batching_strategy_at_different_speeds(place: Place, batch_ns: int) -> None:
    config = place.strategies(("batched", BATCHED.replace("1_000_000_000", str(batch_ns))), ("taker", TAKER))
    one = place.run("--config", config)
    assert_equal(one, place.run("--config", config, "--speed", "1500"))
    assert "EQUAL" in place.omni("verify", one.folder).stdout
    assert "EQUAL" in place.omni("replay", one.folder).stdout


def test_twenty_seconds_in_real_time(place: Place, config: Path) -> None:
    words = ("--config", config, "--hours", "0.0056", "--inputs", "20000")
    assert_equal(place.run(*words), place.run(*words, "--speed", "1"))


def test_another_seed_is_another_run(place: Place, config: Path) -> None:
    one, other = place.run("--config", config), place.run("--config", config, "--seed", "2")
    assert one.hashes[:2] != other.hashes[:2]
    assert one.table("bars") != other.table("bars")


def test_the_journal_leads_to_the_same_state(place: Place, config: Path) -> None:
    record = place.run("--config", config)
    assert "EQUAL" in place.omni("replay", record.folder).stdout
    assert "EQUAL: the run is what its report says" in place.omni("verify", record.folder).stdout


def test_a_paper_run_is_what_its_journal_says(place: Place, config: Path) -> None:
    config.write_text(config.read_text() + '\n[run]\nmode = "paper"\n')
    record = place.run("--config", config, "--hours", "0.002", "--inputs", "2000")
    assert "PAPER run" in record.said
    said = place.omni("verify", record.folder).stdout
    assert "went by the wall clock" in said
    assert "EQUAL" in said


def test_a_batching_strategy_is_called_by_the_wall_clock_too(place: Place) -> None:
    code = """
import omni


class Sums(omni.Strategy):
    batch_ns = 200_000_000

    def on_quotes(self, quotes):
        self.buy(int(quotes["instrument"][-1]), 1)
"""
    config = place.strategies(("sums", code), extra='[run]\nmode = "paper"\n')
    record = place.run("--config", config, "--hours", "0.001", "--inputs", "2000")
    assert len(record.table("orders")["seq"]) > 5, "an order a batch"
    assert record.table("fills")["seq"]
    assert "EQUAL" in place.omni("verify", record.folder).stdout


def test_verify_sees_a_strategy_that_was_changed(place: Place, config: Path) -> None:
    record = place.run("--config", config)
    changed = TAKER.replace("self.buy(bar.instrument, 1)", "self.buy(bar.instrument, 2)")
    assert changed != TAKER
    (record.folder / "strategies" / "taker.py").write_text(changed)
    said = place.omni("verify", record.folder, code=1)
    assert "DIFFERENT" in said.stdout
    assert "DIFFERENT" not in place.omni("replay", record.folder).stdout, "the journal itself is whole"


def test_verify_refuses_a_journal_with_a_flipped_byte(place: Place, config: Path) -> None:
    record = place.run("--config", config)
    segment = min((record.folder / "journal").glob("*.journal"))
    data = bytearray(segment.read_bytes())
    data[200_000] ^= 1
    segment.write_bytes(data)
    for command in ("verify", "replay"):
        said = place.omni(command, record.folder, code=1)
        assert "is damaged at byte" in said.stderr
        assert segment.name in said.stderr
        assert "follow" in said.stderr, "whole records after it tell that it is no torn tail"
