"""Pictures from outside, opened with care: a file may be huge, damaged or no picture at all."""

import io
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = {"PNG": ".png", "JPEG": ".jpg .jpeg", "WEBP": ".webp"}
SUFFIXES = tuple(" ".join(FORMATS.values()).split())
LARGEST_FILE = 10 * 2**20  # bytes; what the browser may upload, too
MOST_PIXELS = 50_000_000  # a large phone photo; a bomb of a few kilobytes unpacks to far more
WORKING_SIDE = 1600  # pixels; a digit on a photo is large enough in that


class PictureError(ValueError):
    """A file that cannot be used as a picture; the message says why."""


def open_picture(source: bytes | Path) -> Image.Image:
    """Reads a PNG, JPEG or WebP picture, turned as the camera meant it.

    Args:
        source: the file's content, or where it is.

    Returns:
        A picture of mode L, LA, RGB or RGBA whose longer side is at most 1,600 pixels.

    Raises:
        PictureError: too large, damaged, or not one of these formats.
    """
    content = source if isinstance(source, bytes) else _read(source)
    if len(content) > LARGEST_FILE:
        raise PictureError(
            f"the file has {len(content) / 2**20:.1f} MB; at most {LARGEST_FILE // 2**20} MB are read"
        )
    try:
        with Image.open(io.BytesIO(content), formats=list(FORMATS)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureError(
                    f"the picture has {picture.width:,} × {picture.height:,} pixels; "
                    f"at most {MOST_PIXELS // 10**6} million are read"
                )
            picture.draft(None, (WORKING_SIDE, WORKING_SIDE))  # JPEG: decode no more than needed
            turned = ImageOps.exif_transpose(picture)
            return _working_copy(turned)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError("this is not a PNG, JPEG or WebP picture") from None
    except Image.DecompressionBombError:
        raise PictureError(f"the picture has far more than {MOST_PIXELS // 10**6} million pixels") from None
    except Exception as error:  # whatever a decoder trips over means that the file is damaged
        raise PictureError(f"the picture is damaged ({str(error).strip() or type(error).__name__})") from None


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise PictureError(
                f"the file has {path.stat().st_size / 2**20:.1f} MB; "
                f"at most {LARGEST_FILE // 2**20} MB are read"
            )
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"the file cannot be read: {error.strerror or error}") from None


def _working_copy(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode in "IF":
        picture = picture.point(lambda value: value / 257).convert("L")  # 16 bits a pixel → 8
    elif picture.mode not in ("L", "LA", "RGB", "RGBA"):
        transparent = "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa")
        picture = picture.convert("RGBA" if transparent else "RGB")
    picture.load()
    copy = picture.copy()
    copy.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    return copy
