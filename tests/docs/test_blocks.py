"""Every code block of the documentation runs: a page is a session, from its top to its end."""

import json
import sys
import types

import pytest

from omni.infra.config import load
from tests.conftest import ROOT
from tests.docs.page import blocks
from tests.docs.terminal import Terminal, commands, matches

PAGES = [ROOT / "README.md", ROOT / "core" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES = {"c", "console", "cython", "json", "python", "rust", "text", "toml"}

# What is shown and can't run within the tests, by its first line, and why.
NOT_RUN = {
    "$ git clone https://github.com/omni-alpha/omni-alpha && cd omni-alpha": "it would test another copy",
    "$ make run": "the tests run within what it builds",
    "$ make test": "it would run itself",
    "$ make bench": "a measurement of minutes, which needs a quiet machine",
    "$ omni bench": "a measurement of minutes, which needs a quiet machine",
}


def _name(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_page_runs(page, tmp_path, monkeypatch):
    session = _Session(tmp_path, monkeypatch)
    try:
        for block in blocks(page):
            session.take(block)
    finally:
        session.close()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_what_is_not_run_is_known(page):
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block.place}: language {block.language!r}; say text where it can't run"
        if block.language == "text":
            shown = [line for line in block.text.splitlines() if line.startswith("$ ")]
            unknown = [line for line in shown if line not in NOT_RUN]
            assert not unknown, f"{block.place}: {unknown[0]!r} is text: make it a console block, or say why in NOT_RUN"


def test_output_is_compared():
    assert matches(["a … c", "…", "end"], "a b c\nx\ny\nend\n")
    assert matches(["only"], "only   \n")
    assert not matches(["a … c"], "a b d\n")
    assert not matches(["a"], "a\nb\n")


def test_a_command_keeps_its_continuation_and_output():
    assert commands("$ a \\\n> b\nout\n$ c\n") == [["a \\\nb", ["out"]], ["c", []]]


class _Session:
    """One reader at one page: a folder, a terminal, a Python prompt."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.work = folder / "work"
        self.work.mkdir()
        monkeypatch.chdir(self.work)
        monkeypatch.syspath_prepend(str(self.work))
        # A module of its own, so that classes of the page know where they come from.
        self.module = types.ModuleType("page")
        monkeypatch.setitem(sys.modules, "page", self.module)
        self.terminal = None

    def take(self, block):
        if block.title is not None and block.language not in {"c", "cython", "rust"}:
            (self.work / block.title).write_text(block.text)
        getattr(self, f"_{block.language}")(block)

    def close(self):
        if self.terminal is not None:
            self.terminal.close()
        own = [name for name, module in sys.modules.items() if str(self.work) in str(getattr(module, "__file__", ""))]
        for name in own:
            del sys.modules[name]

    def _python(self, block):
        # Line numbers in a fault are the page's.
        code = compile("\n" * block.line + block.text, str(block.page), "exec", dont_inherit=True)
        if block.title is None:
            exec(code, self.module.__dict__)

    def _console(self, block):
        if self.terminal is None:
            self.terminal = Terminal(self.work, self.folder)
        for command, shown in commands(block.text):
            code, output = self.terminal.run(command)
            told = f"{block.place}: $ {command}\nexit code {code}\n{output}"
            fails = any(line.startswith(("omni: ", "DIFFERENT")) for line in shown)
            assert (code != 0) is fails, told
            assert not shown or matches(shown, output), f"{told}\nshown:\n" + "\n".join(shown)

    def _toml(self, block):
        path = self.work / (block.title or "block.toml")
        path.write_text(block.text)
        load(path, {}, {})

    def _json(self, block):
        try:
            json.loads(block.text)
        except json.JSONDecodeError:
            for line in block.text.splitlines():
                json.loads(line)

    def _rust(self, block):
        """An excerpt, named by its file, is what the file says."""
        assert block.title is not None, f"{block.place}: an excerpt names its file by title="
        assert block.text in (ROOT / block.title).read_text(), f"{block.place}: {block.title} says something else"

    _c = _cython = _rust

    def _text(self, block):
        pass
