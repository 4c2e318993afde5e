"""The pages that are made from the code say what the code says."""

import argparse
import re
import shlex
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
    assert f"omni {command.name}" in "".join(_examples(_parser(command)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_examples_are_taken(command):
    parser = _parser(command)
    for example in _examples(parser):
        omni, name, *words = shlex.split(example)
        assert (omni, name) in {("omni", each.name) for each in COMMANDS}
        if name == command.name:
            parser.parse_args(words)


def _parser(command):
    parser = argparse.ArgumentParser(exit_on_error=False)
    getattr(import_module(command.module), command.function)(parser)
    return parser


def _examples(parser):
    """Return the commands of a parser's examples, without what is said of each after two spaces."""
    text = re.sub(r"\\\n *", "", parser.epilog)
    return re.findall(r"^  (omni \S+(?: \S+)*)", text, re.MULTILINE)


def test_tables_are_whole():
    refusals = reference.refusals()
    assert refusals.count("\n| 0 | accepted |") == 1
    assert "| 30 |" in refusals
    assert "| 20 | risk slot |" in refusals
    library = reference.library()
    assert library.count("| `sma` |") == 1
    assert library.count("| `size_max` |") == 1
    assert library.count("| `retry_s` |") == 1
