"""Fixtures for all tests, and their order. What the tests share besides lies in `tests/support/`.

artifacts    an empty results folder, data folder and line, which the process takes for its own
app_server   a real server (one per test module) over a folder seeded with the reference runs
page         a fresh page of a real Chromium, 1440 × 900, light; what a server put into its cache stays
phone        the same at 390 × 844, as a phone shows it
"""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import CHROMIUM_FLAGS, AppServer, find_chromium
from support.made_runs import copy_reference_runs

# No test asks the real mirrors: the discard port, where nobody listens, stands for no network.
os.environ.setdefault("DIGIT_DERBY_MIRROR", "http://127.0.0.1:9/")

LONGEST_FIRST = ("browser", "frameworks")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what asks for a browser, and puts the files that take longest first.

    pytest-xdist hands out whole files in this order: a long one that comes last would keep one
    worker busy while the other has nothing left to do.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    ranks = defaultdict(lambda: len(LONGEST_FIRST))
    for item in items:
        marked = [rank for rank, name in enumerate(LONGEST_FIRST) if item.get_closest_marker(name)]
        ranks[item.path] = min([ranks[item.path], *marked])
    items.sort(key=lambda item: ranks[item.path])


@pytest.fixture(autouse=True)
def main_module(monkeypatch) -> None:
    """Takes `__main__` back from AppTest, which leaves its page there for every spawned process to import."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def artifacts(tmp_path, monkeypatch) -> Path:
    """The results folder of a fresh installation: nothing trained, no dataset, nobody in line."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    monkeypatch.setenv("DIGIT_DERBY_ARTIFACTS", str(folder))
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium to test with; without one the test is skipped."""
    return find_chromium() or pytest.skip(
        "no Chromium found: install Debian's `chromium` to run the browser tests"
    )


@pytest.fixture(scope="module")
def app_server(chromium, tmp_path_factory) -> Iterator[AppServer]:
    server = AppServer(copy_reference_runs(tmp_path_factory.mktemp("server") / "artifacts"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def control():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as control:
        yield control


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """What the browser's camera shows, once a test has written a film there (YUV4MPEG2)."""
    return tmp_path_factory.mktemp("camera") / "film.y4m"


@pytest.fixture(scope="session")
def window(control, chromium, film, tmp_path_factory):
    """A browser window that keeps what it loaded: Streamlit's scripts are not compiled for every test."""
    context = control.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=chromium,
        args=[
            *CHROMIUM_FLAGS,
            "--use-fake-ui-for-media-stream",  # answers yes when a page asks for the camera
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
        viewport={"width": 1440, "height": 900},
    )
    yield context
    context.close()


def _open_page(context, request, tmp_path):
    errors = []

    def collect_errors(page):
        page.on("pageerror", lambda error: errors.append(error))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    context.on("page", collect_errors)
    context.set_default_timeout(90_000)  # the machine may be busy training
    kept = context.pages
    page = context.new_page()
    yield page
    context.remove_listener("page", collect_errors)
    opened = [page for page in context.pages if page not in kept]
    if getattr(request.node, "failed", False):
        for number, left in enumerate(opened):
            picture = tmp_path / f"failed-{number}-{left.viewport_size['width']}.png"
            left.screenshot(path=picture, full_page=True)
            print(f"the page when the test failed: {picture}")
        print("what it reported:", *errors, sep="\n")
    for left in opened:
        left.close()


@pytest.fixture
def page(window, request, tmp_path):
    yield from _open_page(window, request, tmp_path)


@pytest.fixture
def phone(window, request, tmp_path):
    for page in _open_page(window, request, tmp_path):
        size = {"width": 390, "height": 844}
        page.set_viewport_size(size)
        tools = window.new_cdp_session(page)
        tools.send("Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": 1, "mobile": True})
        tools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        yield page


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Remembers a failure, so that the page's fixture can save what was to be seen."""
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed = True
