"""`import omni` is cheap: what is heavy is loaded on first use."""

import subprocess
import sys

import pytest

import omni

HEAVY = (
    "numpy",
    "duckdb",
    "sqlalchemy",
    "litestar",
    "uvicorn",
    "pandas",
    "polars",
    "pyarrow",
    "omni.engine",
    "argparse",
)


def _loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_import_loads_nothing_heavy():
    assert not _loaded_after("import omni").intersection(HEAVY)


def test_help_loads_nothing_heavy():
    statement = "import omni.cli.main as m\ntry: m.main(['--help'])\nexcept SystemExit: pass"
    assert not _loaded_after(statement).intersection(set(HEAVY) - {"argparse"})


def test_every_public_name_has_a_home():
    for name in omni.__all__:
        assert getattr(omni, name) is not None
        assert name in dir(omni)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonesuch'"):
        _ = omni.nonesuch
