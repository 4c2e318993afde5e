"""The one address that the console listens on: a port of 127.0.0.1."""

import errno
import socket

from omni.model.error import ConfigError

HOST = "127.0.0.1"
PORT_DEFAULT = 8310
#: What the system holds for a browser that takes nothing: left to itself it lets megabytes of old views queue up.
_SEND_BUFFER_BYTES = 65_536


def listen(port: int = PORT_DEFAULT, *, tries: int = 1) -> socket.socket:
    """Return a socket listening on 127.0.0.1, on the first free port from `port` up.

    Parameters
    ----------
    port
        First port to try; 0 takes any free one.
    tries
        How many consecutive ports to try; 1 takes `port` or fails.

    Raises
    ------
    ConfigError
        Where no port of those is free, or the port may not be used.
    """
    if not 0 <= port <= 65_535:
        raise ConfigError(f"a port is a number from 0 to 65535, not {port}")
    last = min(port + max(tries, 1) - 1, 65_535)
    for candidate in range(port, last + 1):
        opened = _open(candidate)
        if opened is not None:
            return opened
    raise ConfigError(_in_use(port, last))


def _open(port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise ConfigError(f"can't listen on {HOST} port {port}: {error.strerror}") from error
    return listener


def _in_use(first: int, last: int) -> str:
    if first == last:
        return f"port {first} of {HOST} is in use; choose another with --port N, or any free one with --port 0"
    return (
        f"ports {first} to {last} of {HOST} are all in use; choose another with --port N, or any free one with --port 0"
    )


def port_of(listener: socket.socket) -> int:
    """Return the port that `listener` is bound to."""
    port: int = listener.getsockname()[1]
    return port
