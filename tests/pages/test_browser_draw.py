"""The Draw page in a real Chromium, over the reference runs: drawn with the mouse, read from the cards."""

import csv
import io
import os
import shutil
import signal
import zipfile
from itertools import pairwise

import psutil
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from core import frameworks
from core.data import own_digits
from core.machine.processes import is_alive, process_mark
from core.places import PROJECT
from core.prediction.models import model_files
from core.runs import records
from core.words import number_word
from pages.components.canvas.saved import MOST_RUNS
from support.browser import AT_REST, AppServer, click, wait_for, wait_in
from support.drawing import DIGITS, PAD, draw_digit
from support.made_models import make_saved_models

PAGE = "pages/draw.py"
FRAMEWORKS = [  # those whose reference runs come with the project
    name for name in frameworks.names() if (PROJECT / "artifacts" / f"reference-{name}-small-cnn").is_dir()
]


pytestmark = pytest.mark.skipif(
    not model_files(PROJECT / "artifacts"), reason="no reference runs in artifacts/ yet"
)


def open_draw(page, server: AppServer, query: str = "") -> None:
    page.goto(f"{server.url}/draw{query}")
    page.locator(PAD).wait_for()
    wait_in(
        page,
        "document.querySelectorAll('[data-testid^=guess-]').length"
        " && !document.querySelector('[data-testid^=guess-][data-state=waiting]')",
    )


def wait_for_answers(page, digits: int = 1) -> dict[str, str]:
    """What each card reads, once all agree on how many digits there are and none is waiting."""
    wait_in(
        page,
        "digits => {const cards = [...document.querySelectorAll('[data-testid^=guess-]')];"
        "return cards.length && cards.every(card => card.dataset.reading.length === digits)}",
        digits,
    )
    cards = page.locator("[data-testid^=guess-]").all()
    return {
        card.get_attribute("data-testid").removeprefix("guess-"): card.get_attribute("data-reading")
        for card in cards
    }


def wait_until_read(page, reading: str) -> None:
    page.locator(f'[data-testid=guess-average][data-reading="{reading}"]').wait_for()


