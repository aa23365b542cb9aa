"""The Start page in a real Chromium, over the reference runs: draw at once, race at once."""

import json
import os
from contextlib import suppress

import psutil
import pytest

from core import frameworks
from core.charts.colours import order
from core.places import PROJECT
from core.prediction.models import default_runs, model_files
from core.races import turns
from pages.components.start.race import SPRINT
from support.browser import click, wait_for, wait_in
from support.drawing import PAD, draw_digit
from support.file_server import FileServer, stuck
from support.small_mnist import NAMES

BAR = 56  # pixels that the pages at the lower edge take on a phone
pytestmark = pytest.mark.skipif(
    not default_runs(model_files(PROJECT / "artifacts")), reason="no reference runs in artifacts/ yet"
)


def open_start(page, server) -> None:
    page.goto(server.url)
    page.locator(PAD).wait_for()


def wait_for_answers(page, reading: str) -> list[str]:
    """The frameworks that answered, in the order of their rows, once most read this and all have answered."""
    page.locator(f'[data-testid=verdict][data-reading="{reading}"]').wait_for()
    wait_in(
        page,
        "models => models === document.querySelectorAll('[data-testid^=answer-][data-state=ready]').length",
        len(frameworks.names()),
    )
    rows = page.locator("[data-testid^=answer-]").all()
    return [row.get_attribute("data-testid").removeprefix("answer-") for row in rows]


def test_five_models_answer_a_drawing_which_the_draw_page_keeps(app_server, page):
    open_start(page, app_server)
    for only in ("h1", "[data-testid=stBaseButton-primary]"):
        page.locator(only).wait_for()  # refuses a second one
    page.locator("[data-testid=verdict]").get_by_text("five models answer").wait_for()
    draw_digit(page, 7)
    assert wait_for_answers(page, "7") == order(frameworks.names())
    assert "read a seven." in page.locator("[data-testid=verdict]").inner_text()
    page.get_by_alt_text("Digit 1 in 28 by 28 pixels").wait_for()  # refuses a second one
    page.locator("[data-testid=answer-pytorch]").get_by_text("%").wait_for()

    page.locator("[data-testid=findings][data-state=ready] .finding").nth(2).wait_for()
    assert "Nobody reads better" in page.locator("[data-testid=findings]").inner_text()
    assert page.locator("[data-testid=data]").get_by_role("img").get_attribute("alt")

    click(page.get_by_role("link", name="Draw", exact=True).first)
    page.wait_for_url("**/draw")
    page.locator('[data-testid=guess-average][data-reading="7"]').wait_for()
    click(page.get_by_role("radio", name="Upload"))
    page.locator("input[type=file]").wait_for(state="attached")
    click(page.get_by_role("radio", name="Draw", exact=True))
    page.locator(f'{PAD}[data-strokes="1"]').wait_for()
    page.locator('[data-testid=guess-average][data-reading="7"]').wait_for()
    page.locator(".pad-clear").click()
    page.locator("[data-testid=verdict][data-state=none]").wait_for()


def test_phone_has_canvas_and_answer_on_its_first_screen(app_server, phone):
    open_start(phone, app_server)
    draw_digit(phone, 3)
    wait_for_answers(phone, "3")
    size = phone.viewport_size
    for seen in (
        PAD,
        ".pad-clear",
        "[data-testid=stBaseButton-primary]",
        "[data-testid=answer-numpy_scratch]",
    ):
        box = phone.locator(seen).bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"], seen
        assert 0 <= box["y"] <= box["y"] + box["height"] <= size["height"] - BAR, seen
    assert phone.locator(".pad-clear").bounding_box()["height"] >= 44
    assert phone.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.fixture(scope="module", autouse=True)
def mirror():
    """A mirror that never sends anything: a race whose data is not there goes on fetching."""
    server = FileServer()
    server.answers |= {f"/{name}.gz": stuck(b"", 0) for name in NAMES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_DERBY_MIRROR", server.url())
        yield server
    server.close()


@pytest.fixture
def line(app_server, monkeypatch):
    """The server's line of races, whose first place somebody holds: what comes behind only waits."""
    monkeypatch.setenv("DIGIT_DERBY_LINE", app_server.env["DIGIT_DERBY_LINE"])
    with turns.take_place("first", app_server.artifacts):
        yield
        for ticket in turns.waiting():
            if ticket["pid"] != os.getpid():
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(ticket["pid"]).kill()


def test_button_puts_one_race_of_all_frameworks_in_line(app_server, page, line):
    open_start(page, app_server)
    page.get_by_text("A race is going on; yours starts after it.").wait_for()
    page.get_by_role("button", name="Race them now").dblclick()
    page.wait_for_url("**/train?race=*")
    wait_for(lambda: len(turns.waiting()) == 2)
    folder = app_server.artifacts / ".races"
    [launched] = [json.loads(mark.read_text()) for mark in folder.glob("*-????.json")]
    assert page.url.endswith(launched["race"])
    assert f"--architecture {SPRINT}" in launched["command"]
    assert "--frameworks" not in launched["command"]
    assert turns.waiting()[1]["race"] == launched["race"]
