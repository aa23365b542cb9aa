"""axe-core on every page, light, dark and on a phone.

At rest, while a race trains with others behind it, and on everything that opens over a page.
"""

import itertools
import re

import pytest

from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.data.own_digits import save_digit
from core.runs import bin
from pages.components.shell import page_names
from support.axe import AT_REST, AXE, settle, violations
from support.browser import click, wait_in
from support.made_events import make_ended_race
from support.made_runs import NOTEBOOK, make_finished_race, make_finished_run, write_metrics

OVER = '[data-testid="stDialog"] [role="dialog"], [data-testid="stPopoverBody"]'  # what opens over a page

# What opens over which page, by the button that opens it.
OPENED = {
    "compare?race=made": [
        "Rename…", "Delete…", "Filter", "Add results", "Bin: 1", "Not read: 1", "Without a result: 2",
        "Race the clock again", "Take it home",
    ],
    "compare?runs=notebook": ["Fill in settings…"],
    "compare?race=made&tab=Download": ["As a command"],
    "train?dataset=fashion-mnist&name=A+name": ["Earlier races", "As a command"],
    "draw": ["5 models", "Delete all 1"],
}  # fmt: skip


@pytest.mark.parametrize("name", page_names())
def test_nobody_is_kept_out_of_a_page(name, app_server, page):
    page.goto(f"{app_server.url}/{'' if name == 'start' else name}")
    page.wait_for_selector("h1")
    wait_in(page, AT_REST)
    page.evaluate(AXE)
    found = violations(page, "light")
    for tab in page.get_by_role("tab").all()[1:]:
        click(tab)
        found += violations(page, "light")
    found += violations(page, "dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "dark")
    page.emulate_media(color_scheme="light")
    assert not found, "\n\n".join(found)


@pytest.fixture(scope="module")
def lived_in(app_server, tmp_path_factory):
    """The server once there are results, broken files, a bin, own digits, and a dataset that is missing."""
    artifacts = app_server.artifacts
    make_finished_race(artifacts, dataset="digits")
    make_finished_run(artifacts, "thrown-away")
    bin.delete(artifacts, ["thrown-away"])
    make_ended_race(artifacts, "failed", "killed")
    write_metrics(artifacts, "notebook", NOTEBOOK)
    write_metrics(artifacts, "broken", "{")
    save_digit(artifacts, load_images(find_dataset("digits")).x_test[0], 3)
    app_server.env["DIGIT_DERBY_DATA"] = str(tmp_path_factory.mktemp("no-data"))
    app_server.restart()
    return app_server


@pytest.mark.parametrize("address", OPENED)
def test_nobody_is_kept_out_of_what_opens_over_a_page(address, lived_in, page):
    page.goto(f"{lived_in.url}/{address}")
    page.wait_for_selector("h1")
    page.evaluate(AXE)
    found = []
    for scheme, name in itertools.product(("light", "dark"), OPENED[address]):
        settle(page, scheme)
        click(page.get_by_role("button", name=name))
        page.locator(OVER).wait_for()
        found += [f"{name}\n{one}" for one in violations(page, scheme, OVER)]
        page.keyboard.press("Escape")
        page.locator(OVER).wait_for(state="detached")
    page.emulate_media(color_scheme="light")
    assert not found, "\n\n".join(found)


def test_nobody_is_kept_out_of_a_race_that_trains(lived_in, page):
    address = f"{lived_in.url}/train?dataset=digits&frameworks=numpy_scratch,pytorch&epochs=200&threads=1"
    page.goto(f"{address}&name=With+%2Adropout%2A")
    click(page.get_by_role("button", name="Start race"))
    page.wait_for_url(re.compile(r"race=\d{8}-\d{6}"))
    first = page.url
    page.locator(".lane").first.wait_for()
    page.goto(f"{address}&new=1")
    click(page.get_by_role("button", name="Queue race"))
    page.get_by_text("this race (place 2)").wait_for()
    queued = page.url
    page.goto(first)
    page.locator('.lane[data-state="running"]').wait_for()
    page.locator('.lane[data-state="queued"]').wait_for()
    page.get_by_text("Race “With *dropout*”").wait_for()
    wait_in(page, "document.querySelector('.live-chart')?.data?.some(t => t.legendgroup && t.x.length > 2)")
    page.evaluate(AXE)
    found = violations(page, "light") + violations(page, "dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "dark")
    page.emulate_media(color_scheme="light")
    for address in (queued, first):
        page.goto(address)
        click(page.get_by_role("button", name="Stop all"))
        page.get_by_role("button", name="Stop all").wait_for(state="detached")
    assert not found, "\n\n".join(found)
