"""Clients of a running node's control socket: `ControlClient` for the CLI, `AsyncControlClient` for the console.

The messages are described in `docs/reference/control-protocol.md`.
"""

import asyncio
import itertools
import os
import socket
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import msgspec

from omni.infra.control_message import Delta, Line, Lines, Snapshot, View, apply, decode
from omni.model.error import EngineError, OmniError, RefusedError

__all__ = [
    "SOCKET",
    "AsyncControlClient",
    "ControlClient",
    "Delta",
    "NoNodeError",
    "Snapshot",
    "View",
    "address",
    "apply",
]

SOCKET = "control.sock"
"""Name of the control socket in a run's folder."""

_CHUNK = 1 << 18
_ADDRESS_MAX = 107
_LINE_MAX = 1 << 16
_T = TypeVar("_T")
_Result = dict[str, Any]


class NoNodeError(EngineError):
    """No node is running for the run folder."""


@contextmanager
def address(folder: Path) -> Iterator[str]:
    """Give the socket's address; one that is too long for the system goes by the folder's descriptor."""
    path = folder / SOCKET
    if len(os.fsencode(path)) <= _ADDRESS_MAX:
        yield str(path)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)


def _unreachable(folder: Path, error: OSError) -> OmniError:
    match error:
        case FileNotFoundError() | ConnectionRefusedError() | NotADirectoryError():
            return NoNodeError(
                f"no node is running for the run folder {folder} (nothing answers on its {SOCKET}); "
                "`omni run` starts one, `omni runs ls` lists the runs"
            )
        case PermissionError():
            return RefusedError(f"the node of the run folder {folder} belongs to another user: only they may reach it")
    return EngineError(f"can't reach the node of the run folder {folder}: {error}")


def _ended(folder: Path) -> NoNodeError:
    return NoNodeError(f"the node of the run folder {folder} hung up: it has ended, or this client read too slowly")


def _late(folder: Path, verb: str, timeout_s: float) -> EngineError:
    return EngineError(
        f"the node of the run folder {folder} took {verb!r} and hasn't answered within {timeout_s:g} s: its engine is "
        "busy or hangs; a command waits there and still counts"
    )


class _Verbs(Generic[_T]):
    """The verbs, over a client's `request`: each returns what that returns."""

    def request(self, verb: str, **fields: object) -> _T:
        """Send one request and return its result."""
        raise NotImplementedError

    def status(self) -> _T:
        """Return the view without its long lists, and its `age_ms`."""
        return self.request("status")

    def view(self) -> _T:
        """Return the whole view, and its `age_ms`."""
        return self.request("view")

    def watch(self, instruments: Sequence[int]) -> _T:
        """Say which instruments' `bars` and `depth` the view should hold, until this client closes."""
        return self.request("watch", instruments=list(instruments))

    def kill(self, reason: str) -> _T:
        """Cancel every order and refuse new ones, until `resume`."""
        return self.request("kill", reason=reason)

    def resume(self, reason: str) -> _T:
        """End the kill; the reason can't be empty."""
        return self.request("resume", reason=reason)

    def stop(self) -> _T:
        """End the run cleanly."""
        return self.request("stop")

    def stop_strategy(self, session: int) -> _T:
        """Stop a strategy; its orders are cancelled."""
        return self.request("strategy.stop", session=session)

    def start_strategy(self, session: int) -> _T:
        """Let a stopped strategy trade again."""
        return self.request("strategy.start", session=session)

    def speed(self, multiple: float | None) -> _T:
        """Run simulated time at a multiple of real time; None is as fast as possible."""
        return self.request("speed", multiple=multiple)


class _Connection:
    """A blocking connection that brings lines."""

    def __init__(self, folder: Path, timeout_s: float) -> None:
        self._folder = folder
        self._lines = Lines()
        self._ready: deque[bytes] = deque()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout_s)
        try:
            with address(folder) as place:
                self._socket.connect(place)
        except OSError as error:
            self._socket.close()
            raise _unreachable(folder, error) from error

    def settimeout(self, timeout_s: float | None) -> None:
        self._socket.settimeout(timeout_s)

    def send(self, request: _Result) -> None:
        try:
            self._socket.sendall(_line(request))
        except ConnectionError:
            # What the node said before it hung up is still to be read, and tells more than this.
            return

    def receive(self) -> Line:
        """Return the next line; raises TimeoutError, and NoNodeError at the end."""
        while not self._ready:
            try:
                chunk = self._socket.recv(_CHUNK)
            except ConnectionError:
                chunk = b""
            if not chunk:
                raise _ended(self._folder)
            self._ready.extend(self._lines.take(chunk))
        return decode(self._ready.popleft())

    def close(self) -> None:
        self._socket.close()


