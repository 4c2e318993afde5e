"""The clients against the Rust server: `core/gateway/examples/serve.rs` runs a small engine behind the real socket."""

import asyncio
import copy
import json
import shutil
import socket
import stat
import subprocess
from contextlib import aclosing, closing, contextmanager
from itertools import islice
from pathlib import Path

import pytest

from omni.infra.control import SOCKET, AsyncControlClient, ControlClient, Delta, NoNodeError, Snapshot, apply
from omni.infra.control_message import Lines
from omni.model.error import EngineError, RefusedError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def server() -> str:
    if shutil.which("cargo") is None:
        pytest.skip("SKIPPED: the control socket's server needs cargo to be built")
    build = ["cargo", "build", "--locked", "--package", "omni-gateway", "--example", "serve"]
    done = subprocess.run(
        [*build, "--message-format=json-render-diagnostics"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    built = [json.loads(line) for line in done.stdout.splitlines()]
    return next(b["executable"] for b in built if b.get("executable") and b["target"]["name"] == "serve")


@contextmanager
def running(server, folder, *arguments):
    process = subprocess.Popen(
        [server, str(folder / SOCKET), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        # The end of its input ends it.
        process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.fixture
def folder(server, tmp_path):
    with running(server, tmp_path):
        yield tmp_path


@pytest.fixture
def client(folder):
    with ControlClient(folder, timeout_s=30) as client:
        yield client


def test_status_is_short_and_view_is_whole(client):
    status = client.status()
    assert status["run"] == {
        "id": "example",
        "mode": "sim",
        "environment": "dev",
        "version": "0.1.0",
        "seed": "18446744073709551615",
        "started_ns": "1748871000000000000",
    }
    assert "instruments" not in status
    assert status["age_ms"] < 30_000
    view = client.view()
    lists = {"positions", "orders", "fills", "equity", "bars", "watched_fills", "depth", "instruments"}
    assert set(view) == set(status) | lists
    assert view["orders"][0]["client_order_id"] == "18446744073709551615"
    assert view["accounts"][0]["cash"] == f"{100_000 + view['clock']['seq'] / 4:.2f}"
    assert [fill["index"] for fill in view["fills"]["items"]] == list(range(view["counters"]["fills"]))


def test_the_reference_shows_every_field(client):
    page = (ROOT / "docs/reference/control-protocol.md").read_text(encoding="utf-8")
    block = page.split("## The view")[1].split("```json\n")[1].split("```")[0]
    client.watch([7])
    assert _shape(json.loads(block)) == _shape(client.view() | {"age_ms": None}) - {("age_ms",)}


def _shape(value, path=()):
    """Return the paths of all keys; of a list only its first item's, as all its items have the same."""
    match value:
        case dict():
            return {(*path, key) for key in value}.union(*(_shape(v, (*path, k)) for k, v in value.items()))
        case [first, *_]:
            return _shape(first, (*path, 0))
    return set()


def test_commands_reach_the_engine_and_come_back(client):
    killed = client.kill("wrong prices")
    assert set(killed) == {"seq"}
    assert client.status()["kill"]["reason"] == "wrong prices"
    assert client.resume("prices are right again")["seq"] > killed["seq"]
    assert client.status()["kill"] == {"on": False, "reason": None, "since_ns": None}
    client.stop_strategy(2)
    assert client.status()["accounts"][0]["state"] == "stopped"
    client.start_strategy(2)
    assert client.status()["accounts"][0]["state"] == "running"
    client.speed(2.5)
    assert client.status()["clock"]["speed"] == 2.5
    client.speed(None)
    assert client.status()["clock"]["speed"] is None


def test_refusals_carry_the_nodes_words(client):
    with pytest.raises(RefusedError, match="the kill switch is not on"):
        client.resume("why not")
    with pytest.raises(RefusedError, match="resume needs a reason"):
        client.resume(" ")
    with pytest.raises(RefusedError, match="no strategy has session 9; there is 2"):
        client.stop_strategy(9)
    with pytest.raises(RefusedError, match='did you mean "status"'):
        client.request("statsu")
    client.view()
    with pytest.raises(RefusedError, match="no instrument has the id 12"):
        client.watch([12])
    with pytest.raises(RefusedError, match="at most 65536"):
        client.kill("x" * 70_000)
    with pytest.raises(RefusedError, match="multiple must be above zero"):
        client.speed(0)


def test_deltas_lead_to_the_view_that_the_node_ends_with(client, folder):
    client.watch([3, 7])
    messages = client.subscribe(hz=50)
    snapshot = next(messages)
    assert isinstance(snapshot, Snapshot)
    view, before = copy.deepcopy(snapshot.view), snapshot.number
    for delta in islice(messages, 5):
        assert isinstance(delta, Delta)
        assert delta.number > before
        before = delta.number
        apply(view, delta)
    client.watch([7, 8])
    client.stop()
    for delta in messages:
        apply(view, delta)
    assert view["clock"]["state"] == "done"
    assert sorted(view["bars"]) == sorted(view["watched_fills"]) == sorted(view["depth"]) == ["7", "8"]
    shown = view["counters"]["fills"]
    assert [fill["index"] for fill in view["fills"]["items"]] == list(range(shown))
    assert [bar["volume"] for bar in view["bars"]["8"]["items"]] == list(range(1, shown + 1))
    assert [fill["index"] for fill in view["watched_fills"]["7"]["items"]] == list(range(shown))
    assert view["watched_fills"]["8"]["items"] == []
    assert len(view["equity"]["items"]) == shown


def test_a_subscription_agrees_with_a_view_asked_for(client):
    with closing(client.subscribe(hz=50)) as messages:
        view = next(messages).view
        asked = client.view()
        while view["clock"]["seq"] < asked["clock"]["seq"]:
            apply(view, next(messages))
        if view["clock"]["seq"] == asked["clock"]["seq"]:
            del asked["age_ms"]
            assert view == asked
        assert view["instruments"] == asked["instruments"]


def test_the_oldest_fills_go_when_there_are_more_than_a_thousand():
    def fills(indices):
        return [{"index": index} for index in indices]

    view = {"fills": {"first": 0, "items": fills(range(1_000))}}
    apply(view, Delta(2, {"fills": {"first": 5, "from": 1_000, "items": fills(range(1_000, 1_005))}}))
    assert view["fills"] == {"first": 5, "items": fills(range(5, 1_005))}
    apply(view, Delta(3, {"fills": {"first": 9_000, "from": 9_000, "items": fills([9_000])}}))
    assert view["fills"] == {"first": 9_000, "items": fills([9_000])}


def test_no_node(tmp_path):
    with pytest.raises(NoNodeError, match=r"no node is running for the run folder .*omni run"):
        ControlClient(tmp_path)
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(tmp_path / SOCKET))
    with pytest.raises(NoNodeError, match="no node is running"):
        ControlClient(tmp_path)
    with pytest.raises(NoNodeError, match="no node is running"):
        asyncio.run(_open(tmp_path))


async def _open(folder):
    async with AsyncControlClient(folder):
        pass


def test_a_busy_engine_still_shows_its_last_state(server, tmp_path):
    with running(server, tmp_path, "--busy"):
        with ControlClient(tmp_path, timeout_s=30) as client:
            assert client.status()["counters"]["fills"] == 1
            assert client.status()["counters"]["fills"] == 1
        with (
            ControlClient(tmp_path, timeout_s=0.2) as hasty,
            pytest.raises(EngineError, match=r"hasn't answered within 0\.2 s"),
        ):
            hasty.kill("too slow")


def test_the_node_ends(server, tmp_path):
    with running(server, tmp_path):
        client = ControlClient(tmp_path, timeout_s=30)
        assert stat.S_IMODE((tmp_path / SOCKET).stat().st_mode) == 0o600
    with closing(client), pytest.raises(NoNodeError, match="hung up"):
        client.status()
    assert list(tmp_path.iterdir()) == []


def test_a_long_path_goes_by_its_folder(folder):
    # A server refuses such a path, so this one is reached through a link.
    long = folder / ("x" * 100)
    long.symlink_to(folder)
    with ControlClient(long, timeout_s=30) as client:
        assert client.status()["run"]["id"] == "example"


def test_the_asynchronous_client_asks_side_by_side(folder):
    async def converse():
        async with AsyncControlClient(folder, timeout_s=30) as client:
            answers = await asyncio.gather(client.view(), client.kill("stop"), client.watch([7]), client.status())
            assert set(answers[1]) == {"seq"}
            assert answers[2] == {"instruments": [7]}
            with pytest.raises(RefusedError, match="reason"):
                await client.resume("")
            async with aclosing(client.subscribe(hz=50)) as messages:
                view = (await anext(messages)).view
                while not view["kill"]["on"]:
                    apply(view, await anext(messages))
                await client.stop()
                async for delta in messages:
                    apply(view, delta)
            assert view["clock"]["state"] == "done"
            with pytest.raises(NoNodeError, match="hung up"):
                await client.status()

    asyncio.run(converse())


def test_an_asynchronous_request_times_out(server, tmp_path):
    async def converse():
        async with AsyncControlClient(tmp_path, timeout_s=0.2) as client:
            with pytest.raises(EngineError, match="hasn't answered"):
                await client.kill("now")

    with running(server, tmp_path, "--busy"):
        asyncio.run(converse())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_cut_anywhere(size):
    text = b'{"a":1}\n{}\n{"long":"' + b"x" * 50 + b'"}\n'
    lines = Lines()
    cut = [line for start in range(0, len(text), size) for line in lines.take(text[start : start + size])]
    assert cut == text.splitlines()
