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
    return instructions.Counts("1.95.0", "x86_64", "glibc 2.36", {"match": 800.0, "gate": 100.0})


def _faults(instructions, recorded, **changed):
    return list(instructions.judge(recorded, replace(recorded, paths={**recorded.paths, **changed})))


@pytest.mark.parametrize("count", [800.0, 823.9, 776.1, 400.0])
def test_growth_within_three_per_cent_and_any_fall_are_no_fault(instructions, recorded, count):
    assert _faults(instructions, recorded, match=count) == []


def test_growth_is_a_fault(instructions, recorded):
    (fault,) = _faults(instructions, recorded, match=824.1)
    assert fault.startswith("match: grew by 3.0%")
    assert fault.endswith("change the record in the same commit: make instructions ARGS=--record")


def test_a_fall_asks_for_a_tighter_record(instructions, recorded):
    counted = replace(recorded, paths={"match": 776.1, "gate": 96.9})
    (said,) = instructions.falls(recorded, counted)
    assert said.startswith("gate: fell by 3.1%")
    assert "--record" in said


def test_paths_and_record_name_the_same(instructions, recorded):
    assert _faults(instructions, recorded, new=5.0) == [f"new: isn't recorded; {instructions.AGAIN}"]
    (fault,) = instructions.judge(recorded, replace(recorded, paths={"match": 800.0}))
    assert fault.startswith("gate: is recorded and no longer counted")


@pytest.mark.parametrize("other", [{"rustc": "1.99.0"}, {"machine": "aarch64"}, {"libc": "glibc 2.41"}])
def test_another_compiler_processor_or_library_is_said_and_not_judged(
    instructions, monkeypatch, tmp_path, capsys, other
):
    counted = instructions.Counts("1.95.0", "x86_64", "glibc 2.36", {"match": 800.0})
    file = tmp_path / "instructions.toml"
    file.write_text(replace(counted, paths={"match": 1.0}, **other).text())
    assert main(instructions, monkeypatch, file, counted) == 0
    said = capsys.readouterr().err
    assert said.startswith("NOT JUDGED")
    assert next(iter(other.values())) in said


def test_growth_fails_until_the_record_is_changed(instructions, monkeypatch, tmp_path, recorded, capsys):
    file = tmp_path / "instructions.toml"
    file.write_text(recorded.text())
    grown = replace(recorded, paths={"match": 900.0, "gate": 100.0})
    assert main(instructions, monkeypatch, file, grown) == 1
    assert "match: grew by 12.5%" in capsys.readouterr().err
    assert main(instructions, monkeypatch, file, grown, "--record") == 0
    assert "+12.5%" in capsys.readouterr().out
    assert main(instructions, monkeypatch, file, grown) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("text", ["", "<<<<<<< ours\n", None])
def test_without_a_readable_record_one_is_asked_for(instructions, monkeypatch, tmp_path, recorded, capsys, text):
    file = tmp_path / "instructions.toml"
    if text is not None:
        file.write_text(text)
    assert main(instructions, monkeypatch, file, recorded) == 1
    assert "make instructions ARGS=--record" in capsys.readouterr().err
    assert main(instructions, monkeypatch, file, recorded, "--record") == 0
    assert instructions.Counts.read(file.read_text()) == recorded


def main(instructions, monkeypatch, file, counted, *arguments):
    """Run the program with these counts and this record."""
    monkeypatch.setattr(instructions, "RECORD", file)
    monkeypatch.setattr(instructions, "count", lambda: counted)
    monkeypatch.setattr(instructions.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(sys, "argv", ["instructions.py", *arguments])
    return instructions.main()


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
