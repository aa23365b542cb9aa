"""NPZ, NPY and IDX: read within bounds, Python objects never."""

import zipfile

import numpy as np
import pytest

from core.data.catalogue import DatasetError
from core.data.importing import arrays
from core.data.importing.formats import reader
from core.data.importing.parts import Found, Source
from support.own_files import idx, shapes

IMAGES, LABELS = shapes(10)
TESTED, TRUTHS = shapes(4, seed=1)


def read(path, **options) -> Found:
    return reader(path)(Source(path, **options), lambda stage, share: None)


def assert_same(found: Found) -> None:
    np.testing.assert_array_equal(found.train.images, IMAGES)
    assert found.train.labels == [str(label) for label in LABELS]


@pytest.mark.parametrize("names", [("x_train", "y_train"), ("images", "labels"), ("data", "target")])
@pytest.mark.parametrize(
    "images", [IMAGES, IMAGES.reshape(10, 784), IMAGES[..., None], IMAGES / np.float32(255)]
)
def test_npz_is_read_under_the_usual_names_and_shapes(tmp_path, names, images):
    path = tmp_path / "digits.npz"
    np.savez_compressed(path, **dict(zip(names, (images, LABELS), strict=True)))
    assert_same(read(path))


def test_npz_brings_its_test_part(tmp_path):
    path = tmp_path / "digits.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS, x_test=TESTED, y_test=TRUTHS)
    found = read(path)
    assert_same(found)
    assert found.test is not None
    np.testing.assert_array_equal(found.test.images, TESTED)


@pytest.mark.parametrize("packed", [False, True])
def test_idx_and_npy_take_their_labels_from_another_file(tmp_path, packed):
    labels = idx(tmp_path / "labels.idx", LABELS, packed)
    assert_same(read(idx(tmp_path / "images.idx", IMAGES, packed), labels=labels))
    np.save(tmp_path / "images.npy", np.asfortranarray(IMAGES))
    assert_same(read(tmp_path / "images.npy", labels=labels))
    np.save(tmp_path / "labels.npy", LABELS.astype(str))
    assert_same(read(tmp_path / "images.npy", labels=tmp_path / "labels.npy"))


def npz(folder, **content):
    path = folder / "bad.npz"
    np.savez(path, **content)
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (dict(x_train=IMAGES), "images and labels are looked for as"),
        (dict(x_train=IMAGES, y_train=LABELS[:-1]), "bad.npz: 10 images and 9 labels"),
        (dict(x_train=IMAGES.astype(np.int64) * 2, y_train=LABELS), "bad.npz, image 0: a pixel that is not"),
        (dict(x_train=np.full((10, 28, 28), np.nan), y_train=LABELS), "bad.npz, image 0: a pixel"),
        (dict(x_train=IMAGES[0], y_train=LABELS), "28 × 28 are no grey images"),
        (dict(x_train=np.zeros((10, 28, 28, 3)), y_train=LABELS), "10 × 28 × 28 × 3 are no grey images"),
        (dict(x_train=np.zeros((10, 300, 300)), y_train=LABELS), "at most 256 × 256"),
        (dict(x_train=IMAGES.astype(str), y_train=LABELS), "is no type of pixels"),
        (dict(x_train=IMAGES, y_train=np.eye(10)), "is not one number or text an image"),
        (dict(x_train=IMAGES[:0], y_train=LABELS[:0]), "holds no images"),
    ],
)
def test_arrays_that_are_no_images_are_refused(tmp_path, content, message):
    with pytest.raises(DatasetError) as error:
        read(npz(tmp_path, **content))
    assert message in str(error.value)


def test_python_objects_are_never_loaded(tmp_path):
    objects = np.array([{"a": 1}] * 10, object)
    with pytest.raises(DatasetError, match="holds Python objects, which are never loaded"):
        read(npz(tmp_path, x_train=IMAGES, y_train=objects))
    np.save(tmp_path / "images.npy", objects)
    with pytest.raises(DatasetError, match="holds Python objects"):
        read(tmp_path / "images.npy", labels=idx(tmp_path / "labels.idx", LABELS))


def test_a_header_that_promises_more_than_there_is_takes_no_memory(tmp_path):
    path = tmp_path / "images.npy"
    np.save(path, IMAGES)
    path.write_bytes(path.read_bytes().replace(b"(10, 28, 28)", b"(10**9,1,1)".ljust(12)))
    with pytest.raises(DatasetError, match=r"images.npy"):
        read(path, labels=idx(tmp_path / "labels.idx", LABELS))
    np.save(path, IMAGES)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=r"images.npy is damaged"):
        read(path, labels=idx(tmp_path / "labels.idx", LABELS))


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "LARGEST_UNPACKED", 5000)
    with pytest.raises(DatasetError, match=r"bad.npz unpacks to more than"):
        read(npz(tmp_path, x_train=IMAGES, y_train=LABELS))
    with pytest.raises(DatasetError, match=r"images.idx unpacks to more than"):
        read(idx(tmp_path / "images.idx", IMAGES, packed=True), labels=tmp_path / "none")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\0\x0d\x03" + bytes(12), "is no IDX file of bytes"),
        (b"\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02abc", "holds 3 bytes where 2 × 2 × 2 belong"),
        (b"\0\0\x08", "is cut short"),
        (b"\0\0\x08\x03\0\0\0\x01", "is cut short"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "is damaged"),
    ],
)
def test_idx_that_is_not_what_it_says_is_refused(tmp_path, content, message):
    (tmp_path / "images.idx").write_bytes(content)
    with pytest.raises(DatasetError) as error:
        read(tmp_path / "images.idx", labels=idx(tmp_path / "labels.idx", LABELS))
    assert f"images.idx {message}" in str(error.value)


def test_images_alone_ask_for_their_labels(tmp_path):
    with pytest.raises(DatasetError, match="name their labels' file, too"):
        read(idx(tmp_path / "images.idx", IMAGES))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n", "is a single picture"),
        (b"PK\x03\x04 and then nothing", "is damaged, or no ZIP file"),
    ],
)
def test_other_files_are_refused_by_what_they_are(tmp_path, content, message):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(DatasetError, match=f"file {message}"):
        read(tmp_path / "file")


def test_damaged_npz_is_named(tmp_path):
    path = npz(tmp_path, x_train=IMAGES, y_train=LABELS)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("x_train.npy").header_offset
    content = bytearray(path.read_bytes())
    content[start + 200 : start + 400] = bytes(200)
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"bad.npz"):
        read(path)
