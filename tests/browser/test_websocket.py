"""The WebSocket and the API as a program uses them, on the gateway's real socket."""

import json
import socket
import urllib.error
import urllib.request
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from omni.console.routes import BROWSERS_MOST
from omni.infra.control import Delta, apply

WAIT_S = 30
#: So many that what a stalled browser would have got is more than any buffer on the way holds.
DELTAS_WHILE_STALLED = 200


def _dial(console, **options):
    headers = {"Authorization": f"Bearer {console.token.text}"}
    address = f"ws://127.0.0.1:{console.port}/ws"
    return connect(address, additional_headers=headers, max_size=None, proxy=None, **options)


@pytest.fixture
def dial(console):
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_dial(console))


@pytest.fixture
def stall(console):
    """Return what dials with next to no room for what it doesn't take in."""
    with ExitStack() as stack:

        def call():
            small = socket.socket()
            small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            small.connect(("127.0.0.1", console.port))
            return stack.enter_context(_dial(console, sock=small, max_queue=1))

        yield call


@pytest.fixture
def ask(console):
    def request(path, body=None):
        headers = {"Authorization": f"Bearer {console.token.text}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(console.address.rstrip("/") + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=WAIT_S) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    return request


def _next(socket, wanted):
    while True:
        message = json.loads(socket.recv(timeout=WAIT_S))
        if message["type"] == wanted:
            return message


def test_a_snapshot_and_its_deltas_lead_to_the_nodes_view(dial, ask):
    socket = dial()
    view = _next(socket, "snapshot")["view"]
    socket.send('{"watch": [7]}')
    while len(view["bars"].get("7", {"items": []})["items"]) < 5:
        delta = _next(socket, "delta")
        apply(view, Delta(delta["number"], delta["changed"]))
    status, body = ask("/api/view")
    assert status == 200
    now = json.loads(body)
    for name in ("fills", "equity"):
        held = view[name]
        assert held["items"] == now[name]["items"][held["first"] - now[name]["first"] :][: len(held["items"])]
    assert view["bars"]["7"]["items"] == now["bars"]["7"]["items"][: len(view["bars"]["7"]["items"])]
    ours = [fill["index"] for fill in view["watched_fills"]["7"]["items"]]
    assert ours == list(range(len(ours))), "its fills from the start of the day on"
    assert len(ours) >= 5
    assert view["instruments"] == now["instruments"]


def test_each_browser_gets_only_what_it_watches(dial):
    one, other = dial(), dial()
    one.send('{"watch": [3]}')
    other.send('{"watch": [4, 5]}')
    _next(one, "watching")
    _next(other, "watching")

    def depth_of(socket, wanted):
        while True:
            found = _next(socket, "delta")["changed"].get("depth")
            if found is not None and set(found) == wanted:
                return
            assert found is None or set(found) <= wanted

    depth_of(one, {"3"})
    depth_of(other, {"4", "5"})


def test_what_the_node_or_the_console_refuses_is_answered(dial):
    socket = dial()
    for wrong in (
        "nonsense",
        "{}",
        '{"watch": "all"}',
        '{"watch": [-1]}',
        '{"watch": [1,2,3,4,5,6,7,8,9]}',
        '{"x": 1}',
    ):
        socket.send(wrong)
        assert _next(socket, "watching")["error"], wrong
    # Eight are watched by one, so the node has no room for another's.
    socket.send('{"watch": [0,1,2,3,4,5,6,7]}')
    assert _next(socket, "watching")["error"] is None
    other = dial()
    other.send('{"watch": [8]}')
    refused = _next(other, "watching")
    assert refused["instruments"] == []
    assert "8" in refused["error"]
    socket.close()
    error = refused["error"]
    while error is not None:
        other.send('{"watch": [8]}')
        error = _next(other, "watching")["error"]


def test_so_many_browsers_and_no_more(dial):
    for _ in range(BROWSERS_MOST):
        _next(dial(), "snapshot")
    with pytest.raises(ConnectionClosed, match="1013"):
        dial().recv(timeout=WAIT_S)


def test_commands_reach_the_engine(ask, dial):
    _next(dial(), "snapshot")
    assert ask("/api/kill", {"reason": "drill"})[0] == 200
    assert json.loads(ask("/api/view")[1])["kill"]["reason"] == "drill"
    status, body = ask("/api/resume", {"reason": "drill over"})
    assert (status, json.loads(body)["seq"] > 0) == (200, True)
    assert ask("/api/speed", {"multiple": None})[0] == 200
    assert ask("/api/strategies/2/stop", {})[0] == 200
    status, body = ask("/api/strategies/99/stop", {})
    assert (status, json.loads(body)["detail"]) == (409, "no strategy has session 99; there is 2")
    assert ask("/api/resume", {"reason": "twice"})[0] == 409
    assert ask("/api/kill", {"reason": "ü" * 200})[0] == 409, "256 bytes, not letters"


def test_readiness_and_metrics_follow_the_node(ask, dial):
    _next(dial(), "snapshot")
    status, body = ask("/readyz")
    assert (status, json.loads(body)["state"]) == (200, "running")
    status, text = ask("/metrics")
    assert status == 200
    lines = dict(line.rsplit(" ", 1) for line in text.decode().splitlines() if not line.startswith("#"))
    assert lines["omni_node_up"] == "1.0"
    assert float(lines["omni_inputs_total"]) > 0
    assert float(lines['omni_process_resident_memory_bytes{process="node"}']) > 1e6


def test_a_browser_that_stalls_gets_fewer_deltas_and_holds_nobody_up(stall, dial, ask):
    stalled, quick = stall(), dial()
    for browser in (stalled, quick):
        browser.send(json.dumps({"watch": list(range(8))}))
    began = _next(quick, "delta")["number"]
    for _ in range(DELTAS_WHILE_STALLED):
        last = _next(quick, "delta")["number"]
    # The engine went on, and its commands are taken, while one browser took nothing.
    assert ask("/api/kill", {"reason": "drill"})[0] == 200
    view, got = None, 0
    while view is None or not view["kill"]["on"]:
        message = json.loads(stalled.recv(timeout=WAIT_S))
        if message["type"] == "snapshot":
            view = message["view"]
        elif message["type"] == "delta":
            apply(view, Delta(message["number"], message["changed"]))
            got += 1
    assert message["number"] >= last
    assert got < last - began, "what it missed came as one delta"
    indices = [fill["index"] for fill in view["fills"]["items"]]
    assert indices == list(range(view["fills"]["first"], indices[-1] + 1)), "and yet nothing is missing"
