"""The Tune page in a real Chromium: a real study is started, watched, stopped, resumed, finished, deleted."""

import re

import pytest

from core.runs import records
from core.tuning import studies
from core.tuning.folder import add_event
from support.axe import AXE, settle, violations
from support.browser import AT_REST, AppServer, click, wait_for, wait_in
from support.made_studies import made_spec, made_study, write_study

SEARCH = (
    "/tune?dataset=digits&architecture=tiny-mlp&frameworks=numpy_scratch&epochs=60&threads=1&trials=24"
    "&search-learning-rate=log:0.001..0.1&search-batch-size=16,32"
)
CHART = ".live-chart"
BLOCK = ".trial-block"
FIVE = "20261120-110000-five"
GROWS = "20261120-120000-grow"


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    server = AppServer(tmp_path_factory.mktemp("tune") / "artifacts")
    yield server
    server.close()


def state(page, name: str):
    return page.locator(f'[data-testid="study-progress"][data-state="{name}"]')


def scored(count: int) -> str:
    return f"document.querySelectorAll('{BLOCK}[data-status=finished]').length >= {count}"


def test_study_is_watched_stopped_resumed_and_finished(server, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server.url + SEARCH)
    page.get_by_text(re.compile("24 trainings in the search")).wait_for()
    click(page.get_by_role("button", name="Start search"))
    page.wait_for_url(re.compile(r"study=\d{8}-\d{6}"))
    name = re.search(r"study=([\w-]+)", page.url)[1]
    assert "trials=" not in page.url  # the form's words would stand beside every study

    # The grid fills in, its blocks stay the same nodes, and so does the chart.
    wait_in(page, scored(2))
    wait_in(page, f"document.querySelector('{CHART}')?.data?.some(t => t.y?.[0] > 0)")
    page.evaluate(f"document.querySelector('{BLOCK}').mark = document.querySelector('{CHART}').mark = 1")
    page.locator(BLOCK).first.focus()
    before = page.locator(f"{BLOCK}[data-status=finished]").count()
    wait_in(page, scored(before + 1))
    assert page.evaluate(f"[document.activeElement.mark, document.querySelector('{CHART}').mark]") == [1, 1]
    wait_in(page, f"document.querySelector('{CHART}').data.filter(t => t.y?.[0] > 0).length > {before}")
    assert page.locator(".live-chart-message").inner_text() == ""

    # Stopped: what is finished stays. The server restarts, and the study goes on where it ended.
    page.get_by_role("button", name="Stop").click()
    state(page, "stopped").wait_for()
    done = studies.read(server.artifacts, name)
    assert 2 <= sum(trial.status == "finished" for trial in done.trials) < 24
    server.restart()
    page.goto(f"{server.url}/tune?study={name}")
    click(page.get_by_role("button", name="Resume"))
    page.get_by_role("button", name="Resume").wait_for(state="detached")
    page.reload()
    state(page, "finished").wait_for(timeout=200_000)  # the rest of 24 trainings, and nine fresh ones
    page.get_by_role("heading", name="Is the winner real?").wait_for()
    study = wait_for(lambda: studies.read(server.artifacts, name))
    assert [trial.number for trial in study.trials] == list(range(1, 25))
    assert len(list(server.artifacts.glob(f"trial-{name}-*_metrics.json"))) == 24
    assert not errors


RINGS = f"document.querySelector('{CHART}')?.data?.filter(t => t.marker?.symbol === 'circle-open')"


def test_curve_of_a_training_grows_in_a_chart_that_keeps_its_zoom(server, page):
    study = made_study(made_spec(name=GROWS, fixed=made_spec().fixed | {"epochs": 8}), 3, "searching")
    write_study(server.artifacts, study)
    run = study.trials[-1].fits[0].run
    records.append_event(server.artifacts, run, "epoch", val_accuracy=0.9)
    page.goto(f"{server.url}/tune?study={GROWS}")
    wait_in(page, f"{RINGS}?.[0]?.y.length === 1")
    page.get_by_text("A ring at its end").wait_for()
    page.locator(CHART).scroll_into_view_if_needed()
    plot = page.locator(f"{CHART} .draglayer .xy .nsewdrag").bounding_box()
    page.mouse.move(plot["x"] + 0.2 * plot["width"], plot["y"] + 0.2 * plot["height"])
    page.mouse.down()
    page.mouse.move(plot["x"] + 0.6 * plot["width"], plot["y"] + 0.7 * plot["height"], steps=5)
    page.mouse.up()
    view = f"JSON.stringify(document.querySelector('{CHART}')._fullLayout.xaxis.range)"
    wait_in(page, f"document.querySelector('{CHART}')._fullLayout.xaxis.range[0] > 1")
    zoomed = page.evaluate(view)
    for accuracy in (0.92, 0.94):
        records.append_event(server.artifacts, run, "epoch", val_accuracy=accuracy)
    wait_in(page, f"{RINGS}?.[0]?.y.length === 3")
    assert page.evaluate(view) == zoomed
    add_event(server.artifacts, GROWS, "ended", status="stopped", reason="")
    state(page, "stopped").wait_for()
    wait_in(page, f"{RINGS}.length === 0")  # nobody trains any more


