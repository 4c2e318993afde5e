"""Clients of a running node's control socket: `ControlClient` for the CLI, `AsyncControlClient` for the console.

The messages are described in `docs/reference/control-protocol.md`.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import UNSET, Struct, UnsetType

from omni.model.error import EngineError, OmniError, RefusedError

SOCKET = "control.sock"
"""Name of the control socket in a run's folder."""

_CHUNK = 1 << 18
_ADDRESS_MAX = 107

View = dict[str, Any]
"""A view of a run, section by section."""


class NoNodeError(EngineError):
    """No node is running for the run folder."""


class Snapshot(Struct, frozen=True):
    """The whole view numbered `number`; the first message of a subscription."""

    number: int
    view: View


class Delta(Struct, frozen=True):
    """What changed up to view `number`; `apply` puts it into the view that the client has."""

    number: int
    changed: dict[str, Any]


class _Line(Struct, frozen=True):
    """Any line of the node: a reply, a snapshot or a delta."""

    id: int | None | UnsetType = UNSET
    ok: bool = False
    result: dict[str, Any] = {}
    error: str = ""
    type: str = ""
    number: int = 0
    view: View = {}
    changed: dict[str, Any] = {}

    def message(self) -> Snapshot | Delta | None:
        """Return the subscription's message, or None where the line is none."""
        match self.type:
            case "snapshot":
                return Snapshot(self.number, self.view)
            case "delta":
                return Delta(self.number, self.changed)
        return None

    def outcome(self) -> dict[str, Any]:
        """Return a reply's result, or raise what the node refused."""
        if not self.ok:
            raise RefusedError(self.error)
        return self.result


_decode = msgspec.json.Decoder(_Line).decode
_encode = msgspec.json.Encoder().encode


def apply(view: View, delta: Delta) -> None:
    """Bring `view` to the state that `delta` leads to, in place."""
    for name, change in delta.changed.items():
        if name in {"fills", "equity"}:
            _grow(view[name], change)
        elif name == "bars":
            _apply_bars(view["bars"], change)
        else:
            view[name] = change


def _apply_bars(bars: dict[str, Any], change: dict[str, Any]) -> None:
    for instrument, part in change.items():
        if part is None:
            bars.pop(instrument, None)
            continue
        held = bars.setdefault(instrument, {"interval_ns": 0, "first": 0, "items": []})
        held["interval_ns"] = part["interval_ns"]
        _grow(held, part)


def _grow(held: dict[str, Any], change: dict[str, Any]) -> None:
    first, start, items = change["first"], change["from"], held["items"]
    if start == first:
        items.clear()
    else:
        del items[start - held["first"] :]
        del items[: first - held["first"]]
    items.extend(change["items"])
    held["first"] = first


class _Lines:
    """Cuts what a socket brings into lines."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def take(self, chunk: bytes) -> list[bytes]:
        """Return the lines that `chunk` ends."""
        end = chunk.rfind(b"\n")
        if end < 0:
            self._rest += chunk
            return []
        lines = (bytes(self._rest) + chunk[:end]).split(b"\n")
        self._rest = bytearray(chunk[end + 1 :])
        return lines


@contextmanager
def _address(folder: Path) -> Iterator[str]:
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


class _Verbs[T]:
    """The verbs, over a client's `request`: each returns what that returns."""

    def request(self, verb: str, **fields: object) -> T:
        """Send one request and return its result."""
        raise NotImplementedError

    def status(self) -> T:
        """Return the view without its long lists, and its `age_ms`."""
        return self.request("status")

    def view(self) -> T:
        """Return the whole view, and its `age_ms`."""
        return self.request("view")

    def watch(self, instruments: Sequence[int]) -> T:
        """Say which instruments' `bars` and `depth` the view should hold, until this client closes."""
        return self.request("watch", instruments=list(instruments))

    def kill(self, reason: str) -> T:
        """Cancel every order and refuse new ones, until `resume`."""
        return self.request("kill", reason=reason)

    def resume(self, reason: str) -> T:
        """End the kill; the reason can't be empty."""
        return self.request("resume", reason=reason)

    def stop(self) -> T:
        """End the run cleanly."""
        return self.request("stop")

    def stop_strategy(self, session: int) -> T:
        """Stop a strategy; its orders are cancelled."""
        return self.request("strategy.stop", session=session)

    def start_strategy(self, session: int) -> T:
        """Let a stopped strategy trade again."""
        return self.request("strategy.start", session=session)

    def speed(self, multiple: float | None) -> T:
        """Run simulated time at a multiple of real time; None is as fast as possible."""
        return self.request("speed", multiple=multiple)
