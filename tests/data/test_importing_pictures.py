"""Pictures in one folder per class, of any size and colour; none leaves the folder or fills the memory."""

import io
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.data.catalogue import DatasetError
from core.data.importing import pictures as reading
from core.data.importing.classes import class_names
from core.data.importing.formats import reader
from core.data.importing.parts import Found, Source
from core.data.importing.preparing import plainly_resized
from core.data.importing.preview import kind_of, preview
from core.drawing.preprocessing import prepare_digit
from support.own_files import HEADER, as_png, lines_of, packed, picture, pictures, shapes, table


def read(path, **options) -> Found:
    return reader(path)(Source(path, **options), lambda stage, share: None)


def on_disk(folder, files: dict[str, bytes]):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_folder_and_zip_are_read_alike_and_made_like_mnist(tmp_path):
    files = pictures()
    found = read(on_disk(tmp_path / "letters", files))
    again = read(packed(tmp_path / "letters.zip", files))
    assert class_names(found.train) == ("o", "x")
    order = np.argsort(again.train.labels, kind="stable")
    np.testing.assert_array_equal(found.train.images, again.train.images[order])
    first = Image.open(io.BytesIO(files["x/0.png"]))
    np.testing.assert_array_equal(again.train.images[0], prepare_digit(first))


def test_plainly_resized_pictures_are_whole(tmp_path):
    found = read(packed(tmp_path / "letters.zip", pictures()), prepare="resize")
    first = Image.open(io.BytesIO(pictures()["x/0.png"]))
    np.testing.assert_array_equal(found.train.images[0], plainly_resized(first))


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1"])
def test_every_kind_of_colour_is_read(tmp_path, mode):
    files = {f"{letter}/{n}.png": picture(letter, (40, 40), mode) for letter in "xo" for n in range(2)}
    for how in ("mnist", "resize"):
        images = read(packed(tmp_path / "letters.zip", files), prepare=how).train.images
        assert images.max() > 100
        assert len(np.unique(images, axis=0)) == 2


def test_train_and_test_folders_are_the_parts_and_a_folder_around_all_is_passed_over(tmp_path):
    files = {f"mine/{part}/{name}": png for part in ("train", "Test") for name, png in pictures().items()}
    found = read(packed(tmp_path / "letters.zip", files))
    assert found.test is not None
    assert (len(found.train.labels), len(found.test.labels)) == (8, 8)


def test_what_systems_add_and_other_files_are_passed_over(tmp_path):
    files = pictures() | {
        "__MACOSX/x/._0.png": b"?",
        "x/.DS_Store": b"?",
        "README.txt": b"?",
        "o/a.gif": b"?",
    }
    found = read(packed(tmp_path / "letters.zip", files))
    assert len(found.train.labels) == 8
    assert found.notes == ["2 files passed over: no PNG, JPEG or WebP"]


def test_names_that_are_utf_8_without_saying_so_are_read(tmp_path):
    path = tmp_path / "letters.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in pictures().items():
            archive.writestr(name.replace("x", "X"), content)
    path.write_bytes(path.read_bytes().replace(b"X/", "д".encode()[:1] + b"/"))
    assert len(class_names(read(path).train)) == 2


@pytest.mark.parametrize("name", ["../x/9.png", "/x/9.png", "x/../../9.png", "C:/x/9.png", "x\\..\\9.png"])
def test_paths_that_leave_the_folder_are_refused(tmp_path, name):
    path = packed(tmp_path / "letters.zip", pictures() | {name: picture("x")})
    with pytest.raises(DatasetError, match=r"letters.zip, .*9.png: this path leads out of the folder"):
        read(path)


def test_links_are_refused_in_archives_and_folders(tmp_path):
    path = packed(tmp_path / "letters.zip", pictures())
    link = zipfile.ZipInfo("x/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DatasetError, match=r"letters.zip, x/link.png is a link"):
        read(path)
    folder = on_disk(tmp_path / "letters", pictures())
    (folder / "x" / "link.png").symlink_to("/etc/passwd")
    with pytest.raises(DatasetError, match=r"x/link.png is a link"):
        read(folder)
    (folder / "x" / "link.png").unlink()
    (folder / "more").symlink_to(tmp_path)
    with pytest.raises(DatasetError, match="more is a link"):
        read(folder)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = packed(tmp_path / "bomb.zip", pictures() | {"x/9.png": bytes(11 * 2**20)})
    assert bomb.stat().st_size < 50_000
    with pytest.raises(DatasetError, match=r"bomb.zip, x/9.png: unpacks to 11 MB"):
        read(bomb)


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked_further(tmp_path):
    path = packed(tmp_path / "bomb.zip", pictures() | {"x/9.png": bytes(30 * 2**20)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 30 * 2**20), struct.pack("<I", 1000)))
    with pytest.raises(DatasetError, match=r"bomb.zip, x/9.png"):
        read(path)