def wait_until_still(page) -> None:
    """Waits until the server has nothing more to send: a click or a stroke meets no element on the move."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def clear(page) -> None:
    page.locator(".pad-clear").click()
    page.locator("[data-testid=verdict][data-state=none]").wait_for()


def choose(page, way: str) -> None:
    click(page.get_by_role("radio", name=way))


def test_every_framework_reads_what_the_mouse_draws(app_server, page):
    open_draw(page, app_server)
    for digit in (0, 1, 3, 7):  # another test draws the others
        draw_digit(page, digit)
        wait_until_read(page, str(digit))
        said = wait_for_answers(page)
        assert set(said) == {*FRAMEWORKS, "average"}
        assert sum(reading == str(digit) for reading in said.values()) >= 4, said
        card = page.locator("[data-testid=guess-pytorch]")
        assert card.locator(".guess-bar").count() == 10
        assert " ms" in card.inner_text()
        assert "%" in card.inner_text()
        assert page.locator(".draw-steps figure").count() == 4
        seen = page.locator(".draw-steps").bounding_box()
        assert seen["x"] < card.bounding_box()["x"]  # beside the canvas, before the answers
        schools = page.locator(".hands [data-reading]")  # MNIST alone, and many people's pens
        schools.nth(1).wait_for()
        assert [school.get_attribute("data-reading") for school in schools.all()] == 2 * [str(digit)]
        clear(page)
        for gone in ("[data-testid=guess-average]", ".hands", ".draw-steps"):
            page.locator(gone).wait_for(state="detached")

    for width in (1280, 1024, 700):  # the canvas stays whole
        page.set_viewport_size({"width": width, "height": 900})
        canvas = page.locator(PAD).bounding_box()
        column = page.locator(".pad-clear").bounding_box()
        cards = page.locator("[data-testid=guess-keras_fit]").bounding_box()
        assert canvas["width"] >= 318
        assert canvas["x"] + canvas["width"] <= column["x"] + column["width"] + 2 < cards["x"]


def test_undo_takes_back_the_last_stroke(app_server, page):
    open_draw(page, app_server)
    draw_digit(page, 1)
    wait_until_read(page, "1")
    draw_digit(page, 1, shift=(-70, 0))  # two ones
    wait_until_read(page, "11")
    page.locator(".pad-undo").click()
    wait_until_read(page, "1")
    page.locator(".pad-undo").click()
    page.locator("[data-testid=verdict][data-state=none]").wait_for()


def test_several_digits_are_split_and_read_from_left_to_right(app_server, page):
    open_draw(page, app_server)
    page.get_by_role("slider", name="Brush").fill("8")
    for place, digit in enumerate([2, 0, 4, 7]):
        draw_digit(page, digit, scale=0.4, shift=(place * 72 - 18, 90))
    wait_until_read(page, "2047")
    said = wait_for_answers(page, digits=4)
    assert sum(reading == "2047" for reading in said.values()) >= 4, said
    assert "2047" in page.locator("[data-testid=verdict]").inner_text()


def test_truth_is_saved_scored_downloaded_and_deleted(app_server, page):
    open_draw(page, app_server)
    own_digits.delete_digits(app_server.artifacts)
    draw_digit(page, 7)
    wait_until_read(page, "7")
    click(page.get_by_role("radio", name="7", exact=True))
    page.get_by_text("Kept as 7").wait_for()
    (saved,) = own_digits.list_digits(app_server.artifacts)
    assert saved.label == 7
    images, labels = own_digits.training_images(app_server.artifacts)
    assert images[0].max() == 255
    assert labels.tolist() == [7]

    click(page.get_by_role("radio", name="1", exact=True))  # on second thoughts
    page.get_by_text("Kept as 1").wait_for()
    assert [digit.label for digit in own_digits.list_digits(app_server.artifacts)] == [1]

    wait_until_still(page)
    with page.expect_download() as download:
        click(page.get_by_role("button", name="Download all"))
    with zipfile.ZipFile(download.value.path()) as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("my-digits/labels.csv"))))
        assert [(row["file"], row["label"]) for row in rows] == [(saved.file, "1")]
        with Image.open(archive.open(f"my-digits/{saved.file}")) as picture:
            assert picture.size == (320, 320)

    click(page.get_by_role("button", name="Delete all 1"))
    click(page.get_by_role("button", name="Yes, delete"))
    page.get_by_text("Say which digit you wrote").wait_for()
    assert own_digits.list_digits(app_server.artifacts) == []


def test_one_button_trains_further_on_own_digits(app_server, page):
    artifacts = app_server.artifacts
    before = {*records.run_names(artifacts)}
    make_saved_models(artifacts, ("numpy_scratch",), dataset="digits")  # needs no download
    try:
        open_draw(page, app_server, "?runs=made-numpy_scratch")
        draw_digit(page, 7)
        click(page.get_by_role("radio", name="7", exact=True))
        click(page.get_by_role("button", name="Train further"))
        click(page.get_by_role("link", name="Watch the race"))
        page.wait_for_url("**/train?race=*")
        page.locator('[data-framework="numpy_scratch"][data-state="finished"]').wait_for()
        (run,) = {*records.run_names(artifacts)} - before - {"made-numpy_scratch"}
        config, _ = records.read_config(artifacts, run)
        assert (config.start_from, config.own_digits) == ("made-numpy_scratch", True)
        assert config.dataset == "digits"
        events, _ = records.read_events(artifacts, run)
        started = next(event for event in events if event["event"] == "started")
        assert started["train_images"] == 1348 + own_digits.repeats(1, 1348)
        metrics = records.read_object(records.metrics_path(artifacts, run))
        assert metrics["own_digits"] == own_digits.fingerprint(*own_digits.training_images(artifacts))
    finally:
        own_digits.delete_digits(artifacts)
        for made in {*records.run_names(artifacts)} - before:
            records.delete_run(artifacts, made)


def paper_photo(path, digit: int) -> None:
    """Blue pen on paper that is darker towards one side, and a digit of another kind beside it."""
    photo = Image.linear_gradient("L").resize((900, 700)).point(lambda value: 130 + value // 3).convert("RGB")
    ink = ImageDraw.Draw(photo)
    for place, shown in ((0, digit), (1, 1)):
        for stroke in DIGITS[shown]:
            points = [(1.4 * x + 430 * place + 10, 1.4 * y + 100) for x, y in stroke]
            ink.line(points, fill=(35, 40, 110), width=26, joint="curve")
    photo.save(path, quality=85)


def test_uploaded_photo_is_read_a_rectangle_chooses_a_part_and_bad_files_are_refused(
    app_server, page, tmp_path
):
    paper_photo(tmp_path / "photo.jpg", 3)
    open_draw(page, app_server)
    choose(page, "Upload")
    page.locator("input[type=file]").set_input_files(tmp_path / "photo.jpg")
    wait_until_read(page, "31")
    wait_until_still(page)
    box = page.locator(".region-photo").bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.47, box["y"] + box["height"] - 8, steps=6)
    page.mouse.up()
    wait_until_read(page, "3")

    noise = io.BytesIO()
    Image.effect_noise((60, 60), 90).save(noise, "PNG")
    (tmp_path / "half.png").write_bytes(noise.getvalue()[:900])
    Image.new("L", (200, 200), 255).save(tmp_path / "white.png")
    verdict = page.locator("[data-testid=verdict]")
    page.locator("input[type=file]").set_input_files(tmp_path / "half.png")
    verdict.get_by_text("cannot be used: the picture is damaged").wait_for()
    page.locator("input[type=file]").set_input_files(tmp_path / "white.png")
    verdict.get_by_text("Draw a digit first").wait_for()


def write_film(path, photo: Image.Image) -> None:
    """Writes a photo as a one-picture YUV4MPEG2 film, which Chromium plays as its camera."""
    planes = photo.convert("YCbCr").split()
    half = (photo.width // 2, photo.height // 2)
    content = planes[0].tobytes() + b"".join(plane.resize(half).tobytes() for plane in planes[1:])
    head = f"YUV4MPEG2 W{photo.width} H{photo.height} F10:1 Ip C420jpeg\nFRAME\n"
    path.write_bytes(head.encode() + content)


def test_photo_from_the_webcam_is_read(app_server, page, film, tmp_path):
    paper_photo(tmp_path / "photo.jpg", 3)
    write_film(film, Image.open(tmp_path / "photo.jpg"))
    open_draw(page, app_server)
    choose(page, "Webcam")
    # The camera opens a second time, as wide as the page shows it; a click in between takes no photo.
    wait_in(
        page,
        "[...document.querySelectorAll('[data-testid=stCameraInput] video')].some(video => video.videoWidth"
        " && video.videoWidth <= video.closest('[data-testid=stCameraInput]').clientWidth)",
    )
    page.get_by_role("button", name="Take Photo").click()
    wait_until_read(page, "31")
    said = wait_for_answers(page, digits=2)
    assert set(said) == {*FRAMEWORKS, "average"}
    page.get_by_role("button", name="Clear photo").click()
    page.locator("[data-testid=verdict][data-state=none]").wait_for()


def test_digit_from_the_test_set_comes_with_its_truth(app_server, page):
    open_draw(page, app_server)
    choose(page, "Test set")
    page.get_by_text("somebody wrote a").wait_for()
    first = page.get_by_text("Test image").inner_text()
    said = wait_for_answers(page)
    assert set(said) == {*FRAMEWORKS, "average"}
    assert page.locator("[data-testid^=guess-] [data-mark]").count() == len(FRAMEWORKS) + 1
    told = page.locator("[data-testid=verdict]").inner_text()
    right = page.locator("[data-testid^=guess-]:not([data-testid=guess-average]) [data-mark=right]").count()
    assert f"{number_word(right)} of {number_word(len(FRAMEWORKS))} right" in told
    click(page.get_by_role("button", name="Another one"))
    wait_in(page, "first => !document.body.innerText.includes(first)", first)
    assert page.get_by_text("Which digit did you write").count() == 0


def test_a_projector_shows_the_drawing_its_digit_and_three_bars(app_server, page):
    page.set_viewport_size({"width": 1024, "height": 768})
    open_draw(page, app_server, "?runs=reference-pytorch-small-cnn,reference-numpy_scratch-small-cnn")
    draw_digit(page, 7)
    wait_until_read(page, "7")
    click(page.get_by_role("button", name="Present"))
    verdict = page.locator("[data-testid=stage-verdict]")
    page.locator("[data-testid=stage-verdict][data-reading='7']").wait_for()  # the drawing came along
    assert "Both read a seven." in verdict.inner_text()
    assert page.locator(".stage-bars li").count() == 3
    assert page.locator(".stage-runners li").all_inner_texts() == ["1\nPyTorch", "5\nNumPy"]
    assert page.locator(PAD).bounding_box()["width"] >= 500
    assert page.locator(".stage-read").bounding_box()["height"] >= 300
    page.get_by_role("heading", name="Draw", exact=True).wait_for(state="hidden")

    page.keyboard.press("ArrowRight")
    page.get_by_text("somebody wrote a").wait_for()
    page.locator("[data-testid=stage-verdict][data-state=agree]").wait_for()
    click(page.get_by_role("button", name="Next"))
    page.get_by_text("Test digit 2 of 50").wait_for()
    press_quickly(page, *["ArrowLeft"] * 2)
    page.get_by_text("Test digits").wait_for()
    page.locator("[data-testid=stage-verdict][data-reading='7']").wait_for()
    page.locator(f"{PAD}[data-strokes='1']").wait_for()  # still there
    page.get_by_role("button", name="Clear").press("Enter")
    page.locator("[data-testid=stage-verdict][data-state=none]").wait_for()

    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Draw", exact=True).wait_for()
    assert "present=1" not in page.url
    assert page.url.count("reference-") == 2


def test_every_key_of_a_quick_presenter_turns(app_server, page):
    page.goto(f"{app_server.url}/draw?runs=reference-numpy_scratch-small-cnn&present=1")
    page.get_by_text("Test digits").wait_for()
    wait_in(page, AT_REST)
    press_quickly(page, *["ArrowRight"] * 7, *["PageUp"] * 2)
    page.get_by_text("Test digit 5 of 50").wait_for()
    press_quickly(page, *["ArrowLeft"] * 9, "PageDown")  # no further than the first
    page.get_by_text("Test digit 1 of 50").wait_for()


def press_quickly(page, *keys: str) -> None:
    """Presses these keys a few milliseconds apart, sooner than the server answers the first."""
    page.evaluate(
        """async keys => {
            for (const key of keys) {
                const pressed = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
                document.body.dispatchEvent(pressed);
                await new Promise(next => setTimeout(next, 5));
            }
        }""",
        list(keys),
    )


def test_worker_killed_between_two_drawings_goes_unnoticed(app_server, page):
    open_draw(page, app_server)
    draw_digit(page, 1)
    wait_until_read(page, "1")
    [worker] = [  # PyTorch's, which is back sooner than TensorFlow's
        process
        for process in psutil.Process(app_server.process.pid).children()
        if "core.prediction.worker" in process.cmdline()
        and any("libtorch" in part.path for part in process.memory_maps())
    ]
    mark = process_mark(worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(mark))
    clear(page)
    draw_digit(page, 7)
    wait_until_read(page, "7")
    assert set(wait_for_answers(page)) == {*FRAMEWORKS, "average"}


def test_link_chooses_the_runs_and_the_choice_is_kept_in_the_address(app_server, page):
    chosen = ["reference-pytorch-small-cnn", "reference-numpy_scratch-small-cnn"]
    open_draw(page, app_server, f"?runs={','.join(chosen)},no-such-run")
    draw_digit(page, 1)
    wait_until_read(page, "1")
    assert set(wait_for_answers(page)) == {"pytorch", "numpy_scratch", "average"}
    assert page.get_by_text("no-such-run").count() == 1
    page.reload()
    page.locator(PAD).wait_for()
    page.locator("[data-testid=guess-pytorch]").wait_for()
    wait_in(page, "document.querySelectorAll('[data-testid^=guess-]').length === 2")
    page.get_by_role("button", name="2 models").wait_for()


def test_switch_asks_other_kinds_of_models_too(app_server, page):
    open_draw(page, app_server)
    assert page.locator("[data-testid^=guess-]").count() == len(FRAMEWORKS)
    switch = page.get_by_test_id("stCheckbox").get_by_text("Ask other kinds of models too")
    click(switch)
    page.get_by_role("button", name=f"{MOST_RUNS} models").wait_for()
    draw_digit(page, 7)
    wait_until_read(page, "7")
    for kind in ("small-cnn", "-augmented", "-handwriting"):
        wait_in(page, "kind => document.querySelector(`.guess[data-run$='${kind}']`)", kind)
    assert "runs=" in page.url
    click(switch)
    page.get_by_role("button", name=f"{len(FRAMEWORKS)} models").wait_for()
    wait_in(page, "!document.querySelector('[data-run$=small-cnn]')")
    assert "runs=" not in page.url


def test_model_that_does_not_load_takes_down_its_own_card_only(app_server, page):
    whole, damaged = "reference-numpy_scratch-small-cnn", "20260101-000000-pytorch-small-cnn-s0"
    folder = app_server.artifacts / damaged
    shutil.copytree(app_server.artifacts / "reference-pytorch-small-cnn", folder)
    (folder / "model.pt").write_bytes((folder / "model.pt").read_bytes()[:5000])
    try:
        open_draw(page, app_server, f"?runs={damaged},{whole}")
        draw_digit(page, 7)
        wait_until_read(page, "7")
        card = page.locator("[data-testid=guess-pytorch][data-state=failed]")
        card.get_by_text("cannot answer").wait_for()
        page.locator('[data-testid=guess-numpy_scratch][data-reading="7"]').wait_for()
    finally:
        shutil.rmtree(folder)


def test_ten_sessions_at_once_each_read_their_own_digit(app_server, page):
    visitors = [page, *(page.context.new_page() for _ in range(9))]  # to the server every tab is a visitor
    for visitor in visitors:
        visitor.goto(f"{app_server.url}/draw")
    for visitor in visitors:
        visitor.locator(PAD).wait_for()
    for number, visitor in enumerate(visitors):
        visitor.bring_to_front()  # a tab behind another takes one movement of the mouse a second
        draw_digit(visitor, (1, 7)[number % 2])
    for number, visitor in enumerate(visitors):
        wait_until_read(visitor, str((1, 7)[number % 2]))


def test_phone_shows_canvas_and_cards_below_each_other_without_sideways_scrolling(app_server, phone):
    open_draw(phone, app_server)
    before = phone.locator(PAD).bounding_box()
    draw_digit(phone, 7)
    wait_until_read(phone, "7")
    assert phone.locator(PAD).bounding_box() == before  # who draws on meets the canvas where it was
    width = phone.evaluate("document.documentElement.clientWidth")
    assert phone.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [card.bounding_box() for card in phone.locator("[data-testid^=guess-]").all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    assert all(below["y"] > above["y"] for above, below in pairwise(boxes))
    said, drawn = phone.locator("[data-testid=verdict]").bounding_box(), phone.locator(PAD).bounding_box()
    assert said["y"] + said["height"] <= drawn["y"]
    last = boxes[len(FRAMEWORKS) - 1]
    assert last["y"] + last["height"] <= phone.viewport_size["height"] - 56  # the pages at the lower edge
    assert phone.locator(".pad-clear").bounding_box()["height"] >= 44


def test_page_without_models_leads_to_training(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_ARTIFACTS", str(tmp_path))
    app = AppTest.from_file(PROJECT / PAGE, default_timeout=60).run()
    assert not app.exception
    assert "train one" in app.info[0].value
