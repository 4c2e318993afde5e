"""`make` names everything that is missing, at once."""

import os
import shutil
import subprocess

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "scripts" / "prerequisites.sh"
SHELL_WORDS = ("bash", "dirname", "sort", "head", "sed", "cut", "tr")
TOOLS = ("git", "make", "gcc", "cargo", "rustc", "node", "npm", "python3")


def _machine(folder, tools=(), **versions):
    """Make a machine that has the shell's own words, `tools`, and programs that only state a version."""
    for name in (*SHELL_WORDS, *tools):
        (folder / name).symlink_to(shutil.which(name))
    for name, words in versions.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{words}'\n")
        program.chmod(0o755)
    # The home stays: rustc may be rustup's, which looks there for the toolchain.
    return {"PATH": str(folder), "HOME": os.environ.get("HOME", "/root")}


def _ask(environment):
    bash = shutil.which("bash")
    return subprocess.run([bash, SCRIPT], env=environment, capture_output=True, text=True, check=False)


def test_an_empty_machine_is_told_everything(tmp_path):
    done = _ask(_machine(tmp_path))
    assert done.returncode == 1
    for name in ("git", "make", "gcc", "Python >= 3.11", "Rust >= ", "Node >= "):
        assert f"  {name}" in done.stderr


def test_this_machine_lacks_nothing():
    done = _ask(dict(os.environ))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("program", "words", "told"),
    [
        ("rustc", "rustc 1.70.0 (90c541806 2023-05-31)", "Rust >= 1.88 (this is 1.70.0)"),
        ("node", "v18.19.0", "Node >= 20.19 (this is 18.19.0)"),
    ],
)
def test_too_old_is_named_with_what_is_found(tmp_path, program, words, told):
    tools = [tool for tool in TOOLS if tool not in {program, "python3"}]
    done = _ask(_machine(tmp_path, tools, **{program: words}))
    assert done.returncode == 1
    assert told in done.stderr
