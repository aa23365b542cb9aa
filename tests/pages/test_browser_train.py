"""The Train page in a real Chromium, over a real server that starts real training processes."""

import itertools
import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from core.data.catalogue import DATASETS
from core.machine.devices import TIMEOUT
from core.places import PROJECT
from core.runs import records
from core.runs.status import run_status
from support.browser import AppServer, click, wait_for, wait_in
from support.file_server import FileServer, stuck
from support.small_mnist import NAMES, archives, small_files, taken_for_mnist

# Trains for minutes: a test that has seen enough stops it.
LONG = "/train?dataset=digits&frameworks=numpy_scratch,pytorch&epochs=200&batch-size=4&threads=1"
SHORT = "/train?dataset=digits&architecture=tiny-mlp&frameworks=numpy_scratch,pytorch&epochs=2&threads=1"
CHART = ".live-chart"


FILES = small_files()
ARCHIVES = archives(FILES)
FIRST = f"{NAMES[0]}.gz"


@pytest.fixture(scope="module")
def mirror():
    """A server of files that count as MNIST's; it has none at first."""
    server = FileServer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_DERBY_MIRROR", server.url())
        for name, value in taken_for_mnist(FILES).items():
            patch.setenv(name, value)
        yield server
    server.close()


@pytest.fixture(scope="module")
def shared_server(chromium, mirror, tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    server = AppServer(folder / "artifacts", data_dir=folder / "data")  # no dataset but the digits
    yield server
    server.close()


@pytest.fixture
def server(shared_server):
    """A server without runs."""
    yield shared_server
    shared_server.clear()


def start_on_page(page, server, path=LONG) -> str:
    """Starts a race from the page, which would show one that still ends instead, and returns its name."""
    page.goto(f"{server.url}{path}&new=1")
    click(page.get_by_role("button", name=re.compile("Start race|Queue race")))
    page.wait_for_url(re.compile(r"race=\d{8}-\d{6}"))
    return re.search(r"race=([\w-]+)", page.url)[1]


def wait_for_curve(page) -> None:
    wait_in(page, f"document.querySelector('{CHART}')?.data?.some(t => t.legendgroup && t.x.length > 2)")


def wait_for_ticks(page, count: int) -> None:
    """Waits until the chart was drawn `count` more times."""
    drawn = page.evaluate(f"Number(document.querySelector('{CHART}').dataset.draws)")
    wait_in(page, f"Number(document.querySelector('{CHART}').dataset.draws) >= {drawn + count}")


def runs_of(server, state: str) -> list[str]:
    return [run for run in own_runs(server) if run_status(server.artifacts, run).state == state]


def own_runs(server) -> list[str]:
    return [run for run in records.run_names(server.artifacts) if not records.is_reference(run)]


def card(page, framework: str):
    return page.locator(f'.lane[data-framework="{framework}"]')


def test_race_is_watched_zoomed_reloaded_and_stopped(server, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    race = start_on_page(page, server)
    wait_for_curve(page)

    # The same node through at least five ticks, with the curve growing.
    page.evaluate(f"document.querySelector('{CHART}').mark = 'first'")
    points = (
        f"Math.max(...document.querySelector('{CHART}').data.map(t => t.legendgroup ? t.x.at(-1) ?? 0 : 0))"
    )
    before = page.evaluate(points)
    wait_for_ticks(page, 5)
    assert page.evaluate(f"document.querySelector('{CHART}').mark") == "first"
    assert page.locator(CHART).count() == 1
    assert page.evaluate(points) > before

    # Zoom with the mouse, hide a run by its legend entry; both survive further ticks.
    page.locator(CHART).scroll_into_view_if_needed()
    plot = page.locator(f"{CHART} .draglayer .xy .nsewdrag").bounding_box()
    x, y = plot["x"] + plot["width"] * 0.2, plot["y"] + plot["height"] * 0.2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + plot["width"] * 0.4, y + plot["height"] * 0.5, steps=5)
    page.mouse.up()
    view = f"JSON.stringify(document.querySelector('{CHART}')._fullLayout.xaxis.range)"
    wait_in(page, f"document.querySelector('{CHART}')._fullLayout.xaxis.range[0] > 0")
    zoomed = page.evaluate(view)
    click(page.locator(f"{CHART} .legend .traces", has_text="PyTorch").locator(".legendtoggle"))
    hidden = (
        f"document.querySelector('{CHART}')._fullData.filter(t => t.visible === 'legendonly')"
        ".map(t => t.name).join()"
    )
    wait_in(page, f"{hidden} !== ''")
    assert all("PyTorch" in name for name in page.evaluate(hidden).split(","))
    wait_for_ticks(page, 3)
    assert page.evaluate(view) == zoomed
    assert all("PyTorch" in name for name in page.evaluate(hidden).split(","))

    # Smoothed curves lie before what they were.
    traces = f"document.querySelector('{CHART}').data.length"
    before = page.evaluate(traces)
    page.get_by_role("slider", name="Smoothing").focus()
    page.keyboard.press("ArrowRight")
    wait_in(page, f"{traces} > {before}")

    # The lane tells the same story.
    assert re.search(r"epoch \d+ of 200 · .* left", card(page, "pytorch").inner_text())
    assert card(page, "numpy_scratch").get_attribute("data-state") == "queued"

    # Reload in the middle.
    page.reload()
    wait_for_curve(page)
    assert f"race={race}" in page.url

    # The server restarts, the race goes on, the page finds it again without being told its name.
    [training] = runs_of(server, "running")
    server.restart()
    assert run_status(server.artifacts, training).state == "running"
    page.goto(server.url + "/train")
    page.wait_for_url(re.compile(f"race={race}"))
    wait_for_curve(page)
    wait_for_ticks(page, 1)

    # Stop one, then all: what was learned is scored and kept, and the page says so.
    click(page.get_by_role("button", name="Stop", exact=True).first)
    card(page, "pytorch").locator("text=stopped").wait_for(timeout=60_000)
    click(page.get_by_role("button", name="Stop all"))
    page.get_by_role("heading", name="Result").wait_for(timeout=60_000)
    wait_for(lambda: len(runs_of(server, "stopped")) == 2)
    assert records.read_object(records.metrics_path(server.artifacts, training))["status"] == "stopped"
    card(page, "pytorch").get_by_text("test accuracy").wait_for()
    page.get_by_role("button", name="Stop all").wait_for(state="detached")
    assert not errors


def test_finished_race_leads_on_with_a_chart_that_follows_the_theme(server, page):
    start_on_page(page, server, SHORT)
    wait_for_curve(page)
    colour = f"document.querySelector('{CHART}')._fullLayout.font.color"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    wait_in(page, f"{colour} !== '{light}'")
    dark = page.evaluate(colour)
    assert sum(channels(light)) < 200 < 500 < sum(channels(dark))

    page.get_by_role("heading", name="Result").wait_for(timeout=120_000)
    finished = runs_of(server, "finished")
    assert len(finished) == 2
    for framework in ("numpy_scratch", "pytorch"):
        card(page, framework).get_by_text("test accuracy").wait_for()
        assert re.search(r"test accuracy\s+\d+\.\d\d %", card(page, framework).inner_text())
    for name in ("compare", "draw"):
        if (PROJECT / "pages" / f"{name}.py").exists():
            link = page.locator(f'a[href*="{name}?runs="]').get_attribute("href")
            assert all(run in link for run in finished)


def channels(colour: str) -> list[int]:
    if colour.startswith("#"):
        return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return [int(number) for number in re.findall(r"\d+", colour)[:3]]


def test_killed_training_process_shows_as_interrupted(server, page):
    start_on_page(page, server, LONG.replace("numpy_scratch,pytorch", "numpy_scratch"))
    wait_for_curve(page)
    [run] = own_runs(server)
    log = records.run_dir(server.artifacts, run) / "log.txt"
    events, _ = records.read_events(server.artifacts, run)
    pid = next(event["pid"] for event in events if event["event"] == "launched")
    with open(log, "a") as file:
        file.write("the last line of the log\n")
    os.kill(pid, signal.SIGKILL)
    lane = card(page, "numpy_scratch")
    lane.locator("text=interrupted").wait_for()
    assert "signal 9" in lane.inner_text()
    assert "the last line of the log" in lane.inner_text()


def test_second_race_waits_in_line_and_both_pages_say_so(server, page):
    one = LONG.replace("numpy_scratch,pytorch", "numpy_scratch")
    first = start_on_page(page, server, one)
    card(page, "numpy_scratch").wait_for()
    other = page.context.new_page()
    other.goto(f"{server.url}{one}&race={first}")
    click(other.get_by_text("Set up another race"))
    click(other.get_by_role("button", name="Queue race"))
    other.wait_for_url(lambda url: "race=" in url and first not in url)
    other.get_by_text("this race (place 2)").wait_for()
    page.bring_to_front()
    page.get_by_text("this race (trains)").wait_for()
    assert card(other, "numpy_scratch").get_attribute("data-state") == "queued"
    click(page.get_by_role("button", name="Stop all"))
    other.bring_to_front()
    other.locator('.lane[data-state="running"]').wait_for()
    click(other.get_by_role("button", name="Stop all"))
    wait_for(lambda: not runs_of(server, "running") and not runs_of(server, "queued"))


def test_the_track_and_five_lanes_fit_on_a_laptop_and_stack_on_a_phone(server, page, phone):
    start_on_page(page, server, LONG.replace("&frameworks=numpy_scratch,pytorch", ""))
    page.locator(".lane").nth(4).wait_for()
    wait_in(page, f"document.querySelector('{CHART}')?.dataset.draws > 0")
    lanes, [track], [chart] = boxes(page, ".lane", ".replay-track", CHART)
    assert len(lanes) == 5
    assert len({round(box["top"]) for box in lanes}) == 1  # side by side
    assert 0 < track["top"] < track["bottom"] <= lanes[0]["top"] < chart["top"]
    [stops] = boxes(page, ".st-key-lanes button")
    assert len(stops) == 5
    assert max(box["bottom"] for box in stops) < 900

    phone.goto(page.url)
    phone.locator(".lane").nth(4).wait_for()
    [lanes] = boxes(phone, ".lane")
    assert len({round(box["left"]) for box in lanes}) == 1
    assert all(upper["bottom"] < lower["top"] for upper, lower in itertools.pairwise(lanes))
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    page.bring_to_front()
    click(page.get_by_role("button", name="Stop all"))


def boxes(page, *selectors: str) -> list[list[dict]]:
    """Where each selector's elements are, all looked at in one moment; invisible ones are left out."""
    look = (
        "all => all.map(one => [...document.querySelectorAll(one)]"
        ".map(found => found.getBoundingClientRect().toJSON()))"
    )
    return [[box for box in found if box["width"]] for found in page.evaluate(look, list(selectors))]


def test_the_form_stands_in_line_and_tells_the_devices_once_all_settings_are_open(server, page):
    page.goto(server.url + "/train?dataset=digits")
    page.get_by_text("Rules", exact=True).wait_for()
    for row in ("frameworks name", "architecture dataset epochs batch_size protocol"):
        names = [f".st-key-setup-{name}" for name in row.split()]
        fields = [found[0] for found in boxes(page, *names)]
        labels = [found[0] for found in boxes(page, *(f"{name} label" for name in names))]
        for edges in ([box["top"] for box in labels], [box["bottom"] for box in fields]):
            assert max(edges) - min(edges) < 1
    click(page.get_by_text("All settings"))
    devices = "NumPy: cpu.*TensorFlow: (cuda|cpu).*PyTorch: (cuda|mps|cpu)"
    patience = 2 * 1000 * TIMEOUT  # two libraries are asked, one after the other, behind all else that runs
    page.get_by_text(re.compile(f"Found here: {devices}")).wait_for(timeout=patience)


def test_every_page_has_an_address_and_the_app_stays_small_and_free_of_frameworks(server, page):
    for name in ("start", "train", "compare", "draw"):
        page.goto(f"{server.url}/{name}")
        page.locator("h1").wait_for()
        page.wait_for_load_state("networkidle")
        assert page.get_by_role("dialog").count() == 0
        title = "one fair race." if name == "start" else name.capitalize()
        assert page.locator("h1").inner_text().endswith(title)
    process = psutil.Process(server.process.pid)
    assert process.memory_info().rss / 2**20 < 400
    loaded = {Path(part.path).name for part in process.memory_maps()}
    assert not [
        name for name in loaded if name.startswith(("libtorch", "libtensorflow", "_pywrap_tensorflow"))
    ]


def test_race_without_its_data_fetches_it_first_or_leads_to_the_digits_and_the_data_page_tells(
    server, mirror, page
):
    """One after another: nobody answers, a race is stopped while it fetches, one fetches and trains."""
    setup = "/train?architecture=tiny-mlp&frameworks=numpy_scratch&epochs=3&threads=1"
    start_on_page(page, server, setup)
    page.get_by_text("MNIST could not be fetched: ").wait_for()
    assert own_runs(server) == []
    click(page.get_by_role("button", name="Race on the built-in digits"))
    page.wait_for_url(re.compile("dataset=digits"))
    [run] = wait_for(lambda: runs_of(server, "finished"))
    config, _ = records.read_config(server.artifacts, run)
    assert (config.dataset, config.architecture, config.epochs) == ("digits", "tiny-mlp", 3)

    mirror.answers[f"/{FIRST}"] = stuck(ARCHIVES[FIRST], 100_000)
    mirror.put({name: data for name, data in ARCHIVES.items() if name != FIRST})
    start_on_page(page, server, setup)
    page.reload()
    page.get_by_test_id("fetching").get_by_text(re.compile("file 1 of 4 · .* MB · .* left")).wait_for()
    page.get_by_text("waits for its data").first.wait_for()
    assert card(page, "numpy_scratch").get_attribute("data-state") == "queued"
    click(page.get_by_role("button", name="Stop all"))
    page.get_by_test_id("fetching").wait_for(state="detached")
    page.locator(".lane[data-state=stopped]").wait_for()

    raw = Path(server.env["DIGIT_DERBY_DATA"]) / DATASETS["mnist"].subfolder
    page.goto(server.url + "/data?dataset=mnist")
    page.get_by_text("MNIST is not on this machine yet").wait_for()
    click(page.get_by_role("button", name="Download MNIST"))
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Download MNIST").wait_for()
    wait_for(lambda: not (raw / ".partial").exists())

    mirror.put(ARCHIVES)
    mirror.requests.clear()
    start_on_page(page, server, setup)
    page.locator(".lane[data-state=finished]").wait_for()
    assert page.get_by_test_id("fetching").count() == 0
    assert {path.name for path in raw.iterdir()} == {*FILES, ".download.lock"}
    assert len(mirror.requests) == 2 * len(FILES)  # torchvision asks where a file is, then for the file
