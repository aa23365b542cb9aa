"""The Compare page in a real Chromium: filter, choose, look at errors, take the report away."""

import csv
import json
import re
import zipfile
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core import frameworks
from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.runs import records
from support.browser import AppServer, click, fill, wait_in
from support.made_runs import FRAMEWORKS, make_finished_race, make_finished_run

MAIN = "document.querySelector('[data-testid=stMain]')"
CHECKBOXES = 20  # x of the middle of the table's first column, in pixels
ROW = 35  # height of a row and of the header

TABS = {  # with words that are near the end of each
    "Figures": "No run beats those on the dotted line",
    "Learning": "A line is the mean of a framework's runs",
    "Is it real?": "Tested: of the test images",
    "Mistakes": "Expected calibration error",
    "Shrink": "and whatever was shrunk",
    "Download": "Opens offline",
}

expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare") / "artifacts"
    labels = load_images(find_dataset("digits")).y_test.astype(np.uint8)
    accuracies = {**dict.fromkeys(FRAMEWORKS, 0.97), "numpy_scratch": 0.80}
    make_finished_race(folder, (0, 1, 2), accuracies, dataset="digits", labels=labels, validation_size=100)
    make_finished_run(folder, "to-delete", "pytorch", epochs=2, dataset="digits", labels=labels)
    (folder / "notebook_metrics.json").write_text('{"framework": "JAX", "test_accuracy": 0.91}')
    (folder / "broken_metrics.json").write_text('{"framework": ')
    server = AppServer(folder)
    yield server
    server.close()


def open_compare(page: Page, server: AppServer, tab: str = "Download", **query: str) -> None:
    """Opens the page with the tab that is drawn fastest, unless the test is about another, at its top."""
    named = {} if tab == next(iter(TABS)) else {"tab": tab}  # the first one is open anyway
    page.goto(f"{server.url}/compare?{urlencode({**named, **query})}")
    expect(page.get_by_text(TABS[tab]).first).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)
    if named:
        wait_in(page, f"{MAIN}.scrollTop > 0")  # the named tab has come into view
        page.evaluate(f"{MAIN}.scrollTop = 0")


