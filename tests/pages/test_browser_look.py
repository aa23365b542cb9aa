"""The look in a real browser: brand, condensed face, narrow windows, charts that follow the theme."""

import pytest

from pages.components.shell import page_names
from support.browser import AT_REST, wait_in

BAR = ".st-key-bottom-bar"
COLOURS = "[...document.querySelectorAll('.js-plotly-plot path.point')].map((mark) => mark.style.fill)"


@pytest.fixture
def start(app_server, page):
    page.goto(app_server.url)
    page.wait_for_selector("h1")
    return page


def test_the_brand_and_its_condensed_face_are_there(start):
    start.get_by_test_id("stHeaderLogo").wait_for()
    wait_in(
        start, "[...document.fonts].some((font) => /Fjalla/.test(font.family) && font.status === 'loaded')"
    )
    assert start.locator(BAR).is_hidden()


def test_focus_is_seen(start):
    wait_in(start, AT_REST)
    start.get_by_test_id("stTopNavLink").first.focus()
    start.keyboard.press("Tab")
    outline = start.evaluate("getComputedStyle(document.activeElement).outline")
    assert outline.startswith("rgb(27, 107, 69) solid 3px")


def test_charts_change_their_colours_with_the_theme(app_server, page):
    page.goto(f"{app_server.url}/compare")
    wait_in(page, f"{COLOURS}.length >= 5")
    wait_in(page, f"{COLOURS}.includes('rgb(213, 94, 0)')")
    page.emulate_media(color_scheme="dark")
    wait_in(page, f"{COLOURS}.includes('rgb(255, 154, 77)')")
    page.emulate_media(color_scheme="light")
    wait_in(page, f"{COLOURS}.includes('rgb(213, 94, 0)')")


def test_a_phone_finds_every_page_at_the_lower_edge(app_server, phone):
    phone.goto(app_server.url)
    bar = phone.locator(BAR)
    names = [name.replace("_", " ").capitalize() for name in page_names()]
    bar.get_by_role("link", name=names[-1]).wait_for()
    assert [text.split("\n")[-1] for text in bar.locator("a, .current").all_inner_texts()] == names
    assert bar.locator("[aria-current=page]").inner_text().endswith(names[0])
    for target in bar.locator("a, .current").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert box["y"] + box["height"] <= 844
    bar.get_by_role("link", name=names[1]).press("Enter")  # as a keyboard does
    phone.get_by_role("heading", name=names[1], level=1).wait_for()
    wait_in(phone, f"document.querySelector('{BAR} [aria-current]')?.textContent.endsWith('{names[1]}')")


LAST_SEEN = """(bar) => {
    const main = document.querySelector('[data-testid=stMain]');
    main.scrollTo(0, main.scrollHeight);
    const shown = [...main.querySelectorAll('button, [data-testid=stCaptionContainer]')].filter(
        (element) => element.checkVisibility());
    const lowest = Math.max(...shown.map((element) => element.getBoundingClientRect().bottom));
    return shown.length > 5 && lowest <= document.querySelector(bar).getBoundingClientRect().top;
}"""


def test_the_bar_hides_nothing_of_a_page(app_server, phone):
    phone.goto(f"{app_server.url}/train")
    phone.get_by_role("button", name="Start race").wait_for()
    wait_in(phone, LAST_SEEN, BAR)  # scrolled down anew as long as the page still grows
