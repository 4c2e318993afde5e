"""The messages of a node's control socket, and what applying them gives."""

from typing import Any

import msgspec
from msgspec import Struct

from omni.model.error import RefusedError

View = dict[str, Any]
"""A view of a run, section by section."""


class Snapshot(Struct, frozen=True):
    """The whole view numbered `number`; the first message of a subscription."""

    number: int
    view: View


class Delta(Struct, frozen=True):
    """What changed up to view `number`; `apply` puts it into the view that the client has."""

    number: int
    changed: dict[str, Any]


class Line(Struct, frozen=True):
    """Any line of the node: a reply, a snapshot or a delta."""

    id: int | None = None
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


decode = msgspec.json.Decoder(Line).decode
"""Reads a line of the node."""


def apply(view: View, delta: Delta) -> None:
    """Bring `view` to the state that `delta` leads to, in place."""
    for name, change in delta.changed.items():
        if name in {"fills", "equity"}:
            _grow(view[name], change)
        elif name in {"bars", "watched_fills"}:
            _apply_watched(view[name], change)
        else:
            view[name] = change


def _apply_watched(lists: dict[str, Any], change: dict[str, Any]) -> None:
    for instrument, part in change.items():
        if part is None:
            lists.pop(instrument, None)
            continue
        held = lists.setdefault(instrument, {"first": 0, "items": []})
        if "interval_ns" in part:
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


class Lines:
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
