"""Counts of instructions are judged against their record, and never silently left out."""

import importlib.util
import sys
from dataclasses import replace

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def instructions():
    spec = importlib.util.spec_from_file_location("instructions", ROOT / "scripts" / "instructions.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def recorded(instructions):
    return instructions.Counts("1.95.0", "x86_64", {"match": 800.0, "gate": 100.0})


def _faults(instructions, recorded, **changed):
    return list(instructions.judge(recorded, replace(recorded, paths={**recorded.paths, **changed})))


@pytest.mark.parametrize("count", [800.0, 823.9, 776.1])
def test_within_three_per_cent_is_no_fault(instructions, recorded, count):
    assert _faults(instructions, recorded, match=count) == []


def test_growth_is_a_fault(instructions, recorded):
    (fault,) = _faults(instructions, recorded, match=824.1)
    assert fault.startswith("match: grew by 3.0%")


def test_a_fall_asks_for_a_tighter_record(instructions, recorded):
    (fault,) = _faults(instructions, recorded, gate=96.9)
    assert fault.startswith("gate: fell by 3.1%")
    assert "--record" in fault


def test_paths_and_record_name_the_same(instructions, recorded):
    assert _faults(instructions, recorded, new=5.0) == [f"new: isn't recorded; {instructions.AGAIN}"]
    (fault,) = instructions.judge(recorded, replace(recorded, paths={"match": 800.0}))
    assert fault.startswith("gate: is recorded and no longer counted")


@pytest.mark.parametrize("other", [{"rustc": "1.99.0"}, {"machine": "aarch64"}])
def test_another_compiler_or_processor_is_said_and_not_judged(instructions, recorded, other):
    counted = replace(recorded, paths={"match": 9_000.0, "gate": 1.0}, **other)
    (said,) = instructions.judge(recorded, counted)
    assert said.startswith("NOT JUDGED")
    assert next(iter(other.values())) in said
    assert not recorded.like(counted)


def test_a_record_reads_as_it_was_written(instructions, recorded):
    assert instructions.Counts.read(recorded.text()) == recorded


def test_without_valgrind_ci_fails_and_others_are_told(instructions, capsys):
    assert instructions.without_valgrind(in_ci=True) == 1
    assert instructions.without_valgrind(in_ci=False) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["FAILED", "SKIPPED"]


def test_the_record_in_the_repository_is_one(instructions):
    counts = instructions.Counts.read(instructions.RECORD.read_text(encoding="utf-8"))
    assert counts.text() == instructions.RECORD.read_text(encoding="utf-8")
    assert all(count > 0 for count in counts.paths.values())
