"""The view that `docs/reference/control-protocol.md` shows has the sections and the fields of a node's."""

import json

import pytest
from harness import until

from omni.infra.control import ControlClient
from tests.conftest import ROOT
from tests.docs.page import blocks

PAGE = ROOT / "docs" / "reference" / "control-protocol.md"


@pytest.fixture(scope="module")
def shown():
    (text,) = [block.text for block in blocks(PAGE) if block.text.startswith("{\n")]
    return json.loads(text)


def test_the_view_shown_is_a_nodes(start, shown):
    node = start("--speed", "60")
    with ControlClient(node.folder) as client:

        def traded():
            view = client.view()
            return view if view["positions"] and view["orders"] and view["fills"]["items"] else None

        client.watch([each["id"] for each in until(client.view, "a view")["instruments"]])
        view = until(traded, "a position, a working order and a fill")
    del view["age_ms"]
    assert view.keys() == shown.keys()
    for name in ("run", "clock", "kill", "counters", "equity", "fills"):
        assert view[name].keys() == shown[name].keys(), name
    for name in ("accounts", "positions", "orders", "instruments"):
        assert view[name][0].keys() == shown[name][0].keys(), name
    assert view["fills"]["items"][0].keys() == shown["fills"]["items"][0].keys()
    assert view["accounts"][0]["limits"].keys() == shown["accounts"][0]["limits"].keys()
    for name in ("depth", "latency"):
        (key,) = shown[name]
        found = view[name].get(key) or next(iter(view[name].values()))
        assert found.keys() == shown[name][key].keys(), name
    assert shown["latency"].keys() <= view["latency"].keys()
    node.omni("stop")
    node.end()
