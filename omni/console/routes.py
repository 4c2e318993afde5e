"""The HTTP API and the WebSocket."""

import asyncio
import contextlib
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, WebSocket, delete, get, post, websocket
from litestar.datastructures import State
from litestar.exceptions import HTTPException, WebSocketDisconnect
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from omni.console.access import cookie_name
from omni.console.body import Act, Applied, Entry, Ready, Speed, Watch
from omni.console.credential import Token
from omni.console.node import Node
from omni.console.stream import Reader

BROWSERS_MOST = 16
_TRY_AGAIN_LATER = 1013
_watch = msgspec.json.Decoder(Watch)


@get("/livez", media_type="text/plain", summary="Whether the console's process is alive; needs no token")
async def live() -> str:
    """Answer anyone."""
    return "ok\n"


@get("/readyz", summary="Whether the console has a live view", responses={503: ResponseSpec(Ready)})
async def ready(state: State) -> Response[Ready]:
    """Answer 200 while the node answers and has shown a view, else 503."""
    found: Ready = await _node(state).readiness()
    return Response(found, status_code=200 if found.ready else 503)


@get("/metrics", media_type="text/plain", summary="Prometheus text")
async def metrics(state: State) -> Response[bytes]:
    """Give the newest view as Prometheus reads it."""
    from omni.console.metrics import MEDIA_TYPE, exposition  # noqa: PLC0415  (loaded by who scrapes)

    node = _node(state)
    text = exposition(node.hub.view, connected=node.hub.connected, node_pid=node.pid)
    return Response(text, media_type=MEDIA_TYPE)


@get("/session", summary="Whether this client is let in", status_code=204)
async def session_state() -> None:
    """Answer 204 to who has the cookie or the token; others are stopped at the door."""


@post("/session", summary="Exchange the token for a cookie", status_code=204)
async def session_open(data: Entry, request: Request[Any, Any, State]) -> Response[None]:
    """Give a cookie that scripts can't read and other sites can't send."""
    token: Token = request.app.state.token
    if not token.opens(data.token):
        raise HTTPException(detail="that is not this console's token", status_code=401)
    response: Response[None] = Response(None, status_code=204)
    name = cookie_name(request.app.state.port)
    response.set_cookie(name, token.cookie, path="/", httponly=True, samesite="strict")
    return response


@delete("/session", summary="Forget the cookie", status_code=204)
async def session_close(request: Request[Any, Any, State]) -> Response[None]:
    """Take the cookie back from this browser."""
    response: Response[None] = Response(None, status_code=204)
    response.delete_cookie(cookie_name(request.app.state.port), path="/")
    return response


@get("/api/view", summary="The whole view, as docs/reference/control-protocol.md describes it")
async def view(state: State) -> Response[bytes]:
    """Ask the node for its view now."""
    found = await _node(state).request("view")
    return Response(msgspec.json.encode(found), media_type="application/json")


@post("/api/kill", status_code=200, summary="Cancel every order and refuse new ones until resumed")
async def kill(state: State, data: Act) -> Applied:
    """Answer when the engine has done it."""
    return await _apply(state, "kill", reason=data.reason)


@post("/api/resume", status_code=200, summary="End the kill")
async def resume(state: State, data: Act) -> Applied:
    """Answer when the engine has done it."""
    return await _apply(state, "resume", reason=data.reason)


@post("/api/stop", status_code=200, summary="End the run cleanly: orders are cancelled, the report is written")
async def stop(state: State) -> Applied:
    """Answer when the node has begun to end the run; the view's state says when it is over."""
    return await _apply(state, "stop")


@post("/api/speed", status_code=200, summary="Set how fast simulated time runs")
async def speed(state: State, data: Speed) -> Applied:
    """Answer when the node has done it."""
    return await _apply(state, "speed", multiple=data.multiple)


@post("/api/strategies/{session:int}/{verb:str}", status_code=200, summary="Stop a strategy, or let it trade again")
async def strategy(
    state: State, session: int, verb: Annotated[Literal["start", "stop"], Parameter(description="start or stop")]
) -> Applied:
    """Answer when the engine has done it; a stopped strategy's orders are cancelled."""
    return await _apply(state, f"strategy.{verb}", session=session)


@websocket("/ws")
async def stream(socket: WebSocket[Any, Any, State]) -> None:
    """Send a snapshot, then deltas; take `{"watch": [instrument ids]}`."""
    node = _node(socket.app.state)
    await socket.accept()
    if node.hub.count >= BROWSERS_MOST:
        await socket.close(code=_TRY_AGAIN_LATER, reason=f"{BROWSERS_MOST} pages are open already; close one")
        return
    reader = node.hub.join()
    sender = asyncio.create_task(_send(socket, reader))
    try:
        await _listen(socket, node, reader)
    except WebSocketDisconnect:
        pass
    finally:
        node.hub.leave(reader)
        sender.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
            await sender
        await node.watch_what_is_shown()


async def _send(socket: WebSocket[Any, Any, State], reader: Reader) -> None:
    """Send whatever is new, each time the browser has taken what went before."""
    while True:
        await reader.wake.wait()
        for message in reader.messages():
            await socket.send_data(message, mode="text", encoding="utf-8")


async def _listen(socket: WebSocket[Any, Any, State], node: Node, reader: Reader) -> None:
    while True:
        text = await socket.receive_text()
        try:
            wanted = _watch.decode(text)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            reader.say({"type": "watching", "instruments": reader.watched, "error": str(error)})
            continue
        before = reader.watched
        reader.watch(wanted.watch)
        refused = await node.watch_what_is_shown()
        if refused is not None:
            reader.watch(before)
        reader.say({"type": "watching", "instruments": reader.watched, "error": refused})


def _node(state: State) -> Node:
    node: Node = state.node
    return node


async def _apply(state: State, verb: str, **fields: object) -> Applied:
    result = await _node(state).request(verb, **fields)
    return msgspec.convert(result, Applied)
