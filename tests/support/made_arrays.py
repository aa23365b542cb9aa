"""Arrays of noise."""

import numpy as np

RNG_SEED = 20


def normal(*shape):
    """(…) float32, normally distributed, the same for the same shape."""
    return np.random.default_rng([RNG_SEED, *shape]).standard_normal(shape).astype(np.float32)
