"""`omni doctor` finds what is in the way of a run."""

import socket
from contextlib import suppress

import pytest

from omni.cli import finding
from omni.cli.finding import CHECKS, Place, State
from omni.cli.main import main
from omni.console.listener import HOST, PORT_DEFAULT


@pytest.fixture
def place(tmp_path):
    return Place(home=tmp_path / "runs" / "deep", port=0)


def test_every_check_answers(place):
    findings = [check(place) for check in CHECKS]
    assert all(found.what and found.detail for found in findings)
    assert all(found.remedy for found in findings if found.state is State.BAD)


def test_a_port_in_use_is_bad(place):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        found = finding.port(Place(place.home, taken))
    assert found.state is State.BAD
    assert f"127.0.0.1:{taken}" in found.detail
    assert finding.port(Place(place.home, taken)).state is State.GOOD


def test_the_default_port_in_use_is_worth_knowing_as_the_next_one_is_taken(place):
    with socket.socket() as listener:
        with suppress(OSError):  # Another program holding it does as well.
            listener.bind((HOST, PORT_DEFAULT))
            listener.listen()
        found = finding.port(Place(place.home, None))
    assert found.state is State.NOTE
    assert str(PORT_DEFAULT) in found.detail


def test_a_port_that_is_none_is_bad(place):
    assert finding.port(Place(place.home, 70_000)).state is State.BAD


def test_a_folder_that_will_be_made_is_good(place):
    assert finding.home(place).state is State.GOOD
    assert not place.home.exists()


def test_a_file_in_the_folders_place_is_bad(tmp_path):
    (tmp_path / "runs").write_text("")
    assert finding.home(Place(tmp_path / "runs", 0)).state is State.BAD


def test_the_command_fails_with_its_worst_finding(tmp_path, capsys):
    assert main(["doctor", "--home", str(tmp_path), "--port", "0"]) == 0
    assert main(["doctor", "--home", str(tmp_path), "--port", "70000"]) == 1
    assert "BAD   port" in capsys.readouterr().out
