"""A trained network in whole numbers: weights of 8 or 4 bits, activations of a byte.

Everywhere a real value is an integer times a scale, and zero stays zero, so that ReLU, max pooling and
margins of zeros mean the same for integers. Pixels are bytes less a zero point; what its rounding loses goes
into the bias. The largest activation of the calibration images becomes 255, a channel's largest weight the
largest whole number that its bits hold.
"""

from dataclasses import replace

import numpy as np

from core.export.recorded import ExportError
from core.export.shrink.blocks import Block, read_blocks
from core.export.shrink.rounding import round_in_turn, round_to_nearest
from core.export.shrink.trained import Trained
from core.frameworks import numpy_scratch
from core.prediction.integers import BATCH, LARGEST, IntegerLayer, IntegerNetwork, largest_inputs

LARGEST_BIAS = 2**28  # leaves room in an int32 for what is added to it
LARGEST_SUM = 2**31 - 1
SCORE_BITS = 30  # that the scores of the worst image fill


def make_integers(trained: Trained, calibration: np.ndarray, bits: int) -> IntegerNetwork:
    """The network in integers.

    Args:
        trained: the run.
        calibration: training images (N, 28, 28) uint8.
        bits: of a weight, 8 or 4.

    Raises:
        ExportError: layers, weights or sums that have no form in integers, or no images.
    """
    if not all(np.isfinite(array).all() for array in trained.weights):
        raise ExportError(f"{trained.run}'s weights are not all numbers, so they have no form in integers")
    if not len(calibration):
        raise ExportError(f"there are no images to see which values {trained.run}'s activations take")
    blocks = read_blocks(trained.architecture, trained.weights)
    zero_point = round(255 * trained.mean)
    scale = 1 / (255 * trained.std)
    lost = (zero_point - 255 * trained.mean) * scale * blocks[0].kernel.sum(axis=(1, 2, 3))
    blocks[0] = replace(blocks[0], bias=blocks[0].bias + lost)
    values = calibration.astype(np.int16) - np.int16(zero_point)
    layers: list[IntegerLayer] = []
    limits = largest_inputs(zero_point, len(blocks))
    peaks = _peaks(trained, blocks[:-1], calibration)
    for block, limit, peak in zip(blocks, limits, [*peaks, None], strict=True):
        layer, unit = _sums_of(block, values, scale, bits)
        if layer.bounds(limit).max() > LARGEST_SUM:
            raise ExportError(f"{trained.architecture.name} adds up more than 32 bits can hold")
        worst = float((layer.bounds(limit) * unit).max())
        scale = (worst or 1.0) / 2**SCORE_BITS if peak is None else peak / 255
        layers.append(_with_factors(layer, unit / scale))
        if peak is not None:
            values = layers[-1].hidden(values, limit)
    return IntegerNetwork(tuple(layers), zero_point, scale, bits)


def _peaks(trained: Trained, blocks: list[Block], images: np.ndarray) -> list[float]:
    """The largest activation after each block."""
    model = numpy_scratch.build(trained.architecture, trained.weights)
    peaks = np.zeros(len(blocks))
    for first in range(0, len(images), BATCH):
        activations = model.forward(trained.scaled(images[first : first + BATCH]))
        peaks = np.maximum(peaks, [activations[block.end].max() for block in blocks])
    return [float(peak) or 1.0 for peak in peaks]  # a layer that never speaks has any scale


def _sums_of(block: Block, values: np.ndarray, scale: float, bits: int) -> tuple[IntegerLayer, np.ndarray]:
    """The block's layer with factors of 1, and the real value of 1 in each channel's sum, (out,)."""
    weights, largest = block.kernel.reshape(len(block.bias), -1), LARGEST[bits]
    # A channel of tiny weights and a bias would need a bias beyond 32 bits.
    needed = np.maximum(np.abs(weights).max(axis=1) / largest, np.abs(block.bias) / scale / LARGEST_BIAS)
    scales = np.where(needed > 0, needed, 1.0)
    ones = np.ones(len(block.bias), np.int32)

    def layer(rounded: np.ndarray) -> IntegerLayer:
        bias = np.rint(block.bias / (scale * scales)).astype(np.int32)
        kernel = rounded.reshape(block.kernel.shape).astype(np.int8)
        return IntegerLayer(kernel, bias, ones, ones, block.input_shape, block.margin, block.pool)

    nearest = layer(round_to_nearest(weights, scales, largest))
    if bits == 8:  # nothing to make up for
        return nearest, scale * scales
    rows = (some for _, some in nearest.rows(values, np.float64))
    return layer(round_in_turn(weights, scales, largest, rows)), scale * scales


def _with_factors(layer: IntegerLayer, factors: np.ndarray) -> IntegerLayer:
    """The layer with sums times these, (out,), each as multiplier / 2^shift of 31 bits."""
    exponents = np.frexp(factors)[1]
    shifts = np.clip(31 - exponents, 1, 62)
    multipliers = np.minimum(np.rint(np.ldexp(factors, shifts)), 2**31 - 1)
    return replace(layer, multipliers=multipliers.astype(np.int32), shifts=shifts.astype(np.int32))
