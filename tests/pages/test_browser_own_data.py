"""A visitor's own table, from the browser to the Train page, and what may not be sent."""

import urllib.error
import urllib.request

import psutil
import pytest

from core.data.catalogue import find_dataset
from core.data.importing.limits import LARGEST_UPLOAD
from pages.components.data.receiving import NAME
from support.axe import AXE, violations
from support.browser import AppServer, click, fill, wait_for
from support.made_runs import copy_reference_runs
from support.own_files import HEADER, lines_of, packed, pictures, shapes, table


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    server = AppServer(copy_reference_runs(folder / "artifacts"), folder / "data")
    yield server
    server.close()


def test_a_table_becomes_a_dataset_that_train_offers_and_goes_again(server, page, tmp_path):
    images, labels = shapes(40)
    lines = [HEADER, *lines_of(images, labels.tolist())]
    wrong = table(tmp_path / "bars.csv", [*lines[:4], lines[4].replace(",0,", ",x,", 1), *lines[5:]])
    page.goto(f"{server.url}/data")
    field = page.get_by_label("The file with the images")
    field.set_input_files(wrong)
    click(page.get_by_role("button", name="Import"))
    page.get_by_text("Nothing was imported. bars.csv, line 5: 'x' where a pixel belongs").wait_for()

    field.set_input_files(table(tmp_path / "standing.csv", lines))
    page.get_by_text("standing.csv has arrived").wait_for()
    name = page.get_by_role("textbox", name="Name of the dataset")
    fill(name, "bars")
    click(page.get_by_role("button", name="Import"))
    page.get_by_text("imported bars: 34 training and 6 test images, 2 classes (0, 1)").wait_for()
    page.get_by_text("34 training and 6 test images of 2 classes").wait_for()
    data = server.artifacts.parent / "data"
    assert find_dataset("bars", data).own
    wait_for(lambda: not any((data / "own" / ".uploads").glob("*/standing.csv")))

    click(page.get_by_text("Train on bars").first)
    page.get_by_role("button", name="Start race").wait_for()
    assert "dataset=bars" in page.url
    page.get_by_text("205,890 parameters").wait_for()  # two outputs instead of ten

    page.goto(f"{server.url}/data?dataset=bars")
    click(page.get_by_role("button", name="Delete"))
    page.get_by_text("No run used it").wait_for()
    click(page.get_by_role("button", name="Yes, delete"))
    wait_for(lambda: not (data / "own" / "bars").exists())


def test_the_card_shows_both_ways_and_takes_a_named_column_and_a_share(server, page, tmp_path):
    images, labels = shapes(40)
    named = [f"{line.partition(',')[2]},{'αβ'[int(line[0])]}" for line in lines_of(images, labels.tolist())]
    header = f"{HEADER.partition(',')[2]},kind"
    page.goto(f"{server.url}/data")
    field = page.get_by_label("The file with the images")
    field.set_input_files(packed(tmp_path / "letters.zip", pictures()))
    page.get_by_role("img", name="Some of the images, Made like MNIST").wait_for()
    page.get_by_role("img", name="Some of the images, Plainly resized").wait_for()
    assert page.get_by_role("radio", name="Made like MNIST").is_checked()
    assert "dataset=" not in page.url  # arriving leaves the way back as it was
    click(page.get_by_role("radio", name="Fashion-MNIST"))
    page.wait_for_url("**/data?dataset=fashion-mnist")

    field.set_input_files(table(tmp_path / "bars.csv", [header, *named]))
    page.get_by_text("'α' where a pixel belongs").wait_for()
    click(page.get_by_text("Labels and test images"))
    column = page.get_by_role("textbox", name="Column of the labels")
    fill(column, "Kind")
    page.get_by_role("img", name="Some of the images, Plainly resized").wait_for()
    share = page.get_by_role("spinbutton", name="Test images, % of each class")
    fill(share, "25")
    page.evaluate(AXE)
    found = [*violations(page, "light"), *violations(page, "dark")]
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "dark")
    assert not found, "\n\n".join(found)
    click(page.get_by_role("button", name="Import"))
    page.get_by_text("imported bars: 30 training and 10 test images, 2 classes (α, β)").wait_for()
    own = server.artifacts.parent / "data" / "own"
    wait_for(lambda: not list((own / ".uploads").glob("*/*.*")))  # the ZIP, whose place the table took, too


def send(server, headers: dict[str, str], content=b"1") -> int:
    """The status with which a file is answered."""
    address = f"{server.url}/{NAME}?name=a.csv"
    request = urllib.request.Request(address, content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def token(page) -> dict[str, str]:
    [value] = [c["value"] for c in page.context.cookies() if c["name"] == "_streamlit_xsrf"]
    return {"X-Xsrftoken": value, "Cookie": f"_streamlit_xsrf={value}"}


def test_other_sites_and_files_that_are_too_large_are_refused_before_they_are_read(server, page):
    page.goto(f"{server.url}/data")
    page.get_by_label("The file with the images").wait_for()
    known = token(page)
    assert send(server, {}) == 403
    assert send(server, known | {"Content-Length": str(LARGEST_UPLOAD + 1)}) == 413
    assert send(server, known) == 200
    uploads = server.artifacts.parent / "data" / "own" / ".uploads"
    assert len(list(uploads.glob("*/a.csv"))) == 1
    memory = psutil.Process(server.process.pid)
    before = memory.memory_info().rss
    piece = bytes(2**20)
    pieces = iter([piece] * (LARGEST_UPLOAD // len(piece) + 1))
    assert send(server, known | {"Transfer-Encoding": "chunked"}, pieces) == 413
    assert memory.memory_info().rss - before < 50 * 2**20
    assert len(list(uploads.glob("*/a.csv"))) == 1
