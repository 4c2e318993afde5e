"""A terminal for `console` blocks: one bash a page, and its output held to what the page shows."""

import os
import re
import selectors
import subprocess
import sys
import time
from pathlib import Path

_END = "\x1e"
_TIMEOUT_S = 120


def commands(text):
    """Return the commands of a block, each with the output that the block shows after it."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
        else:
            assert found, f"output before the first command: {line!r}"
            found[-1][1].append(line)
    return found


def matches(shown, output):
    """Return whether the output is what is shown: `…` alone on a line is any lines, within a line any text."""
    pattern = "".join(_line(line) for line in shown)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in output.splitlines())) is not None


def _line(line):
    if line.strip() == "…":
        return r"(?:.*\n)*"
    return "[^\n]*".join(re.escape(part) for part in line.rstrip().split("…")) + "\n"


class Terminal:
    """A bash in a folder, with the tests' own `omni` and `python` first on its path."""

    def __init__(self, folder, home):
        own = {name: value for name, value in os.environ.items() if not name.startswith("OMNI__")}
        environment = own | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "COLUMNS": "120",
        }
        self.process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        os.set_blocking(self.process.stdout.fileno(), False)

    def run(self, command):
        """Run a command and return its exit code and what it wrote."""
        self.process.stdin.write(f"{command}\nprintf '{_END}%d{_END}' $?\n".encode())
        self.process.stdin.flush()
        written = self._read()
        output, code, _ = written.rsplit(_END, 2)
        return int(code), output

    def close(self):
        """End the bash, and what it left running."""
        self.process.stdin.write(b"kill $(jobs -p) 2>/dev/null\nwait\n")
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def _read(self):
        written, end = b"", time.monotonic() + _TIMEOUT_S
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while written.count(_END.encode()) < 2:
                left = end - time.monotonic()
                assert left > 0, f"no end within {_TIMEOUT_S} s; so far: {written.decode()}"
                for _ in selector.select(left):
                    part = self.process.stdout.read()
                    assert part, f"the shell ended: {written.decode()}"
                    written += part
        return written.decode()
