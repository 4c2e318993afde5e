"""What keeps a run from starting, or only looks as if: wrong configuration, a port in use."""

import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from harness import TAKER, TINY, Place

from omni.console.listener import PORT_DEFAULT

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


@contextmanager
def _taken(port: int) -> Iterator[int]:
    """Hold a port of this machine, any free one for 0; another program that holds it already does as well."""
    with socket.socket() as taken:
        with suppress(OSError):
            taken.bind(("127.0.0.1", port))
            taken.listen()
        yield port or taken.getsockname()[1]


def test_the_default_port_in_use_lets_the_console_take_the_next(place: Place) -> None:
    with _taken(PORT_DEFAULT):
        words = ("--config", place.strategies(("taker", TAKER)))
        said = place.omni("run", *TINY, "--speed", "unlimited", "--exit", "--home", place.home, *words)
    (line,) = [line for line in said.stderr.splitlines() if line.startswith("console: ")]
    address = line.split()[1]
    assert address.startswith("http://127.0.0.1:")
    assert f":{PORT_DEFAULT}/" not in address
    assert f"port {PORT_DEFAULT} is in use; the console takes {address.split(':')[2].strip('/')}" in said.stderr
    with pytest.raises(OSError, match=r".+"):
        urllib.request.urlopen(address, timeout=5)  # The console ended with the run.


@pytest.mark.parametrize("way", ["flag", "environment", "file"])
def test_a_chosen_port_in_use_is_refused_before_anything_is_made(place: Place, way: str) -> None:
    config = place.path / "node.toml"
    with _taken(0) as port:
        config.write_text(f"[console]\nport = {port}\n" if way == "file" else "")
        words = ("--port", str(port)) if way == "flag" else ()
        settings = {"OMNI__CONSOLE__PORT": str(port)} if way == "environment" else {}
        said = place.omni("run", *TINY, "--home", place.home, "--config", config, *words, code=2, settings=settings)
    where = {"flag": "flag", "environment": "OMNI__CONSOLE__PORT", "file": "node.toml:2"}[way]
    assert where in said.stderr
    assert f"port {port} of 127.0.0.1 is in use" in said.stderr
    assert "--port 0" in said.stderr
    assert "--no-console" in said.stderr
    assert "Traceback" not in said.stderr
    assert not list(place.home.glob("*/config.toml")), "nothing was made"


def test_doctor_says_that_a_port_is_in_use(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = place.omni("doctor", "--home", place.home, "--port", str(port), code=1).stdout
    assert f"127.0.0.1:{port}" in said
    assert "Address already in use" in said
