"""Pictures from outside, opened with care: a file may be huge, damaged or no picture at all.

Decoding may take far more memory than the file: what it would cost is worked out from the file's head, and
costly pictures are decoded one at a time.
"""

import io
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from core.drawing.formats import FORMATS, name_format
from core.drawing.pixels import FULL

LARGEST_FILE = 10 * 2**20  # bytes; what the browser may upload, too
MOST_PIXELS = 50_000_000  # a large phone photo; a bomb of a few kilobytes unpacks to far more
MOST_MEMORY = 150_000_000  # bytes that decoding may take; copies and ten visitors' pictures come on top
CHEAP = 16_000_000  # bytes; decoding that takes no more waits for no other
WORKING_SIDE = 1600  # pixels; a digit on a photo is large enough in that
STRIP = 1_000_000  # pixels that are converted and reduced at once

ORIENTATION = 0x0112  # EXIF: how the camera was held
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What has too many pixels is refused below, in a sentence.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
# One thread: what an allocator keeps for later, it keeps once and not for every visitor.
_decoder = ThreadPoolExecutor(1, "decode")


class PictureError(ValueError):
    """A file that cannot be used as a picture; the message says why."""


def open_picture(source: bytes | Path) -> Image.Image:
    """Reads a PNG, JPEG or WebP picture, turned as the camera meant it.

    Args:
        source: the file's content, or where it is.

    Returns:
        A picture of mode L, LA, RGB or RGBA whose longer side is at most 1,600 pixels; its own size before
        that is told by `original_size`.

    Raises:
        PictureError: too large, damaged, or not one of these formats.
    """
    content = source if isinstance(source, bytes) else _read(source)
    if len(content) > LARGEST_FILE:
        raise PictureError(_too_large(len(content)))
    try:
        with Image.open(io.BytesIO(content), formats=list(FORMATS)) as picture:
            return _opened(picture, content)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(name_format(content)) from None
    except Image.DecompressionBombError:
        raise PictureError(f"the picture has far more than {MOST_PIXELS // 10**6} million pixels") from None
    except Exception as error:  # whatever a decoder trips over means that the file is damaged
        raise PictureError(f"the picture is damaged ({str(error).strip() or type(error).__name__})") from None


