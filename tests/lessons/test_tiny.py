"""The tiny network that trains before the visitor: crawls, learns, explodes; in time; overfits."""

from time import process_time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from core.lessons.tiny import (
    ALL,
    FEW,
    STEPS,
    TinySettings,
    built_in_digits,
    logits,
    train_tiny,
)

IN_FRONT_OF_THE_VISITOR = 2.0  # seconds


@pytest.fixture(scope="module", autouse=True)
def digits_are_read():
    built_in_digits()


@pytest.mark.parametrize(
    ("rate", "verdict"),
    [(1e-5, "crawls"), (1e-4, "crawls"), (1e-3, "crawls"), (0.01, "learns"), (0.1, "learns"),
     (1.0, "explodes"), (10.0, "explodes")],
)  # fmt: skip
def test_learning_rate_decides_what_happens(rate, verdict):
    curve = train_tiny(TinySettings(rate))
    assert curve.verdict == verdict
    assert len(curve.losses) == TinySettings(rate).steps >= STEPS


@pytest.mark.parametrize("batch", [4, 32, 128])
@pytest.mark.parametrize("digits", [FEW, ALL])
def test_training_takes_less_than_two_seconds_of_the_processor(batch, digits):
    start = process_time()
    curve = train_tiny(TinySettings(0.03, batch, digits))
    assert process_time() - start < IN_FRONT_OF_THE_VISITOR
    assert curve.seconds > 0
    assert curve.verdict == "learns"


def test_fifty_digits_are_learned_by_heart():
    _, on_train, on_test = train_tiny(TinySettings(0.1, 8, FEW)).epochs[-1]
    _, on_all, on_test_of_all = train_tiny(TinySettings(0.1)).epochs[-1]
    assert on_train == 1
    assert on_test < 0.9 < on_test_of_all
    assert on_all - on_test_of_all < 0.06 < on_train - on_test


def test_same_settings_give_the_same_curve():
    first, second = train_tiny(TinySettings(0.03)), train_tiny(TinySettings(0.03))
    assert first.losses == second.losses
    assert first.epochs == second.epochs


def test_the_reader_reads_digits_that_it_never_saw():
    _, _, images, labels = built_in_digits()
    right = [logits(image).argmax() == label for image, label in zip(images, labels, strict=True)]
    assert np.mean(right) > 0.9


def test_who_leaves_ends_the_training():
    def leave(curve):
        if len(curve.losses) == 5:
            raise KeyboardInterrupt

    before = blas_threads()
    with pytest.raises(KeyboardInterrupt):
        train_tiny(TinySettings(0.03), leave)
    assert blas_threads() == before


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
