"""What keeps a run from starting, or only looks as if: wrong configuration, a port in use."""

import socket
import urllib.request

import pytest
from harness import TAKER, TINY, Place

WRONG = {
    "[run]\nsped = 10\n": "speed",
    '[run]\nspeed = "fast"\n': "run.speed",
    '[run]\nmode = "simulated"\n': "run.mode",
    "[risk]\norder_quantity_max = -1\n": "risk.order_quantity_max",
    "[day]\ninstruments = 0\n": "day.instruments",
    "[nosuch]\nkey = 1\n": "nosuch",
    '[[strategy]]\nname = "x"\nsource = "nosuch"\n': "nosuch",
    '[[strategy]]\nname = "x"\nsource = "nosuch.py:X"\n': "nosuch.py",
    '[[strategy]]\nname = "x"\nsource = "twap"\nparams = {slicess = 2}\n': "slices",
    '[[strategy]]\nname = "x"\nsource = "twap"\n[[strategy]]\nname = "x"\nsource = "twap"\n': "strategy is called",
    '[[strategy]]\nname = "x"\nsource = "twap"\ninstruments = ["NOSUCH"]\n': "NOSUCH",
    "[run\n": "node.toml",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_configuration_is_refused_by_name(place: Place, text: str) -> None:
    config = place.path / "node.toml"
    config.write_text(text)
    said = place.omni("run", *TINY, "--exit", "--no-console", "--home", place.home, "--config", config, code=2)
    assert WRONG[text] in said.stderr
    assert len(said.stderr.splitlines()) <= 3
    assert not list(place.home.glob("*/journal")), "nothing was started"


def test_a_missing_configuration(place: Place) -> None:
    said = place.omni("run", "--config", "nosuch.toml", "--home", place.home, code=2)
    assert "nosuch.toml" in said.stderr


def test_a_port_in_use_lets_the_console_take_the_next(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = ("--config", place.strategies(("taker", TAKER)), "--port", str(port))
        said = place.omni("run", *TINY, "--speed", "unlimited", "--exit", "--home", place.home, *words)
    (line,) = [line for line in said.stderr.splitlines() if line.startswith("console: ")]
    address = line.split()[1]
    assert address.startswith("http://127.0.0.1:")
    assert not address.startswith(f"http://127.0.0.1:{port}")
    with pytest.raises(OSError, match=r".+"):
        urllib.request.urlopen(address, timeout=5)  # The console ended with the run.


def test_doctor_says_that_a_port_is_in_use(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = place.omni("doctor", "--home", place.home, "--port", str(port), code=1).stdout
    assert f"127.0.0.1:{port}" in said
    assert "Address already in use" in said
