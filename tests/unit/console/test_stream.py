"""Every browser ends with the hub's view, however slowly it reads and whatever it watches."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from omni.console.stream import BY_INSTRUMENT, LISTS, Hub
from omni.infra.control import Delta, apply


def _view():
    return {
        "clock": {"seq": 0},
        "kill": {"on": False},
        "fills": {"first": 0, "items": []},
        "equity": {"first": 0, "items": []},
        "bars": {},
        "watched_fills": {},
        "depth": {},
    }


class Node:
    """What the node's view does: lists grow and forget, watched instruments come and go, the node itself restarts."""

    def __init__(self, hub):
        self.hub, self.view, self.number = hub, _view(), 0
        self.restart()

    def restart(self):
        self.view = _view()
        self.hub.replace(self.view, 0)

    def grow(self, name, count):
        section, _, instrument = name.partition(" ")
        tail = self.view[section].setdefault(instrument, _series(section)) if instrument else self.view[section]
        end = tail["first"] + len(tail["items"])
        tail["items"].extend({"index": end + n} for n in range(count))
        forgotten = max(0, len(tail["items"]) - 10)
        del tail["items"][:forgotten]
        tail["first"] += forgotten
        self.show(section)

    def set_clock(self, seq):
        self.view["clock"] = {"seq": seq}
        self.show("clock")

    def set_depth(self, instrument, price):
        self.view["depth"] = {**self.view["depth"], instrument: {"bids": [[price, 1, 1, 0]]}}
        self.show("depth")

    def drop(self, instrument):
        for name in LISTS:
            self.view[name].pop(instrument, None)
        self.view["depth"] = {key: value for key, value in self.view["depth"].items() if key != instrument}
        self.hub.update(self.view, BY_INSTRUMENT, self.number)

    def show(self, *changed):
        self.number += 1
        self.hub.update(self.view, changed, self.number)


def _series(section):
    return {"first": 0, "items": []} | ({"interval_ns": 60} if section == "bars" else {})


class Browser:
    """Applies messages by the control protocol's own rule."""

    def __init__(self, hub):
        self.reader, self.view, self.link, self.report = hub.join(), None, None, None

    def read(self):
        for message in map(json.loads, self.reader.messages()):
            if message["type"] == "snapshot":
                self.view = message["view"]
            elif message["type"] == "delta":
                apply(self.view, Delta(message["number"], message["changed"]))
            elif message["type"] == "link":
                self.link, self.report = (message["connected"], message["message"]), message["report"]

    def expected(self, view):
        watched = {str(i) for i in self.reader.watched}
        shown = copy.deepcopy(view)
        for name in BY_INSTRUMENT:
            shown[name] = {key: value for key, value in shown[name].items() if key in watched}
        return shown


_INSTRUMENTS = ("3", "7")
_LISTS = [f"{name} {instrument}" for name in LISTS for instrument in _INSTRUMENTS]
_STEPS = st.one_of(
    st.tuples(st.just("grow"), st.sampled_from(["fills", "equity", *_LISTS]), st.integers(0, 25)),
    st.tuples(st.just("set_clock"), st.integers(0, 9)),
    st.tuples(st.just("set_depth"), st.sampled_from(_INSTRUMENTS), st.integers(1, 9)),
    st.tuples(st.just("drop"), st.sampled_from(_INSTRUMENTS)),
    st.tuples(st.just("restart")),
    st.tuples(st.just("watch"), st.lists(st.sampled_from([3, 7]), unique=True)),
    st.tuples(st.just("read")),
)


@given(st.lists(_STEPS, max_size=60))
def test_a_browser_that_reads_now_and_then_sees_what_the_node_shows(steps):
    hub = Hub()
    node, browser, slow = Node(hub), Browser(hub), Browser(hub)
    slow.reader.watch([7])
    for verb, *arguments in steps:
        if verb == "read":
            browser.read()
            assert browser.view == browser.expected(node.view)
        elif verb == "watch":
            browser.reader.watch(*arguments)
        else:
            getattr(node, verb)(*arguments)
    for reader in (browser, slow):
        reader.read()
        assert reader.view == reader.expected(node.view)


def test_a_slow_browser_gets_one_delta_for_many():
    hub = Hub()
    node, browser = Node(hub), Browser(hub)
    browser.read()
    for seq in range(1_000):
        node.set_clock(seq)
        node.grow("fills", 1)
    messages = [json.loads(message) for message in browser.reader.messages()]
    assert [message["type"] for message in messages] == ["delta"]
    assert messages[0]["changed"]["clock"] == {"seq": 999}
    assert len(messages[0]["changed"]["fills"]["items"]) == 10, "what the node forgot meanwhile isn't sent"
    assert browser.reader.messages() == []


def test_unchanged_sections_are_not_sent_again():
    hub = Hub()
    node, browser = Node(hub), Browser(hub)
    browser.read()
    node.set_clock(5)
    assert [set(json.loads(m)["changed"]) for m in browser.reader.messages()] == [{"clock"}]


def test_the_loss_of_the_node_is_told_once():
    hub = Hub(report="/runs/r1/report.html")
    Node(hub)
    browser = Browser(hub)
    hub.set_link(connected=True, message="connected")
    browser.read()
    assert browser.link == (True, "connected")
    assert browser.report == "/runs/r1/report.html"
    hub.set_link(connected=False, message="it hung up")
    assert len(browser.reader.messages()) == 1
    hub.set_link(connected=False, message="it hung up")
    assert browser.reader.messages() == []


def test_the_node_watches_what_all_browsers_show_and_no_more():
    hub = Hub()
    Node(hub)
    one, other = Browser(hub), Browser(hub)
    one.reader.watch([7, 3])
    other.reader.watch([7])
    assert hub.watched() == [3, 7]
    hub.leave(one.reader)
    assert hub.watched() == [7]
    assert hub.count == 1
