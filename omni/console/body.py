"""What clients of the HTTP API send and receive."""

from typing import Annotated

from msgspec import Meta, Struct

Reason = Annotated[str, Meta(min_length=1, max_length=256, description="Why; at most 256 bytes, kept in the journal.")]


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """The token, to be exchanged for the cookie."""

    token: Annotated[str, Meta(max_length=64, description="What the terminal showed, and the token file holds.")]


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    """A kill or a resume, with the reason that the journal keeps."""

    reason: Reason


class Speed(Struct, frozen=True, forbid_unknown_fields=True):
    """How fast simulated time runs."""

    multiple: Annotated[float, Meta(gt=0)] | None
    """Simulated over real time; null is as fast as possible."""


class Watch(Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser says over the WebSocket: the instruments whose bars and depth it shows."""

    watch: Annotated[list[Annotated[int, Meta(ge=0, le=2**32 - 1)]], Meta(max_length=8)]


class Applied(Struct, frozen=True):
    """The engine has applied a command."""

    seq: int
    """The place of its input in the engine's stream."""


class Ready(Struct, frozen=True):
    """Whether the console has a live view to show."""

    ready: bool
    node: str
    """What is known of the link to the node."""
    state: str | None
    """The engine's state, if known: starting, running, killed, stopping or done."""
    age_ms: int | None
    """How old the newest view is that the node has; large while the engine is busy or hangs."""
