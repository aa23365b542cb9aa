"""Fixtures for all tests. Browser tests ask for `app_server` and `page`.

app_server   a real server (one per test module) over a folder seeded with the reference runs
page         a fresh page of a real Chromium, 1440 × 900, light; what a server put into its cache stays
phone        the same at 390 × 844, as a phone shows it
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]  # `pytest` alone does not add the project

from browser import CHROMIUM_FLAGS, AppServer, find_chromium  # noqa: E402


def copy_reference_runs(target: Path) -> Path:
    """Copies the runs that ship with the project, if there are any yet, and returns `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for source in (PROJECT / "artifacts").glob("reference-*"):
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, target / source.name)
    return target


@pytest.fixture(autouse=True)
def main_module(monkeypatch) -> None:
    """Takes `__main__` back from AppTest, which leaves its page there for every spawned process to import."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def reference_artifacts(tmp_path) -> Path:
    """A folder of the test's own with the reference runs in it."""
    return copy_reference_runs(tmp_path / "artifacts")


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
