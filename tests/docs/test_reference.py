"""The pages that are made from the code say what the code says."""

import argparse
from importlib import import_module

import pytest

from omni.cli.command import COMMANDS
from scripts import reference
from tests.conftest import ROOT


@pytest.mark.parametrize("name", reference.PAGES)
def test_page_is_what_the_code_says(name):
    written = (ROOT / "docs" / "reference" / name).read_text()
    assert written == reference.PAGES[name](), "run python scripts/reference.py"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_has_an_example(command):
    parser = argparse.ArgumentParser()
    getattr(import_module(command.module), command.function)(parser)
    assert parser.epilog is not None
    assert f"omni {command.name}" in parser.epilog


def test_tables_are_whole():
    refusals = reference.refusals()
    assert refusals.count("\n| 0 | accepted |") == 1
    assert "| 30 |" in refusals
    assert "| 20 | risk slot |" in refusals
    library = reference.library()
    assert library.count("| `sma` |") == 1
    assert library.count("| `size_max` |") == 1
    assert library.count("| `retry_s` |") == 1
