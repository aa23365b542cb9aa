"""From float to integers: what is odd in a network breaks nothing, what has no form in integers is told."""

from dataclasses import replace

import numpy as np
import pytest

from core.architectures import Architecture, Conv, Dense, Dropout, Flatten, Pool, Relu
from core.export.recorded import ExportError
from core.export.shrink.blocks import read_blocks
from core.export.shrink.integer_network import make_integers
from core.export.shrink.rounding import round_in_turn, round_to_nearest
from core.frameworks import numpy_scratch
from support.made_integers import images, made_lopsided, made_trained, of_architecture


def logits(trained, pixels):
    model = numpy_scratch.build(trained.architecture, trained.weights)
    return model.forward(trained.scaled(pixels))[-1]


def in_integers(trained, pixels, bits=8):
    network = make_integers(trained, images().x_train[:100], bits)
    return network.scores(pixels) * network.score_scale


def test_scores_times_their_scale_are_the_logits():
    trained, pixels = made_trained("sprint"), images().x_test[:50]
    wanted, got = logits(trained, pixels), in_integers(trained, pixels)
    assert np.abs(wanted - got).max() < 0.05 * np.abs(wanted).max()


def test_pixels_between_two_bytes_of_zero_cost_no_accuracy():
    """Half a byte of zero point is lost to rounding where 255 · mean ends in .5; the bias makes up for it."""
    trained = replace(made_trained("wide-cnn"), mean=33.5 / 255, std=0.05)
    pixels = images().x_test[:50]
    wanted, got = logits(trained, pixels), in_integers(trained, pixels)
    assert np.abs(wanted - got).max() < 0.05 * np.abs(wanted).max()


@pytest.mark.parametrize("bits", [8, 4])
def test_dead_tiny_and_lopsided_channels_are_no_trouble(bits):
    trained = made_lopsided()
    wanted = logits(trained, images().x_test[:50])
    got = in_integers(trained, images().x_test[:50], bits)
    assert np.isfinite(got).all()
    assert np.abs(wanted - got).max() < (0.05 if bits == 8 else 0.5) * np.abs(wanted).max()


def test_a_network_of_zeros_gives_equal_scores():
    trained = made_trained()
    trained = replace(trained, weights=[np.zeros_like(array) for array in trained.weights])
    assert not in_integers(trained, images().x_test[:5]).any()


def test_rounding_in_turn_changes_the_sums_less():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(500, 40)) @ rng.normal(size=(40, 40))  # inputs that go together
    weights = rng.normal(size=(20, 40))
    scales = np.abs(weights).max(axis=1) / 7
    rounded = [
        round_to_nearest(weights, scales, 7),
        round_in_turn(weights, scales, 7, [inputs[:200], inputs[200:]]),
    ]
    errors = [np.square(inputs @ (weights - some * scales[:, None]).T).mean() for some in rounded]
    assert errors[1] < errors[0] / 2
    for some in rounded:
        assert np.abs(some).max() <= 7
        assert np.array_equal(some, np.rint(some))


def test_rounding_in_turn_without_any_input_is_rounding():
    weights, scales = np.random.default_rng(0).normal(size=(3, 1100)), np.full(3, 0.4)
    rounded = round_in_turn(weights, scales, 7, [np.zeros((5, 1100))])
    assert np.array_equal(rounded, round_to_nearest(weights, scales, 7))


def test_blocks_leave_out_what_does_nothing():
    trained = made_trained("wide-cnn-dropout")
    blocks = read_blocks(trained.architecture, trained.weights)
    assert [block.pool for block in blocks] == [1, 2, 1, 1]
    assert [block.kernel.shape[0] for block in blocks] == [3, 5, 11, 10]
    assert [block.input_shape for block in blocks] == [(28, 28, 1), (26, 26, 3), (1, 1, 720), (1, 1, 11)]


@pytest.mark.parametrize(
    "layers",
    [
        (Pool(), Flatten(), Dense(5), Relu(), Dense(2)),
        (Conv(2), Pool(), Flatten(), Dense(2)),
        (Conv(2), Relu(), Pool(), Pool(), Flatten(), Dense(2)),
        (Flatten(), Dense(5), Relu(), Dense(2), Relu()),
        (Flatten(), Dropout(0.5)),
    ],
)
def test_layers_without_a_form_in_integers_are_told(layers):
    trained = of_architecture(Architecture("odd-one", layers))
    with pytest.raises(ExportError, match=r"^odd-one .* no form in integers|only such layers"):
        make_integers(trained, images().x_train[:5], 8)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_model_that_diverged_is_told(odd):
    trained = made_trained()
    trained.weights[-1][3] = odd
    with pytest.raises(ExportError, match="made's weights are not all numbers"):
        make_integers(trained, images().x_train[:5], 8)


def test_sums_beyond_32_bits_are_told():
    layers = (
        Conv(300, 1),
        Relu(),
        Flatten(),
        Dense(
            2,
        ),
        Relu(),
        Dense(2),
    )
    trained = of_architecture(Architecture("huge", layers))
    trained.weights[2][:] = 1
    with pytest.raises(ExportError, match="huge adds up more than 32 bits can hold"):
        make_integers(trained, images().x_train[:2], 8)


def test_calibration_without_images_is_told():
    with pytest.raises(ExportError, match="no images"):
        make_integers(made_trained(), images().x_train[:0], 8)
