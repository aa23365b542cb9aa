"""Trained networks for the tests of shrinking: a reference run's, and small ones of any shape."""

from dataclasses import replace
from functools import cache

import numpy as np

from core.architectures import Architecture, build_architecture, initial_weights
from core.config import RunConfig
from core.data.catalogue import find_dataset
from core.data.datasets import Images, load_images
from core.export.shrink.integer_network import make_integers
from core.export.shrink.trained import Trained, calibration_images, read_trained
from core.frameworks import numpy_scratch
from core.places import PROJECT
from core.prediction.integers import IntegerNetwork
from support.real_data import mnist_or_digits, real_data

REFERENCE = "reference-numpy_scratch-small-cnn"


@cache
def reference() -> Trained:
    """A model that has learned MNIST; its exhibit is NumPy's, which any process can load."""
    return read_trained(PROJECT / "artifacts", REFERENCE)


@cache
def images() -> Images:
    """Of MNIST where its files are, else the built-in digits."""
    return load_images(find_dataset(mnist_or_digits(), real_data()), real_data())


@cache
def reference_integers(bits: int) -> IntegerNetwork:
    """The reference in integers."""
    trained = reference()
    if mnist_or_digits() == "mnist":
        return make_integers(trained, calibration_images(trained, images(), real_data()), bits)
    return make_integers(trained, images().x_train[:500], bits)


@cache
def reference_scores(bits: int) -> np.ndarray:
    """What NumPy gives the test images, (N, 10)."""
    return reference_integers(bits).scores(images().x_test)


@cache
def reference_probabilities() -> np.ndarray:
    """What the reference says of the test images in float, (N, 10)."""
    if mnist_or_digits() == "mnist":
        return np.load(PROJECT / "artifacts" / REFERENCE / "test_probabilities.npy")
    model = numpy_scratch.build(reference().architecture, reference().weights)
    return numpy_scratch.predict(model, reference().scaled(images().x_test))


def made_trained(preset: str = "small-cnn", classes: int = 10, **changes) -> Trained:
    """A small network of this shape that has learned nothing: the shared start, with biases."""
    small = {"filters": () if preset == "tiny-mlp" else (3, 5), "dense_units": 11}
    return of_architecture(build_architecture(preset, classes=classes, **(small | changes)))


def made_lopsided() -> Trained:
    """A network with channels that say nothing, always the same, or far too much."""
    trained = made_trained()
    kernel, bias, *others = (array.copy() for array in trained.weights)
    kernel[..., 0], bias[0] = 0, 0  # says nothing
    kernel[..., 1], bias[1] = 1e-30, 0.5  # a constant
    bias[2] = -1e6  # never passes ReLU
    others[-1][:] = 0
    others[-2][:, 0] = 0  # a class without weights
    return replace(trained, weights=[kernel, bias, *others])


def of_architecture(architecture: Architecture) -> Trained:
    """The same of any layers."""
    rng = np.random.default_rng(3)
    start = initial_weights(architecture, seed=3)
    weights = [array if array.ndim > 1 else rng.normal(0, 0.1, array.shape) for array in start]
    names = tuple(f"class {number}" for number in range(architecture.classes))
    config = RunConfig.from_preset("numpy_scratch")
    arrays = [array.astype(np.float32) for array in weights]
    return Trained("made", config, architecture, arrays, 0.1307, 0.3081, names)
