"""The console's link to the node: subscribes, comes back after a loss, passes requests on."""

import asyncio
import contextlib
import socket
import struct
from pathlib import Path
from typing import Any

import msgspec

from omni.console.body import Ready
from omni.console.stream import Hub
from omni.infra.control import SOCKET, AsyncControlClient, Delta, Snapshot, apply
from omni.model.error import OmniError, RefusedError

REPORT = "report.html"
_HZ = 20
_RETRY_FIRST_S = 0.1
_RETRY_MOST_S = 2.0
_PEER = struct.Struct("3i")


class NodeUnreachableError(OmniError):
    """The node doesn't answer; the message says what to do."""


class NodeRefusalError(OmniError):
    """The node refused a request; the message is its own."""


class Node:
    """The node of a run folder, as the console sees it.

    Parameters
    ----------
    run
        The run's folder.
    """

    def __init__(self, run: Path) -> None:
        self.hub = Hub(report=str(run.resolve() / REPORT))
        self.pid: int | None = None
        self._run = run
        self._client: AsyncControlClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._watched: list[int] = []
        self._watching = asyncio.Lock()

    def start(self) -> None:
        """Begin to follow the node."""
        self._task = asyncio.create_task(self._follow())
        self._task.add_done_callback(self._fell)

    async def stop(self) -> None:
        """Let go of the node."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def request(self, verb: str, **fields: object) -> dict[str, Any]:
        """Pass a request to the node and return its result.

        Raises
        ------
        NodeRefusalError
            Where the node refused it.
        NodeUnreachableError
            Where no node is there, or it doesn't answer in time.
        """
        client = self._client
        if client is None:
            raise NodeUnreachableError(f"the node can't be reached: {self.hub.message}")
        try:
            return await client.request(verb, **fields)
        except RefusedError as error:
            raise NodeRefusalError(str(error)) from error
        except (OmniError, OSError) as error:
            raise NodeUnreachableError(str(error)) from error

    async def readiness(self) -> Ready:
        """Ask the node how it is."""
        try:
            status = await self.request("status")
        except OmniError as error:
            return Ready(ready=False, node=str(error), state=None, age_ms=None)
        ready = self.hub.view is not None
        return Ready(ready=ready, node=self.hub.message, state=status["clock"]["state"], age_ms=status["age_ms"])

    async def watch_what_is_shown(self) -> str | None:
        """Tell the node which instruments some browser shows; return what it refused, or None."""
        async with self._watching:
            wanted = self.hub.watched()
            if wanted == self._watched or self._client is None:
                return None
            try:
                await self.request("watch", instruments=wanted)
            except OmniError as error:
                return str(error)
            self._watched = wanted
            return None

    def _fell(self, task: asyncio.Task[None]) -> None:
        """Say on the page that the console itself is at fault, where it is."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._client = None
            self.hub.set_link(connected=False, message=f"a fault of the console, which must be restarted: {error!r}")

    async def _follow(self) -> None:
        wait_s = _RETRY_FIRST_S
        while True:
            epoch = self.hub.epoch
            try:
                await self._listen()
                message = "the node closed the subscription"
            except (OmniError, OSError, msgspec.MsgspecError) as error:
                message = str(error)
            self._client, self._watched, self.pid = None, [], None
            self.hub.set_link(connected=False, message=message)
            wait_s = _RETRY_FIRST_S if self.hub.epoch > epoch else min(wait_s * 2, _RETRY_MOST_S)
            await asyncio.sleep(wait_s)

    async def _listen(self) -> None:
        self.pid = _peer_pid(self._run / SOCKET)
        async with AsyncControlClient(self._run) as client:
            self._client = client
            await self.watch_what_is_shown()
            self.hub.set_link(connected=True, message="connected")
            async for message in client.subscribe(_HZ):
                self._take(message)

    def _take(self, message: Snapshot | Delta) -> None:
        if isinstance(message, Snapshot):
            self.hub.replace(message.view, message.number)
        elif self.hub.view is not None:
            apply(self.hub.view, message)
            self.hub.update(self.hub.view, message.changed, message.number)


def _peer_pid(path: Path) -> int | None:
    """Return the process that serves the socket, or None where the system doesn't say."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
            credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        except OSError:
            return None
    pid: int = _PEER.unpack(credentials)[0]
    return pid