@pytest.fixture
def five(server):
    """A finished study of five folds in two frameworks."""
    spec = made_spec(name=FIVE, folds=5, trials=24, frameworks=("pytorch", "keras_fit"))
    if FIVE not in studies.names(server.artifacts):
        write_study(server.artifacts, made_study(spec))
    return f"{server.url}/tune?study={FIVE}"


def test_trial_is_chosen_with_the_keyboard_and_raced(five, page):
    page.goto(five)
    page.locator(BLOCK).first.wait_for()
    wait_in(page, AT_REST)
    assert page.locator(f'{BLOCK}[tabindex="0"]').count() == 1  # one stop, however many trials
    page.locator(BLOCK).first.focus()
    page.keyboard.press("ArrowRight")
    readout = page.locator(".trial-readout")
    assert re.search(r"Trial 4, PyTorch.* finished, 9\d\.\d+ %.*fold 5, seed 0: 9", readout.inner_text())
    page.keyboard.press("ArrowDown")
    assert "Trial 4," not in readout.inner_text()
    page.keyboard.press("End")  # of the other framework's
    assert "Trial 23, Keras" in readout.inner_text()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    card = page.locator(".st-key-chosen-trial")
    card.get_by_text("Trial 4", exact=True).wait_for()
    click(card.get_by_role("link", name="Race with these settings"))
    page.get_by_role("button", name=re.compile("Start race|Queue race")).wait_for()
    assert "learning-rate=0.01" in page.url
    assert "batch-size=64" in page.url
    assert "frameworks=pytorch" in page.url


def test_trials_are_saved_as_csv(five, page):
    page.goto(five)
    click(page.get_by_role("tab", name="Table"))
    with page.expect_download() as saved:
        click(page.get_by_role("button", name="Save as CSV"))
    lines = saved.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("number,name,framework,learning_rate,batch_size,status,score")
    assert len(lines) == 25


def test_nobody_is_kept_out_of_a_study(five, page):
    page.goto(five)
    page.locator(BLOCK).first.wait_for()
    click(page.locator(BLOCK).first)
    page.locator(".st-key-chosen-trial").wait_for()
    page.evaluate(AXE)
    found = []
    for tab in page.get_by_role("tab").all():
        click(tab)
        found += violations(page, "light")
    found += violations(page, "dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "dark")
    wait_in(page, "document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    for scheme in ("light", "dark"):
        for name in ("Rename…", "Delete…"):
            settle(page, scheme)
            click(page.get_by_role("button", name=name))
            page.get_by_role("dialog").wait_for()
            found += violations(page, scheme, '[role="dialog"]')
            page.keyboard.press("Escape")
            page.get_by_role("dialog").wait_for(state="detached")
    page.emulate_media(color_scheme="light")
    assert not found, "\n\n".join(found)


def test_study_is_renamed_and_deleted_once_somebody_says_so(five, server, page):
    page.goto(five)
    click(page.get_by_role("button", name="Rename…"))
    page.get_by_role("dialog").get_by_label("Name").fill("With *folds*")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_text("Study “With *folds*”").wait_for()
    click(page.get_by_role("button", name="Delete…"))
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    page.get_by_role("dialog").wait_for(state="detached")
    assert FIVE in studies.names(server.artifacts)
    click(page.get_by_role("button", name="Delete…"))
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Start search").wait_for()
    assert FIVE not in studies.names(server.artifacts)
    assert "study=" not in page.url
    assert list(server.artifacts.glob(f"{FIVE}-best-*_metrics.json"))  # the fresh runs stay
