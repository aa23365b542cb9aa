"""Reading strokes: UCI's file, the plain form, UNIPEN's own files, and what is wrong with them."""

import numpy as np
import pytest

from core.data.catalogue import DatasetError
from core.data.pen import read_strokes, unipen_files
from support.strokes import component, plain_file, uci_file, write


def test_ucis_file_is_read_with_the_writer_of_its_comments(tmp_path):
    found = read_strokes(write(tmp_path / "pendigits-orig.tra", uci_file(writers=3, each=20)))
    assert [one.label for one in found[:12]] == list("012345678901")
    assert {one.writer for one in found} == {"pen-digits/1", "pen-digits/2", "pen-digits/3"}
    assert len(found) == 60
    assert [len(one.strokes) for one in found[:10]] == [1, 1, 1, 1, 2, 1, 1, 2, 1, 1]


def test_y_grows_downwards_once_it_is_read(tmp_path):
    text = '.SEGMENT CHARACTER "7"\n.PEN_DOWN\n0 100\n50 90\n.PEN_UP\n'
    (one,) = read_strokes(write(tmp_path / "a.txt", text))
    assert one.strokes[0].tolist() == [[0, -100], [50, -90]]


def test_the_plain_form_names_the_writer_before_each_character(tmp_path):
    found = read_strokes(write(tmp_path / "digits.txt", plain_file(["syn/4", "apb/12"])))
    assert [one.writer for one in found[::10]] == ["syn/4", "apb/12"]
    assert "".join(one.label for one in found) == 2 * "0123456789"


DAT = """.VERSION 1.0
.INCLUDE apb/app.doc
.INCLUDE apb/data/apb02/app0237.dat
.SEGMENT TEXT 0-4 ? "47"
.SEGMENT CHARACTER 0-1 ? "4"
.SEGMENT CHARACTER 2,4 OK "7"
.SEGMENT CHARACTER 3:1-4:0 ? "\\""
"""
DOC = """.COORD Y X T
.H_LINE 1
 12 24
.ALPHABET_FREQ 792 924
 528 528
"""


def unipen(folder, dat=DAT, doc=DOC):
    """A folder as UNIPEN's train_r01_v07 is laid out, with five components in an included file."""
    parts = [component([(number, 10 * number + k) for k in range(3)]) for number in range(5)]
    write(folder / "include" / "apb" / "app.doc", doc)
    included = ".WRITER_ID Bill\n.STYLE PRINTED\n" + "\n".join(parts)
    write(folder / "include" / "apb" / "data" / "apb02" / "app0237.dat", included)
    return write(folder / "data" / "1a" / "apb" / "apb02" / "app0237.dat", dat)


def test_unipens_own_files_include_others_and_count_what_the_pen_wrote(tmp_path):
    path = unipen(tmp_path)
    assert unipen_files(tmp_path) == [path]  # what is included is no file of its own
    four, seven, quote = read_strokes(path, tmp_path)
    assert [one.label for one in (four, seven, quote)] == ["4", "7", '"']
    assert {one.writer for one in (four, seven, quote)} == {"apb/Bill"}
    # Y came first: the second number is x, and y points downwards.
    assert [stroke[0].tolist() for stroke in four.strokes] == [[0, 0], [10, -1]]
    assert [stroke[0].tolist() for stroke in seven.strokes] == [[20, -2], [40, -4]]
    assert [len(stroke) for stroke in quote.strokes] == [2, 1]


def test_a_folder_with_the_plain_form_is_read_in_that_form(tmp_path):
    unipen(tmp_path)
    plain = write(tmp_path / "digits.txt", plain_file(["syn/4"]))
    assert unipen_files(tmp_path) == [plain]


def test_a_file_that_names_no_writer_stands_for_one(tmp_path):
    path = write(tmp_path / "1a" / "ced" / "aike.dat", f'{component([(1, 2)])}\n.SEGMENT CHARACTER 0 ? "1"\n')
    assert read_strokes(path)[0].writer == "ced/aike"


def test_an_included_file_that_is_not_there_matters_only_where_strokes_are_missing(tmp_path):
    assert read_strokes(write(tmp_path / "uci", uci_file(writers=1)))  # its dene.doc is nowhere
    path = write(tmp_path / "a.dat", '.INCLUDE b.dat\n.SEGMENT CHARACTER 2 ? "4"\n')
    with pytest.raises(DatasetError, match=r"a\.dat, line 2: component 2 is not there.*not there: b\.dat"):
        read_strokes(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".PEN_DOWN\n1 2\n3 x\n", r"bad\.dat, line 3: '3 x' is no point of two numbers"),
        (".PEN_DOWN\n1 2\n\n7\n", r"bad\.dat, line 4: '7' is no point of two numbers"),
        (".PEN_DOWN\n1 nan\n", r"bad\.dat, line 2: '1 nan' is no place on paper"),
        (".PEN_DOWN\n1 1e400\n", r"bad\.dat, line 2: '1 1e400' is no place on paper"),
        ('.PEN_DOWN\n1 2\n.SEGMENT CHARACTER 0-9 ? "1"\n', r"bad\.dat, line 3: component 1 is not there"),
        ('.PEN_DOWN\n1 2\n.SEGMENT CHARACTER -:, ? "1"\n', r"bad\.dat, line 3: '-:,' names no components"),
        (".COORD T P\n", r"bad\.dat, line 1: \.COORD names no X and Y"),
        (".INCLUDE a b\n", r"bad\.dat, line 1: \.INCLUDE takes the name of one file"),
        (".VERSION 1.0\n.INCLUDE ../../secret\n", r"bad\.dat, line 2: ../../secret lies outside"),
        (".INCLUDE other.dat\n", r"other\.dat, line 2: bad\.dat is included in itself"),
    ],
)
def test_a_bad_line_is_named_with_its_file(tmp_path, text, message):
    write(tmp_path / "inner" / "other.dat", ".VERSION 1.0\n.INCLUDE bad.dat\n")
    with pytest.raises(DatasetError, match=message):
        read_strokes(write(tmp_path / "inner" / "bad.dat", text))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"nowhere\.tra cannot be read"):
        read_strokes(tmp_path / "nowhere.tra")


def test_what_was_written_without_ink_is_left_out(tmp_path):
    text = '.SEGMENT CHARACTER "1"\n.PEN_DOWN\n.PEN_UP\n.SEGMENT CHARACTER "2"\n.PEN_DOWN\n5 5\n.PEN_UP\n'
    (one,) = read_strokes(write(tmp_path / "a.txt", text))
    assert one.label == "2"
    assert np.array_equal(one.strokes[0], [[5, -5]])
