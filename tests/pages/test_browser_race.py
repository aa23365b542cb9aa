"""A race on its track in a real Chromium: replayed, on a phone, on a projector, and while it trains."""

import re

import pytest

from core.runs import records
from support.browser import AppServer, click, fill, wait_in
from support.made_runs import FRAMEWORKS, make_finished_race, make_finished_run

REPLAY = "/train?race=made&view=replay"
SECONDS = "Number(document.querySelector('.replay-scrub').value)"
ENDS = "Number(document.querySelector('.replay-scrub').max)"
FIRST_RUNNER = "document.querySelector('.replay-runner').getBoundingClientRect().left"
# What a race of two frameworks on the digits is called, which is over within seconds.
SHORT = {"dataset": "digits", "architecture": "tiny-mlp", "epochs": 2, "threads": 1}


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("race")
    server = AppServer(folder / "artifacts", data_dir=folder / "data")
    make_finished_race(server.artifacts)
    yield server
    server.close()


def open_replay(page, server, query: str = "") -> None:
    page.goto(server.url + REPLAY + query)
    page.locator(".replay-runner").nth(4).wait_for()


def set_clock(page, share: float) -> None:
    """Scrubs to this part of the race."""
    page.evaluate(
        "share => { const bar = document.querySelector('.replay-scrub'); bar.value = share * bar.max;"
        " bar.dispatchEvent(new Event('input')); }",
        share,
    )


def test_a_race_is_replayed_to_its_podium(server, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_replay(page, server)

    # It plays by itself; the runners move, the podium is not there yet.
    wait_in(page, f"{SECONDS} > 0.02 * {ENDS}")
    before = page.evaluate(FIRST_RUNNER)
    wait_in(page, f"{FIRST_RUNNER} > {before}")
    assert not page.locator(".replay-podium").is_visible()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()

    # Keys: the arrows move the clock, space plays and pauses.
    set_clock(page, 0.4)
    at = page.evaluate(SECONDS)
    page.locator(".replay").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(SECONDS) > at
    page.keyboard.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press(" ")
    label = page.locator(".replay-track").get_attribute("aria-label")
    assert re.search(r"of \d+ s: PyTorch finished after .* NumPy \d\d\.\d %\.", label)

    # Another run of the page with the same race leaves the picture as it is.
    page.evaluate("document.querySelector('.replay-runner').mark = 'first'")
    at = page.evaluate(SECONDS)
    click(page.get_by_text("Set up another race"))
    epochs = page.get_by_role("spinbutton", name="Epochs")
    fill(epochs, "9")
    page.wait_for_url(re.compile("epochs=9"))
    assert page.evaluate("document.querySelector('.replay-runner').mark") == "first"
    assert page.evaluate(SECONDS) == at

    # The finish: who cannot be told apart shares a step.
    set_clock(page, 1)
    podium = page.locator(".replay-podium")
    assert (
        "Photo finish: PyTorch, TensorFlow, Keras and scikit-learn, too close to call" in podium.inner_text()
    )
    assert podium.locator(".replay-step").count() == 2
    assert "5th" in podium.locator(".replay-step").last.inner_text()
    assert page.locator(".replay-figure").first.text_content().startswith("joint 1st")
    page.get_by_role("button", name="Play again").wait_for()
    assert not errors


def test_who_wants_no_movement_sees_the_finish(server, page):
    page.emulate_media(reduced_motion="reduce")
    open_replay(page, server)
    page.locator(".replay-podium").wait_for()
    assert page.evaluate(SECONDS) == pytest.approx(page.evaluate(ENDS))


def test_a_phone_shows_the_replay_without_sideways_scrolling(server, phone):
    open_replay(phone, server)
    for share in (0.3, 1):
        set_clock(phone, share)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        inside = "n => [...document.querySelectorAll(n)].every(e => e.getBoundingClientRect().right <= 390)"
        assert phone.evaluate(inside, ".replay text, .replay-step, .replay button, .replay select")
    button = phone.locator(".replay-play").bounding_box()
    assert min(button["width"], button["height"]) >= 44


def test_a_projector_shows_the_replay_alone_and_large(server, page):
    page.set_viewport_size({"width": 1024, "height": 768})
    open_replay(page, server)
    click(page.get_by_role("button", name="Present"))
    page.locator(".replay[data-present] .replay-runner").nth(4).wait_for()
    page.get_by_role("heading", name="Train", exact=True).wait_for(state="hidden")
    assert not page.locator('[data-testid="stHeader"]').is_visible()
    sizes = page.evaluate(
        "[...document.querySelectorAll('.replay-name, .replay-figure, .replay-controls button, .stage-exit')]"
        ".map(e => Number.parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 24
    set_clock(page, 1)
    bottom = "document.querySelector('.replay-podium').getBoundingClientRect().bottom"
    assert page.evaluate(bottom) <= 768
    page.keyboard.press("ArrowLeft")  # wherever the keyboard's attention is
    wait_in(page, f"{SECONDS} < 0.99 * {ENDS}")
    page.keyboard.press("PageDown")
    page.locator(".replay-curves").wait_for()
    assert "NumPy" in page.locator(".replay-curves").text_content()
    assert (
        page.evaluate(
            "Number(getComputedStyle(document.querySelector('.replay-curve')).strokeWidth.slice(0, -2))"
        )
        >= 4
    )
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    assert "present=1" not in page.url


def test_runs_without_a_curve_say_that_they_cannot_be_replayed(server, page):
    metrics = make_finished_run(server.artifacts, "old", "pytorch")
    metrics.pop("curve")
    records.write_json(records.metrics_path(server.artifacts, "old"), metrics)
    page.goto(server.url + "/train?view=replay&runs=old,gone")
    page.get_by_text("These runs cannot be replayed").wait_for()
    page.get_by_text("trained before curves were kept").wait_for()


def test_a_race_that_trains_runs_with_ghosts_and_ends_on_a_podium(server, page):
    for framework in FRAMEWORKS[:2]:
        make_finished_run(server.artifacts, f"20261119-100000-{framework}-tiny-mlp-s0", framework, **SHORT)
    query = "&".join(f"{name}={value}" for name, value in SHORT.items())
    page.goto(f"{server.url}/train?frameworks=numpy_scratch,pytorch&{query}")
    click(page.get_by_role("button", name="Start race"))
    page.wait_for_url(re.compile(r"race=\d{8}-\d{6}"))
    page.locator(".replay-ghost").first.wait_for()
    assert "earlier run" in page.locator(".replay-ghost").first.text_content()
    assert page.locator(".replay-controls").is_hidden()
    page.get_by_role("heading", name="Result").wait_for()
    wait_in(page, "document.querySelectorAll('.replay').length === 1")  # the replay took the track's place
    page.locator(".replay-podium").wait_for()
    assert page.locator(".replay-ghost").count() == 0
    page.get_by_text("Who reads best?").wait_for()
    click(page.get_by_role("link", name="Replay"))
    page.get_by_role("heading", name=re.compile("Replay of the race")).wait_for()
    wait_in(page, f"{SECONDS} > 0")
    wait_in(page, "location.search.includes('view=replay')")
    click(page.get_by_role("link", name="The race and its result"))
    page.get_by_role("heading", name="Result").wait_for()
    wait_in(page, "!location.search.includes('view=replay')")

    # A race goes on a projector as well, and back.
    click(page.get_by_role("button", name="Present"))
    page.locator(".replay[data-present]").wait_for()
    page.locator(".lane").first.wait_for(state="detached")
    page.keyboard.press("Escape")
    page.locator(".lane").first.wait_for()
