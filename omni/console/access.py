"""The console's door: which requests are let in.

Every request passes here first. A foreign `Host` (DNS rebinding) or `Origin` (another page of this browser) is
refused whatever it carries; then everything but `/livez` and the page's own files needs the token. The files are the
same for every run and hold nothing of one: they must load before the page can read the token from the URL's fragment.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from omni.console.credential import Token

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application, by the ASGI specification's own types."""

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_SAFE = frozenset({"GET", "HEAD"})


class Door:
    """Middleware around the whole application.

    Parameters
    ----------
    app
        What is behind the door.
    token
        What opens it.
    port
        The console's port: part of the only hosts and origins that are ours.
    open_paths
        What anyone may fetch: `/livez` and the page's files. `POST /session` is open too: it takes the token itself.
    """

    def __init__(self, app: Application, token: Token, port: int, open_paths: frozenset[str]) -> None:
        self._app = app
        self._token = token
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._open_paths = open_paths
        self._cookie_name = cookie_name(port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is None:
            await self._app(scope, receive, _with_headers(send))
        else:
            await _refuse(scope, receive, send, refused)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        if headers.get("host") not in self._hosts:
            return 421, "this console answers only to its own address on this machine"
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return 403, "a page of another origin may not use this console"
        if self._is_open(scope):
            return None
        return self._check_secret(scope, headers)

    def _is_open(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        if scope["method"] in _SAFE:
            return scope["path"] in self._open_paths
        return bool(scope["method"] == "POST" and scope["path"] == "/session")

    def _check_secret(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        scheme, _, offered = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._token.opens(offered.strip()):
            return None
        if not self._token.opens_cookie(_cookie(headers.get("cookie", ""), self._cookie_name)):
            return 401, "the console needs its token: a cookie from POST /session, or Authorization: Bearer TOKEN"
        reads = scope["type"] == "http" and scope["method"] in _SAFE
        if not reads and "origin" not in headers:
            return 403, "a request that acts by cookie must name its Origin"
        return None


def cookie_name(port: int) -> str:
    """Return the cookie's name; ports of one host share their cookies, so it holds the port."""
    return f"omni_console_{port}"


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name; a name given twice is joined, so that it matches nothing of ours."""
    found: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        found[name] = f"{found[name]}{separator}{text}" if name in found else text
    return found


def _cookie(header: str, name: str) -> str:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return next((value for found, _, value in pairs if found == name), "")


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return sender


async def _refuse(scope: Scope, receive: Receive, send: Send, refused: tuple[int, str]) -> None:
    """Answer a request, or a WebSocket's opening one, with plain HTTP."""
    status, reason = refused
    prefix = "http.response"
    if scope["type"] == "websocket":
        await receive()
        prefix = "websocket.http.response"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *HEADERS]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": f"{prefix}.start", "status": status, "headers": headers})
    await send({"type": f"{prefix}.body", "body": reason.encode() + b"\n", "more_body": False})
