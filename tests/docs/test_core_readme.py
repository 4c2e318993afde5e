"""`core/README.md` names what is there: every crate, in an order that Cargo keeps, and files that exist."""

import re
import tomllib

from tests.conftest import ROOT

CORE = ROOT / "core"
TEXT = (CORE / "README.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \|.*\| (.+) \|$", TEXT, re.MULTILINE)


def test_every_crate_has_a_row():
    assert sorted(name for name, _ in ROWS) == sorted(path.parent.name for path in CORE.glob("*/Cargo.toml"))


def test_the_drawing_has_the_order_of_the_table():
    drawn = next(line for line in TEXT.splitlines() if "─►" in line)
    assert re.findall(r"\w+", drawn) == [name for name, _ in ROWS]


def test_files_are_there():
    named = [CORE / crate / file for crate, files in ROWS for file in re.findall(r"`(src/[\w/.]+)`", files)]
    named += [CORE / crate / "src" / file for crate, file in re.findall(r"`(\w+)/(\w+\.rs)`", TEXT) if crate != "src"]
    missing = [str(path.relative_to(CORE)) for path in named if not path.is_file()]
    assert len(named) > len(ROWS)
    assert not missing


def test_a_crate_sees_only_those_above_it():
    above = set()
    crates = {name for name, _ in ROWS}
    for name, _ in ROWS:
        manifest = tomllib.loads((CORE / name / "Cargo.toml").read_text())
        own = {dependency.removeprefix("omni-") for dependency in manifest.get("dependencies", {})} & crates
        assert own <= above, f"{name} depends on {own - above}, which stand below it"
        above.add(name)
