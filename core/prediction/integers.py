"""A network in whole numbers: to the last bit the arithmetic of the C header, in NumPy.

A layer adds up weights · inputs + bias in int32. What a hidden layer passes on is a byte: the largest sum of
each pooling window, or 0 if that is negative (ReLU), times the channel's own factor, at most 255. The factor
is multiplier / 2^shift, rounded to the nearest. The last layer's sums are brought to one scale the same way,
with their sign. A dense layer is a convolution over an image of one pixel.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np

from core.frameworks.numpy_scratch import PoolLayer, pad, patch_rows

FILE = "integers.npz"
ARRAYS = ("weights", "bias", "multipliers", "shifts")
BATCH = 250  # images at a time: some ten megabytes
LARGEST = {8: 127, 4: 7}  # weights by their bits: the range is symmetric, there is no -128 and no -8


@dataclass(frozen=True, eq=False)
class IntegerLayer:
    """A convolution or dense layer together with its pooling, and ReLU unless it is the last."""

    weights: np.ndarray  # (out, kernel, kernel, in) int8
    bias: np.ndarray  # (out,) int32
    multipliers: np.ndarray  # (out,) int32, not negative
    shifts: np.ndarray  # (out,) int32, 1 to 62
    input_shape: tuple[int, int, int]  # height, width, channels
    margin: tuple[int, int]  # zeros above and left, below and right
    pool: int  # largest of pool × pool sums; 1 leaves all

    @property
    def kernel(self) -> int:
        """Height and width of the kernel."""
        return self.weights.shape[1]

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """Height, width, channels; a last row or column that fills no pooling window is left out."""
        height, width, _ = self.input_shape
        lost = self.kernel - 1 - sum(self.margin)
        return (height - lost) // self.pool, (width - lost) // self.pool, len(self.bias)

    def bounds(self, largest_input: int) -> np.ndarray:
        """How large a channel's sum, and any part of it, can get at most: (out,) int64."""
        weights = np.abs(self.weights.reshape(len(self.bias), -1).astype(np.int64)).sum(axis=1)
        return weights * largest_input + np.abs(self.bias.astype(np.int64))

    def rows(self, inputs: np.ndarray, kind: type) -> Iterator[tuple[slice, np.ndarray]]:
        """Inputs (N, …) → what the weights of a channel are multiplied by, as `patch_rows` yields it."""
        return patch_rows(pad(inputs.astype(kind).reshape(-1, *self.input_shape), self.margin), self.kernel)

    def sums(self, inputs: np.ndarray, largest_input: int) -> np.ndarray:
        """Inputs (N, height, width, channels) of whole numbers → the largest sum of each window, int64.

        Floating-point products are exact here, and fast: no part of a sum exceeds what the type counts
        without gaps, 2^24 or 2^53.
        """
        exact = np.float32 if self.bounds(largest_input).max() < 2**24 else np.float64
        matrix = self.weights.reshape(len(self.bias), -1).T.astype(exact)
        lost = self.kernel - 1 - sum(self.margin)
        height, width, _ = self.input_shape
        sums = np.empty((len(inputs), height - lost, width - lost, len(self.bias)), exact)
        for some, rows in self.rows(inputs, exact):
            np.matmul(rows, matrix, out=sums[some].reshape(-1, len(self.bias)))
        return PoolLayer(self.pool).forward(sums, training=False).astype(np.int64) + self.bias

    def hidden(self, inputs: np.ndarray, largest_input: int) -> np.ndarray:
        """Inputs → what a hidden layer passes on, (N, height, width, out) of 0 to 255, int64."""
        sums = self.sums(inputs, largest_input)
        return np.minimum(self.scaled(np.maximum(sums, 0, out=sums)), 255)

    def scaled(self, sums: np.ndarray) -> np.ndarray:
        """Sums (..., out) int64, not negative, times their channel's factor, rounded to the nearest."""
        half = np.int64(1) << (self.shifts - np.int64(1))
        return (sums * self.multipliers + half) >> self.shifts