class ControlClient(_Verbs[_Result]):
    """A blocking client of the node that runs in `folder`.

    Raises `NoNodeError` where none does, `RefusedError` with the node's own words where it refuses a request, and
    `EngineError` where no answer comes within `timeout_s` seconds.
    """

    def __init__(self, folder: Path, timeout_s: float = 5.0) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._ids = itertools.count(1)
        self._connection = _Connection(folder, timeout_s)

    def request(self, verb: str, **fields: object) -> _Result:
        """Send one request and return its result."""
        wanted = next(self._ids)
        try:
            self._connection.send({"id": wanted, "verb": verb, **fields})
            # An answer to an earlier request, which came after its time-out, is passed over.
            while (line := self._connection.receive()).id not in {wanted, None}:
                pass
        except TimeoutError as error:
            raise _late(self._folder, verb, self._timeout_s) from error
        return line.outcome()

    def subscribe(self, hz: int = 20) -> Iterator[Snapshot | Delta]:
        """Yield a snapshot, then deltas, on a connection of its own, until the node ends or the iterator is closed."""
        connection = _Connection(self._folder, self._timeout_s)
        try:
            connection.send({"id": 0, "verb": "subscribe", "hz": hz})
            connection.receive().outcome()
            connection.settimeout(None)
            while (line := _next(connection)) is not None:
                if (message := line.message()) is not None:
                    yield message
        except TimeoutError as error:
            raise _late(self._folder, "subscribe", self._timeout_s) from error
        finally:
            connection.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _AsyncConnection:
    """An asynchronous connection that brings lines."""

    def __init__(self, folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._folder = folder
        self._reader = reader
        self._writer = writer
        self._lines = Lines()
        self._ready: deque[bytes] = deque()

    @classmethod
    async def open(cls, folder: Path) -> Self:
        try:
            with address(folder) as place:
                # Little is read ahead, so that the node notices a slow client and spares it old deltas.
                reader, writer = await asyncio.open_unix_connection(place, limit=_CHUNK)
        except OSError as error:
            raise _unreachable(folder, error) from error
        return cls(folder, reader, writer)

    def send(self, request: _Result) -> None:
        self._writer.write(_line(request))

    async def receive(self) -> Line:
        while not self._ready:
            try:
                chunk = await self._reader.read(_CHUNK)
            except ConnectionError:
                chunk = b""
            if not chunk:
                raise _ended(self._folder)
            self._ready.extend(self._lines.take(chunk))
        return decode(self._ready.popleft())

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            # Closed by the other side first, which is as good.
            return


class AsyncControlClient(_Verbs[Coroutine[Any, Any, _Result]]):
    """An asynchronous client of the node that runs in `folder`; open it with `async with`.

    Requests may be made side by side. It raises what `ControlClient` does.
    """

    def __init__(self, folder: Path, timeout_s: float = 5.0) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Line]] = {}
        self._connection: _AsyncConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._connection = await _AsyncConnection.open(self._folder)
        self._reading = asyncio.create_task(self._read(self._connection))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def request(self, verb: str, **fields: object) -> _Result:
        """Send one request and return its result."""
        if self._connection is None or self._reading is None or self._reading.done():
            raise _ended(self._folder)
        number = next(self._ids)
        answer: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._connection.send({"id": number, "verb": verb, **fields})
            line = await asyncio.wait_for(answer, self._timeout_s)
        except TimeoutError as error:
            raise _late(self._folder, verb, self._timeout_s) from error
        finally:
            del self._waiting[number]
        return line.outcome()

    async def subscribe(self, hz: int = 20) -> AsyncIterator[Snapshot | Delta]:
        """Yield a snapshot, then deltas, on a connection of its own, until the node ends or the iterator is closed."""
        connection = await _AsyncConnection.open(self._folder)
        try:
            connection.send({"id": 0, "verb": "subscribe", "hz": hz})
            (await asyncio.wait_for(connection.receive(), self._timeout_s)).outcome()
            while (line := await _async_next(connection)) is not None:
                if (message := line.message()) is not None:
                    yield message
        except TimeoutError as error:
            raise _late(self._folder, "subscribe", self._timeout_s) from error
        finally:
            await connection.close()

    async def close(self) -> None:
        """Hang up."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        if self._connection is not None:
            await self._connection.close()

    async def _read(self, connection: _AsyncConnection) -> None:
        try:
            while True:
                self._answer(await connection.receive())
        except OmniError as error:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(error)

    def _answer(self, line: Line) -> None:
        # A line without an id is about the connection, so about every request on it.
        for number, answer in self._waiting.items():
            if line.id in {number, None} and not answer.done():
                answer.set_result(line)


def _line(request: _Result) -> bytes:
    line = msgspec.json.encode(request)
    if len(line) > _LINE_MAX:
        raise RefusedError(f"the request has {len(line)} bytes, and the node takes at most {_LINE_MAX}; shorten it")
    return line + b"\n"


def _next(connection: _Connection) -> Line | None:
    try:
        return connection.receive()
    except NoNodeError:
        return None


async def _async_next(connection: _AsyncConnection) -> Line | None:
    try:
        return await connection.receive()
    except NoNodeError:
        return None
