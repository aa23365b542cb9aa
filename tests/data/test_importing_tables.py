"""CSV files as people have them: read as they are, or refused with the line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.catalogue import DatasetError
from core.data.importing import tables
from core.data.importing.classes import class_names, class_numbers
from core.data.importing.parts import Part, Source
from core.data.importing.tables import read_table
from support.own_files import HEADER, lines_of, shapes, table

IMAGES, LABELS = shapes(12)
LINES = lines_of(IMAGES, LABELS.tolist())


def read(path, **options) -> Part:
    return read_table(Source(path, **options), lambda stage, share: None)


def assert_same(part: Part) -> None:
    names = class_names(part)
    assert names == ("0", "1")
    np.testing.assert_array_equal(part.images, IMAGES)
    np.testing.assert_array_equal(class_numbers(part, names), LABELS)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([HEADER, *LINES], id="Kaggle's header"),
        pytest.param(LINES, id="no header"),
        pytest.param(["label," + ",".join(map(str, range(784))), *LINES], id="pandas' header"),
        pytest.param([line.replace(",", ";") for line in [HEADER, *LINES]], id="semicolons"),
        pytest.param([line.replace(",", "\t") for line in LINES], id="tabs"),
        pytest.param([f"{line.partition(',')[0]}.0,{line.partition(',')[2]}" for line in LINES], id="0.0"),
        pytest.param([",".join(f'"{cell}"' for cell in line.split(",")) for line in LINES], id="quoted"),
        pytest.param([HEADER, "", *LINES, ""], id="empty lines"),
        pytest.param(
            [
                ",".join([*header.split(",")[1:], header.split(",")[0]])
                for header in [HEADER.replace("label", "Class"), *LINES]
            ],
            id="labels last, under another name",
        ),
    ],
)
@pytest.mark.parametrize(("end", "encoding"), [("\n", "utf-8"), ("\r\n", "utf-8-sig")])
def test_a_table_is_read_however_it_was_written(tmp_path, lines, end, encoding):
    assert_same(read(table(tmp_path / "digits.csv", lines, end, encoding)))


def test_pixels_from_0_to_1_are_the_same_as_from_0_to_255(tmp_path):
    lines = lines_of(IMAGES / 255, LABELS.tolist())
    assert_same(read(table(tmp_path / "fractions.csv", [HEADER, *lines])))


def test_the_named_column_is_the_label(tmp_path):
    lines = [HEADER.replace("label", "what"), *LINES]
    assert_same(read(table(tmp_path / "digits.csv", lines), label_column="What"))
    with pytest.raises(DatasetError, match=r"digits.csv, line 1: no column is called 'kind'"):
        read(table(tmp_path / "digits.csv", lines), label_column="kind")
    last = [",".join([*line.split(",")[1:], line.split(",")[0]]) for line in LINES]
    assert_same(read(table(tmp_path / "last.csv", last), label_column="785"))
    with pytest.raises(DatasetError, match="nor is it a number from 1 to 785"):
        read(table(tmp_path / "last.csv", last), label_column="786")


def test_a_line_without_ink_is_named_where_images_are_made_like_mnist(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK", 8000)
    lines = lines_of(np.where(np.arange(12)[:, None, None] == 8, 0, IMAGES), LABELS.tolist())
    with pytest.raises(DatasetError, match=r"digits.csv, line 10: no ink is found on it"):
        read(table(tmp_path / "digits.csv", [HEADER, *lines]), prepare="mnist")


def test_images_of_another_size_become_28_by_28(tmp_path):
    small = IMAGES[:, ::2, ::2]
    part = read(table(tmp_path / "small.csv", lines_of(small, LABELS.tolist())))
    assert part.images.shape == (12, 28, 28)
    narrow = IMAGES[:, :20, :7]
    part = read(table(tmp_path / "narrow.csv", lines_of(narrow, LABELS.tolist())), size=(20, 7))
    assert part.images.shape == (12, 28, 28)


def test_classes_may_be_of_any_script(tmp_path):
    part = read(table(tmp_path / "letters.csv", [HEADER, *lines_of(IMAGES, ["д", "न"] * 6)]))
    assert class_names(part) == ("д", "न")


def changed(number: int, cell: int, text: str) -> list[str]:
    """The lines with another text in one cell of one line; lines are counted from 1, header included."""
    lines = [HEADER, *LINES]
    cells = lines[number - 1].split(",")
    cells[cell] = text
    return [*lines[: number - 1], ",".join(cells), *lines[number:]]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (changed(5, 100, "1,2"), "line 5: 786 columns where 785 belong"),
        ([*LINES[:3], LINES[3].rpartition(",")[0]], "line 4: 784 columns where 785 belong"),
        (changed(7, 10, "x"), "line 7: 'x' where a pixel belongs (number 10)"),
        (changed(7, 10, ""), "line 7: '' where a pixel belongs (number 10)"),
        (changed(8, 2, "256"), "line 8: 256 is no pixel (number 2)"),
        (changed(8, 2, "-1"), "line 8: -1 is no pixel (number 2)"),
        (changed(8, 2, "nan"), "line 8: nan is no pixel (number 2)"),
        (changed(2, 3, "1.5e9"), "line 2: 1.5e9 is no pixel (number 3); pixels are from 0 to 255"),
        ([HEADER], "holds no image, only a header"),
        ([""], "is empty"),
        ([HEADER.partition(",")[2], *LINES], "784 columns of pixels and none with labels"),
        (["a,b,c", "1,2,3"], "2 columns of pixels beside the label make no picture"),
        (["one", "two"], "0 columns of pixels beside the label make no picture"),
        (["3,4"], "1 column of pixels beside the label make no picture"),
        (["\r".join(LINES)], "line 1: a line end of old Macs (CR alone)"),
        ([f'"{"x" * 200_000}",1'], "line 1: cannot be read as CSV (field larger than"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path, lines, message):
    with pytest.raises(DatasetError) as error:
        read(table(tmp_path / "digits.csv", lines))
    assert str(error.value).startswith("digits.csv")
    assert message in str(error.value)


def test_a_first_line_with_a_mistake_is_no_header(tmp_path):
    with pytest.raises(DatasetError, match="line 1: 'x' where a pixel belongs"):
        read(table(tmp_path / "digits.csv", changed(2, 10, "x")[1:]))


def test_other_encodings_are_refused_by_name(tmp_path):
    with pytest.raises(DatasetError, match="is written in UTF-16"):
        read(table(tmp_path / "digits.csv", LINES, encoding="utf-16"))
    lines = lines_of(IMAGES, ["a"] * 11 + ["ä"])
    with pytest.raises(DatasetError, match=r"digits.csv, line 12: not in UTF-8"):
        read(table(tmp_path / "digits.csv", lines, encoding="latin-1"))
    (tmp_path / "binary.csv").write_bytes(b"ab\0cd")
    with pytest.raises(DatasetError, match="this is no text"):
        read(tmp_path / "binary.csv")


def test_more_images_than_are_taken_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_IMAGES", 11)
    with pytest.raises(DatasetError, match="more than 11 images"):
        read(table(tmp_path / "digits.csv", LINES))


def test_blocks_do_not_show_in_the_result(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK", 8000)
    path = table(tmp_path / "digits.csv", [HEADER, *LINES])
    assert_same(read(path))
    assert read(path).place(9) == "digits.csv, line 11"


def labelled(labels: list[str]) -> Part:
    return Part(np.zeros((len(labels), 28, 28), np.uint8), labels, lambda place: f"line {place + 1}")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "a"], "line 1 and all others are of one class, 'a'"),
        (["a", "a", "b"], "line 3: class 'b' has only this image"),
        (["a", "a", "A", "A"], "line 3: the classes 'a' and 'A' differ only in case"),
        (["a", "a", " ", "b"], "line 3: the label '' cannot be a class's name"),
        (["a", "a", "b\x07", "b"], "line 3: the label 'b\\x07' cannot be"),
        (["a", "x" * 41], "line 2: the label "),
        ([str(n // 2) for n in range(60)], "line 53: '26' is class number 27; at most 26"),
    ],
)
def test_labels_that_make_no_classes_are_named(labels, message):
    with pytest.raises(DatasetError) as error:
        class_names(labelled(labels))
    assert message in str(error.value)


def test_labels_of_the_test_part_are_those_of_the_training_part():
    with pytest.raises(DatasetError, match="line 2: 'c' is none of the 2 classes"):
        class_numbers(labelled(["a", "c"]), ("a", "b"))


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=26, unique=True))
def test_numbers_are_ordered_by_value_however_they_are_written(numbers):
    written = [f"{number}.0" if number % 2 else f" {number}" for number in numbers]
    part = labelled(written * 2)
    names = class_names(part)
    assert names == tuple(str(number) for number in sorted(numbers))
    assert [int(names[number]) for number in class_numbers(part, names)] == numbers * 2
