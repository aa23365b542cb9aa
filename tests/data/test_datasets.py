"""Reading, checking, splitting and preparing the datasets."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core import frameworks, places
from core.config import RunConfig
from core.data.batches import normalise
from core.data.catalogue import DATASETS, DatasetError, find_dataset
from core.data.datasets import load_images, prepare_data, split
from core.data.files import overview, status
from core.frameworks import numpy_scratch
from core.places import PROJECT
from support.real_data import datasets_here, real_data
from support.small_mnist import NAMES, small_files, small_info, write_files

# Training and test images.
SIZES = {"mnist": (60_000, 10_000), "fashion-mnist": (60_000, 10_000), "digits": (1497, 300)}


def config(**changes) -> RunConfig:
    return RunConfig(framework="pytorch", **{"dataset": "digits", **changes})


@pytest.fixture(scope="module")
def digits():
    return load_images(DATASETS["digits"])


@pytest.fixture
def small_mnist(tmp_path, monkeypatch) -> Path:
    """A data folder with a small dataset that counts as MNIST."""
    files = small_files()
    monkeypatch.setitem(DATASETS, "mnist", small_info(files))
    write_files(tmp_path / "MNIST" / "raw", files)
    return tmp_path


# ── where the files are, and whether they are whole ─────────────────────────────────


def test_reading_imports_no_framework():
    code = """
import sys
import core.data.fetching
from core.config import RunConfig
from core.data.batches import normalise
from core.data.catalogue import DATASETS
from core.data.datasets import prepare_data
from core.data.files import overview
data = prepare_data(RunConfig(framework="pytorch", dataset="digits"))
next(data.train.batches(0))
overview(DATASETS.values())
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(output.stdout.split())
    assert "numpy" in loaded
    slow = {"torch", "torchvision", "tensorflow", "keras", "scikeras", "sklearn", "scipy", "streamlit"}
    assert not loaded & slow


def test_data_folder_comes_from_the_environment_or_lies_beside_core(monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_DATA", "/somewhere/else")
    assert places.data_dir() == Path("/somewhere/else")
    monkeypatch.delenv("DIGIT_DERBY_DATA")
    assert places.data_dir() == PROJECT / "data"


def test_unknown_dataset_is_answered_with_those_there_are():
    with pytest.raises(DatasetError, match="'cifar' is unknown; choose from mnist, fashion-mnist, "):
        find_dataset("cifar")


def test_missing_files_are_named_with_the_folder_and_the_ways_out(tmp_path):
    with pytest.raises(DatasetError) as error:
        load_images(DATASETS["fashion-mnist"], tmp_path)
    message = str(error.value)
    assert str(tmp_path / "FashionMNIST" / "raw") in message
    assert all(name in message for name in NAMES)
    for way in ("python -m core data fashion-mnist --fetch", "--data-dir", "--dataset digits"):
        assert way in message


def test_files_are_read_as_they_were_written(small_mnist):
    images = load_images(DATASETS["mnist"], small_mnist)
    stored = small_files()
    assert images.x_train.shape == (200, 28, 28)
    assert images.x_train.dtype == np.uint8
    assert images.x_train.tobytes() == stored[NAMES[0]][16:]
    assert images.y_train.dtype == np.int64
    assert images.y_train.tolist() == list(stored[NAMES[1]][8:])
    assert images.x_test.tobytes() == stored[NAMES[2]][16:]
    assert images.y_test.tolist() == list(stored[NAMES[3]][8:])


@pytest.mark.parametrize("name", NAMES)
def test_file_cut_short_is_named_and_not_used(small_mnist, name):
    path = small_mnist / "MNIST" / "raw" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=rf"{name} has [\d,]+ bytes instead of"):
        prepare_data(config(dataset="mnist", validation_size=20), small_mnist)
    [found] = [file for file in status(DATASETS["mnist"], small_mnist) if file.name == name]
    assert (found.present, found.size_ok, found.checksum_ok, found.ok) == (True, False, False, False)


@pytest.mark.parametrize("name", NAMES)
def test_file_with_one_altered_byte_is_named_and_not_used(small_mnist, name):
    path = small_mnist / "MNIST" / "raw" / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=rf"raw: {name} has the wrong checksum"):
        prepare_data(config(dataset="mnist", validation_size=20), small_mnist)
    [found] = [file for file in status(DATASETS["mnist"], small_mnist) if not file.ok]
    assert (found.name, found.size_ok, found.checksum_ok) == (name, True, False)


def test_overview_says_for_every_dataset_what_is_there(small_mnist):
    (small_mnist / "MNIST" / "raw" / NAMES[2]).unlink()
    rows = {row["dataset"]: row for row in json.loads(json.dumps(overview(DATASETS.values(), small_mnist)))}
    assert set(rows) == set(DATASETS)
    assert rows["digits"]["ok"]
    assert [file["problem"] for file in rows["mnist"]["files"]] == ["", "", "is missing", ""]
    assert not rows["fashion-mnist"]["ok"]


@pytest.mark.parametrize("name", datasets_here(*SIZES))
def test_dataset_has_the_images_and_the_pixels_that_its_constants_say(name):
    images = load_images(DATASETS[name], real_data())
    assert (len(images.x_train), len(images.x_test)) == SIZES[name]
    assert images.x_train.mean() / 255 == pytest.approx(DATASETS[name].mean, abs=5e-5)
    assert images.x_train.std() / 255 == pytest.approx(DATASETS[name].std, abs=5e-5)


# ── the embedded digits ─────────────────────────────────────────────────────────────


