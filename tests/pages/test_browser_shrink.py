"""Shrink in a real Chromium: a run is shrunk while somebody watches, read, taken away, and asked on Draw."""

import re

import pytest
from playwright.sync_api import expect

from core.runs.shrunk import read_shrunk
from support.axe import AXE, violations
from support.browser import AppServer, click, wait_in
from support.drawing import PAD, draw_digit
from support.made_models import save_models
from support.made_runs import make_finished_run

RUN = "20261120-100000-numpy_scratch-e5-s0"
KEYS = ["onnx", "onnx-int8", "c-int8", "c-int4"]
ROWS = ".shrunk tbody tr"
MAIN = "document.querySelector('[data-testid=stMain]')"

expect.set_options(timeout=90_000)


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shrink") / "artifacts"
    make_finished_run(folder, RUN, "numpy_scratch", dataset="digits", validation_size=100)
    save_models(folder, [RUN])
    server = AppServer(folder)
    yield server
    server.close()


def check_the_named_tab_came_into_view_once(page):
    top = "document.querySelector('[data-testid=stTabs]').getBoundingClientRect().top"
    wait_in(page, f"{MAIN}.scrollTop > 0 && {top} > 60 && {top} < 200")  # below the header
    assert page.evaluate("document.activeElement === document.body")
    page.evaluate(f"{MAIN}.scrollTop = 0")
    for name, text in (("Download", "Opens offline"), ("Shrink", "is not shrunk yet")):
        page.get_by_role("tab", name=name).dispatch_event("click")
        expect(page.get_by_text(text)).to_be_visible()
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    assert page.evaluate(f"{MAIN}.scrollTop") == 0


def test_a_run_is_shrunk_read_taken_away_and_asked_about_a_drawing(page, server):
    page.goto(f"{server.url}/compare?tab=Shrink&runs={RUN}")
    expect(page.get_by_text("is not shrunk yet")).to_be_visible()
    check_the_named_tab_came_into_view_once(page)
    click(page.get_by_role("button", name="Shrink it"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()

    click(page.get_by_role("button", name="Shrink it"))
    expect(page.locator(ROWS)).to_have_count(1 + len(KEYS), timeout=200_000)
    assert [shrunk.variant for shrunk in read_shrunk(server.artifacts, RUN)] == KEYS
    for key in KEYS:
        row = page.locator(f'{ROWS}[data-variant="{key}"]')
        expect(row).to_contain_text(re.compile(r"answers? changes?"))
        expect(row).to_contain_text("kB")
    page.locator(".js-plotly-plot").first.wait_for()
    page.evaluate(AXE)
    found = [one for scheme in ("light", "dark") for one in violations(page, scheme)]
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "light")
    assert not found, "\n\n".join(found)
    assert page.evaluate(f"{MAIN}.scrollWidth") == 390
    with page.expect_download() as download:
        click(page.get_by_role("button", name=re.compile(r"^ONNX \(")))
    assert download.value.suggested_filename.endswith(".onnx")
    assert b"probabilities" in download.value.path().read_bytes()

    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{server.url}/draw")
    page.locator(PAD).wait_for()
    click(page.get_by_role("button", name="Their shrunk variants"))
    for name in ("ONNX, 8 bits", "C, 4 bits"):
        page.get_by_test_id("stPopoverBody").get_by_role("button", name=name).click()
    page.evaluate(AXE)
    assert not violations(page, "light", "[data-testid=stPopoverBody]")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("guess-numpy_scratch")).to_have_count(3)
    draw_digit(page, 7)
    wait_in(
        page,
        "document.querySelectorAll('[data-testid=guess-numpy_scratch][data-reading]:not([data-reading=\"\"])')"
        ".length === 3",
    )
    expect(page.get_by_text("ONNX, 8 bits")).to_be_visible()
    assert "shrunk=" in page.url
