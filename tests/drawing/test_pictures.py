"""Pictures from outside: what is read, and what is refused with a clear sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.drawing import pictures
from core.drawing.pictures import PictureError, open_picture

RGB = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_is_read_from_bytes_and_from_a_file(tmp_path, kind):
    content = encoded(Image.fromarray(RGB), kind)
    (tmp_path / "picture").write_bytes(content)
    for source in (content, tmp_path / "picture"):
        picture = open_picture(source)
        assert (picture.mode, picture.size) == ("RGB", (60, 40))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_png_of_any_mode_becomes_eight_bits_a_channel(mode):
    grey = Image.fromarray(RGB).convert("L")
    wide = np.asarray(grey).astype(np.uint16) * 257
    source = Image.fromarray(wide).convert(mode) if mode == "I;16" else grey.convert(mode)
    picture = open_picture(encoded(source, "PNG"))
    assert picture.mode in ("L", "LA", "RGB", "RGBA")
    if mode != "1":
        np.testing.assert_allclose(np.asarray(picture.convert("L")), np.asarray(grey), atol=3)


def test_cmyk_jpeg_and_transparent_palette_are_read():
    assert open_picture(encoded(Image.fromarray(RGB).convert("CMYK"), "JPEG")).mode == "RGB"
    palette = Image.fromarray(RGB).convert("P")
    assert open_picture(encoded(palette, "PNG", transparency=0)).mode == "RGBA"


def test_photo_is_turned_as_the_camera_meant_it():
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    assert open_picture(encoded(Image.fromarray(RGB), "JPEG", exif=exif)).size == (40, 60)


def test_large_picture_is_reduced():
    assert open_picture(encoded(Image.new("L", (6000, 3000)), "JPEG")).size == (1600, 800)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"not a picture", b"%PDF-1.7", b"<svg/>"])
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(PictureError, match="not a PNG, JPEG or WebP"):
        open_picture(content)


def test_gif_is_refused_even_under_another_name():
    with pytest.raises(PictureError, match="not a PNG"):
        open_picture(encoded(Image.fromarray(RGB), "GIF"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_cut_off_file_is_called_damaged(kind):
    content = encoded(Image.fromarray(RGB), kind)
    with pytest.raises(PictureError, match=r"damaged|not a PNG"):
        open_picture(content[: len(content) // 2])


def test_missing_file_is_reported(tmp_path):
    with pytest.raises(PictureError, match="cannot be read"):
        open_picture(tmp_path / "missing.png")


def test_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST_FILE", 1000)
    content = encoded(Image.fromarray(RGB), "PNG")
    (tmp_path / "large.png").write_bytes(content)
    for source in (content, tmp_path / "large.png"):
        with pytest.raises(PictureError, match="MB"):
            open_picture(source)


@pytest.mark.parametrize("side", [8000, 16_000, 60_000])
def test_decompression_bomb_is_refused_before_it_is_unpacked(side):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(PictureError, match="million"):
        open_picture(bomb)


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP"]),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=20),
)
def test_altered_bytes_give_a_picture_or_a_clear_refusal(kind, changes):
    content = bytearray(encoded(Image.fromarray(RGB), kind))
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value
    try:
        outcome = open_picture(bytes(content)).size
    except PictureError as error:  # any other exception fails the test
        outcome = str(error)
    assert outcome
