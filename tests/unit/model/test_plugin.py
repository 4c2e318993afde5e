"""Compiled strategies as Python names them: found by path and by entry point, with typed parameters."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import omni
from omni.model.error import ConfigError
from omni.model.plugin import Plugin
from omni.strategy.registry import find, names
from tests.conftest import ROOT

CORE = ROOT / "core" / "plugin"
EXAMPLE = ROOT / "examples" / "strategies" / "c" / "leaning.c"
ENTRIES = """
[omni.strategies]
marked = leaning_package:marked
plain = leaning_package:plain
text = leaning_package:text
wrong = leaning_package:wrong
"""
PACKAGE = """
from pathlib import Path

import omni

plain = Path(__file__).with_name("libleaning.so")
marked = omni.Plugin(plain)
text = str(plain)
wrong = 42
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """Return the worked example in C, built."""
    path = tmp_path_factory.mktemp("plugin") / "libleaning.so"
    words = ["cc", "-O1", "-shared", "-fPIC", f"-I{CORE}", "-o", str(path), str(EXAMPLE), "-lm"]
    subprocess.run(words, check=True)
    return path


def test_a_path_is_a_plugin_with_typed_parameters(library):
    found = find(str(library))
    assert isinstance(found, Plugin)
    kinds = {name: type(one.default) for name, one in found.parameters().items()}
    assert kinds == {"threshold": float, "levels": int, "quantity": int, "hold_s": float}
    made = found(levels="2", hold_s=5)
    assert made.pairs == [("levels", 2.0), ("hold_s", 5.0)]
    assert made.values == {"threshold": 0.6, "levels": 2, "quantity": 100, "hold_s": 5.0}


def test_parameters_are_held_to_what_the_plugin_declares(library):
    plugin = Plugin(library)
    with pytest.raises(ConfigError, match=r"leaning has no parameter level; did you mean levels\?"):
        plugin(level=1)
    with pytest.raises(ConfigError, match="parameter threshold: expected a value from 0 to 1, found 2"):
        plugin(threshold=2.0)
    with pytest.raises(ConfigError, match="parameter levels: expected a whole number, found 'two'"):
        plugin(levels="two")


def test_an_installed_package_names_one_by_entry_point(library, tmp_path, monkeypatch):
    (tmp_path / "leaning_package").mkdir()
    (tmp_path / "leaning_package" / "__init__.py").write_text(PACKAGE)
    (tmp_path / "leaning_package" / "libleaning.so").write_bytes(library.read_bytes())
    info = tmp_path / "leaning_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: leaning-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert {"marked", "plain", "text"} <= set(names())
    for name in ("marked", "plain", "text"):
        found = find(name)
        assert isinstance(found, Plugin)
        assert found.name == "leaning"
    with pytest.raises(ConfigError, match=r"strategy wrong is 42, neither a class .* nor an omni\.Plugin"):
        find("wrong")


def test_what_is_no_plugin_says_why(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.so: No such file"):
        find(str(tmp_path / "absent.so"))
    code = tmp_path / "old.c"
    code.write_text(
        EXAMPLE.read_text().replace("OMNI_HEADER(omni_plugin)", "{OMNI_MAGIC, 9, 4, sizeof(omni_plugin), 0}")
    )
    old = tmp_path / "libold.so"
    subprocess.run(["cc", "-shared", "-fPIC", f"-I{CORE}", "-o", str(old), str(code), "-lm"], check=True)
    with pytest.raises(ConfigError, match=r"was built for plugin ABI 9\.4, and this engine has 1\.0"):
        find(str(old))


def test_data_that_never_calls_it_is_refused(library):
    bars = {
        "time": np.datetime64("2024-01-02T14:31", "ns") + np.arange(3) * np.timedelta64(60, "s"),
        **{name: np.full(3, 100.0) for name in ("open", "high", "low", "close", "volume")},
    }
    units = {"symbol": "X", "currency": "USD", "price_unit": "0.01", "quantity_unit": "1", "multiplier": "1"}
    with pytest.raises(ConfigError, match="leaning takes on_book, and data with bars alone never leads to that"):
        omni.backtest(omni.Plugin(library), bars, interval="1m", bar_time="close", timezone="UTC", **units)


def fields(text: str, pattern: str, line: str) -> dict[str, list[str]]:
    """Return the fields of each structure, but the reserved ones."""
    found = {}
    for name, body in re.findall(pattern, text, re.DOTALL):
        own = [match[1] for match in re.finditer(line, body, re.MULTILINE)]
        found[name] = [field for field in own if field != "reserved"]
    return found


def test_the_cython_declarations_are_those_of_the_header():
    # A comment may speak of anything.
    header = re.sub(r"/\*.*?\*/", "", (CORE / "omni_plugin.h").read_text(), flags=re.DOTALL)
    pxd = (CORE / "omni_plugin.pxd").read_text()
    c = fields(header, r"struct (\w+) \{\n(.*?)\n\}", r"^ +[^(;]*?\(?\*?(\w+)(?:\[\d+\]|\)\([^;]*\))?;")
    cython = fields(pxd, r"ctypedef struct (\w+):\n(.*?)(?:\n\n|\Z)", r"^ +[^(\n]*?\(?\*?(\w+)(?:\)\(.*)?$")
    assert len(c) > 15
    assert cython == c
    constants = set(re.findall(r"\b(OMNI_[A-Z_]+)\b", pxd))
    assert constants == set(re.findall(r"\b(OMNI_[A-Z_]+)\b", header)) - {"OMNI_PLUGIN_H", "OMNI_EXPORT", "OMNI_HEADER"}
