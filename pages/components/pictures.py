"""Small pictures as HTML: those of Streamlit have no alternative text, and stay on the server."""

import base64
import io

import numpy as np


def as_png(pixels: np.ndarray, side: int) -> bytes:
    """The picture as a PNG, reduced to this many pixels where it is larger."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture = picture if picture.mode in ("L", "LA", "RGB", "RGBA") else picture.convert("RGBA")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=1)
    return png.getvalue()


def as_address(picture: bytes, kind: str = "png") -> str:
    """A file's content as an address in the page: a picture of its own would stay on the server."""
    return f"data:image/{kind};base64," + base64.b64encode(picture).decode()
