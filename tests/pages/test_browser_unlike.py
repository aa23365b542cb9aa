"""The Draw page says when a drawing is unlike any digit, in a real Chromium over the reference runs."""

import cv2
import numpy as np
import pytest

from core.places import PROJECT
from core.prediction.models import model_files
from support.browser import click, wait_in
from support.drawing import PAD, draw_strokes

pytestmark = pytest.mark.skipif(
    not model_files(PROJECT / "artifacts"), reason="no reference runs in artifacts/ yet"
)
STAR = [(160, 50), (222, 245), (62, 125), (258, 125), (98, 245), (160, 50)]  # on 320 × 320
ONE = [(160, 70), (160, 250)]


def open_page(page, server) -> None:
    page.goto(f"{server.url}/draw")
    page.locator(PAD).wait_for()
    wait_in(
        page,
        "document.querySelectorAll('[data-testid^=guess-]').length"
        " && !document.querySelector('[data-testid^=guess-][data-state=waiting]')",
    )


def draw(page, points) -> None:
    draw_strokes(page, [points])
    page.locator("[data-testid=guess-average]").wait_for()


def write_characters(path, text: str) -> None:
    """Printed characters, far enough from each other to be several."""
    paper = np.full((300, 60 + 240 * len(text)), 255, np.uint8)
    for place, character in enumerate(text):
        cv2.putText(paper, character, (40 + 240 * place, 240), 0, 7, 0, 18)
    cv2.imwrite(str(path), paper)


def test_star_is_unlike_any_digit_while_the_answers_stay_and_a_one_is_not(app_server, page):
    open_page(page, app_server)
    before = page.locator(PAD).bounding_box()
    draw(page, STAR)
    line = page.locator("[data-testid=unlike]")
    line.wait_for()
    assert page.locator(PAD).bounding_box() == before  # who draws on meets the canvas where it was
    assert line.get_attribute("role") == "status"
    assert "Unlike any digit they learned. Being sure is not being right." in line.inner_text()
    assert page.locator("[data-testid=verdict]").inner_text().strip()
    assert page.locator("[data-testid=guess-pytorch] .guess-bar").count() == 10
    page.locator(".pad-clear").click()
    line.wait_for(state="detached")
    draw(page, ONE)
    page.locator('[data-testid=guess-average][data-reading="1"]').wait_for()
    assert line.count() == 0


def test_of_several_the_one_that_is_unlike_is_named(app_server, page, tmp_path):
    write_characters(tmp_path / "two.png", "2A3")
    open_page(page, app_server)
    click(page.get_by_role("radio", name="Upload"))
    page.locator("input[type=file]").set_input_files(tmp_path / "two.png")
    line = page.locator("[data-testid=unlike]")
    line.wait_for()
    assert "The second of 3 is unlike any digit they learned." in line.inner_text()
