"""What the Draw page says of drawings that are unlike any digit."""

import numpy as np
import pytest

from pages.components.draw.unlike import sentence, unlike_html


@pytest.mark.parametrize(
    ("unlike", "models", "said"),
    [
        ([True], 5, "Unlike any digit they learned."),
        ([True], 1, "Unlike any digit it learned."),
        ([False, True], 5, "The second of 2 is unlike any digit they learned."),
        ([True, False, True], 5, "The first and third of 3 are unlike any digit they learned."),
        (
            [True, True, False, True],
            2,
            "The first, second and fourth of 4 are unlike any digit they learned.",
        ),
        ([True, True], 5, "All 2 are unlike any digit they learned."),
    ],
)
def test_sentence_names_which(unlike, models, said):
    assert sentence(np.array(unlike), models) == said


def test_nothing_is_said_of_a_digit_and_one_line_of_noise():
    ring = np.zeros((28, 28), np.uint8)
    down, across = np.mgrid[:28, :28] - 13.5
    distance = np.hypot(down / 1.2, across)
    ring[(distance > 5.5) & (distance < 8)] = 255
    assert unlike_html(ring[None], 5) == ""
    noise = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8)
    line = unlike_html(noise, 5)
    assert 'data-testid="unlike" role="status"' in line
    assert "Being sure is not being right." in line