@dataclass(frozen=True, eq=False)
class IntegerNetwork:
    """Layers one after another, from bytes to int32 scores."""

    layers: tuple[IntegerLayer, ...]
    zero_point: int  # the byte of a pixel that counts as zero
    score_scale: float  # a score times this is the logit
    bits: int  # of a weight, 8 or 4

    @property
    def classes(self) -> int:
        """Number of scores."""
        return len(self.layers[-1].bias)

    @property
    def bytes_of_weights(self) -> int:
        """Bytes of all constants as the C header stores them: weights, biases, multipliers, shifts."""
        return sum(-(-layer.weights.size * self.bits // 8) + 9 * len(layer.bias) for layer in self.layers)

    @property
    def activation_bytes(self) -> int:
        """Bytes of memory between the layers: at the worst place, a layer's inputs and its outputs."""
        hidden = [prod(layer.output_shape) for layer in self.layers[:-1]]
        return max([*hidden, *(before + after for before, after in pairwise(hidden))], default=0)

    def scores(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8 → (N, classes) int32; the largest is the answer, the first of equals."""
        parts = [self._scores(images[first : first + BATCH]) for first in range(0, len(images), BATCH)]
        return np.concatenate([np.empty((0, self.classes), np.int32), *parts])

    def _scores(self, images: np.ndarray) -> np.ndarray:
        *hidden, last = zip(self.layers, largest_inputs(self.zero_point, len(self.layers)), strict=True)
        values = images.astype(np.int16) - np.int16(self.zero_point)
        for layer, largest in hidden:
            values = layer.hidden(values, largest)
        layer, largest = last
        sums = layer.sums(values, largest).reshape(-1, self.classes)
        return (np.sign(sums) * layer.scaled(np.abs(sums))).astype(np.int32)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8 → probabilities (N, classes) float32."""
        return probabilities(self.scores(images), self.score_scale)

    def save(self, path: Path | str | BinaryIO) -> None:
        """Writes the network as `load` reads it."""
        plain = {
            "zero_point": self.zero_point,
            "score_scale": self.score_scale,
            "bits": self.bits,
            "layers": [
                {"input_shape": layer.input_shape, "margin": layer.margin, "pool": layer.pool}
                for layer in self.layers
            ],
        }
        arrays = {
            f"{name}_{position}": getattr(layer, name)
            for position, layer in enumerate(self.layers)
            for name in ARRAYS
        }
        np.savez_compressed(path, network=np.array(json.dumps(plain)), **arrays)


def largest_inputs(zero_point: int, layers: int) -> list[int]:
    """The largest magnitude that each layer's inputs can have: pixels less their zero point, then bytes."""
    return [max(zero_point, 255 - zero_point), *[255] * (layers - 1)]


def probabilities(scores: np.ndarray, scale: float) -> np.ndarray:
    """The softmax of scores (N, classes) times their scale, float32."""
    logits = (scores - scores.max(axis=1, keepdims=True, initial=-(2**31)).astype(np.int64)) * scale
    powers = np.exp(logits)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def load(path: Path | str) -> IntegerNetwork:
    """The network that `save` wrote.

    Raises:
        OSError: no such file.
        ValueError: it holds something else, or is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            plain = json.loads(str(file["network"]))
            layers = tuple(
                _layer(file, position, layer) for position, layer in enumerate(plain.pop("layers"))
            )
        return IntegerNetwork(layers, **plain)
    except (AttributeError, BadZipFile, EOFError, KeyError, TypeError, ValueError, zlib.error) as error:
        raise ValueError(f"{Path(path).name} holds no network in integers: {error}") from error


def _layer(file: Mapping[str, np.ndarray], position: int, plain: dict[str, Any]) -> IntegerLayer:
    weights, bias, multipliers, shifts = (file[f"{name}_{position}"] for name in ARRAYS)
    shape, margin = tuple(plain["input_shape"]), tuple(plain["margin"])
    return IntegerLayer(weights, bias, multipliers, shifts, shape, margin, plain["pool"])
