"""The parity measurement: it passes for the frameworks as they are, and notices when they are not."""

import os

import numpy as np
import pytest

from core.architectures import PRESETS, initial_weights
from core.config import RunConfig
from core.training import parity

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def run():
    """A small network, ten batches of digits, and the shared start."""
    config = RunConfig(
        framework="pytorch", filters=(4, 8), dense_units=16, optimizer="sgd", learning_rate=0.01,
        batch_size=32, epochs=10, device="cpu", threads=1,
    )  # fmt: skip
    images, labels = parity.training_batches(config, data_dir=os.devnull)
    return config, initial_weights(config.network, 0), images, labels


@pytest.fixture(scope="module")
def reference(run):
    return parity.follow(["pytorch"], *run)


def test_sgd_follows_the_same_losses_in_all_frameworks():
    measured = parity.measure_parity(threads=1)  # on MNIST where it is, else on the digits
    assert measured["tolerance"] == 1e-5
    assert measured["steps"] == 50
    assert measured["reference"] == "pytorch"
    assert set(measured["frameworks"]) == set(parity.frameworks.names())
    assert parity.passed(measured), measured


@pytest.mark.long
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "adadelta"])
def test_every_optimizer_follows_the_same_losses(optimizer):
    measured = parity.measure_parity(optimizer=optimizer, threads=1)
    assert measured["tolerance"] == parity.TOLERANCES[optimizer]
    assert parity.passed(measured), measured


@pytest.mark.long
@pytest.mark.parametrize("preset", [preset for preset in PRESETS if preset != "small-cnn"])
def test_every_preset_follows_the_same_losses(preset):
    measured = parity.measure_parity(preset, steps=20, threads=1)  # later, rounding grows in a wide network
    assert parity.passed(measured), measured


@pytest.mark.long
def test_sgd_follows_the_same_losses_on_the_digits(tmp_path):
    measured = parity.measure_parity(data_dir=tmp_path, threads=1)  # no MNIST there
    assert parity.passed(measured), measured


def test_other_arithmetic_passes_with_a_small_difference(run, reference):
    tracks = reference | parity.follow(["numpy_scratch"], *run)
    measured = parity.compare(tracks, parity.TOLERANCES["sgd"])
    assert parity.passed(measured), measured
    assert measured["frameworks"]["numpy_scratch"]["logits"] > 0
    assert tracks["pytorch"].losses.shape == (10,)
    assert tracks["pytorch"].losses[-1] != tracks["pytorch"].losses[0]


def test_turned_kernels_are_noticed(run, reference):
    config, weights, images, labels = run
    turned = [weights[0].transpose(1, 0, 2, 3), *weights[1:]]
    tracks = reference | parity.follow(["numpy_scratch"], config, turned, images, labels)
    measured = parity.compare(tracks, parity.TOLERANCES["sgd"])
    assert not parity.passed(measured)
    assert measured["frameworks"]["numpy_scratch"]["logits"] > 0.01
    assert measured["frameworks"]["pytorch"] == {"logits": 0, "loss": 0}


def test_another_momentum_is_noticed_in_the_loss_alone(run, reference):
    config, *rest = run
    tracks = reference | parity.follow(
        ["numpy_scratch"], config.model_copy(update={"momentum": 0.899}), *rest
    )
    measured = parity.compare(tracks, parity.TOLERANCES["sgd"])
    assert not parity.passed(measured)
    assert measured["frameworks"]["numpy_scratch"]["logits"] < 1e-5


def test_another_batch_order_is_noticed(run, reference):
    config, weights, images, labels = run
    order = np.roll(np.arange(len(images)), 1)
    tracks = reference | parity.follow(["numpy_scratch"], config, weights, images, labels[order])
    assert not parity.passed(parity.compare(tracks, parity.TOLERANCES["sgd"]))


def test_a_loss_that_is_no_number_does_not_pass():
    row = {"logits": 0.0, "loss": float("nan")}
    assert not parity.passed({"tolerance": 1e-5, "frameworks": {"pytorch": row}})


def test_framework_that_fails_is_named_with_its_last_words(run):
    config, weights, images, labels = run
    with pytest.raises(
        parity.ParityError, match=r"(?s)^numpy_scratch ended with exit status 1.*numpy_scratch\.py"
    ):
        parity.follow(["numpy_scratch"], config, weights[:-1], images, labels)


@pytest.mark.parametrize("preset", ["small-cnn", "wide-cnn-dropout", "tiny-mlp"])
def test_dropout_is_left_out_and_weights_still_fit(preset):
    network = RunConfig.from_preset("pytorch", preset, dropout=0).network
    plain = parity.without_dropout(network)
    assert not any(isinstance(layer, parity.Dropout) for layer in plain.layers)
    assert plain.weight_shapes() == network.weight_shapes()


def test_small_dataset_comes_round_again(tmp_path):
    config = RunConfig(framework="pytorch", batch_size=64, epochs=50)
    images, labels = parity.training_batches(config, tmp_path)
    assert images.shape == (3200, 28, 28, 1)
    assert labels.shape == (3200,)
    assert len(np.unique(images.reshape(3200, -1), axis=0)) < 1800


def test_centred_logits_forget_a_constant():
    logits = np.array([[1.0, 2.0, 6.0], [-1.0, 0.5, 0.5]])
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    centred = logits - logits.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(parity.centred_logits(probabilities), centred, atol=1e-12)
