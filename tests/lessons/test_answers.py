"""Softmax, loss, and steps of learning: against SciPy and against small changes of the weights."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import log_softmax as scipy_log_softmax
from scipy.special import softmax as scipy_softmax

from core.data.batches import normalise
from core.frameworks import numpy_scratch
from core.lessons.answers import loss, pushed, softmax
from core.lessons.step import MOST, NETWORK, RATE, steps
from core.lessons.tiny import built_in_digits, logits

DIGIT = built_in_digits()[2][41]  # somebody's two


@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
def test_softmax_agrees_with_scipy(temperature):
    numbers = logits(DIGIT)
    assert softmax(numbers, temperature) == pytest.approx(scipy_softmax(numbers / temperature), abs=1e-6)


def test_only_differences_between_logits_count():
    numbers = logits(DIGIT)
    assert softmax(numbers + 5) == pytest.approx(softmax(numbers), abs=1e-6)


def test_pushing_one_logit_leaves_the_others():
    numbers = logits(DIGIT)
    assert (pushed(numbers, 3, 2.5) - numbers).tolist() == pytest.approx([0, 0, 0, 2.5, *[0] * 6])


def test_loss_is_minus_the_logarithm_and_guessing_costs_ln_10():
    numbers = logits(DIGIT)
    assert loss(numbers, 2) == pytest.approx(-float(scipy_log_softmax(numbers)[2]), abs=1e-5)
    assert loss(np.zeros(10, np.float32), 7) == pytest.approx(np.log(10), abs=1e-6)


@pytest.mark.parametrize("place", range(0, 300, 25))
def test_every_step_makes_the_loss_on_the_digit_smaller(place):
    _, _, images, labels = built_in_digits()
    losses = [step.loss for step in steps(images[place], int(labels[place]))]
    assert len(losses) == MOST + 1
    assert all(later < earlier for earlier, later in pairwise(losses))


def test_gradient_that_is_shown_is_how_the_loss_changes():
    first = steps(DIGIT, 2, count=0)[0]
    pixel = np.unravel_index(np.abs(first.picture).argmax(), (28, 28))
    model = numpy_scratch.build(NETWORK, seed=0)
    small, found = 1e-3, []
    for sign in (1, -1):
        model.weights[0][np.ravel_multi_index(pixel, (28, 28)), first.unit] += sign * small
        found.append(loss(model.forward(normalise(DIGIT[None]))[-1][0], 2))
        model.weights[0][np.ravel_multi_index(pixel, (28, 28)), first.unit] -= sign * small
    assert (found[0] - found[1]) / (2 * small) == pytest.approx(first.picture[pixel], rel=0.02)
    assert not first.picture[DIGIT == 0].any()  # an empty pixel asks for no change


def test_a_step_is_weight_minus_rate_times_gradient():
    before, after = steps(DIGIT, 2, count=1)
    fall = RATE * (before.sizes[0] ** 2 + before.sizes[1] ** 2)  # to first order; the biases come on top
    assert after.loss < before.loss - 0.3 * fall
