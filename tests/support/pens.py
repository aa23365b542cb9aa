"""Strokes and pens: handwriting from files of strokes, drawn as on the canvas or as on a photo of paper.

Strokes are lists of arrays (points, 2) of floats, x to the right and y downwards, of any size.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

CANVAS = 320  # pixels, as on the Draw page
BRUSHES = (4, 40)  # pixels, as on the Draw page
THICKEST = 0.22  # of a drawing's longer side: a thicker brush leaves a blob
SHIFT = 4  # binary places of the points that OpenCV draws

Strokes = list[np.ndarray]


@dataclass(frozen=True, eq=False)
class Written:
    """One character as somebody wrote it."""

    label: str
    writer: str  # laboratory/number, such as "syn/12"; UCI's laboratory is called "pen-digits"
    strokes: Strokes


def read_strokes(path: Path) -> list[Written]:
    """All characters of a file, UCI's pen digits or a part of UNIPEN (see the data folder's README)."""
    found: list[Written] = []
    label, writer, next_writer = "", "", ""  # UNIPEN names the writer before a segment, UCI inside
    strokes: Strokes = []
    stroke: list[tuple[float, float]] = []
    for line in [*path.read_text(encoding="latin-1").splitlines(), ".SEGMENT"]:
        match line.split():
            case [".COMMENT", "writer", number, "donor", donor]:
                next_writer = f"{donor}/{number}"
            case [".COMMENT", _, number, _]:
                writer = f"pen-digits/{number}"
            case [".SEGMENT", *rest]:
                if strokes:
                    found.append(Written(label, writer, strokes))
                label, writer, strokes = (rest[-1].strip('"') if rest else ""), next_writer, []
            case [".PEN_DOWN"]:
                stroke = []
            case [".PEN_UP"] if stroke:
                strokes.append(np.array(stroke) * (1, -1))
            case [x, y] if not x.startswith("."):
                stroke.append((float(x), float(y)))
    return found


# ── pens ────────────────────────────────────────────────────────────────────────────


def bent(strokes: Strokes, rng: np.random.Generator, turn: float = 15) -> Strokes:
    """The same as another hand would write it: turned, leaning, stretched, a little warped.

    Args:
        strokes: of any size.
        rng: decides how.
        turn: most degrees to either side.
    """
    points = np.concatenate(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    size = max(np.ptp(points, axis=0).max(), 1e-6)
    angle, lean = np.deg2rad(rng.uniform(-turn, turn)), rng.uniform(-0.25, 0.25)
    stretch = np.exp(rng.uniform(-0.15, 0.15))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turned @ np.array([[stretch, lean], [0, 1 / stretch]])
    waves = rng.normal(0, 1, (3, 2)), rng.uniform(0, 2 * np.pi, 3), rng.normal(0, 0.022, (3, 2))

    def change(stroke: np.ndarray) -> np.ndarray:
        unit = (stroke - middle) / size
        phase = 4 * unit @ waves[0].T + waves[1]
        return (unit + np.sin(phase) @ waves[2]) @ matrix.T

    return [change(stroke) for stroke in strokes]


def with_habit(strokes: Strokes, digit: str, rng: np.random.Generator) -> Strokes:
    """A zero with a slash or a dot, a one with a foot or an upstroke, a seven with a bar."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    height = extent[1]

    def line(*places: tuple[float, float]) -> np.ndarray:
        """Places as fractions of the box, a little off."""
        return low + (np.array(places) + rng.normal(0, 0.04, (len(places), 2))) * extent

    match digit, rng.random():
        case "0", chance if chance < 0.9:
            over = rng.uniform(-0.25, 0.2)
            lean = (-over, 1 + over) if chance < 0.75 else (1 + over, -over)
            return [*strokes, line((lean[0], 1 + over), (lean[1], -over))]
        case "0", _:
            return [*strokes, line((0.45, 0.45), (0.55, 0.5), (0.5, 0.55))]
        case "1", chance if chance < 0.5:
            wide = rng.uniform(0.15, 0.4) * height
            return [*strokes, points[points[:, 1].argmax()] + np.array([(-wide, 0), (wide, 0)])]
        case "1", _:
            top = points[points[:, 1].argmin()]
            return [np.array([top + rng.uniform((-0.5, 0.1), (-0.15, 0.5)) * height, top]), *strokes]
        case _:
            middle = line((rng.uniform(0.1, 0.4), 0.5), (rng.uniform(0.8, 1.1), 0.5))
            return [*strokes, middle]


