"""Strokes and pens for tests and benchmarks: drawn as on a photo of paper, and print.

Reading strokes and drawing them on a canvas is `core.data.pen` and `core.data.pen_rendering`.
"""

import cv2
import numpy as np

from core.data.pen_rendering import CANVAS


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
