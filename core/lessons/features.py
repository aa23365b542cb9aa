"""Convolution, ReLU and pooling of one digit, computed by the layers of NumPy's exhibit."""

import numpy as np

from core.data.batches import normalise
from core.frameworks.numpy_scratch import ConvLayer, PoolLayer, ReluLayer, pad

SIZE = 3  # rows and columns of a kernel
# Sobel and Feldman (1968): brightness from left to right, smoothed from top to bottom; over 4, so that a
# full edge gives 1.
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32) / 4
BLUR = np.full((SIZE, SIZE), 1 / 9, np.float32)
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)


def edge_kernel(degrees: float) -> np.ndarray:
    """A kernel (3, 3) for brightness that grows in this direction: 0 to the right, 90 upwards."""
    angle = np.deg2rad(degrees)
    kernel = np.cos(angle) * SOBEL + np.sin(angle) * SOBEL.T[::-1]
    return (kernel.round(6) + 0.0).astype(np.float32)  # cos 90° is not quite 0 in floating point


def feature_map(digit: np.ndarray, kernel: np.ndarray, bias: float = 0.0) -> np.ndarray:
    """The convolution of a digit (28, 28) uint8 with a kernel (k, k), plus the bias: (28, 28) float32."""
    layer = ConvLayer(kernel[..., None, None], np.array([bias], np.float32), "same")
    return layer.forward(normalise(digit[None]), training=False)[0, ..., 0]


def patch(digit: np.ndarray, row: int, column: int) -> np.ndarray:
    """The 3 × 3 pixels around a place, 0 to 1; beyond the edge they are 0: (3, 3) float32."""
    framed = pad(normalise(digit[None]), (1, 1))[0, ..., 0]
    return framed[row : row + SIZE, column : column + SIZE]


def rectified(numbers: np.ndarray) -> np.ndarray:
    """ReLU of a feature map, the same shape."""
    return ReluLayer().forward(numbers, training=False)


def pooled(numbers: np.ndarray, size: int) -> np.ndarray:
    """Max pooling of a feature map (H, W) with size × size windows: (H // size, W // size)."""
    return PoolLayer(size).forward(numbers[None, ..., None], training=False)[0, ..., 0]


def moved(digit: np.ndarray, right: int) -> np.ndarray:
    """The digit so many pixels further right (negative: left); what leaves the picture is gone."""
    result = np.zeros_like(digit)
    width = digit.shape[1]
    result[:, max(right, 0) : width + min(right, 0)] = digit[:, max(-right, 0) : width - max(right, 0)]
    return result


def changed(before: np.ndarray, after: np.ndarray) -> float:
    """How different two maps are: the sum of all differences over the sum of all that is there, 0 to 1."""
    there = float(np.maximum(before, after).sum())
    return float(np.abs(before - after).sum()) / there if there else 0.0