def draw(strokes: Strokes, rng: np.random.Generator, filled: bool = False) -> np.ndarray:
    """White on black as on the canvas: a round brush, a size and a place, all at random.

    Args:
        strokes: of any size.
        rng: decides brush, size and place.
        filled: whether the strokes are outlines whose inside is ink too.

    Returns:
        (320, 320) uint8.
    """
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    size = CANVAS * rng.uniform(0.3, 0.85)
    largest = max(BRUSHES[0], min(BRUSHES[1], THICKEST * size))
    brush = round(np.exp(rng.uniform(np.log(BRUSHES[0]), np.log(largest))))
    scale = size / max(extent.max(), 1e-6)
    room = np.maximum(CANVAS - brush - extent * scale, 0)
    corner = brush / 2 + rng.uniform(0, 1, 2) * room
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    paths = [np.rint(((stroke - low) * scale + corner) * 2**SHIFT).astype(np.int32) for stroke in strokes]
    if filled:
        cv2.fillPoly(canvas, paths, 255, cv2.LINE_AA, SHIFT)
        brush = min(brush, 6)
    for path in paths:
        path = np.repeat(path, 2, axis=0) if len(path) == 1 else path
        cv2.polylines(canvas, [path], False, 255, brush, cv2.LINE_AA, SHIFT)
    return canvas


def photographed(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The drawing as ink on paper on a photo: uneven light, blur, noise, sometimes JPEG's traces."""
    small = cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    side = len(small)
    ink = small.astype(np.float32) / 255

    def noise(spread: float) -> np.ndarray:
        return spread * rng.standard_normal(ink.shape, np.float32)

    if rng.random() < 0.5:  # pencil and ballpoint leave paper between
        ink *= np.clip(np.float32(rng.uniform(0.75, 1.3)) + noise(0.2), 0, 1)
    paper, dark = rng.uniform(140, 250), rng.uniform(0.05, 0.6)
    across = np.linspace(-1, 1, side, dtype=np.float32)
    light = 1 + rng.uniform(-0.2, 0.2) * across + rng.uniform(-0.2, 0.2) * across[:, np.newaxis]
    photo = paper * light * (1 - (1 - dark) * ink)
    photo = cv2.GaussianBlur(photo, (0, 0), np.exp(rng.uniform(np.log(0.4), np.log(side / 80))))
    photo += noise(rng.uniform(1, 8))
    photo = photo.clip(0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))]
        photo = cv2.imdecode(cv2.imencode(".jpg", photo, quality)[1], cv2.IMREAD_GRAYSCALE)
    return photo


# ── print ───────────────────────────────────────────────────────────────────────────

PRINT = (*range(8), "sans", "italic", "uni")  # OpenCV's fonts: Hershey's, and those it brings along


def printed(character: str, rng: np.random.Generator) -> np.ndarray:
    """A printed character, white on black (320, 320) uint8, in one of OpenCV's fonts at random."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    font = PRINT[rng.integers(len(PRINT))]
    if isinstance(font, int):
        thick = int(rng.integers(4, 34))
        cv2.putText(canvas, character, (80, 250), font, 7, 255, thick, cv2.LINE_AA)
    else:
        weight = int(rng.integers(250, 800))
        cv2.putText(canvas, character, (70, 250), 255, cv2.FontFace(font), 240, weight)
    angle = rng.uniform(-12, 12)
    turn = cv2.getRotationMatrix2D((CANVAS / 2, CANVAS / 2), angle, rng.uniform(0.5, 1))
    return cv2.warpAffine(canvas, turn, (CANVAS, CANVAS), flags=cv2.INTER_AREA)
