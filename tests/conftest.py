"""Fixtures for all tests. Browser tests ask for `app_server` and `page`.

app_server   a real server (one per test module) over a folder seeded with the reference runs
empty_server the same over an empty folder: the first launch of somebody without results
page         a fresh page of a real Chromium, 1440 × 900, light; nothing is shared between tests
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


@pytest.fixture(scope="module")
def app_server(browser, tmp_path_factory) -> Iterator[AppServer]:
    server = AppServer(copy_reference_runs(tmp_path_factory.mktemp("server") / "artifacts"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def empty_server(browser, tmp_path_factory) -> Iterator[AppServer]:
    folder = tmp_path_factory.mktemp("empty")
    server = AppServer(folder / "artifacts", data_dir=folder / "data")
    yield server
    server.close()


@pytest.fixture(scope="session")
def browser():
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium found: install Debian's `chromium` to run the browser tests")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as control:
        browser = control.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def _open_page(browser, request, tmp_path, **options):
    context, errors = browser.new_context(**options), []
    context.on("weberror", lambda error: errors.append(error.error))
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    context.set_default_timeout(90_000)  # the machine may be busy training
    page = context.new_page()
    yield page
    if getattr(request.node, "failed", False):
        for number, left in enumerate(context.pages):
            picture = tmp_path / f"failed-{number}-{options['viewport']['width']}.png"
            left.screenshot(path=picture, full_page=True)
            print(f"the page when the test failed: {picture}")
        print("what it reported:", *errors, sep="\n")
    context.close()


@pytest.fixture
def page(browser, request, tmp_path):
    yield from _open_page(browser, request, tmp_path, viewport={"width": 1440, "height": 900})


@pytest.fixture
def phone(browser, request, tmp_path):
    size = {"width": 390, "height": 844}
    yield from _open_page(browser, request, tmp_path, viewport=size, has_touch=True, is_mobile=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Remembers a failure, so that the page's fixture can save what was to be seen."""
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed = True
