"""What decoding a picture may cost, and which formats are refused by name."""

import io
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from core.drawing.pictures import PictureError, open_picture, original_size
from core.drawing.preprocessing import prepare_digit
from core.places import PROJECT

MOST = 250  # MB above idle

# Reads all files named, each in a thread of its own, and prints the peak above idle in MB and what was said.
MEASURE = """
import re, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from PIL import Image
from core.drawing.pictures import open_picture
def memory(kind):
    return int(re.search(kind + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
def read(path):
    try:
        return str(open_picture(Path(path)).size)
    except ValueError as error:
        return str(error)
Image.init()
idle = memory("VmRSS")
with ThreadPoolExecutor(len(sys.argv) - 1) as pool:
    said = list(pool.map(read, sys.argv[1:]))
print(memory("VmHWM") - idle, said[0], sep="|")
"""


def peak(*paths) -> tuple[float, str]:
    command = [sys.executable, "-c", MEASURE, *map(str, paths)]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=200, check=True)
    megabytes, said = result.stdout.strip().split("|")
    return float(megabytes), said


def square(mode: str, side: int):
    if mode == "I;16":
        return Image.fromarray(np.full((side, side), 3000, np.uint16))
    return Image.new(mode, (side, side))


KINDS = {
    "lossless WebP, transparent": ("RGBA", "WEBP", {"lossless": True, "method": 0, "quality": 0}),
    "WebP": ("RGB", "WEBP", {"quality": 30, "method": 0}),
    "PNG, transparent": ("RGBA", "PNG", {"compress_level": 1}),
    "PNG, grey and alpha": ("LA", "PNG", {"compress_level": 1}),
    "PNG, 16 bits": ("I;16", "PNG", {"compress_level": 1}),
    "PNG, palette": ("P", "PNG", {"compress_level": 1}),
    "JPEG": ("RGB", "JPEG", {}),
    "progressive JPEG": ("RGB", "JPEG", {"progressive": True, "subsampling": 0}),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
@pytest.mark.parametrize("side", [7071, 4800])
@pytest.mark.parametrize("kind", KINDS)
def test_picture_is_read_within_bounds_or_refused(tmp_path, kind, side):
    mode, form, options = KINDS[kind]
    square(mode, side).save(tmp_path / "picture", form, **options)
    megabytes, said = peak(tmp_path / "picture")
    assert megabytes < MOST
    assert said == "(1600, 1600)" or re.search(r"would take \d+ MB of memory; at most \d+", said)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
def test_ten_at_once_take_no_more_than_one(tmp_path):
    square("RGBA", 4300).save(tmp_path / "picture", "WEBP", lossless=True, method=0, quality=0)
    megabytes, said = peak(*[tmp_path / "picture"] * 10)
    assert said == "(1600, 1600)"
    assert megabytes < MOST


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_moving_picture_costs_no_more(tmp_path, form):
    frames = [Image.new("RGBA", (5000, 5000), (shade, 0, 0, 255)) for shade in (0, 200)]
    options = {"lossless": True, "method": 0, "quality": 0} if form == "WEBP" else {"compress_level": 1}
    frames[0].save(tmp_path / "picture", form, save_all=True, append_images=frames[1:], **options)
    assert peak(tmp_path / "picture")[0] < MOST


def test_phones_photos_are_read_in_every_format(tmp_path):
    photo = Image.new("RGB", (4000, 3000), (230, 230, 225))
    for form in ("JPEG", "PNG", "WEBP"):
        photo.save(tmp_path / form, form)
        picture = open_picture(tmp_path / form)
        assert max(picture.size) == 1600
        assert original_size(picture) == (4000, 3000)


def test_strips_join_to_the_same_picture():
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (3300, 1000, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).save(file, "PNG", compress_level=1)
    expected = colours.reshape(1650, 2, 500, 2, 3).mean(axis=(1, 3))
    opened = open_picture(file.getvalue())
    small = Image.fromarray(np.rint(expected).astype(np.uint8))
    small.thumbnail((1600, 1600), Image.Resampling.BOX)
    np.testing.assert_allclose(np.asarray(opened, int), np.asarray(small, int), atol=2)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_numbers_of_twelve_bits_in_sixteen_are_a_picture(bits):
    full = 2**bits - 1
    paper = np.full((300, 300), 0.9 * full, np.uint16)
    paper[60:240, 140:160] = full // 10
    file = io.BytesIO()
    Image.fromarray(paper).save(file, "PNG")
    opened = np.asarray(open_picture(file.getvalue()))
    assert opened[0, 0] > 200
    assert opened[150, 150] < 50
    assert prepare_digit(open_picture(file.getvalue())).any()
    assert prepare_digit(paper).any()


@pytest.mark.parametrize(
    ("content", "name", "advice"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "JPEG"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC", "JPEG"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "AVIF", "save it"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", "screenshot"),
        (b"<svg/>", "SVG", "screenshot"),
        (b"%PDF-1.7\n", "PDF", "screenshot"),
        (b"GIF89a", "GIF", "save it"),
        (b"BM\x46\0", "BMP", "save it"),
        (b"II*\0\x08\0", "TIFF", "save it"),
        (b"MM\0*\0\0", "TIFF", "save it"),
    ],
)
def test_other_formats_are_refused_by_name_with_what_to_do(content, name, advice):
    with pytest.raises(PictureError, match="PNG, JPEG or WebP") as refusal:
        open_picture(content)
    assert name in str(refusal.value)
    assert advice in str(refusal.value)
