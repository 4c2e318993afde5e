"""What is done with runs afterwards: listing, removing, replaying elsewhere; and what a failed start leaves."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import DEADLINE_S, FAST, TAKER, TINY, Place, Running, environment

Start = Callable[..., Running]


def test_runs_are_listed_shown_and_removed_from_anywhere(place: Place, tmp_path: Path) -> None:
    record = place.run()
    run = record.folder.name
    assert run in place.omni("runs", "ls", "--home", place.home).stdout
    assert f"SIM run {run} finished" in place.omni("runs", "show", run, "--home", place.home).stdout
    moved = tmp_path / "elsewhere"
    shutil.move(place.home, moved)
    missing = place.omni("runs", "rm", "nosuch", "--home", moved, code=1).stderr
    assert missing == f"omni: there is no run nosuch in {moved}/runs.sqlite; `omni runs ls` lists them\n"
    assert f"removed {run}" in place.omni("runs", "rm", run, "--home", moved).stdout
    assert not (moved / run).exists()
    assert place.omni("runs", "ls", "--home", moved).stdout == f"no runs in {moved}\n"


def test_looking_makes_nothing(place: Place) -> None:
    assert "no runs in" in place.omni("runs", "ls", "--home", place.home).stdout
    assert not place.home.exists()


def test_a_running_run_is_not_removed(place: Place, start: Start) -> None:
    running = start("--speed", "1")
    done = place.omni("runs", "rm", running.folder.name, "--home", place.home, code=1)
    assert "is running; `omni stop --run-id" in done.stderr
    assert (running.folder / "journal").is_dir()
    running.signal(signal.SIGTERM)
    running.end(code=0)


def test_a_killed_run_is_listed_as_killed(place: Place, start: Start) -> None:
    running = start("--speed", "1")
    running.leave()
    listed = place.omni("runs", "ls", "--home", place.home).stdout
    assert "killed" in listed
    assert f"omni recover {running.folder.name}" in listed


def test_a_stranger_verifies_a_run_of_a_strategy_file(place: Place, tmp_path: Path) -> None:
    config = place.strategies(("taker", TAKER))
    record = place.run("--config", config)
    stranger = Place(tmp_path / "stranger")
    stranger.path.mkdir()
    shutil.move(record.folder, stranger.path / "run")
    (place.path / "taker.py").write_text(TAKER.replace("self.buy", "self.sell"))
    assert "EQUAL" in stranger.omni("verify", stranger.path / "run").stdout


def test_a_stranger_needs_the_modules_that_a_strategy_imports(place: Place, tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "sizes_of_ours.py").write_text("ONE = 1\n")
    config = place.strategies(
        ("taker", "import sizes_of_ours\n" + TAKER.replace("instrument, 1)", "instrument, sizes_of_ours.ONE)"))
    )
    own = {"PYTHONPATH": f"{environment()['PYTHONPATH']}:{modules}"}
    place.omni("run", *FAST, "--home", place.home, "--config", config, settings=own)
    (folder,) = place.runs()
    assert [path.name for path in (folder / "strategies").iterdir()] == ["taker.py"]
    assert "No module named 'sizes_of_ours'" in place.omni("verify", folder, code=2).stderr
    assert "EQUAL" in place.omni("verify", folder, settings=own).stdout


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import nothing_of_that_name\n", "ModuleNotFoundError: No module named 'nothing_of_that_name' .*line 1"),
        ("1 / 0\n", "ZeroDivisionError: .*line 1"),
        ("import omni\n\nomni.nosuch\n", r"AttributeError: .*in <module>, \S+needs.py, line 3"),
        (
            "import omni\n\n\nclass Needs(omni.Strategy):\n    def __init__(self, size):\n        super().__init__()\n",
            "strategy needs can't be made: TypeError: .*size",
        ),
    ],
)
def test_a_strategy_that_can_not_be_made_is_refused_and_leaves_no_run(place: Place, code: str, told: str) -> None:
    path = place.path / "needs.py"
    path.write_text(code)
    config = place.path / "node.toml"
    config.write_text(f'[[strategy]]\nname = "needs"\nsource = "{path}"\n')
    done = place.omni("run", "--config", config, "--home", place.home, code=2)
    assert re.search(told, done.stderr), done.stderr
    assert place.runs() == []


def test_a_start_that_fails_leaves_no_run(place: Place) -> None:
    done = place.omni("run", "--data", "nothing.csv", "--home", place.home, code=2)
    assert "nothing.csv" in done.stderr
    assert place.runs() == []


def test_a_built_in_strategy_says_which_parameter_is_wrong(place: Place) -> None:
    config = place.path / "node.toml"
    config.write_text('[[strategy]]\nname = "maker"\nsource = "maker"\nparams = { size = "abc" }\n')
    done = place.omni("run", "--config", config, "--home", place.home, code=2)
    assert "strategy maker: parameter size: expected a number, found 'abc'" in done.stderr


def test_verify_says_what_is_no_run(place: Place) -> None:
    assert "is no run's folder" in place.omni("verify", "/nonexistent", code=1).stderr


def test_the_current_folder_stands_in_for_no_module(place: Place) -> None:
    (place.path / "msgspec.py").write_text("raise SystemExit('imported from the current folder')\n")
    # As a person calls it: the interpreter's own `-m` would look there first.
    omni = Path(sys.executable).with_name("omni")
    words = ("run", *TINY, "--speed", "unlimited", "--exit", "--port", "0", "--home", str(place.home))
    done = subprocess.run(
        [omni, *words],
        cwd=place.path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done
    assert "imported from" not in done.stdout + done.stderr


def test_flags_show_in_the_configuration(place: Place) -> None:
    shown = place.omni("config", "show", "--seed", "7", "--set", "fees.taker_ppm=50").stdout
    assert {"seed = 7", "taker_ppm = 50"} <= {line.partition(" #")[0].strip() for line in shown.splitlines()}
