"""The 1,797 handwritten digits inside scikit-learn, brought from 8 × 8 to 28 × 28."""

import gzip
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.batches import stratified_order
from core.drawing.placement import MIDDLE, start_of_ink

SIZE = 28  # pixels of an enlarged digit
BOX = 20  # its longer side
TEST_SIZE = 300


def read_digits(path: Path, split_seed: int) -> list[np.ndarray]:
    """The digits inside scikit-learn: training images and labels, test images and labels.

    Args:
        path: scikit-learn's `digits.csv.gz`.
        split_seed: decides which of them are the test set.

    Returns:
        Images (N, 28, 28) uint8, labels (N,) uint8, for 1,497 and 300 digits.
    """
    with gzip.open(path, "rt") as stream:
        table = np.loadtxt(stream, delimiter=",", dtype=np.uint8)
    labels = table[:, 64]
    images = np.stack([enlarge(small) for small in table[:, :64].reshape(-1, 8, 8)])
    order = stratified_order(labels, split_seed)
    train, test = order[:-TEST_SIZE], order[-TEST_SIZE:]
    return [images[train], labels[train], images[test], labels[test]]


def enlarge(small: np.ndarray) -> np.ndarray:
    """An 8 × 8 digit with ink from 0 to 16 as MNIST was made, (28, 28) uint8.

    The ink's box is scaled, with its proportions kept, into 20 × 20 pixels with anti-aliasing, then
    moved so that the centre of mass lies in the middle of 28 × 28 (LeCun, Cortes and Burges).

    Args:
        small: (8, 8) uint8 with some ink.
    """
    rows, columns = np.flatnonzero(small.any(1)), np.flatnonzero(small.any(0))
    ink = small[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] * (255 / 16)
    height, width = (max(1, round(BOX * side / max(ink.shape))) for side in ink.shape)
    drawn = Image.fromarray(ink.astype(np.uint8)).resize((width, height), Image.Resampling.LANCZOS)
    pixels = np.asarray(drawn)
    top = start_of_ink(pixels.sum(1, dtype=float), MIDDLE, SIZE)
    left = start_of_ink(pixels.sum(0, dtype=float), MIDDLE, SIZE)
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    canvas[top : top + height, left : left + width] = pixels
    return canvas
