"""A visitor's kept digits for tests: the strokes that the browser tests draw, as pictures."""

from pathlib import Path

import cv2
import numpy as np

from core.data.own_digits import save_digit
from core.drawing.strokes import SIDE
from support.drawing import DIGITS

PEN = 18  # pixels wide, as Draw's canvas draws


def keep_drawn_digits(artifacts: Path, variants: int = 4) -> list[int]:
    """Saves each digit of DIGITS in so many slants and sizes, and returns the labels."""
    labels = [digit for digit in DIGITS for _ in range(variants)]
    for number, digit in enumerate(labels):
        save_digit(artifacts, drawn_digit(digit, number % variants), digit)
    return labels


def drawn_digit(digit: int, variant: int) -> np.ndarray:
    """Black on white (SIDE, SIDE) uint8; another slant and size for each variant."""
    slant, size = 0.12 * (variant - 1), 1 - 0.1 * variant
    canvas = np.full((SIDE, SIDE), 255, np.uint8)
    for stroke in DIGITS[digit]:
        points = np.array(stroke) - SIDE / 2
        points = size * np.stack([points[:, 0] - slant * points[:, 1], points[:, 1]], axis=1) + SIDE / 2
        cv2.polylines(canvas, [points.round().astype(np.int32)], False, 0, PEN, cv2.LINE_AA)
    return canvas
