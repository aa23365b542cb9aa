"""Small random changes of the training images: turned, leant, stretched, warped, thicker or thinner."""

from dataclasses import dataclass

import cv2
import numpy as np

BLOCK = 16  # a block of 16 × 16 images is altered at a time; its arrays stay in the processor's cache
MARGIN = 6  # black pixels around every image, so that no warp can reach into a neighbour
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


@dataclass(frozen=True)
class Strength:
    """How far an image may change; every value is drawn evenly between its negative and itself.

    Chosen by accuracy on drawings that no model has seen (`tests/benchmarks/drawing.py`).
    """

    rotation: float = 4.0  # degrees
    shear: float = 0.25  # a lean to either side: pixels across for each pixel up
    scale: float = 0.06  # natural logarithm of the size
    aspect: float = 0.06  # natural logarithm of width over height, halved
    shift: float = 0.5  # pixels
    warp: float = 17.0  # Simard et al. 2003: factor of the smoothed noise (their alpha) …
    smoothness: float = 4.0  # … and its smoothing in pixels (their sigma)
    thicker: float = 0.5  # fraction of one pixel added on each side of a stroke
    thinner: float = 0.2  # likewise taken away


def augment(images: np.ndarray, rng: np.random.Generator, strength: Strength | None = None) -> np.ndarray:
    """The images, each changed at random in a way that leaves its meaning.

    Rotation, shear, scale, shift and elastic warp (Simard, Steinkraus and Platt 2003) happen in one
    bilinear resampling; then strokes grow or shrink. The same generator gives the same result.

    Args:
        images: (N, height, width) uint8, ink on black.
        rng: decides everything.
        strength: how far; None is the strength that was measured.

    Returns:
        (N, height, width) uint8 in the same order.
    """
    strength = strength or Strength()
    matrices = _matrices(len(images), rng, strength)
    growth = rng.uniform(-strength.thinner, strength.thicker, len(images)).astype(np.float32)
    altered = np.empty_like(images)
    field = _warp_field(images.shape[1:], rng, strength)
    for start in range(0, len(images), BLOCK**2):
        part = slice(start, start + BLOCK**2)
        warped = _warp(images[part], matrices[part], _window(field, images.shape[1:], rng))
        altered[part] = _grow(warped, growth[part])
    return altered


def _matrices(count: int, rng: np.random.Generator, strength: Strength) -> np.ndarray:
    """Affine maps from a place in the new image to its source, both from the centre: (N, 2, 3)."""

    def draw(limit: float) -> np.ndarray:
        return rng.uniform(-limit, limit, count)

    angle, lean = np.deg2rad(draw(strength.rotation)), draw(strength.shear)
    size, aspect = draw(strength.scale), draw(strength.aspect)
    cos, sin, width, height = np.cos(angle), np.sin(angle), np.exp(size + aspect), np.exp(size - aspect)
    rows = [
        [cos * width, (cos * lean - sin) * height, draw(strength.shift)],
        [sin * width, (sin * lean + cos) * height, draw(strength.shift)],
    ]
    return np.array(rows, np.float32).transpose(2, 0, 1)


def _warp_field(shape: tuple[int, int], rng: np.random.Generator, strength: Strength) -> np.ndarray:
    """Smooth displacements in x and y, a block and half as large: (2, height, width) float32.

    The noise is drawn and smoothed at half the resolution: a quarter of the work, the same field.
    """
    size = [3 * BLOCK * (edge + 2) // 4 for edge in shape]
    noise = 2 * rng.random((2, *size), np.float32) - 1
    smooth = [cv2.GaussianBlur(plane, (0, 0), strength.smoothness / 2) for plane in noise]
    factor = strength.warp / 2  # noise of half the resolution counts fourfold in area, twice in spread
    return np.stack([factor * cv2.resize(plane, None, fx=2, fy=2) for plane in smooth])


def _window(field: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A block's displacements: the field cut at a random place, so that no block repeats another."""
    height, width = [BLOCK * (edge + 2) for edge in shape]
    top, left = rng.integers(0, [field.shape[1] - height, field.shape[2] - width], endpoint=True)
    return field[:, top : top + height, left : left + width]


def _warp(images: np.ndarray, matrices: np.ndarray, field: np.ndarray) -> np.ndarray:
    """One block's images resampled, each with one more pixel on every side.

    Args:
        images: (N, height, width) uint8, N ≤ BLOCK².
        matrices: (N, 2, 3), from the new image to the old one.
        field: (2, BLOCK × (height + 2), BLOCK × (width + 2)), added to where the matrices point.

    Returns:
        (BLOCK, height + 2, BLOCK, width + 2) uint8: row of the block, y, column of the block, x.
    """
    count, height, width = images.shape
    tiles = np.zeros((BLOCK, height + 2 * MARGIN, BLOCK, width + 2 * MARGIN), np.uint8)
    row, column = np.divmod(np.arange(count), BLOCK)
    tiles[row, MARGIN:-MARGIN, column, MARGIN:-MARGIN] = images
    affine = np.zeros((BLOCK, BLOCK, 2, 3), np.float32)
    affine.reshape(-1, 2, 3)[:count] = matrices
    blocks = np.arange(BLOCK, dtype=np.float32)
    affine[..., 0, 2] += blocks * tiles.shape[3] + MARGIN + (width - 1) / 2  # centres of the tiles
    affine[..., 1, 2] += blocks[:, None] * tiles.shape[1] + MARGIN + (height - 1) / 2
    x = np.arange(width + 2, dtype=np.float32) - (width + 1) / 2
    y = np.arange(height + 2, dtype=np.float32) - (height + 1) / 2
    across = affine[..., :1] * x + affine[..., 2:]  # (BLOCK, BLOCK, 2, width + 2)
    down = affine[..., 1:2] * y
    source_x, source_y = (
        (down[:, :, axis].transpose(0, 2, 1)[..., None] + across[:, None, :, axis]).reshape(field[axis].shape)
        + field[axis]
        for axis in (0, 1)
    )
    warped = cv2.remap(tiles.reshape(BLOCK * tiles.shape[1], -1), source_x, source_y, cv2.INTER_LINEAR)
    return warped.reshape(BLOCK, height + 2, BLOCK, width + 2)


def _grow(tiles: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """Strokes thicker (growth > 0) or thinner, by a fraction of a pixel on each side.

    A mix of the image and its dilation or erosion.

    Args:
        tiles: as `_warp` returns them.
        growth: (N,) between -1 and 1.

    Returns:
        (N, height, width) uint8, without the additional pixels.
    """
    rows, height, columns, width = tiles.shape
    mosaic = tiles.reshape(rows * height, -1)
    weight = np.zeros(rows * columns, np.float32)
    weight[: len(growth)] = growth
    weight = weight.reshape(rows, 1, columns, 1)
    extreme = [change(mosaic, CROSS).reshape(tiles.shape) for change in (cv2.dilate, cv2.erode)]
    target = np.where(weight > 0, *extreme)
    step = (target.astype(np.int16) - tiles) * np.abs(128 * weight).astype(np.int16) >> 7
    grown = (tiles + step)[:, 1:-1, :, 1:-1].astype(np.uint8)
    return grown.transpose(0, 2, 1, 3).reshape(rows * columns, height - 2, width - 2)[: len(growth)]
