"""A node behind the real control socket, a console on it, and headless Chromium on the console.

The node is `core/gateway/examples/serve.rs`: the gateway's own server over a small engine that goes on by itself. A
test of a whole run gives `open_console` that run's folder instead.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from omni.console.process import ConsoleProcess, start_console
from omni.infra.control import SOCKET

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 30_000


@pytest.fixture(scope="session")
def serve() -> str:
    """Return the example node's program."""
    if shutil.which("cargo") is None:
        pytest.skip("SKIPPED: the example node needs cargo to be built")
    build = ["cargo", "build", "--locked", "--package", "omni-gateway", "--example", "serve"]
    done = subprocess.run(
        [*build, "--message-format=json-render-diagnostics"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    built = [json.loads(line) for line in done.stdout.splitlines()]
    return next(b["executable"] for b in built if b.get("executable") and b["target"]["name"] == "serve")


@contextmanager
def _running_node(serve: str, folder: Path, *arguments: str, crashes: bool = False) -> Iterator[Path]:
    command = [serve, str(folder / SOCKET), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield folder
        finally:
            if crashes:
                process.kill()
            # The end of its input ends it.
            process.communicate(timeout=30)


@pytest.fixture(scope="session")
def running_node(serve) -> Callable:
    """Return what runs the example node in a folder while its block lasts: `with running_node(folder):`.

    At the end of the block the run is over; with `crashes=True` the node dies.
    """
    return partial(_running_node, serve)


@pytest.fixture
def node(running_node, tmp_path) -> Iterator[Path]:
    """Return the folder of a running example node."""
    with running_node(tmp_path) as folder:
        yield folder


@contextmanager
def _open_console(folder: Path) -> Iterator[ConsoleProcess]:
    console = start_console(folder, port=0)
    try:
        yield console
    finally:
        console.stop()


@pytest.fixture(scope="session")
def open_console() -> Callable:
    """Return what runs a console, on any free port, for the node of a folder while its block lasts."""
    return _open_console


@pytest.fixture
def console(node) -> Iterator[ConsoleProcess]:
    """Return a console of the example node."""
    with _open_console(node) as running:
        yield running


@pytest.fixture(scope="module")
def chromium():
    """Return headless Chromium: Debian's, as Playwright's own builds can't be had everywhere.

    While it is open, Playwright's event loop runs on this thread, and no other test can run its own.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="SKIPPED: needs the playwright package")
    if CHROMIUM is None:
        pytest.skip("SKIPPED: needs chromium (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def read_desk() -> type["Desk"]:
    """Return what reads a page's numbers: `read_desk(page).wait().value("summary-equity")`."""
    return Desk


@pytest.fixture
def visit(chromium) -> Iterator[Callable]:
    """Return a function that opens a console's page; at the end no page may have complained."""
    contexts, complaints = [], []

    def open_page(console: ConsoleProcess, *, link: str | None = None, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        page.goto(link or console.link)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _is_complaint(said) -> bool:
    """Return whether the page did something wrong; that a request failed is what some tests are about."""
    return (
        said.type in {"error", "warning"}
        and "Failed to load resource" not in said.text
        and "WebSocket" not in said.text
    )


class Desk:
    """Reads the page's numbers by their test ids."""

    def __init__(self, page) -> None:
        self.page = page

    def wait(self):
        """Wait for the first view."""
        self.page.get_by_test_id("desk").wait_for()
        return self

    def value(self, name: str) -> str | None:
        """Return the exact value behind a number."""
        return self.page.get_by_test_id(name).get_attribute("data-value")

    def text(self, name: str) -> str:
        """Return what a person reads."""
        return self.page.get_by_test_id(name).inner_text()

    def values(self) -> dict[str, str]:
        """Return every number in the page at one moment, by its test id."""
        return self.page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('[data-testid][data-value]')]"
            ".map(e => [e.dataset.testid, e.dataset.value]))"
        )

    def texts(self, *names: str) -> list[str]:
        """Return what a person reads in several places at one moment."""
        return self.page.evaluate(
            "names => names.map(name => document.querySelector(`[data-testid='${name}']`).textContent.trim())", names
        )

    def wait_for_value(self, name: str, value: str) -> None:
        """Wait until a number is this."""
        self.page.locator(f'[data-testid="{name}"][data-value="{value}"]').wait_for()


@pytest.fixture
def desk(visit, console) -> Desk:
    """Return the open page of the example node's console, its first view shown."""
    return Desk(visit(console)).wait()
