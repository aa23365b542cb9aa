"""Where ink goes on a picture: its centre of mass on a given point, as MNIST's digits were placed."""

import numpy as np

# Positions count from the picture's edge: pixel i reaches from i to i + 1, its own centre is i + 0.5.
MNIST_CENTRE = 14.5  # measured: MNIST's centres of mass lie evenly between 14.0 and 15.0
# The middle of 28 pixels. The built-in digits were placed here, half a pixel above and left of MNIST's;
# moving them would change the images that saved runs were trained and scored on.
MIDDLE = 14.0


def start_of_ink(profile: np.ndarray, centre: float, size: int) -> int:
    """Where ink begins along one axis when its centre of mass comes to lie on `centre`.

    Args:
        profile: (N,) floats, the ink in each row or column.
        centre: in pixels from the picture's edge.
        size: of the picture, N or more; the ink stays inside.

    Returns:
        The first pixel that the ink takes, 0 to size - N.
    """
    own_centre = (profile * (np.arange(len(profile)) + 0.5)).sum() / profile.sum()
    return min(max(round(centre - own_centre), 0), size - len(profile))
