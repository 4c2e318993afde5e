"""A full disk and a read-only run folder: the run stops cleanly, says so, and its orders are cancelled."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import FAST, Place

RESTING = """
import omni


class Resting(omni.Strategy):
    def on_bar(self, bar):
        self.buy(bar.instrument, 1, bar.instrument.round_price(bar.close * 0.98, "down"))

    def on_report(self, report):
        with open({heard!r}, "a") as file:
            file.write(report.status + "\\n")
"""
SMALL_SEGMENTS = "[journal]\nsegment_mib = 1\n"

Mount = Callable[..., None]


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Return what mounts a file system; it is gone after the test."""
    if os.geteuid() != 0:
        pytest.skip("SKIPPED: mounting needs root")
    mounted: list[Path] = []

    def begin(path: Path, *options: str) -> None:
        path.mkdir(exist_ok=True)
        done = subprocess.run(["mount", *options, path], check=False, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"SKIPPED: this machine may not mount: {done.stderr.strip()}")
        mounted.append(path)

    yield begin
    for path in reversed(mounted):
        subprocess.run(["umount", "--lazy", path], check=True)


def test_a_disk_too_full_for_a_journal_leaves_a_run_that_can_only_be_removed(place: Place, mount: Mount) -> None:
    mount(place.home, "-t", "tmpfs", "-o", "size=6m", "tmpfs")
    said = place.omni("run", *FAST, "--home", place.home, code=1)
    assert "No space left on device" in said.stderr
    (folder,) = place.runs()
    advice = f"`omni runs rm {folder.name}` removes it"
    for words, code in (("ls",), 0), (("show", folder.name), 1):
        told = place.omni("runs", *words, "--home", place.home, code=code)
        assert "nothing happened" in told.stdout + told.stderr
        assert advice in told.stdout + told.stderr
        assert "recover" not in told.stdout + told.stderr
    place.omni("runs", "rm", folder.name, "--home", place.home)
    assert not folder.exists()


def test_a_disk_that_fills_up_ends_the_run(place: Place, mount: Mount) -> None:
    mount(place.home, "-t", "tmpfs", "-o", "size=6m", "tmpfs")
    heard = place.path / "heard"
    config = place.strategies(("resting", RESTING.format(heard=str(heard))), extra=SMALL_SEGMENTS)
    said = place.omni("run", "--config", config, "--home", place.home, *_long(), code=1)
    assert "No space left on device" in said.stdout + said.stderr
    assert "free space there or choose another run folder" in said.stdout + said.stderr
    assert "SIM run" in said.stdout, "the summary is shown though it can't be kept"
    reports = heard.read_text().split()
    assert reports.count("new") > 4
    assert reports.count("new") == reports.count("cancelled") + reports.count("filled"), "no order is left"
    (folder,) = place.runs()
    replayed = place.omni("replay", folder).stdout
    assert "inputs" in replayed, "what was journaled is whole"


def test_a_run_ends_and_can_be_recovered_when_there_is_space(place: Place, mount: Mount) -> None:
    mount(place.home, "-t", "tmpfs", "-o", "size=6m", "tmpfs")
    config = place.strategies(("resting", RESTING.format(heard=os.devnull)), extra=SMALL_SEGMENTS)
    place.omni("run", "--config", config, "--home", place.home, *_long(), code=1)
    subprocess.run(["mount", "-o", "remount,size=64m", place.home], check=True)
    (folder,) = place.runs()
    place.omni("recover", folder)
    assert "EQUAL" in place.omni("verify", folder).stdout
    assert (folder / "orders.parquet").exists()
    assert "stopped" in place.omni("runs", "ls", "--home", place.home).stdout


def test_a_run_goes_on_when_there_is_space(place: Place, mount: Mount) -> None:
    mount(place.home, "-t", "tmpfs", "-o", "size=6m", "tmpfs")
    config = place.strategies(("resting", RESTING.format(heard=os.devnull)), extra=SMALL_SEGMENTS)
    place.omni("run", "--config", config, "--home", place.home, *_long(), code=1)
    subprocess.run(["mount", "-o", "remount,size=256m", place.home], check=True)
    (folder,) = place.runs()
    done = place.omni("run", "--recover", folder, "--exit", "--no-console")
    assert "finished" in done.stdout
    assert "recovered at input" in done.stdout
    assert "EQUAL" in place.omni("verify", folder).stdout


def test_a_disk_too_small_to_begin(place: Place, mount: Mount) -> None:
    mount(place.home, "-t", "tmpfs", "-o", "size=256k", "tmpfs")
    said = place.omni("run", "--home", place.home, *_long(), code=1)
    assert "No space left on device" in said.stderr


def test_a_read_only_folder_is_refused(place: Place, mount: Mount) -> None:
    mount(place.home, "-t", "tmpfs", "-o", "ro", "tmpfs")
    said = place.omni("run", "--home", place.home, *_long(), code=1)
    assert "Read-only file system" in said.stderr
    assert "--home" in said.stderr
    assert "BAD   runs" in place.omni("doctor", "--home", place.home, "--port", "0", code=1).stdout


def test_a_run_folder_that_turns_read_only(place: Place, mount: Mount) -> None:
    place.home.mkdir()
    config = place.strategies(("resting", RESTING.format(heard=os.devnull)))
    record = place.run("--config", config)
    mount(place.home, "--bind", place.home)
    subprocess.run(["mount", "-o", "remount,bind,ro", place.home], check=True)
    assert "EQUAL" in place.omni("verify", record.folder).stdout, "reading needs no writing"
    said = place.omni("recover", record.folder, code=1)
    assert "Read-only file system" in said.stderr


def _long() -> tuple[str, ...]:
    return (
        "--instruments",
        "5",
        "--inputs",
        "400000",
        "--hours",
        "2",
        "--speed",
        "unlimited",
        "--exit",
        "--no-console",
    )
