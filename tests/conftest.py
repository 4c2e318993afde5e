"""What every test may use, and the rule that in CI nothing is skipped."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Place, Running

ROOT = Path(__file__).resolve().parent.parent
_IN_CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared market data, or skip aloud where there is none."""
    folder = Path(os.environ.get("OMNI_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"SKIPPED: no shared data at {folder}; set OMNI_SHARED")
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return an empty folder in which `omni` runs."""
    return Place(tmp_path)


@pytest.fixture
def start(place: Place) -> Iterator[Callable[..., Running]]:
    """Return what starts a node; none outlives the test."""
    nodes: list[Running] = []

    def begin(*words: str | Path) -> Running:
        nodes.append(place.start(*words))
        return nodes[-1]

    yield begin
    for node in nodes:
        node.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skip into a failure in CI: there a test that can't run is a test that is missing."""
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Do the same for a file that skips itself whole."""
    return _refuse_skip((yield))


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> pytest.TestReport | pytest.CollectReport:
    if _IN_CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report
