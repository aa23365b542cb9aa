"""Files as visitors bring them: tables, arrays and pictures of two or more classes."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

HEADER = "label," + ",".join(f"pixel{number}" for number in range(784))


def shapes(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Bars that stand (class 0) and lie (class 1): images (count, 28, 28) and labels (count,), uint8."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.uint8)
    images = np.zeros((count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        place, ink = rng.integers(5, 20), rng.integers(120, 256)
        part = np.s_[4:24, place : place + 3] if label == 0 else np.s_[place : place + 3, 4:24]
        image[part] = ink
        image[tuple(rng.integers(0, 28, 2))] = rng.integers(1, 100)
    return images, labels


def lines_of(images: np.ndarray, labels: list, delimiter: str = ",") -> list[str]:
    """One line an image, its label first."""
    return [
        delimiter.join([str(label), *map(str, image.ravel().tolist())])
        for image, label in zip(images, labels, strict=True)
    ]


def table(path: Path, lines: list[str], end: str = "\n", encoding: str = "utf-8") -> Path:
    """A CSV file of these lines."""
    path.write_bytes("".join(f"{line}{end}" for line in lines).encode(encoding))
    return path


def idx(path: Path, array: np.ndarray, packed: bool = False) -> Path:
    """An IDX file as MNIST has them."""
    content = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


def picture(letter: str, size: tuple[int, int] = (60, 80), mode: str = "RGB") -> bytes:
    """A PNG with a cross or a ring, dark on light."""
    drawn = Image.new(mode, size, "white")
    pen = ImageDraw.Draw(drawn)
    box = (size[0] // 4, size[1] // 4, 3 * size[0] // 4, 3 * size[1] // 4)
    if letter == "x":
        pen.line(box, fill="black", width=6)
        pen.line((box[0], box[3], box[2], box[1]), fill="black", width=6)
    else:
        pen.ellipse(box, outline="black", width=6)
    return as_png(drawn)


def as_png(picture: Image.Image | np.ndarray) -> bytes:
    """A picture's file."""
    content = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(content, "PNG")
    return content.getvalue()


def pictures(classes: str = "xo", each: int = 4) -> dict[str, bytes]:
    """Paths and contents of pictures, each of another size, one folder per class."""
    return {
        f"{letter}/{number}.png": picture(letter, (60 + 5 * number, 80))
        for letter in classes
        for number in range(each)
    }


def packed(path: Path, files: dict[str, bytes]) -> Path:
    """A ZIP of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
