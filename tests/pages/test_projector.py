"""What a projector shows: one screen at a time, type large enough for the last row, nobody kept out.

And nothing that collides where a browser's zoom makes everything larger.
"""

import shutil
from collections.abc import Iterator

import pytest

from core.charts.colours import order
from core.runs import records
from support.axe import AT_REST, AXE, violations
from support.browser import wait_in
from support.drawing import PAD, draw_digit
from support.legible import small_texts, unreadable, zoom
from support.made_events import begin_run, queue_run, record_batch
from support.made_runs import FRAMEWORKS, make_finished_race

GOES_ON = "20260102-030405-abcd"
PRESENTED = {
    "draw": "/draw?present=1",
    "compare": "/compare?present=1",
    "replay": "/train?view=replay&present=1",
    "live": f"/train?race={GOES_ON}&present=1",
}
FITS = """() => { const main = document.querySelector('[data-testid=stMain]');
    return main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth }"""


@pytest.fixture
def race_that_goes_on(app_server):
    """Five runs, of which three train, as far as anybody can tell."""
    artifacts = app_server.artifacts
    runs = [queue_run(artifacts, framework, GOES_ON) for framework in order(list(FRAMEWORKS))]
    for run, steps in zip(runs, (30, 27, 25), strict=False):
        begin_run(artifacts, run)
        for step in range(1, steps + 1):
            record_batch(artifacts, run, step)
    yield GOES_ON
    for run in runs:
        shutil.rmtree(records.run_dir(artifacts, run))


def screens(page, view: str) -> Iterator[str]:
    """Shows what can be turned to, one after the other, and names it."""
    wait_in(page, AT_REST)
    yield view
    if view == "draw":
        draw_digit(page, 7)
        page.locator("[data-testid=stage-verdict][data-reading='7']").wait_for()
        page.get_by_text("All five read a seven.").wait_for()
        yield "a drawing"
        page.keyboard.press("ArrowRight")
        page.locator(".stage-digit").wait_for()
        yield "a test digit"
    elif view == "replay":
        page.keyboard.press("PageDown")
        page.locator(".replay-curves").wait_for()
        yield "its curves"
    elif view == "compare":
        for number in range(2, 1 + int(page.locator(".stage-exit span").inner_text().split()[-1])):
            page.keyboard.press("ArrowRight")
            wait_in(
                page,
                "number => document.querySelector('.stage-exit').innerText.includes(`${number} of`)",
                number,
            )
            yield f"finding {number}"


@pytest.mark.parametrize("view", PRESENTED)
def test_a_projector_shows_one_screen_in_large_type_and_keeps_nobody_out(
    view, app_server, race_that_goes_on, page
):
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(app_server.url + PRESENTED[view])
    page.locator(".st-key-stage").wait_for()
    found = []
    for screen in screens(page, view):
        page.evaluate(AXE)
        found += violations(page, "dark") + violations(page, "light")
        for width, height in ((1440, 900), (1024, 768)):
            page.set_viewport_size({"width": width, "height": height})
            wait_in(page, AT_REST)
            wait_in(page, FITS)
            found += [(screen, width, text) for text in small_texts(page) + unreadable(page)]
    assert not found, "\n\n".join(map(str, found))


def test_a_projector_shows_the_curves_of_a_race_that_goes_on(app_server, race_that_goes_on, page):
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(app_server.url + PRESENTED["live"])
    curves = page.locator(".replay-curves")
    curves.locator(".replay-curve[d^=M]").nth(5).wait_for(state="attached")  # loss and accuracy of three
    assert (
        curves.locator(".replay-tip:not([data-off])").all_text_contents()
        == ["PyTorch", "TensorFlow", "Keras"] * 2
    )
    width = "Number.parseFloat(getComputedStyle(document.querySelector('.replay-curve')).strokeWidth)"
    assert page.evaluate(width) >= 4
    track, below = page.locator(".replay-track").bounding_box(), curves.bounding_box()
    assert track["y"] + track["height"] <= below["y"]
    assert below["y"] + below["height"] <= 768

    first = curves.get_attribute("aria-label")
    run = next(
        run for run in records.run_names(app_server.artifacts) if "tensorflow_tape" in run and "2026" in run
    )
    for step in range(28, 36):
        record_batch(app_server.artifacts, run, step)
    wait_in(page, "first => document.querySelector('.replay-curves').ariaLabel !== first", first)


ENLARGED = {
    "start": ("/", ".replay-runner"),
    "a finished race": ("/train?race=made", ".lane"),
    "a race that goes on": (f"/train?race={GOES_ON}", ".live-chart .legend"),
    "figures": ("/compare?tab=Figures", ".js-plotly-plot .legend"),
    "learning": ("/compare?tab=Learning", ".js-plotly-plot .legend"),
    "draw": ("/draw", PAD),
}


@pytest.mark.parametrize("name", ENLARGED)
def test_nothing_collides_or_is_cut_off_at_twice_the_size(name, app_server, race_that_goes_on, page):
    if not records.metrics_path(
        app_server.artifacts, f"20261120-100000-{FRAMEWORKS[0]}-small-cnn-s0"
    ).exists():
        make_finished_race(app_server.artifacts)
    address, awaited = ENLARGED[name]
    zoom(page, 1280, 800)
    page.goto(app_server.url + address)
    page.locator(awaited).first.wait_for()
    wait_in(page, AT_REST)
    if name == "draw":
        draw_digit(page, 7)
        page.locator("[data-testid=guess-average]").wait_for()
    assert unreadable(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
