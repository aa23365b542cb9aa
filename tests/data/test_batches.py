"""Normalised pixels, proportional splits, and the order of the batches."""

import numpy as np
import pytest

from core.data.batches import CHUNK, TrainingData, normalise, stratified_order


@pytest.mark.parametrize("size", [50, 333, 5000])
def test_every_part_of_the_split_has_the_classes_in_proportion(size):
    labels = np.repeat(np.arange(10), np.arange(500, 1500, 100))
    order = stratified_order(labels, 3)
    assert sorted(order) == list(range(len(labels)))
    for part in (order[:size], order[-size:]):
        counts = np.bincount(labels[part], minlength=10)
        assert np.abs(counts - size * np.bincount(labels) / len(labels)).max() <= 2


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.1307, 0.3081)])
def test_every_pixel_value_is_normalised_as_the_formula_says(mean, std):
    images = np.arange(784, dtype=np.uint8).reshape(1, 28, 28)
    result = normalise(images, mean, std)
    assert result.shape == (1, 28, 28, 1)
    assert result.dtype == np.float32
    assert np.abs(result[..., 0] - (images / 255 - mean) / std).max() < 1e-6


def numbered(count: int, **options) -> TrainingData:
    """Images that carry their number in two pixels, with labels that follow from it."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(count), 256)
    return TrainingData(images, np.arange(count) % 10, **{"batch_size": 64, "seed": 0, **options})


def numbers(images: np.ndarray) -> np.ndarray:
    pixels = np.round(images[:, 0, :2, 0] * 255).astype(int)
    return pixels[:, 0] * 256 + pixels[:, 1]


def joined(data: TrainingData, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    images, labels = zip(*data.batches(epoch), strict=True)
    return np.concatenate(images), np.concatenate(labels)


@pytest.mark.parametrize("batch_size", [1, 7, 64, 300, 1000])
def test_batches_hold_every_image_exactly_once_with_its_label(batch_size):
    data = numbered(300, batch_size=batch_size)
    batches = list(data.batches(2))
    assert len(batches) == data.steps_per_epoch == int(np.ceil(300 / batch_size))
    assert {len(labels) for _, labels in batches[:-1]} <= {batch_size}
    for images, labels in batches:
        assert images.shape == (len(labels), 28, 28, 1)
        assert images.flags.c_contiguous
        assert (images.dtype, labels.dtype) == (np.float32, np.int64)
        assert np.array_equal(numbers(images) % 10, labels)
    assert sorted(np.concatenate([numbers(images) for images, _ in batches])) == list(range(300))


def test_order_follows_from_seed_and_epoch_alone():
    first = joined(numbered(300), 0)[1]
    assert np.array_equal(first, joined(numbered(300, batch_size=10), 0)[1])
    expected = np.random.default_rng([0, 0]).permutation(300)
    assert np.array_equal(first, expected % 10)
    assert not np.array_equal(first, joined(numbered(300), 1)[1])
    assert not np.array_equal(first, joined(numbered(300, seed=1), 0)[1])


def test_changing_a_batch_leaves_the_data_alone():
    data = numbered(100)
    for images, labels in data.batches(0):
        images[:] = 9
        labels[:] = 9
    assert sorted(numbers(data.x_train)) == list(range(100))
    assert np.array_equal(data.y_train, np.arange(100) % 10)


class Noise:
    """An alteration that draws from the given randomness and counts the images it has altered."""

    def __init__(self) -> None:
        self.altered = 0

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        assert images.dtype == np.uint8
        self.altered += len(images)
        return images ^ rng.integers(0, 2, images.shape, np.uint8)


@pytest.mark.parametrize("augmented", [False, True])
@pytest.mark.parametrize("batch_size", [7, 64, 5000])
def test_batches_one_after_another_are_the_epoch(augmented, batch_size):
    data = numbered(CHUNK + 500, batch_size=batch_size, augment=Noise() if augmented else None)
    for epoch in (0, 1):
        for ours, whole in zip(joined(data, epoch), data.epoch(epoch), strict=True):
            assert np.array_equal(ours, whole)


def test_augmented_images_differ_by_epoch_and_seed_and_come_again_with_the_same():
    data = numbered(300, augment=Noise())
    again = numbered(300, augment=Noise())
    first = data.epoch(0)[0]
    plain = numbered(300).epoch(0)[0]
    assert not np.array_equal(first, plain)
    assert np.array_equal(first, again.epoch(0)[0])
    by_number = [
        images[np.argsort(data.order(epoch))] for epoch, images in ((0, first), (1, data.epoch(1)[0]))
    ]
    assert not np.array_equal(*by_number)
    assert not np.array_equal(first, numbered(300, seed=1, augment=Noise()).epoch(0)[0])


def test_no_epoch_is_augmented_twice():
    noise = Noise()
    data = numbered(300, augment=noise)
    for _ in data.batches(0):
        pass
    data.epoch(0)
    for _ in data.batches(0):
        pass
    assert noise.altered == 300


def test_first_batch_waits_for_one_chunk_only():
    noise = Noise()
    data = numbered(3 * CHUNK, augment=noise)
    next(data.batches(0))
    assert noise.altered == CHUNK
