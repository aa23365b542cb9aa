"""Learn in a real Chromium: by mouse, keys and touch; remembered by the browser; nobody kept out."""

import re

import pytest

from core.lessons.stations import stations
from support.axe import AT_REST, AXE, violations
from support.browser import AppServer, click, wait_in
from support.drawing import draw_digit

KEPT = "localStorage.getItem('digit-derby-learn')"
FRAME = ".lens i"
NOTHING_SIDEWAYS = "document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    server = AppServer(tmp_path_factory.mktemp("learn") / "artifacts")
    yield server
    server.close()


def open_station(page, server, name: str) -> None:
    page.goto(f"{server.url}/learn?station={name}")
    page.locator(".opening").wait_for()
    wait_in(page, AT_REST)


def test_window_is_moved_with_mouse_and_keys_and_the_numbers_follow(server, page):
    open_station(page, server, "convolution")
    caption = page.locator(".matrix td").first
    lens = page.locator(".lens")
    before = caption.inner_text()
    box = lens.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 5, box["y"] + 5, steps=4)
    page.mouse.up()
    assert "row 1, column 1;" in lens.get_attribute("aria-label")
    wait_in(page, "document.querySelector('.matrix td').innerText === '0.00'")
    lens.focus()
    for _ in range(13):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "row 2, column 14;" in lens.get_attribute("aria-label")
    wait_in(page, "document.querySelector('.map-frame').style.left.startsWith('50')")
    assert before


def test_term_explains_itself_by_pointer_and_by_focus(server, page):
    open_station(page, server, "convolution")
    term = page.locator(".term").first
    meaning = term.locator(".term-meaning")
    assert meaning.bounding_box()["height"] <= 2
    term.hover()
    assert meaning.bounding_box()["height"] > 20
    page.mouse.move(0, 0)
    assert meaning.bounding_box()["height"] <= 2
    term.focus()
    assert meaning.bounding_box()["height"] > 20


def test_browser_remembers_what_was_done_until_it_is_told_to_forget(server, page):
    page.goto(f"{server.url}/learn")
    click(page.get_by_role("link", name="Loss"))
    page.wait_for_url(re.compile("station=loss"))
    click(page.get_by_text("About 2.3"))
    page.locator(".reveal").wait_for()
    wait_in(page, f"{KEPT} === '[\"loss\"]'")
    page.goto(f"{server.url}/learn")  # a new session: the server knows nothing
    page.get_by_text("1 of 8 stations done").wait_for()
    assert page.locator(".learn-tick").count() == 1
    click(page.get_by_role("button", name="Start over"))
    page.locator(".learn-tick").wait_for(state="detached")
    wait_in(page, f"{KEPT} === '[]'")


def test_network_explodes_in_front_of_the_visitor(server, page):
    open_station(page, server, "rate")
    page.locator('.learn-sum[data-state="crawls"]').wait_for()
    page.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("End")
    page.locator('.learn-sum[data-state="explodes"]').wait_for()
    assert "It explodes." in page.locator(".learn-sum").inner_text()


def test_digit_is_drawn_at_the_station_on_a_phone(server, phone):
    open_station(phone, server, "numbers")
    click(phone.get_by_role("button", name="Draw your own"))
    draw_digit(phone, 7)
    phone.get_by_text("Your drawing").wait_for()
    wait_in(phone, NOTHING_SIDEWAYS)


@pytest.mark.parametrize("name", stations())
def test_nobody_is_kept_out_of_a_station(name, server, page):
    open_station(page, server, name)
    page.evaluate(AXE)
    found = violations(page, "light") + violations(page, "dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "dark")
    wait_in(page, NOTHING_SIDEWAYS)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    assert not found, "\n\n".join(found)


def test_station_on_a_projector_is_large_and_the_arrow_keys_move_its_window(server, page):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{server.url}/learn?station=convolution&present=1")
    page.locator(".st-key-stage .lens").wait_for()
    wait_in(page, AT_REST)
    size = "(name) => Number.parseFloat(getComputedStyle(document.querySelector(name)).fontSize)"
    for name in (".opening", ".matrix td", ".terms dd"):
        assert page.evaluate(size, name) >= 24
    wait_in(page, NOTHING_SIDEWAYS)
    page.locator(".lens").focus()
    page.keyboard.press("ArrowLeft")
    assert "column 12;" in page.locator(".lens").get_attribute("aria-label")
    page.keyboard.press("Escape")
    page.locator("h1", has_text="Convolution").wait_for()
    page.set_viewport_size({"width": 1440, "height": 900})