def original_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height, upright, of the picture as it was before `open_picture` reduced it."""
    return picture.info.get("original_size", picture.size)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise PictureError(_too_large(path.stat().st_size))
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"the file cannot be read: {error.strerror or error}") from error


def _too_large(size: int) -> str:
    return f"the file has {size / 2**20:.1f} MB; at most {LARGEST_FILE // 2**20} MB are read"


def _opened(picture: Image.Image, content: bytes) -> Image.Image:
    """The picture upright and of working size, if decoding it does not cost too much."""
    size = picture.size
    if size[0] * size[1] > MOST_PIXELS:
        raise PictureError(
            f"the picture has {size[0]:,} × {size[1]:,} pixels; "
            f"at most {MOST_PIXELS // 10**6} million are read"
        )
    picture.draft(None, (WORKING_SIDE, WORKING_SIDE))  # JPEG: decode no more than needed
    cost = _memory(picture, size)
    if cost > MOST_MEMORY:
        raise PictureError(
            f"unpacking its {size[0]:,} × {size[1]:,} pixels would take {cost / 1e6:,.0f} MB of memory; "
            f"at most {MOST_MEMORY // 10**6} MB are given. Save it smaller, or as a plain JPEG"
        )
    orientation = picture.getexif().get(ORIENTATION)
    if cost > CHEAP:
        small = _decoder.submit(_decoded, picture, content).result()
    else:
        small = _decoded(picture, content)
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
    turned = orientation in (5, 6, 7, 8)
    small.info["original_size"] = size[::-1] if turned else size
    return small


def _decoded(picture: Image.Image, content: bytes) -> Image.Image:
    """The picture as it lies in the file, of working size."""
    return _reduced(_strips(picture, content), picture.size)


# ── what decoding costs ─────────────────────────────────────────────────────────────


def _memory(picture: Image.Image, size: tuple[int, int]) -> int:
    """Bytes that decoding takes at its peak, from measurements of Pillow, libjpeg and libwebp."""
    if picture.format == "WEBP":  # a moving one: several canvases and copies of each frame
        return size[0] * size[1] * (26 if _moves(picture) else 8)
    stored = 1 if picture.mode in ("1", "L", "P") else 2 if picture.mode.startswith("I;16") else 4
    cost = picture.width * picture.height * stored
    if picture.format == "JPEG" and picture.info.get("progressive"):
        # A progressive JPEG's coefficients, two bytes each, are held for all of it, whatever is drafted.
        layers = [(across, down) for _, across, down, _ in getattr(picture, "layer", [])]
        most = max((across * down for across, down in layers), default=1)
        cost += 2 * size[0] * size[1] * sum(across * down for across, down in layers) // most
    return cost


def _moves(picture: Image.Image) -> bool:
    return bool(getattr(picture, "is_animated", False))


# ── in strips ───────────────────────────────────────────────────────────────────────


def _strips(picture: Image.Image, content: bytes) -> Iterator[Image.Image]:
    """The picture from top to bottom in parts of mode L, LA, RGB or RGBA, as high as `_rows` says."""
    if picture.format == "WEBP" and not _moves(picture):
        yield from _webp_strips(picture.size, content)
        return
    picture.load()
    full = _brightest(picture)
    rows = _rows(picture.size)
    for top in range(0, picture.height, rows):
        part = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        if "transparency" in picture.info:
            part.info["transparency"] = picture.info["transparency"]
        yield _plain(part, full)


def _brightest(picture: Image.Image) -> float | None:
    """What counts as white among numbers of more than eight bits; None where eight are enough."""
    if not picture.mode.startswith("I") and picture.mode != "F":
        return None
    most = float(np.max(picture.getextrema()))
    return next((float(top) for top in FULL if most <= top), most)


def _webp_strips(size: tuple[int, int], content: bytes) -> Iterator[Image.Image]:
    """The same by OpenCV, which takes a third of Pillow's memory."""
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[:2] != size[::-1]:
        raise PictureError("the picture is damaged (it cannot be unpacked)")
    code = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    rows = _rows(size)
    for top in range(0, size[1], rows):
        yield Image.fromarray(cv2.cvtColor(pixels[top : top + rows], code))


def _plain(part: Image.Image, full: float | None) -> Image.Image:
    """Eight bits a channel; wider numbers are scaled from 0 to `full`."""
    if full is not None:
        values = np.asarray(part).astype(np.float32) * (255 / full)
        return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    if part.mode in ("L", "LA", "RGB", "RGBA") and "transparency" not in part.info:
        return part
    transparent = "transparency" in part.info or part.mode in ("PA", "La", "RGBa")
    return part.convert("RGBA" if transparent else "L" if part.mode == "1" else "RGB")


def _factor(size: tuple[int, int]) -> int:
    return max(1, max(size) // WORKING_SIDE)


def _rows(size: tuple[int, int]) -> int:
    """Rows of a strip, a multiple of the factor by which it is reduced."""
    factor = _factor(size)
    return factor * max(1, STRIP // (size[0] * factor))


def _reduced(strips: Iterator[Image.Image], size: tuple[int, int]) -> Image.Image:
    """The strips, each made smaller, as one picture no longer than `WORKING_SIDE`."""
    factor = _factor(size)
    reduced = (strip.reduce(factor) if factor > 1 else strip for strip in strips)
    whole, top = None, 0
    for part in reduced:
        if whole is None:
            whole = Image.new(part.mode, (part.width, -(-size[1] // factor)))
        whole.paste(part, (0, top))
        top += part.height
    assert whole is not None  # a picture has a row
    whole.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    return whole
