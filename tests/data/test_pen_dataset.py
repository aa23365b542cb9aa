"""The dataset `pen` and `mnist-pen`: rendered once, split by writer, fetched from a real server."""

import hashlib
import io
import multiprocessing
import zipfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from core.config import RunConfig
from core.data import pen_dataset
from core.data.catalogue import DATASETS, DIGIT_NAMES, DatasetError, DatasetInfo
from core.data.datasets import load_images, split
from core.data.files import overview
from core.data.pen_dataset import is_test_writer, pen_images, read_sources, samples_by_writer
from support.file_server import FileServer
from support.real_data import real_data, where_there_is
from support.small_mnist import fetch_small, small_files, small_info, write_files
from support.strokes import plain_file, uci_file, write

UCI = "pen-digits/pendigits-orig.tra"
PEOPLE = ["syn/4", "apb/42", "ced/7"]  # the last two are kept for the test
WRITERS = 13


def pen_info(text: str) -> DatasetInfo:
    """The description of `pen` with size and checksum of this file."""
    content = text.encode("latin-1")
    (file,) = DATASETS["pen"].files
    known = replace(file, size=len(content), md5=hashlib.md5(content).hexdigest())
    return replace(DATASETS["pen"], files=(known,))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A data folder with 13 writers in UCI's form, of whom two are for the test, and a small MNIST."""
    text = uci_file(WRITERS)
    write(tmp_path / UCI, text)
    monkeypatch.setitem(DATASETS, "pen", pen_info(text))
    files = small_files()
    monkeypatch.setitem(DATASETS, "mnist", small_info(files))
    write_files(tmp_path / "MNIST" / "raw", files)
    return tmp_path


def same(one, other) -> bool:
    return all(np.array_equal(getattr(one, part.name), getattr(other, part.name)) for part in fields(one))


def test_no_writer_is_in_training_and_test(folder):
    write(folder / "pen-unipen" / "digits.txt", plain_file(PEOPLE))
    pen = pen_images(folder)
    assert set(pen.test_writers) == {"pen-digits/3", "pen-digits/11", "apb/42", "ced/7"}
    assert not set(pen.train_writers) & set(pen.test_writers)
    assert len(set(pen.train_writers)) == WRITERS - 2 + 1
    assert len(pen.y_test) == 40  # each once, as it was written
    # Who wrote little is drawn with four pens, zeros and sevens with a habit once more, ones three times.
    assert np.bincount(pen.y_train).tolist() == [60, 84, *5 * [48], 60, 48, 48]


def test_images_are_made_like_mnist(folder):
    pen = pen_images(folder)
    assert pen.x_train.dtype == np.uint8
    assert pen.x_train.shape[1:] == (28, 28)
    assert (pen.x_train.reshape(len(pen.x_train), -1).max(1) == 255).all()
    boxes = [[np.ptp(np.flatnonzero(image.any(axis))) + 1 for axis in (0, 1)] for image in pen.x_train]
    assert all(19 <= max(box) <= 22 for box in boxes)  # LeCun's 20, and soft edges


def test_other_files_change_no_image_and_move_no_writer(folder):
    alone = pen_images(folder)
    write(folder / "pen-unipen" / "digits.txt", plain_file(PEOPLE))
    more = pen_images(folder)
    ucis = np.char.startswith(more.train_writers, "pen-digits")
    assert np.array_equal(more.x_train[ucis], alone.x_train)


def test_the_images_to_test_with_can_be_had_alone(folder):
    alone = pen_dataset.images_to_test(folder)
    assert not (folder / "pen-rendered").exists()
    pen = pen_images(folder)
    for images, labels in (alone, pen_dataset.images_to_test(folder)):
        assert np.array_equal(images, pen.x_test)
        assert np.array_equal(labels, pen.y_test)


