"""Digits of several sources as ink, and what they are written with and on."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

PENS = {  # width in digit heights, low and high
    "ballpoint": (0.022, 0.04),
    "pencil": (0.025, 0.05),
    "felt": (0.05, 0.08),
    "marker": (0.08, 0.14),
    "chalk": (0.06, 0.11),
}
PAPERS = {
    "white": (250, 250, 250),
    "cream": (250, 240, 215),
    "yellow": (245, 225, 110),
    "pink": (240, 190, 200),
    "green": (185, 225, 185),
    "blue": (180, 205, 235),
    "grey": (190, 190, 188),
    "cardboard": (185, 150, 110),
}
INKS = {"black": (25, 25, 28), "blue": (35, 50, 130), "red": (190, 35, 40), "green": (20, 100, 50)}


# ── digits ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit of some source: strokes of points (x, y), y downwards, or a picture of it."""

    label: int
    source: str
    strokes: tuple[np.ndarray, ...] = ()
    image: np.ndarray | None = None


def typed_digit(label: int, font: int, source: str = "typed") -> Digit:
    """OpenCV's own fonts (0 to 7), or Pillow's (8)."""
    if font == 8:
        picture = Image.new("L", (300, 400))
        ImageDraw.Draw(picture).text((60, 20), str(label), 255, ImageFont.load_default(300))
        return Digit(label, source, image=np.asarray(picture))
    image = np.zeros((600, 600), np.uint8)
    cv2.putText(image, str(label), (150, 450), font, 9, 255, 22)
    return Digit(label, source, image=image)


def ink_of(
    digit: Digit, shape: tuple[int, int], share: float, pen: str, rng: np.random.Generator
) -> np.ndarray:
    """The ink of a digit, `share` of the picture's shorter side long, somewhere around the middle."""
    height, width = shape
    size = share * min(shape)
    low, high = PENS[pen]
    if digit.image is not None:
        drawn = _enlarged(digit.image, size)
    else:
        drawn = _drawn(digit.strokes, size, max(1.0, rng.uniform(low, high) * size))
    room = np.array([height - drawn.shape[0], width - drawn.shape[1]])
    top, left = np.rint(room * rng.uniform(0.35, 0.65, 2)).astype(int)
    ink = np.zeros(shape, np.float32)
    ink[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return ink


def _enlarged(image: np.ndarray, size: float) -> np.ndarray:
    left, top, width, height = cv2.boundingRect((image > 40).astype(np.uint8))
    part = image[top : top + height, left : left + width].astype(np.float32) / 255
    scale = size / max(part.shape)
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    large = cv2.resize(part, shape, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    if scale > 3:  # MNIST's pixels become a pen's smooth edge
        large = np.clip((cv2.GaussianBlur(large, (0, 0), scale / 2) - 0.5) * 3 + 0.5, 0, 1)
    return np.clip(large, 0, 1)


def _drawn(strokes: tuple[np.ndarray, ...], size: float, pen: float) -> np.ndarray:
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = max(size - pen, 4) / max(extent.max(), 1)
    shape = np.ceil(extent * scale + pen + 2).astype(int)
    fine = 4
    canvas = np.zeros((shape[1] * fine, shape[0] * fine), np.uint8)
    for stroke in strokes:
        path = np.rint(fine * ((stroke - low) * scale + pen / 2 + 1)).astype(np.int32)
        path = np.repeat(path, 2, axis=0) if len(path) == 1 else path
        cv2.polylines(canvas, [path], False, 255, max(1, round(fine * pen)), cv2.LINE_8)
    return cv2.resize(canvas, tuple(shape), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


# ── materials ───────────────────────────────────────────────────────────────────────


def box_of(ink: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, width, height of the ink."""
    left, top, width, height = cv2.boundingRect((ink > 0.2).astype(np.uint8))
    return left, top, width, height


def on_paper(ink, paper=PAPERS["white"], pen=INKS["black"], light=None, noise=0.0, rng=None) -> np.ndarray:
    """Ink of a colour on paper of a colour, lit by `light` (height, width), as a camera sees it."""
    ink = ink[..., np.newaxis]
    picture = np.array(paper, np.float32) * (1 - ink) + np.array(pen, np.float32) * ink
    if light is not None:
        picture = picture * light[..., np.newaxis]
    if noise:
        picture = picture + rng.normal(0, noise, picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def grey_on_white(ink: np.ndarray, dark: float = 0.0) -> np.ndarray:
    return np.rint(255 - (255 - dark) * ink).astype(np.uint8)


def some_pen(rng: np.random.Generator) -> tuple[int, int, int]:
    return INKS[("black", "blue", "black", "red", "blue", "green")[rng.integers(6)]]


def coordinates(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return y / shape[0], x / shape[1]


def slope(shape: tuple[int, ...], darkest: float, rng: np.random.Generator) -> np.ndarray:
    """Light falling off in some direction."""
    y, x = coordinates(shape)
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    along = (along - along.min()) / np.ptp(along)
    return 1 - (1 - darkest) * along


def soft_noise(shape: tuple[int, ...], size: float, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise of standard deviation 1."""
    small = rng.normal(size=(max(2, round(shape[0] / size)), max(2, round(shape[1] / size)))).astype(
        np.float32
    )
    large = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return (large - large.mean()) / (large.std() + 1e-6)


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def turned(ink: np.ndarray, degrees: float) -> np.ndarray:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR)
