"""A result beside an earlier one: the machine's own movement is taken off, and what is left is held to the noise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.benching.compare import NOISE_LEAST, Verdict, changes, confirmed, lines, moved, read, times
from omni.benching.figure import NAMES, TAILS
from omni.model.error import ConfigError

GATE, RATE, ADD = "risk.gate.mean_ns", "backtest.l3.maker.events_per_s", "match.w1.add.p99_ns"
FLOORS = {
    f"floor.{GATE}": 10.0,
    f"floor.{RATE}": 2e7,
    "floor.match.w1.mean_ns": 20.0,
    "floor.timer.p50_ns": 20.0,
    "floor.timer.p99_ns": 30.0,
    "floor.run.pss_mb": 30.0,
    "floor.python.s": 0.02,
}
BEFORE = {**FLOORS, GATE: 50.0, RATE: 5e6, ADD: 200.0, "run.pss_mb": 200.0, "import.s": 0.1}


def verdicts(now, before=BEFORE):
    return {each.name: each.verdict for each in changes(now, before)}


def test_the_same_is_the_same():
    assert set(verdicts(BEFORE).values()) == {Verdict.SAME}
    found = changes(BEFORE, BEFORE)
    assert {(each.times, each.low, each.high) for each in found} == {(1.0, 1 / (1 + NOISE_LEAST), 1 + NOISE_LEAST)}


@pytest.mark.parametrize(("name", "value"), [(GATE, 45.0), (RATE, 5.5e6), (ADD, 150.0), ("run.pss_mb", 180.0)])
def test_what_is_better_is_named_whichever_way_is_better(name, value):
    found = verdicts({**BEFORE, name: value})
    assert found.pop(name) is Verdict.BETTER
    assert set(found.values()) == {Verdict.SAME}
    back = verdicts(BEFORE, {**BEFORE, name: value})
    assert back[name] is Verdict.WORSE


def test_a_slower_machine_makes_nothing_worse():
    slower = {name: value / 1.3 if name.endswith("per_s") else value * 1.3 for name, value in BEFORE.items()}
    assert set(verdicts(slower).values()) == {Verdict.SAME}


def test_a_figure_goes_no_farther_than_its_own_floor():
    now = {**BEFORE, f"floor.{GATE}": 13.0, GATE: 60.0, RATE: 4e6}
    assert verdicts(now)[GATE] is Verdict.SAME
    assert verdicts(now)[RATE] is Verdict.WORSE
    assert verdicts({**now, GATE: 70.0})[GATE] is Verdict.WORSE
    assert verdicts({**now, GATE: 45.0})[GATE] is Verdict.BETTER


def test_without_a_floor_of_its_own_those_of_its_kind_count():
    before = {**BEFORE, "boundary.call_ns": 20.0}
    now = {**before, "boundary.call_ns": 24.0}
    assert verdicts(now, before)["boundary.call_ns"] is Verdict.WORSE
    assert verdicts({**now, "floor.match.w1.mean_ns": 26.0}, before)["boundary.call_ns"] is Verdict.SAME


def test_only_what_a_second_measurement_finds_too_is_named():
    first = changes({**BEFORE, GATE: 25.0, RATE: 2.5e6}, BEFORE)
    second = changes({**BEFORE, GATE: 26.0, RATE: 5e6}, BEFORE)
    assert moved(first) == [GATE, RATE]
    assert moved(confirmed(first, second)) == [GATE]
    assert moved(confirmed(first, [])) == [GATE, RATE]
    assert [each.now for each in confirmed(first, second)] == [each.now for each in first]


def test_a_percentile_within_a_step_of_the_clock_is_the_same():
    before = {**BEFORE, ADD: 40.0}
    assert verdicts({**before, ADD: 60.0}, before)[ADD] is Verdict.SAME
    assert verdicts({**before, ADD: 70.0}, before)[ADD] is Verdict.WORSE


def test_the_longest_of_all_is_never_judged():
    name = "match.w1.add.max_ns"
    assert verdicts({**BEFORE, name: 1e9}, {**BEFORE, name: 1e3})[name] is Verdict.NOT_JUDGED


def test_without_a_common_floor_nothing_is_judged():
    found = changes({GATE: 50.0}, {GATE: 500.0})
    assert [each.verdict for each in found] == [Verdict.NOT_JUDGED]
    assert "Nothing is judged" in list(lines(found))[-1]


def test_what_only_one_result_has_is_left_out():
    assert changes({GATE: 50.0}, {RATE: 1.0}) == []
    assert list(lines([])) == ["The earlier result has none of these figures."]


def test_the_table_says_what_is_better_and_what_is_worse():
    told = "\n".join(lines(changes({**BEFORE, GATE: 25.0, RATE: 2.5e6}, BEFORE)))
    assert f"Better beyond the noise of the floors: {GATE} (x2.00)." in told
    assert f"Worse beyond the noise of the floors: {RATE} (x0.50)." in told
    assert list(lines(changes(BEFORE, BEFORE)))[-1] == "Nothing is better or worse beyond the noise of the floors."
    assert list(lines(changes(BEFORE, BEFORE), busy=True))[-1].startswith("The machine was busy")


@given(st.dictionaries(st.sampled_from([*NAMES, *TAILS, *FLOORS]), st.floats(1e-9, 1e12)), st.data())
def test_any_two_results_can_be_compared(now, data):
    before = {name: data.draw(st.floats(1e-9, 1e12)) for name in now}
    for each in changes(now, before):
        assert each.times == times(each.name, each.now, each.before) > 0
        assert each.low < 1 < each.high
    assert list(lines(changes(now, before)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "isn't a result of omni bench --json"),
        ("[1]", "expected figures by name"),
        ("{}", "expected figures by name"),
        ('{"import.s": "fast"}', "import.s is 'fast', expected a number"),
        ('{"import.s": true}', "import.s is True"),
        ('{"import.s": -1}', "import.s is -1"),
        ('{"import.s": NaN}', "import.s is nan"),
        ('{"import.s": Infinity}', "import.s is inf"),
    ],
)
def test_what_is_no_result_is_refused_with_its_fault(tmp_path, text, said):
    file = tmp_path / "earlier.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read(file)


def test_a_result_reads_as_it_was_written(tmp_path):
    file = tmp_path / "earlier.json"
    file.write_text(json.dumps(BEFORE))
    assert read(file) == BEFORE
