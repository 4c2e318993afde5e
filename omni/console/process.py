"""The console as a child of the process that runs the node."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from omni.console.credential import TOKEN_FILE, Token, load_token
from omni.console.listener import HOST, PORT_DEFAULT, listen, port_of

_END_S = 5.0


@dataclass(frozen=True, slots=True)
class ConsoleProcess:
    """A running console and how to reach it."""

    port: int
    token: Token
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """Return the URL without the token, for logs."""
        return f"http://{HOST}:{self.port}/"

    @property
    def link(self) -> str:
        """Return the URL that opens the console; for a terminal only, since it holds the token."""
        return f"{self.address}#token={self.token.text}"

    def stop(self) -> None:
        """End the console and wait for it."""
        self.process.terminate()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_console(run: Path, *, port: int = PORT_DEFAULT, listener: socket.socket | None = None) -> ConsoleProcess:
    """Start the console of the node of the run folder `run`; the token is in `console.token` there.

    The port is open when this returns: a browser that asks at once is answered as soon as the console has loaded.
    The console ends with this process.

    Parameters
    ----------
    run
        The run's folder.
    port
        The port to listen on; 0 takes any free one.
    listener
        A socket that listens already, in place of `port`; it is the console's then.

    Raises
    ------
    ConfigError
        Where the port is not free, or the token file can't be used.
    """
    token = load_token(run / TOKEN_FILE)
    with listener or listen(port) as opened:
        descriptor = opened.fileno()
        # -P: what lies in the current folder must not stand in for a module.
        command = [sys.executable, "-P", "-m", "omni.console", "--run", str(run), "--fd", str(descriptor)]
        process = subprocess.Popen(
            [*command, "--parent", str(os.getpid()), "--quiet"],
            pass_fds=(descriptor,),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        return ConsoleProcess(port_of(opened), token, process)
