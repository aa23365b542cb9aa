"""What an export is made of, for any network, with weights that were drawn and not trained."""

import numpy as np

from core.architectures import Architecture, initial_weights
from core.config import RunConfig
from core.export.shrink.trained import Trained

MEAN, STD = 0.1307, 0.3081  # MNIST's


def made_trained(architecture: Architecture) -> Trained:
    """Weights of the size that training starts from, biases that count, and pixels scaled as MNIST's are."""
    rng = np.random.default_rng(5)
    weights = [
        rng.normal(0, 0.2, array.shape).astype(np.float32) if array.ndim == 1 else array
        for array in initial_weights(architecture, 3)
    ]
    config = RunConfig.from_preset("numpy_scratch")
    names = tuple(f"class {number}" for number in range(architecture.classes))
    return Trained("made-run", config, architecture, weights, MEAN, STD, names)


def own_probabilities(trained: Trained, images: np.ndarray) -> np.ndarray:
    """What the NumPy exhibit says with these weights."""
    from core.frameworks import numpy_scratch

    model = numpy_scratch.build(trained.architecture, trained.weights)
    return numpy_scratch.predict(model, trained.scaled(images))
