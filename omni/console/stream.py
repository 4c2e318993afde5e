"""One subscription to the node, shared by every browser.

The hub keeps the newest view. A browser's reader builds each message from that view at the moment the browser can take
one, so a slow browser gets fewer deltas, each to the newest view: nothing queues, nothing waits for it.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import msgspec

View = dict[str, Any]
TAILS: Final = ("fills", "equity")
LISTS: Final = ("bars", "watched_fills")
BY_INSTRUMENT: Final = (*LISTS, "depth")
_encoder = msgspec.json.Encoder()


class Hub:
    """The newest view of the node and who wants to hear of it.

    Parameters
    ----------
    report
        Where the run's report will be, for people.
    """

    def __init__(self, report: str = "") -> None:
        self.report = report
        self.view: View | None = None
        self.number = 0
        self.connected = False
        self.message = "not connected yet"
        self.epoch = 0
        self.stamps: dict[str, int] = {}
        self._stamp = 0
        self._encoded: dict[str, tuple[int, msgspec.Raw]] = {}
        self._readers: set[Reader] = set()

    def join(self) -> "Reader":
        """Add a browser; it starts with a snapshot."""
        reader = Reader(self)
        self._readers.add(reader)
        return reader

    def leave(self, reader: "Reader") -> None:
        """Remove a browser."""
        self._readers.discard(reader)

    @property
    def count(self) -> int:
        """Return how many browsers listen."""
        return len(self._readers)

    def watched(self) -> list[int]:
        """Return the instruments whose bars and depth some browser shows, without repeats."""
        return sorted({instrument for reader in self._readers for instrument in reader.watched})

    def replace(self, view: View, number: int) -> None:
        """Take a snapshot: everything may be new."""
        self.epoch += 1
        self.view = view
        self._mark(view, number)

    def update(self, view: View, changed: Iterable[str], number: int) -> None:
        """Take the view after a delta that changed these sections."""
        self.view = view
        self._mark(changed, number)

    def set_link(self, *, connected: bool, message: str) -> None:
        """Say whether the node is there."""
        self.connected, self.message = connected, message
        self._mark((), self.number)

    def section(self, name: str) -> msgspec.Raw:
        """Return a section as JSON; encoded once for all browsers."""
        kept = self._encoded.get(name)
        stamp = self.stamps[name]
        if kept is None or kept[0] != stamp:
            kept = (stamp, msgspec.Raw(_encoder.encode((self.view or {})[name])))
            self._encoded[name] = kept
        return kept[1]

    def _mark(self, changed: Iterable[str], number: int) -> None:
        self.number = number
        self._stamp += 1
        for name in changed:
            self.stamps[name] = self._stamp
        for reader in self._readers:
            reader.wake.set()

    @property
    def stamp(self) -> int:
        """Return how many changes there have been."""
        return self._stamp


class Reader:
    """What one browser has been told so far, and with it what it is to be told next."""

    def __init__(self, hub: Hub) -> None:
        self.wake = asyncio.Event()
        self.wake.set()
        self.watched: list[int] = []
        self._hub = hub
        self._epoch = -1
        self._stamp = 0
        self._link: tuple[bool, str] | None = None
        self._ends: dict[str, int] = {}
        self._rewatched = False
        self._said: list[bytes] = []

    def say(self, message: dict[str, Any]) -> None:
        """Send this browser alone a message, before what is new."""
        self._said.append(_encoder.encode(message))
        self.wake.set()

    def watch(self, instruments: list[int]) -> None:
        """Show these instruments' bars and depth from now on."""
        self.watched = instruments
        self._rewatched = True
        self.wake.set()

    def messages(self) -> list[bytes]:
        """Return what brings the browser to the newest view, which may be nothing."""
        self.wake.clear()
        said, self._said = self._said, []
        found = [*said, self._link_message(), self._view_message()]
        return [message for message in found if message is not None]

    def _link_message(self) -> bytes | None:
        link = (self._hub.connected, self._hub.message)
        if link == self._link:
            return None
        self._link = link
        return _encoder.encode({"type": "link", "connected": link[0], "message": link[1], "report": self._hub.report})

    def _view_message(self) -> bytes | None:
        hub = self._hub
        if hub.view is None:
            return None
        fresh = self._epoch != hub.epoch
        if fresh:
            self._epoch, self._stamp, self._ends = hub.epoch, 0, {}
        sections = self._sections(hub.view, fresh=fresh)
        self._stamp, self._rewatched = hub.stamp, False
        if fresh:
            return _encoder.encode({"type": "snapshot", "number": hub.number, "view": sections})
        return _encoder.encode({"type": "delta", "number": hub.number, "changed": sections}) if sections else None

    def _sections(self, view: View, *, fresh: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in view:
            if name in TAILS:
                tail = self._tail(name, view[name], always=fresh)
                if tail is not None:
                    found[name] = tail
            elif name in BY_INSTRUMENT:
                continue
            elif self._is_new(name):
                found[name] = self._hub.section(name)
        if fresh or self._rewatched or self._is_new("depth"):
            found["depth"] = self._depth(view)
        for name in LISTS:
            lists = self._lists(name, view[name], always=fresh)
            if lists or fresh:
                found[name] = lists
        return found

    def _is_new(self, name: str) -> bool:
        return self._hub.stamps.get(name, 0) > self._stamp

    def _depth(self, view: View) -> dict[str, Any]:
        return {str(i): view["depth"][str(i)] for i in self.watched if str(i) in view["depth"]}

    def _lists(self, name: str, lists: dict[str, Any], *, always: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        wanted = [str(i) for i in self.watched if str(i) in lists]
        for instrument in wanted:
            series = lists[instrument]
            tail = self._tail(f"{name} {instrument}", series, always=always)
            if tail is not None:
                found[instrument] = {**series, **tail}
        for key in [key for key in self._ends if key.startswith(f"{name} ")]:
            instrument = key.removeprefix(f"{name} ")
            if instrument not in wanted:
                del self._ends[key]
                found[instrument] = None
        return found

    def _tail(self, key: str, tail: dict[str, Any], *, always: bool) -> dict[str, Any] | None:
        first: int = tail["first"]
        end = first + len(tail["items"])
        known = key in self._ends
        sent = self._ends.get(key, first)
        if known and sent == end and not always:
            return None
        self._ends[key] = end
        if always:
            return {"first": first, "items": tail["items"]}
        start = sent if first <= sent <= end else first
        return {"first": first, "from": start, "items": tail["items"][start - first :]}
