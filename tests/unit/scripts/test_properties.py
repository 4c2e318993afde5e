"""Every property in Rust is one that `make fuzz` tries longer: found by its name, as often as PROPTEST_CASES says."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCES = {path: path.read_text() for part in ("core", "native", "bench") for path in (ROOT / part).rglob("*.rs")}
BLOCKS = {
    f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, block.start()) + 1}": block[0]
    for path, text in SOURCES.items()
    for block in re.finditer(r"^( *)proptest! *\{\n.*?^\1\}", text, re.MULTILINE | re.DOTALL)
}


def test_there_are_properties():
    assert len(BLOCKS) > 20


def test_each_is_named_as_make_fuzz_looks_for_it():
    assert re.search(r"PROPTEST_CASES=\$\(CASES\) cargo test .* fuzz ", (ROOT / "Makefile").read_text())
    wrong = {
        place: name
        for place, block in BLOCKS.items()
        for name in re.findall(r"#\[test\]\s+fn (\w+)", block)
        if not name.startswith("fuzz_")
    }
    assert not wrong


def test_none_has_a_number_of_cases_that_nothing_changes():
    own = {place: re.findall(r"proptest_config\((.*)\)\]", block) for place, block in BLOCKS.items()}
    wrong = {place: found for place, found in own.items() if found and not re.fullmatch(r"property\(\d+\)", found[0])}
    assert not wrong
