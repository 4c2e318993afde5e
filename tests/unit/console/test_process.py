"""How the console starts and ends, as a process."""

import os
import pty
import select
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from omni.console.listener import listen, port_of
from omni.console.process import start_console

CONSOLE = [sys.executable, "-m", "omni.console"]
WAIT_S = 60


def _first_line(stdout):
    """Read what the console says first; a terminal's end reads as an error."""
    said = b""
    while not said.endswith(b"\n"):
        said += os.read(stdout, 4_096)
    return said.decode().strip()


def test_the_token_is_shown_on_a_terminal(tmp_path):
    terminal, inner = pty.openpty()
    with subprocess.Popen(
        [*CONSOLE, "--run", tmp_path, "--port", "0"], stdout=inner, stdin=subprocess.DEVNULL
    ) as process:
        os.close(inner)
        line = _first_line(terminal)
        process.terminate()
    os.close(terminal)
    token = (tmp_path / "console.token").read_text().strip()
    assert line.startswith("console: http://127.0.0.1:")
    assert line.endswith(f"/#token={token}")
    assert process.returncode == 0


def test_the_token_is_not_shown_anywhere_else(tmp_path):
    command = [*CONSOLE, "--run", tmp_path, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = process.stdout.readline().decode()
        process.terminate()
        said += process.stdout.read().decode()
    token = (tmp_path / "console.token").read_text().strip()
    assert token not in said
    assert str(tmp_path / "console.token") in said


def test_a_port_in_use_ends_it_with_words_for_a_person(tmp_path):
    with listen(0) as taken:
        port = port_of(taken)
        done = subprocess.run(
            [*CONSOLE, "--run", tmp_path, "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1 is in use" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_ends_with_the_process_that_started_it(tmp_path):
    starter = (
        "import sys, pathlib; from omni.console.process import start_console; "
        "print(start_console(pathlib.Path(sys.argv[1]), port=0).process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", starter, tmp_path], stdout=subprocess.PIPE, timeout=WAIT_S, check=True)
    try:
        ended = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return
    assert select.select([ended], [], [], WAIT_S)[0], "the console outlives who started it"
    os.close(ended)


def test_nothing_of_the_web_is_loaded_to_start_it():
    """The process that runs the node starts the console without paying for it."""
    look = (
        "import sys, omni.console.process; print([m for m in ('litestar', 'uvicorn', 'msgspec') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="SKIPPED: needs Linux's smaps_rollup")
def test_it_stays_small(tmp_path):
    console = start_console(tmp_path, port=0)
    try:
        urllib.request.urlopen(f"{console.address}livez", timeout=WAIT_S).close()
        lines = Path(f"/proc/{console.process.pid}/smaps_rollup").read_text().splitlines()
        pss_kb = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    finally:
        console.stop()
    assert pss_kb < 70_000
