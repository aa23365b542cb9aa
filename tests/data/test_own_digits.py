"""The visitor's own digits on disk, and what a training run gets of them."""

import csv
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.data import own_digits
from core.runs.records import RecordError


def a_one(shift: int = 0, mode: str = "RGBA") -> Image.Image:
    """A one in white on black, as the canvas sends it; another one for every shift."""
    picture = Image.new(mode, (320, 320), "black")
    ImageDraw.Draw(picture).line([(150 + shift, 60), (150 + shift, 260 - shift)], fill="white", width=22)
    return picture


def test_saved_digit_is_found_with_its_label_as_png_and_in_the_table(tmp_path):
    saved = own_digits.save_digit(tmp_path, np.asarray(a_one()), 1)
    assert own_digits.list_digits(tmp_path) == [saved]
    with Image.open(tmp_path / "my-digits" / saved.file) as picture:
        assert picture.format == "PNG"
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(a_one()))
    with open(tmp_path / "my-digits" / "labels.csv", newline="") as table:
        assert [(row["file"], row["label"]) for row in csv.DictReader(table)] == [(saved.file, "1")]


def test_marking_the_same_drawing_again_changes_its_label(tmp_path):
    first = own_digits.save_digit(tmp_path, a_one(), 7)
    own_digits.save_digit(tmp_path, a_one(5), 7)
    again = own_digits.save_digit(tmp_path, a_one(), 1)
    assert again.id == first.id
    assert sorted(digit.label for digit in own_digits.list_digits(tmp_path)) == [1, 7]


def test_saved_drawing_is_prepared_as_the_drawing_itself(tmp_path):
    from core.drawing.preprocessing import prepare_digit

    own_digits.save_digit(tmp_path, a_one(), 1)
    images, labels = own_digits.training_images(tmp_path)
    np.testing.assert_array_equal(images[0], prepare_digit(a_one()))
    assert (images.dtype, labels.dtype, labels.tolist()) == (np.uint8, np.int64, [1])


def test_large_photo_is_saved_smaller(tmp_path):
    saved = own_digits.save_digit(tmp_path, a_one(mode="RGB").resize((1600, 1200)), 1, "photo")
    assert own_digits.open_picture(tmp_path, saved).size == (400, 300)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "I"])
def test_picture_of_any_mode_can_be_saved(tmp_path, mode):
    saved = own_digits.save_digit(tmp_path, a_one(mode="RGB").convert(mode), 1)
    assert own_digits.open_picture(tmp_path, saved).size == (320, 320)


def test_fingerprint_tells_sets_of_digits_apart():
    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([1, 7])
    said = own_digits.fingerprint(images, labels)
    assert said.startswith("2 digits, ")
    assert said == own_digits.fingerprint(images.copy(), labels.copy())
    assert said != own_digits.fingerprint(images, labels[::-1])
    assert said != own_digits.fingerprint(images + 1, labels)


def test_no_digits_are_no_images(tmp_path):
    images, labels = own_digits.training_images(tmp_path)
    assert (images.shape, labels.shape) == ((0, 28, 28), (0,))
    assert own_digits.delete_digits(tmp_path) == 0


@pytest.mark.parametrize("label", [-1, 10, 3.5, "7"])
def test_label_that_is_no_digit_is_refused(tmp_path, label):
    with pytest.raises(RecordError, match="0 to 9"):
        own_digits.save_digit(tmp_path, a_one(), label)


def test_deleting_removes_picture_and_line_and_nothing_else(tmp_path):
    saved = [own_digits.save_digit(tmp_path, a_one(shift), 1) for shift in range(3)]
    assert own_digits.delete_digits(tmp_path, [saved[1].id, "unknown"]) == 1
    assert own_digits.list_digits(tmp_path) == [saved[0], saved[2]]
    assert not (tmp_path / "my-digits" / saved[1].file).exists()
    assert own_digits.delete_digits(tmp_path) == 2
    assert not list((tmp_path / "my-digits").glob("*.png"))


def test_many_visitors_saving_at_once_lose_nothing(tmp_path):
    with ThreadPoolExecutor(10) as visitors:
        saved = list(
            visitors.map(lambda shift: own_digits.save_digit(tmp_path, a_one(shift), shift % 10), range(40))
        )
    assert len(own_digits.list_digits(tmp_path)) == len({digit.id for digit in saved}) == 40
    assert not list((tmp_path / "my-digits").glob("*.tmp"))


def test_archive_holds_every_picture_and_the_table(tmp_path):
    saved = [own_digits.save_digit(tmp_path, a_one(shift), shift) for shift in range(3)]
    with zipfile.ZipFile(io.BytesIO(own_digits.zip_digits(tmp_path))) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {
            "my-digits/labels.csv",
            *(f"my-digits/{digit.file}" for digit in saved),
        }
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("my-digits/labels.csv"))))
    assert [row["label"] for row in rows] == ["0", "1", "2"]


def test_damaged_picture_is_left_out_and_can_be_deleted(tmp_path):
    good = own_digits.save_digit(tmp_path, a_one(), 1)
    saved = own_digits.save_digit(tmp_path, a_one(9), 1)
    (tmp_path / "my-digits" / saved.file).write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    with pytest.raises(RecordError, match=saved.file):
        own_digits.open_picture(tmp_path, saved)
    assert own_digits.prepared_digits(tmp_path)[0] == [good]
    assert own_digits.delete_digits(tmp_path, [saved.id]) == 1


@pytest.mark.parametrize("line", ["../../secret.png,3,,", "a.png,12,,", "a.png,,,", "a.txt,3,,", "a.png"])
def test_table_line_that_cannot_be_used_is_named(tmp_path, line):
    own_digits.save_digit(tmp_path, a_one(), 1)
    with open(tmp_path / "my-digits" / "labels.csv", "a") as table:
        table.write(line + "\n")
    with pytest.raises(RecordError, match="line 3"):
        own_digits.list_digits(tmp_path)


def test_read_only_folder_is_reported(tmp_path):
    (tmp_path / "my-digits").write_text("a file where the folder should be")
    with pytest.raises(RecordError, match="cannot save"):
        own_digits.save_digit(tmp_path, a_one(), 1)


def test_there_is_an_end_to_how_many_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(own_digits, "MOST_DIGITS", 2)
    for shift in range(2):
        own_digits.save_digit(tmp_path, a_one(shift), 1)
    own_digits.save_digit(tmp_path, a_one(0), 7)  # only another label
    with pytest.raises(RecordError, match="delete some"):
        own_digits.save_digit(tmp_path, a_one(2), 1)


@pytest.mark.parametrize(("own", "expected"), [(1, 50), (110, 50), (1100, 5), (5500, 1), (100_000, 1)])
def test_own_digits_are_repeated_to_a_tenth_of_the_others(own, expected):
    assert own_digits.repeats(own, 55_000) == expected
