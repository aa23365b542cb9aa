"""Random changes of the training images."""

from dataclasses import fields

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.augmentation import Strength, augment
from core.data.batches import CHUNK, TrainingData

NONE = Strength(**{field.name: 0.0 for field in fields(Strength) if field.name != "smoothness"})


def strokes(count, seed=0):
    """Strokes of three pixels inside the middle 20 × 20, as MNIST has them; each another curve."""
    rng = np.random.default_rng(seed)
    images = np.zeros((count, 280, 280), np.uint8)
    for image in images:
        path = rng.integers(50, 230, (4, 2)).astype(np.int32)
        cv2.polylines(image, [path], False, 255, 30, cv2.LINE_AA)
    return np.stack([cv2.resize(image, (28, 28), interpolation=cv2.INTER_AREA) for image in images])


def centres(images):
    """Centres of mass (N, 2) in pixels, row and column."""
    mass = images.sum(axis=(1, 2), dtype=float)
    rows = (images.sum(axis=2) * np.arange(28)).sum(axis=1) / mass
    return np.stack([rows, (images.sum(axis=1) * np.arange(28)).sum(axis=1) / mass], axis=1)


def only(**changes):
    """A strength in which nothing happens but these changes."""
    values = {field.name: getattr(NONE, field.name) for field in fields(Strength)}
    return Strength(**{**values, **changes})


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 600), st.integers(0, 2**32 - 1))
def test_any_number_of_images_keeps_shape_type_and_source(count, seed):
    images = strokes(8)[np.arange(count) % 8]
    before = images.copy()
    altered = augment(images, np.random.default_rng(seed))
    assert altered.shape == images.shape
    assert altered.dtype == np.uint8
    assert np.array_equal(images, before)


def test_no_images_stay_no_images():
    assert augment(np.zeros((0, 28, 28), np.uint8), np.random.default_rng(0)).shape == (0, 28, 28)


def test_same_generator_gives_the_same_images_and_the_next_draw_gives_others():
    images = strokes(300)
    rng = np.random.default_rng(3)
    first, second = augment(images, rng), augment(images, rng)
    assert np.array_equal(first, augment(images, np.random.default_rng(3)))
    assert (first != second).any(axis=(1, 2)).all()
    assert not np.array_equal(first, augment(images, np.random.default_rng(4)))


def test_equal_images_are_altered_differently_from_each_other():
    altered = augment(np.repeat(strokes(1), 600, axis=0), np.random.default_rng(0))
    assert len(np.unique(altered.reshape(600, -1), axis=0)) == 600


def test_epochs_of_a_run_differ_and_come_back_with_the_seed():
    def epochs(seed):
        data = TrainingData(strokes(40), np.arange(40) % 10, batch_size=8, seed=seed, augment=augment)
        return [data.epoch(number)[0] for number in (0, 1, 0)]

    first, second, again = epochs(5)
    assert not np.array_equal(np.sort(first, axis=0), np.sort(second, axis=0))
    assert np.array_equal(first, again)
    assert np.array_equal(first, epochs(5)[0])


def test_no_strength_changes_nothing():
    images = strokes(300)
    assert np.array_equal(augment(images, np.random.default_rng(0), NONE), images)


def test_order_is_kept_across_blocks():
    images = strokes(700)
    altered = augment(images, np.random.default_rng(0), only(rotation=2.0)).reshape(700, -1)
    likeness = np.corrcoef(altered.astype(float), images.reshape(700, -1).astype(float))[:700, 700:]
    assert np.array_equal(likeness.argmax(axis=1), np.arange(700))


def test_digits_keep_their_ink_and_their_place():
    images = strokes(1000)
    altered = augment(images, np.random.default_rng(0))
    ratio = altered.sum(axis=(1, 2)) / images.sum(axis=(1, 2))
    assert 0.85 < ratio.mean() < 1.35
    assert ratio.min() > 0.4
    assert ratio.max() < 2.5
    assert np.abs(centres(altered) - centres(images)).max() < 4.5
    assert np.abs((centres(altered) - centres(images)).mean(axis=0)).max() < 0.15  # no drift to any side


def test_ink_stays_inside_and_never_reaches_a_neighbour():
    images = strokes(512)
    images[::2] = 0
    altered = augment(images, np.random.default_rng(0), Strength(rotation=15, shear=0.3, warp=40, shift=2))
    assert altered[::2].max() == 0
    assert altered[1::2].max(axis=(1, 2)).min() > 80


def test_images_with_ink_up_to_the_edge_do_not_leak_either():
    images = np.zeros((300, 28, 28), np.uint8)
    images[1::2] = 255
    altered = augment(images, np.random.default_rng(0), only(thicker=1.0, shift=2.0))
    assert altered[::2].max() == 0


@pytest.mark.parametrize(
    ("change", "bound"),
    [({"shift": 2.0}, 2.0), ({"rotation": 10.0}, 0.85), ({"scale": 0.1}, 0.473), ({"shear": 0.2}, 0.9)],
)
def test_change_stays_within_its_bound_and_gets_near_it(change, bound):
    moved = np.zeros((2000, 28, 28), np.uint8)
    moved[:, 8:11, 8:11] = 255  # 4.5 pixels up and to the left of the middle: 4.5 · sin 10° + …
    shift = np.abs(centres(augment(moved, np.random.default_rng(0), only(**change))) - centres(moved))
    assert 0.9 * bound < shift.max() < 1.05 * bound


def test_strokes_get_thicker_and_thinner():
    images = strokes(400)
    thick = augment(images, np.random.default_rng(0), only(thicker=1.0))
    thin = augment(images, np.random.default_rng(0), only(thinner=1.0))
    assert (thick >= images).all()
    assert (thin <= images).all()
    assert thick.sum() > 1.1 * images.sum()
    assert thin.sum() < 0.9 * images.sum()


def test_warp_bends_locally_with_the_spread_that_its_authors_give():
    ramp = np.broadcast_to(np.arange(28, dtype=np.uint8) * 9, (2048, 28, 28)).copy()
    altered = augment(ramp, np.random.default_rng(0), only(warp=34.0))
    moved = (altered.astype(float) - ramp)[:, 8:20, 8:20] / 9  # pixels to the side
    # uniform noise of spread 1/√3, smoothed with σ: 34 · 1/√3 / (2 √π σ)
    assert moved.std() == pytest.approx(34 / np.sqrt(3) / (2 * np.sqrt(np.pi) * 4), rel=0.1)
    assert moved[:, 0, 0].std() > 5 * np.diff(moved, axis=2).std()  # neighbours move together


def test_other_image_sizes_work():
    images = np.random.default_rng(0).integers(0, 256, (5, 20, 33), np.uint8)
    assert augment(images, np.random.default_rng(0)).shape == (5, 20, 33)
    assert np.array_equal(augment(images, np.random.default_rng(0), NONE), images)


def test_batches_of_a_run_are_altered_as_its_epochs_are():
    images = strokes(64)[np.arange(CHUNK + 64) % 64]
    data = TrainingData(images, np.zeros(len(images)), batch_size=512, seed=0, augment=augment)
    together = np.concatenate([batch for batch, _ in data.batches(0)])
    assert np.array_equal(together, data.epoch(0)[0])