def test_digits_are_all_there_and_split_by_class(digits):
    from sklearn.datasets import load_digits

    assert digits.x_train.shape == (1497, 28, 28)
    assert digits.x_test.shape == (300, 28, 28)
    assert digits.x_train.dtype == digits.x_test.dtype == np.uint8
    everything = np.concatenate([digits.y_train, digits.y_test])
    assert np.bincount(everything).tolist() == np.bincount(load_digits().target).tolist()
    assert all(29 <= count <= 31 for count in np.bincount(digits.y_test))


def test_digits_share_no_image_between_training_and_test(digits):
    train = {image.tobytes() for image in digits.x_train}
    assert not train & {image.tobytes() for image in digits.x_test}


def test_digits_lie_as_mnist_lies(digits):
    for image in np.concatenate([digits.x_train, digits.x_test]):
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        box = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert 19 <= max(box) <= 20
        weights = image / image.sum()
        centre = np.arange(28) @ weights.sum(1), np.arange(28) @ weights.sum(0)
        assert np.abs(np.array(centre) - 13.5).max() <= 0.51
        assert image.max() > 200


def test_digits_are_read_by_a_model_that_has_only_seen_mnist(digits):
    model = numpy_scratch.load(PROJECT / "artifacts" / "reference-numpy_scratch-small-cnn" / "model.npz")
    images = normalise(digits.x_test, *DATASETS["mnist"].scaling_constants("standardize"))
    read = numpy_scratch.predict(model, images).argmax(axis=1)
    assert (read == digits.y_test).mean() > 0.75


# ── the split ───────────────────────────────────────────────────────────────────────


def test_split_is_the_same_for_every_framework_and_seed(digits):
    parts = [
        split(
            digits.y_train, DATASETS["digits"], config().model_copy(update={"framework": name, "seed": seed})
        )
        for name in [*frameworks.names(), "another"]
        for seed in (0, 1, 99)
    ]
    for train, held_out in parts[1:]:
        assert np.array_equal(train, parts[0][0])
        assert np.array_equal(held_out, parts[0][1])


def test_split_uses_every_image_once(digits):
    train, held_out = split(digits.y_train, DATASETS["digits"], config(validation_size=100))
    assert sorted([*train, *held_out]) == list(range(1497))
    assert len(held_out) == 100


def test_digits_hold_out_no_more_than_a_tenth(digits):
    assert len(split(digits.y_train, DATASETS["digits"], config(validation_size=5000))[1]) == 149


def test_validation_can_be_left_out():
    data = prepare_data(config(validation_size=0))
    assert data.x_val.shape == (0, 28, 28, 1)
    assert data.y_val.shape == (0,)
    assert len(data.train.y_train) == 1497


def test_validation_size_that_leaves_nothing_is_refused(small_mnist):
    with pytest.raises(DatasetError, match="leaves no training images: mnist has 200"):
        prepare_data(config(dataset="mnist", validation_size=200), small_mnist)


def test_train_size_takes_the_first_of_those_not_held_out(digits):
    all_of_them, held_out = split(digits.y_train, DATASETS["digits"], config())
    some, still_held_out = split(digits.y_train, DATASETS["digits"], config(train_size=200))
    assert np.array_equal(some, all_of_them[:200])
    assert np.array_equal(held_out, still_held_out)
    assert len(split(digits.y_train, DATASETS["digits"], config(train_size=60_000))[0]) == len(all_of_them)


# ── normalised pixels ───────────────────────────────────────────────────────────────


def test_scaling_decides_the_range_of_the_pixels():
    standardised, unit = (prepare_data(config(scaling=scaling)) for scaling in ("standardize", "unit"))
    assert standardised.train.x_train.mean() == pytest.approx(0, abs=0.02)
    assert standardised.train.x_train.std() == pytest.approx(1, abs=0.02)
    for images in (unit.train.x_train, unit.x_val, unit.x_test):
        assert images.min() == 0
        assert 0.9 < images.max() <= 1


def test_validation_and_test_images_are_never_augmented():
    plain, augmented = (prepare_data(config(augment=augment)) for augment in (False, True))
    assert np.array_equal(plain.x_val, augmented.x_val)
    assert np.array_equal(plain.x_test, augmented.x_test)
    images, labels = augmented.train.epoch(0)
    unchanged, same_labels = plain.train.epoch(0)
    assert np.array_equal(labels, same_labels)
    changed = (images != unchanged).reshape(len(images), -1).any(1)
    assert changed.mean() > 0.9


# ── the visitor's own digits ────────────────────────────────────────────────────────


def test_own_digits_join_the_training_images_each_at_most_fifty_times():
    own = np.full((2, 28, 28), 255, np.uint8), np.array([3, 4])
    data = prepare_data(config(own_digits=True, scaling="unit"), own=own)
    assert len(data.train.y_train) == 1497 - 149 + 100
    assert data.train.y_train[-100:].tolist() == 50 * [3] + 50 * [4]
    assert (data.train.x_train[-100:] == 1).all()
    assert len(data.y_val) == 149


def test_own_digits_asked_for_and_missing_are_reported():
    with pytest.raises(DatasetError, match="none is saved"):
        prepare_data(config(own_digits=True))


@pytest.mark.parametrize(
    "own",
    [
        (np.zeros((2, 28, 28)), np.zeros(2, int)),
        (np.zeros((2, 28, 27), np.uint8), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, int)),
        (np.zeros((2, 28, 28), np.uint8), np.array([0, 10])),
        (np.zeros((2, 28, 28), np.uint8), np.array([-1, 0])),
    ],
    ids=["floats", "wrong shape", "too many labels", "label 10", "label -1"],
)
def test_own_digits_that_do_not_fit_are_refused(own):
    with pytest.raises(DatasetError, match="own digits"):
        prepare_data(config(own_digits=True), own=own)
