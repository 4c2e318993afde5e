"""Every code block of the documentation runs: a page is a session, from its top to its end."""

import contextlib
import io
import json
import shutil
import sys
import types

import pytest

from omni.infra.config import load
from omni.infra.section import Console
from omni.model.plugin import Plugin
from omni.strategy.registry import find
from scripts import reference
from tests.conftest import ROOT
from tests.docs.package import install
from tests.docs.page import blocks
from tests.docs.prometheus import scrape
from tests.docs.terminal import Terminal, commands, matches

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("*/README.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES = {"c", "console", "cython", "json", "python", "rust", "text", "toml", "yaml"}

# Pages that are made from the code: test_reference holds them to it, and takes each of their examples in.
GENERATED = [ROOT / "docs" / "reference" / name for name in reference.PAGES]
# Drawings, by how they begin: there is nothing to run in them.
DRAWINGS = {
    "types ─► ring ─► wire": "test_core_readme holds it to the crates",
    "feeds, files, generators ─► sequencer": "the river, for the eye",
}
# Commands that are shown and can't run within the tests, and why.
NOT_RUN = {
    "$ git clone https://github.com/omni-alpha/omni-alpha && cd omni-alpha": "it would test another copy",
    "$ make run": "the tests run within what it builds",
    "$ omni bench": "a measurement of minutes, which needs a quiet machine",
    "$ taskset --cpu-list 1 omni bench --json quiet.json --html quiet.html": "as above",
    "$ sudo cpupower frequency-set --governor performance": "it changes the machine",
    "$ make instructions": "it builds in a clone, and CI runs it beside the tests",
    "$ make bench-peers": "it installs other projects from their registries",
}


def _name(page):
    return str(page.relative_to(ROOT))


def _drawing(text):
    return text.strip().startswith(tuple(DRAWINGS))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_page_runs(page, tmp_path, monkeypatch):
    session = _Session(tmp_path, monkeypatch)
    try:
        for block in blocks(page):
            session.take(block)
    finally:
        session.close()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_language_is_known(page):
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block.place}: nothing runs the language {block.language!r}"


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED], ids=_name)
def test_text_is_output_or_listed(page):
    before = None
    for block in blocks(page):
        printed = before is not None and before.language == "python"
        if block.language == "text" and not printed and not _drawing(block.text):
            unknown = [line for line in block.text.splitlines() if line not in NOT_RUN]
            assert not unknown, f"{block.place}: {unknown[0]!r} is text: give its language, or say why it can't run"
        before = block


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_shown_file_is_used(page):
    found = blocks(page)
    for at, block in enumerate(found):
        if block.title is not None and block.language == "python":
            stem = block.title.removesuffix(".py")
            assert any(stem in later.text for later in found[at + 1 :]), f"{block.place}: nothing uses {block.title}"


def test_what_is_listed_is_there():
    shown = {line for page in PAGES for block in blocks(page) for line in block.text.splitlines()}
    assert NOT_RUN.keys() <= shown
    assert all(any(line.strip().startswith(drawing) for line in shown) for drawing in DRAWINGS)


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
        # As a clone has them.
        shutil.copytree(ROOT / "examples", self.work / "examples", ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.chdir(self.work)
        monkeypatch.syspath_prepend(str(self.work))
        # A module of its own, so that classes of the page know where they come from.
        self.module = types.ModuleType("page")
        self.module.__file__ = str(self.work / "page.py")
        monkeypatch.setitem(sys.modules, "page", self.module)
        self.terminal = None
        #: What the block before printed, where it was Python.
        self.printed = None

    def take(self, block):
        if block.title is not None and block.language not in {"c", "cython", "rust"}:
            (self.work / block.title).write_text(block.text)
        printed, self.printed = self.printed, None
        if block.language == "text" and printed is not None:
            assert matches(block.text.splitlines(), printed), f"{block.place}: printed was\n{printed}"
        elif block.language != "text":
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
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(code, self.module.__dict__)
            self.printed = printed.getvalue()

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
        if block.title == "pyproject.toml":
            for name, value in install(block.text, self.work).items():
                found = find(name)
                assert isinstance(found, Plugin) or found.__name__ == value.partition(":")[2], block.place
            return
        path = self.work / (block.title or "block.toml")
        path.write_text(block.text)
        load(path, {}, {})

    def _yaml(self, block):
        """Scrapes as Prometheus would, after the reader has put his own run and its port into the file."""
        page, shown = self.module, f"127.0.0.1:{Console().port}"
        own = {"/path/to/runs/RUN": str(page.run.resolve()), shown: page.address.removeprefix("http://")}
        text = block.text
        for placeholder, value in own.items():
            assert placeholder in text, f"{block.place}: says nothing of {placeholder}"
            text = text.replace(placeholder, value)
        assert {"omni_node_up", "omni_kill_switch"} <= scrape(text), block.place

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