def test_images_are_rendered_once_and_anew_when_a_source_changes(folder, monkeypatch):
    first = pen_images(folder)
    (kept,) = (folder / "pen-rendered").glob("*.npz")
    with monkeypatch.context() as patched:
        patched.setattr(pen_dataset, "render", None)  # nobody may call it
        assert same(pen_images(folder), first)

    write(folder / "pen-unipen" / "digits.txt", plain_file(["syn/4"]))
    assert len(pen_images(folder).y_train) > len(first.y_train)
    (replaced,) = (folder / "pen-rendered").glob("*.npz")
    assert replaced != kept

    replaced.write_bytes(replaced.read_bytes()[:1000])  # damaged
    assert len(pen_images(folder).y_train) > len(first.y_train)
    monkeypatch.setattr(pen_dataset, "RENDERING", pen_dataset.RENDERING + 1)
    pen_images(folder)
    assert not replaced.exists()


def test_runs_that_come_at_the_same_time_render_once(folder, monkeypatch):
    calls, render = [], pen_dataset.render

    def counted(sources):
        calls.append(1)
        return render(sources)

    monkeypatch.setattr(pen_dataset, "render", counted)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: pen_images(folder), range(4)))
    assert len(calls) == 1
    assert all(same(one, found[0]) for one in found)


