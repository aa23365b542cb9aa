"""What the Draw page says of drawings that are unlike any digit."""

import cv2
import numpy as np
import pytest

from core.drawing.preprocessing import prepare_digit
from pages.components.canvas.unlike import sentence, unlike_html


@pytest.mark.parametrize(
    ("unlike", "models", "said"),
    [
        ([True], 5, "Unlike any digit they learned."),
        ([True], 1, "Unlike any digit it learned."),
        ([False, True], 5, "The second of 2 is unlike any digit they learned."),
        ([True, False, True], 5, "The first and third of 3 are unlike any digit they learned."),
        ([True, True, False, True], 1, "The first, second and fourth of 4 are unlike any digit it learned."),
        ([True, True], 5, "Both are unlike any digit they learned."),
        ([True, True, True], 5, "All 3 are unlike any digit they learned."),
    ],
)
def test_sentence_names_which(unlike, models, said):
    assert sentence(np.array(unlike), models) == said


def test_nothing_is_said_of_a_digit_and_one_line_of_noise():
    zero = np.zeros((320, 320), np.uint8)
    cv2.ellipse(zero, (160, 160), (75, 110), 0, 0, 360, 255, 18, cv2.LINE_AA)
    assert unlike_html(prepare_digit(zero)[None], 5) == ""
    noise = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8)
    line = unlike_html(noise, 5)
    assert 'data-testid="unlike" role="status"' in line
    assert "Being sure is not being right." in line
