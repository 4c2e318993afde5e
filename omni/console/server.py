"""Runs the application on a listening socket until it is told to end."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from omni.console.app import build_app
from omni.console.credential import Token
from omni.console.listener import port_of
from omni.console.node import Node

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

_PARENT_LOOK_S = 0.5
_WEBSOCKET_LINE_MOST = 16_384


class _WebSocket(WebSocketsSansIOProtocol):
    """Takes a handshake that was answered with plain HTTP for complete; uvicorn's own logs that as an error."""

    async def send(self, message: "ASGISendEvent") -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True


class _Server(uvicorn.Server):
    """Says when it serves; ends on a signal and returns, where uvicorn's own would raise it again as its exit code."""

    def __init__(self, config: uvicorn.Config, announce: str) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._announce:
            print(self._announce, flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.end)
        yield

    def end(self) -> None:
        """Take no more requests, finish those under way, return."""
        self.should_exit = True


def serve(run: Path, token: Token, listener: socket.socket, *, parent: int | None = None, announce: str = "") -> None:
    """Serve the console of the node of the run folder `run` until SIGINT, SIGTERM or, where given, the parent's end.

    `announce` is printed once requests are answered.
    """
    app = build_app(Node(run), token, port_of(listener))
    config = uvicorn.Config(
        app,
        http="h11",
        ws=_WebSocket,
        ws_max_size=_WEBSOCKET_LINE_MOST,
        ws_per_message_deflate=False,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    uvloop.run(_run(_Server(config, announce), listener, parent))


async def _run(server: _Server, listener: socket.socket, parent: int | None) -> None:
    watch = asyncio.create_task(_end_with(parent, server)) if parent is not None else None
    await server.serve(sockets=[listener])
    if watch is not None:
        watch.cancel()


async def _end_with(parent: int, server: _Server) -> None:
    """End the server once its parent is gone: a process whose parent ended gets another."""
    while os.getppid() == parent:
        await asyncio.sleep(_PARENT_LOOK_S)
    server.end()