def click_row(page: Page, row: int) -> None:
    """Clicks the checkbox of a row, counted from 1; 0 is the header's."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()  # no row moves
    table = page.get_by_test_id("stDataFrame").first
    table.click(position={"x": CHECKBOXES, "y": ROW * row + ROW / 2})


def chosen(page: Page, text: str) -> None:
    expect(page.get_by_text(re.compile(rf"^{text} runs chosen$"))).to_be_visible()


def in_url(page: Page, name: str) -> list[str]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True).get(name, [])


def table_rows(page: Page) -> int:
    grid = page.get_by_test_id("stDataFrame").first.locator("table[role=grid]")
    return int(grid.get_attribute("aria-rowcount")) - 1


def test_the_first_view_answers_above_the_fold_and_names_files_that_do_not_read(page, server):
    page.goto(f"{server.url}/compare")
    expect(page.locator(".podium")).to_contain_text("Photo finish")
    for answer in (".podium", *(f".answer:has-text('{q}')" for q in ("Most accurate", "Shortest code"))):
        box = page.locator(answer).bounding_box()
        assert box["y"] + box["height"] < 900
    chosen(page, "15 of 17")
    expect(page.locator(".answer").first).to_contain_text("NumPy")

    click(page.get_by_role("button", name="Not read: 1"))
    listed = page.get_by_test_id("stPopoverBody").locator("table[role=grid]")
    expect(listed).to_contain_text("broken_metrics.json")
    expect(listed).to_contain_text("is not JSON")
    page.keyboard.press("Escape")

    head = page.get_by_test_id("stDataFrame").first.locator("table[role=grid] thead")
    expect(head).to_contain_text("Dataset")
    click(page.get_by_text("Only what differs"))
    expect(head).not_to_contain_text("Dataset")
    for name in ("Parameters", "Status", "Origin"):
        expect(head).not_to_contain_text(name)
    expect(head).to_contain_text("Seed")


def test_choosing_rows_changes_answer_and_url_and_survives_a_reload(page, server):
    open_compare(page, server)
    click_row(page, 1)
    chosen(page, "14 of 17")
    click_row(page, 2)
    chosen(page, "13 of 17")
    (link,) = in_url(page, "runs")
    assert len(link.split(",")) == 13
    page.reload()
    chosen(page, "13 of 17")
    click_row(page, 0)  # all
    chosen(page, "17 of 17")
    expect(page.get_by_text("These runs are not ranked")).to_be_visible()
    click_row(page, 0)  # none
    chosen(page, "0 of 17")
    expect(page.get_by_text("Choose runs in the list.")).to_be_visible()


def test_a_fair_group_is_picked_from_the_list(page, server):
    open_compare(page, server, runs="to-delete,notebook")
    expect(page.get_by_text("These runs are not ranked")).to_be_visible()
    click(page.get_by_label("Runs that can be compared fairly"))
    page.get_by_role("option", name=re.compile("5 frameworks, 3 seeds")).click()
    chosen(page, "15 of 17")
    assert in_url(page, "group")
    assert not in_url(page, "runs")


def test_filtering_narrows_the_table_and_stays_in_the_url(page, server):
    open_compare(page, server)
    assert table_rows(page) == 17
    click(page.get_by_role("button", name="Filter"))
    click(page.get_by_label("Framework"))
    page.get_by_role("option", name="PyTorch").click()
    expect(page.get_by_test_id("stDataFrame").first.locator("table[role=grid]")).to_have_attribute(
        "aria-rowcount", "5"
    )
    hidden = page.get_by_text("15 of 17 runs chosen, 12 hidden by the filter")  # what is hidden stays chosen
    expect(hidden).to_be_visible()
    assert in_url(page, "only-framework") == ["PyTorch"]
    page.reload()
    expect(page.get_by_test_id("stDataFrame").first.locator("table[role=grid]")).to_have_attribute(
        "aria-rowcount", "5"
    )
    expect(page.get_by_text("Only framework PyTorch: 4 runs.")).to_be_visible()
    click(page.get_by_role("button", name="Delete…"))  # acts on what is in sight alone
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 runs with model")
    expect(dialog).to_contain_text("12 more chosen runs hidden by the filter: not deleted.")
    dialog.get_by_role("button", name="Keep").click()
    click(page.get_by_role("button", name="Show all runs"))
    chosen(page, "15 of 17")
    assert in_url(page, "only-framework") == []


def test_the_gallery_shows_images_with_every_runs_guess(page, server):
    open_compare(page, server, "Mistakes")
    first = page.locator(".exhibit").first
    expect(first).to_be_visible()
    for title in map(frameworks.title, FRAMEWORKS):
        expect(first).to_contain_text(title)
    wait_in(page, "document.querySelector('.exhibit img').naturalWidth === 28")
    paint = "disc => getComputedStyle(disc).backgroundColor"
    assert first.locator(".disc").first.evaluate(paint) == "rgb(213, 94, 0)"  # PyTorch's on light paper
    page.emulate_media(color_scheme="dark")
    expect(first.locator(".disc").first).to_have_css("background-color", "rgb(255, 154, 77)")
    page.emulate_media(color_scheme="light")
    guesses = first.locator(".guess").all_inner_texts()
    digits = {re.search(r"(\d) · \d+ %", guess).group(1) for guess in guesses}
    assert len(digits) > 1  # they disagree
    truth = first.locator(".true").inner_text().removeprefix("is ")
    assert first.locator(".wrong").count() == sum(f"{truth} ·" not in guess for guess in guesses)
    click(page.get_by_text(re.compile(r"^All are wrong")))
    expect(first.locator(".wrong")).to_have_count(5)
    all_wrong = "one => one.querySelectorAll('.wrong').length === 5"
    wait_in(page, f"[...document.querySelectorAll('.exhibit')].every({all_wrong})")


def test_the_words_no_real_difference_appear_where_that_is_the_finding(page, server):
    open_compare(page, server, "Is it real?")
    expect(page.get_by_text(re.compile("no real difference in the rest")).first).to_be_visible()
    expect(page.get_by_text("Tested: trained again with other seeds")).to_be_visible()
    expect(page.get_by_text("Tested: of the test images")).to_be_visible()


def test_report_and_table_are_downloaded_and_the_report_opens_offline(page, server, window, tmp_path):
    open_compare(page, server)
    with page.expect_download() as download:
        click(page.get_by_role("button", name="Download the report"))
    target = tmp_path / "report.html"
    download.value.save_as(target)
    report = window.new_page()
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    window.new_cdp_session(report).send("Network.emulateNetworkConditions", offline)
    troubles: list[str] = []
    report.on("console", lambda message: troubles.append(message.text))
    report.on("pageerror", lambda error: troubles.append(str(error)))
    report.on("requestfailed", lambda request: troubles.append(request.url))
    report.goto(target.as_uri())
    assert not report.evaluate("navigator.onLine")
    expect(report.get_by_role("heading", name="Digit Derby: a comparison")).to_be_visible()
    expect(report.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert report.locator(".js-plotly-plot").count() >= 7
    assert report.locator(".barlayer path").count() > 20
    expect(report.get_by_text("McNemar's test").first).to_be_visible()
    expect(report.get_by_role("heading", name="Calibration")).to_be_visible()
    report.set_viewport_size({"width": 390, "height": 844})  # the figures follow, wide tables scroll
    wait_in(report, "document.documentElement.scrollWidth <= 390")
    report.close()
    assert troubles == []

    rows = {}
    for name in ("CSV", "JSON"):
        with page.expect_download() as download:
            click(page.get_by_test_id("stDownloadButton").filter(has_text=name))
        download.value.save_as(tmp_path / name)
        text = (tmp_path / name).read_text()
        rows[name] = list(csv.DictReader(text.splitlines())) if name == "CSV" else json.loads(text)
    assert len(rows["CSV"]) == len(rows["JSON"]) == 15
    assert [row["run"] for row in rows["CSV"]] == [row["run"] for row in rows["JSON"]]
    assert float(rows["CSV"][0]["test_accuracy"]) == rows["JSON"][0]["test_accuracy"]


def test_a_run_is_taken_home_as_a_zip_file_or_by_copying_it(page, server, tmp_path):
    open_compare(page, server)
    click(page.get_by_role("button", name="Take it home"))
    body = page.get_by_test_id("stPopoverBody")
    with page.expect_download() as started:
        body.get_by_role("button", name="Download all as a ZIP file").click()
    started.value.save_as(tmp_path / "home.zip")
    with zipfile.ZipFile(tmp_path / "home.zip") as archive:
        script, *others = archive.namelist()
        assert others == ["requirements.txt", "model-card.md"]
        text = archive.read(script).decode()
    assert "def main():" in text
    body.get_by_text("os.environ").first.hover()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    body.get_by_role("button", name="Copy to clipboard").last.click()
    wait_in(page, "async () => (await navigator.clipboard.readText()).includes('def main():')")
    body.get_by_role("radio", name="Model card").click()
    expect(body.get_by_role("button", name="Download model-card.md")).to_be_visible()


def test_a_figure_is_saved_as_png_or_svg(page, server, tmp_path):
    open_compare(page, server, "Figures", figure="SVG")
    chart = page.get_by_test_id("stPlotlyChart").first
    for format, magic in (("svg", b"<svg"), ("png", b"\x89PNG"), ("svg", b"<svg")):
        click(page.get_by_role("radio", name=format.upper()))
        expect(page.locator(f".st-key-figure-accuracy-{format}-light")).to_be_visible()
        chart.scroll_into_view_if_needed()
        chart.hover()
        with page.expect_download() as download:
            click(chart.locator("[data-title^='Download plot']"))
        download.value.save_as(tmp_path / "figure")
        assert download.value.suggested_filename == f"digit-derby-accuracy.{format}"
        content = (tmp_path / "figure").read_bytes()
        assert content.startswith(magic)
        assert len(content) > 5000


def test_an_own_run_is_renamed_annotated_deleted_after_asking_and_comes_back(page, server):
    open_compare(page, server, runs="to-delete")
    field = page.get_by_label("Name of this run")  # beside the table, for one run alone
    fill(field, "Two epochs only")
    grid = page.get_by_test_id("stDataFrame").first.locator("table[role=grid]")
    expect(grid).to_contain_text("Two epochs only")
    click(page.get_by_role("button", name="Rename…"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("Two epochs only")
    dialog.get_by_label("Remark").fill("too short")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    notes = {"title": "Two epochs only", "remark": "too short"}
    assert records.read_notes(server.artifacts, "to-delete") == notes
    before = files(server.artifacts)

    click(page.get_by_role("button", name="Delete…"))
    expect(dialog).to_contain_text("Two epochs only")
    expect(dialog).to_contain_text("to-delete")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_have_count(0)
    assert files(server.artifacts) == before
    click(page.get_by_role("button", name="Delete…"))
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_have_count(0)
    chosen(page, "0 of 16")  # nothing that could be deleted by a second click
    delete = page.get_by_role("button", name="Delete…")
    expect(delete).to_have_count(1)  # while the page is made anew, the old one stands beside the new one
    expect(delete).to_be_disabled()
    expect(page.get_by_text("In the bin: Two epochs only.")).to_be_visible()
    assert not records.metrics_path(server.artifacts, "to-delete").exists()
    assert not records.run_dir(server.artifacts, "to-delete").exists()
    click(page.get_by_role("button", name="Undo"))
    chosen(page, "1 of 17")
    assert files(server.artifacts) == before
    assert in_url(page, "runs") == ["to-delete"]


def files(folder) -> dict[str, bytes]:
    """All that lies in an artifacts folder outside of its bin."""
    found = [path for path in folder.rglob("*") if path.is_file() and records.BIN not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_uploaded_files_land_only_when_they_read_and_are_chosen_and_can_be_completed(page, server, tmp_path):
    names = ["friend", "second", "third", "strange"]
    paths = [tmp_path / f"{name}_metrics.json" for name in names]
    for path in paths[:3]:
        content = {"framework": "keras", "test_accuracy": 0.95, "epochs": 5, "device": "CPU (Intel i7)"}
        path.write_text("\ufeff" + json.dumps(content), encoding="utf-8")
    paths[3].write_text('{"framework": "Keras", "test_accuracy": "very good"}')
    open_compare(page, server, runs="notebook")
    click(page.get_by_role("button", name="Add results"))
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(paths)
    expect(page.get_by_text("Added: friend, second, third.")).to_be_visible()
    expect(page.get_by_text("test_accuracy holds 'very good' where a number belongs")).to_be_visible()
    assert records.metrics_path(server.artifacts, "friend").exists()
    assert not records.metrics_path(server.artifacts, "strange").exists()
    chosen(page, "4 of 20")
    assert in_url(page, "runs") == ["friend,second,third,notebook"]

    open_compare(page, server, runs="friend,20261120-100000-keras_fit-small-cnn-s0")
    expect(page.get_by_text("These runs are not ranked")).to_be_visible()
    click(page.get_by_role("button", name="Fill in settings…"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Trained like").click()
    page.get_by_role("option", name=re.compile("5 epochs")).first.click()
    # Until the new fields are there, the empty ones before them may still be.
    expect(dialog.locator('[aria-label="Batch size"][value="64"]')).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Settings filled in by hand, not by the file: friend.")).to_be_visible()
    expect(page.locator(".answer").first).to_contain_text("Keras")
    told = records.read_told(server.artifacts, "friend")
    assert (told["dataset"], told["optimizer"], told["threads"]) == ("digits", "adam", 2)


def test_a_phone_shows_everything_without_scrolling_sideways_and_runs_as_cards(phone, server):
    open_compare(phone, server)
    main = phone.get_by_test_id("stMain")
    for tab, words in TABS.items():
        click(phone.get_by_role("tab", name=tab))
        expect(phone.get_by_text(words)).to_be_visible()
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0

    expect(phone.get_by_test_id("stDataFrame").first).not_to_be_visible()
    cards = phone.locator(".run-card:visible")
    expect(cards).to_have_count(6)
    assert cards.first.locator("label").bounding_box()["height"] >= 44
    expect(cards.first).to_contain_text("PyTorch")
    before = int(re.match(r"\d+", phone.get_by_text(re.compile("runs chosen$")).inner_text()).group())
    click(cards.nth(1))
    cards.nth(2).click()  # at once: none of the two is lost
    expect(phone.get_by_text(re.compile(rf"^{before - 2} of \d+ runs chosen$"))).to_be_visible()
    expect(cards.nth(0).get_by_role("checkbox")).to_be_checked()
    expect(cards.nth(1).get_by_role("checkbox")).not_to_be_checked()
    assert len(in_url(phone, "runs")[0].split(",")) == before - 2
    click(phone.get_by_role("button", name=re.compile(r"Show \d+ more")))
    expect(cards.nth(6)).to_be_visible()
