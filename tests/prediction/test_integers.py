"""A network in integers, calculated by NumPy: the arithmetic is exact, whatever its number types."""

from io import BytesIO

import numpy as np
import pytest

from core.architectures import PRESETS
from core.export.shrink.integer_network import make_integers
from core.prediction.integers import IntegerNetwork, load, probabilities
from support.made_integers import images, made_trained, reference_integers


def in_memory(write, *arrays):
    stream = BytesIO()
    write(stream, *arrays)
    return stream.getvalue()


ONE_ARRAY, OTHER_ARRAYS = in_memory(np.save, np.zeros(3)), in_memory(np.savez, np.zeros(3))


def convolved(layer, inputs):
    """The sums of one image (height, width, in) by loops over Python's own integers."""
    before, after = layer.margin
    padded = np.pad(inputs, ((before, after), (before, after), (0, 0)))
    height, width = (length - layer.kernel + 1 for length in padded.shape[:2])
    sums = np.empty((height, width, len(layer.bias)), object)
    weights = layer.weights.astype(object)
    for y in range(height):
        for x in range(width):
            patch = padded[y : y + layer.kernel, x : x + layer.kernel].astype(object)
            sums[y, x] = [int((patch * kernel).sum()) for kernel in weights] + layer.bias.astype(object)
    return sums


def pooled(sums, size):
    height, width = (length // size for length in sums.shape[:2])
    windows = sums[: height * size, : width * size].reshape(height, size, width, size, -1)
    return windows.max(axis=(1, 3))


def scaled(value, multiplier, shift):
    return (value * multiplier + (1 << (shift - 1))) >> shift


def slow_scores(network: IntegerNetwork, image):
    """The whole calculation as the module's docstring tells it, without NumPy's number types."""
    values = image.astype(np.int64) - network.zero_point
    for layer in network.layers:
        sums = pooled(convolved(layer, values.reshape(layer.input_shape)), layer.pool)
        factors = [(int(m), int(s)) for m, s in zip(layer.multipliers, layer.shifts, strict=True)]
        if layer is network.layers[-1]:
            return [
                scaled(abs(total), *factor) * (1 if total > 0 else -1)
                for total, factor in zip(sums.ravel(), factors, strict=True)
            ]
        rows = sums.reshape(-1, len(factors))
        bytes_ = [
            [min(255, scaled(max(0, total), *factor)) for total, factor in zip(row, factors, strict=True)]
            for row in rows
        ]
        values = np.array(bytes_).reshape(layer.output_shape)
    raise AssertionError("a network has layers")


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("preset", PRESETS)
def test_scores_are_those_of_plain_integer_arithmetic(preset, bits):
    trained = made_trained(preset)
    noise = np.random.default_rng(5).integers(0, 256, (40, 28, 28), np.uint8)
    network = make_integers(trained, noise, bits)
    assert network.scores(noise[:2]).tolist() == [slow_scores(network, image) for image in noise[:2]]


def test_weights_of_four_bits_take_half_the_bytes():
    whole, half = reference_integers(8), reference_integers(4)
    weights = sum(layer.weights.size for layer in whole.layers)
    assert whole.bytes_of_weights - half.bytes_of_weights == weights / 2
    assert {int(np.abs(layer.weights).max()) for layer in whole.layers} == {127}
    assert {int(np.abs(layer.weights).max()) for layer in half.layers} == {7}
    assert half.activation_bytes == 14 * 14 * 16 + 7 * 7 * 32


def test_a_saved_network_scores_as_before_and_holds_no_code(tmp_path):
    network = make_integers(made_trained("sprint", classes=3), images().x_train[:50], 4)
    network.save(tmp_path / "integers.npz")
    again = load(tmp_path / "integers.npz")
    assert np.array_equal(again.scores(images().x_test[:20]), network.scores(images().x_test[:20]))
    assert (again.bits, again.classes, again.score_scale) == (4, 3, network.score_scale)
    with np.load(tmp_path / "integers.npz", allow_pickle=False) as file:
        assert {file[name].dtype.kind for name in file} <= {"i", "U"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x93NUMPY", ONE_ARRAY, OTHER_ARRAYS])
def test_what_is_no_network_is_refused(tmp_path, content):
    path = tmp_path / "integers.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="holds no network"):
        load(path)


def test_no_images_have_no_scores():
    network = reference_integers(8)
    none = images().x_test[:0]
    assert network.scores(none).shape == network.predict(none).shape == (0, 10)


def test_equal_scores_share_the_probability():
    assert probabilities(np.array([[7, 7], [-(2**31), 2**31 - 1]], np.int32), 1.0).tolist() == [
        [0.5, 0.5],
        [0, 1],
    ]
