"""In CI a skip is a failure; elsewhere it is shown."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

SKIPS = "import pytest\n\n\ndef test_it():\n    pytest.skip('SKIPPED: no browser here')\n"
SKIPS_WHOLE = "import pytest\n\npytest.skip('SKIPPED: no browser here', allow_module_level=True)\n"


def _run(folder, source, ci):
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "-p", "no:faker", str(folder)]
    env = {"CI": ci, "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("source", [SKIPS, SKIPS_WHOLE])
def test_in_ci_a_skip_fails(tmp_path, source):
    code, out = _run(tmp_path, source, "true")
    assert code != 0
    assert "skipped, which CI does not allow" in out
    assert "no browser here" in out


@pytest.mark.parametrize("source", [SKIPS, SKIPS_WHOLE])
def test_elsewhere_a_skip_is_shown(tmp_path, source):
    code, out = _run(tmp_path, source, "")
    assert code in {0, 5}  # 5: nothing was collected
    assert "SKIPPED: no browser here" in out