def test_a_data_folder_that_is_read_only_is_left_alone(folder, monkeypatch, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(pen_dataset.tempfile, "gettempdir", lambda: str(elsewhere))
    monkeypatch.setattr(pen_dataset.os, "access", lambda *arguments: False)
    pen_images(folder)
    assert not (folder / "pen-rendered").exists()
    assert len(list(elsewhere.rglob("*.npz"))) == 1


def test_an_altered_file_and_a_bad_line_are_named(folder):
    write(folder / UCI, uci_file(WRITERS, seed=5))
    with pytest.raises(DatasetError, match=r"pendigits-orig\.tra has"):
        pen_images(folder)
    write(folder / UCI, uci_file(WRITERS))
    write(folder / "pen-unipen" / "digits.txt", plain_file(["syn/4"]) + ".PEN_DOWN\n1\n")
    with pytest.raises(DatasetError, match=r"digits\.txt, line \d+: '1' is no point"):
        pen_images(folder)
    assert not list((folder / "pen-rendered").glob("*.npz"))


# ── as datasets ─────────────────────────────────────────────────────────────────────


def config(**changes) -> RunConfig:
    return RunConfig(framework="pytorch", dataset="pen", **changes)


def test_validation_images_are_by_writers_left_out_of_training(folder):
    images = load_images(DATASETS["pen"], folder)
    train, held_out = split(images.y_train, DATASETS["pen"], config(), images.groups)
    assert len(held_out) == int(0.1 * len(images.y_train))
    assert not set(images.groups[train]) & set(images.groups[held_out])
    none = split(images.y_train, DATASETS["pen"], config(validation_size=0), images.groups)
    assert len(none[0]) == len(images.y_train)
    some, still = split(images.y_train, DATASETS["pen"], config(train_size=50), images.groups)
    assert np.array_equal(some, train[:50])
    assert np.array_equal(still, held_out)


def test_mnist_and_pen_together_keep_writers_apart(folder):
    images = load_images(DATASETS["mnist-pen"], folder)
    pen = pen_images(folder)
    assert len(images.x_train) == 200 + len(pen.x_train)
    assert len(images.x_test) == 50 + len(pen.x_test)
    assert len(set(images.groups)) == 200 + len(set(pen.train_writers))
    validation = config().model_copy(update={"dataset": "mnist-pen", "validation_size": 40})
    train, held_out = split(images.y_train, DATASETS["mnist-pen"], validation, images.groups)
    assert len(held_out) == 40
    assert not set(images.groups[train]) & set(images.groups[held_out])


def test_overview_says_what_is_there_and_what_may_be_added(folder):
    both = overview([DATASETS["pen"], DATASETS["mnist-pen"]], folder)
    assert [row["ok"] for row in both] == [True, True]
    assert [len(row["files"]) for row in both] == [1, 5]
    assert all(row["optional"] == [{"folder": str(folder / "pen-unipen"), "present": False}] for row in both)
    assert all("CC BY 4.0" in row["attribution"] for row in both)


def test_samples_show_the_hands_of_every_laboratory_first(folder):
    write(folder / "pen-unipen" / "digits.txt", plain_file(PEOPLE))
    samples = samples_by_writer(read_sources(folder), 3)
    assert [writer for writer, _ in samples] == ["pen-digits/1", "syn/4", "pen-digits/2"]
    assert all(images.shape == (10, 28, 28) for _, images in samples)
    pen = pen_images(folder)
    own = pen.train_writers == "syn/4"
    assert all(
        (pen.x_train[own & (pen.y_train == digit)] == samples[1][1][digit]).all(axis=(1, 2)).any()
        for digit in range(10)
    )


@pytest.mark.parametrize("writer", ["pen-digits/3", "pen-digits/11", "apb/42", "ced/7"])
def test_the_same_writers_are_kept_for_the_test_for_ever(writer):
    assert is_test_writer(writer)


# ── fetching ────────────────────────────────────────────────────────────────────────


def compressed(content: bytes) -> bytes:
    """Content as Unix compress packs it: codes of nine bits, the table cleared before it asks for ten."""
    bits, count = [], 0

    def put(code: int) -> None:
        bits.extend(code >> place & 1 for place in range(9))

    for start in range(0, len(content), 240):
        for byte in content[start : start + 240]:
            put(byte)
            count += 1
        put(256)
        count += 1
        while count % 8:  # after a clear code the rest of a group of eight codes is skipped
            put(0)
            count += 1
    return b"\x1f\x9d\x90" + np.packbits(np.array(bits, np.uint8), bitorder="little").tobytes()


def zipped(name: str, content: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("pendigits.names", b"about")
        archive.writestr(name, content)
    return whole.getvalue()


@pytest.fixture(scope="module")
def child():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def server():
    server = FileServer()
    yield server
    server.close()


@pytest.mark.frameworks
@pytest.mark.parametrize("packed", ["compress", "zip"])
def test_ucis_file_is_fetched_unpacked_and_checked(child, server, tmp_path, packed):
    text = uci_file(2)
    archive = compressed(text.encode("latin-1"))
    z, zip_name = DATASETS["pen"].files[0].archives
    server.put({z: archive} if packed == "compress" else {zip_name: zipped(z, archive)})
    info = replace(pen_info(text), mirrors=(server.url(),))
    done, progress = child.submit(fetch_small, info, tmp_path).result(120)
    assert done.downloaded == ["pendigits-orig.tra"]
    assert progress
    assert (tmp_path / UCI).read_text(encoding="latin-1") == text
    assert [path.name for path in (tmp_path / UCI).parent.iterdir() if path.suffix != ".lock"] == [
        "pendigits-orig.tra"
    ]


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (b"no archive", r"is not a whole \.Z archive"),
        (compressed(b"another file")[:9], r"holds \d+ bytes instead of"),
        (compressed(uci_file(2, seed=9).encode("latin-1")), "holds"),
    ],
)
def test_a_wrong_file_is_refused_and_leaves_nothing(child, server, tmp_path, packed, reason):
    server.put({DATASETS["pen"].files[0].archives[0]: packed})
    with pytest.raises(DatasetError, match=reason):
        child.submit(fetch_small, pen_info(uci_file(2)), tmp_path, server.url()).result(120)
    assert {path.name for path in (tmp_path / "pen-digits").iterdir()} <= {".download.lock"}


def test_every_digit_has_a_name_and_the_file_a_checksum():
    assert DATASETS["pen"].class_names == DATASETS["mnist-pen"].class_names == DIGIT_NAMES
    assert DATASETS["pen"].files[0].md5 == "28e269fb7eaf8cb51af3f561743a0de5"


@where_there_is("pen-unipen")
def test_the_real_files_are_read_as_they_are_known():
    sources = read_sources(real_data())
    assert [len(characters) for characters in sources.values()] == [7494, 4110]
    people = {one.writer for characters in sources.values() for one in characters}
    assert len(people) == 99
    assert sum(is_test_writer(person) for person in people) == 10