def test_many_pictures_that_are_too_much_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_UNPACKED", 2000)
    with pytest.raises(DatasetError, match=r"letters.zip, .* MB together are the most"):
        read(packed(tmp_path / "letters.zip", pictures()))
    monkeypatch.setattr(reading, "MOST_IMAGES", 3)
    with pytest.raises(DatasetError, match="letters holds more than 3 pictures"):
        read(on_disk(tmp_path / "letters", pictures()))


def test_a_list_of_entries_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_LISTING", 100)
    with pytest.raises(DatasetError, match="has far more entries than"):
        read(packed(tmp_path / "letters.zip", pictures()))


def test_gigantic_pictures_are_refused_by_name(tmp_path):
    huge = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(huge, "PNG")
    with pytest.raises(DatasetError, match=r"letters.zip, x/9.png: .*10,000 × 10,000"):
        read(packed(tmp_path / "letters.zip", pictures() | {"x/9.png": huge.getvalue()}))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x/9.png", b"no picture", "letters.zip, x/9.png: this is not a PNG, JPEG or WebP picture"),
        ("x/9.png", picture("x")[:-60], "letters.zip, x/9.png: the picture is damaged"),
        ("9.png", picture("x"), "letters.zip, 9.png: lies in no class's folder"),
        ("x/deep/9.png", picture("x"), "letters.zip, x/deep/9.png: lies in no class's folder"),
    ],
)
def test_a_picture_that_cannot_be_used_is_named(tmp_path, name, content, message):
    with pytest.raises(DatasetError) as error:
        read(packed(tmp_path / "letters.zip", pictures() | {name: content}))
    assert str(error.value).startswith(message)


def test_an_empty_picture_is_named_and_the_other_way_takes_it(tmp_path):
    blank = io.BytesIO()
    Image.new("L", (50, 50), 255).save(blank, "PNG")
    path = packed(tmp_path / "letters.zip", pictures() | {"x/9.png": blank.getvalue()})
    with pytest.raises(DatasetError, match=r"letters.zip, x/9.png: .*--prepare resize"):
        read(path)
    assert len(read(path, prepare="resize").train.labels) == 9


def test_archives_without_pictures_and_encrypted_ones_are_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"letters.zip holds no PNG, JPEG or WebP pictures"):
        read(packed(tmp_path / "letters.zip", {"a/b.txt": b"?"}))
    path = packed(tmp_path / "letters.zip", pictures())
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"letters.zip, x/0.png is encrypted"):
        read(path)


def test_a_preview_shows_some_of_every_class_in_both_ways(tmp_path):
    shown = preview(Source(packed(tmp_path / "letters.zip", pictures(each=9))))
    assert shown is not None
    assert shown.labels[:4] == ["o", "x", "o", "x"]
    assert {way: images.shape for way, images in shown.images.items()} == {
        "mnist": (12, 28, 28),
        "resize": (12, 28, 28),
    }


def test_a_preview_says_which_way_cannot_be_gone(tmp_path):
    files = pictures() | {"x/0.png": as_png(np.full((40, 40), 255, np.uint8))}
    shown = preview(Source(packed(tmp_path / "letters.zip", files)))
    assert shown is not None
    assert shown.images["mnist"] == (
        "letters.zip, x/0.png: no ink is found on it; take it out, or have all of them plainly resized "
        "(--prepare resize)"
    )
    assert len(shown.images["resize"]) == 8


def test_a_preview_of_a_table_shows_its_images_as_they_stand_and_made_like_mnist(tmp_path):
    images, labels = shapes(40)
    lines = [HEADER, *lines_of(images, labels.tolist())]
    shown = preview(Source(table(tmp_path / "bars.csv", lines)))
    assert shown is not None
    assert shown.labels == ["0", "1"] * 6
    np.testing.assert_array_equal(shown.images["resize"], images[:12])
    np.testing.assert_array_equal(shown.images["mnist"][0], prepare_digit(images[0]))
    named = Source(tmp_path / "bars.csv", label_column="kind")
    with pytest.raises(DatasetError, match="no column is called 'kind'"):
        preview(named)


def test_arrays_are_told_apart_and_not_read_for_a_look(tmp_path):
    images, labels = shapes(4)
    np.savez(tmp_path / "bars.npz", images=images, labels=labels)
    np.save(tmp_path / "bars.npy", images)
    assert kind_of(tmp_path / "bars.npz") == "archive"
    assert kind_of(tmp_path / "bars.npy") == "array"
    assert preview(Source(tmp_path / "bars.npz")) is None
