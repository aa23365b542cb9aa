"""The datasets read: their images as stored, split, and normalised as a run takes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.config import RunConfig
from core.data.batches import Augment, TrainingData, normalise, stratified_order
from core.data.catalogue import DatasetError, DatasetInfo, find_dataset
from core.data.files import whole_files
from core.data.folds import fold_numbers
from core.data.sklearn_digits import read_digits

# One shuffle for every framework and every seed: the runs of a race share their validation images.
SPLIT_SEED = 20_240_101


# ── reading ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Images:
    """A dataset as stored: white ink on black, x (N, 28, 28) uint8, y (N,) int64.

    `groups` (N,) int64 tells training images that belong together, such as those of one writer; None
    where none do.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    groups: np.ndarray | None = None


def load_images(dataset: DatasetInfo, data_dir: Path | str | None = None) -> Images:
    """Reads a dataset with NumPy, after its files were checked.

    Args:
        dataset: as `core.data.catalogue.find_dataset` finds it.
        data_dir: the folder with `MNIST/raw` or `FashionMNIST/raw` in it; None means
            `core.places.data_dir()`; `digits` needs none.

    Raises:
        DatasetError: a file is missing, cut short or altered.
    """
    x_train, y_train, x_test, y_test, *groups = READERS[dataset.reader](dataset, data_dir)
    labels = y_train.astype(np.int64), y_test.astype(np.int64)
    return Images(x_train, labels[0], x_test, labels[1], dataset.class_names, *groups)


def _idx_files(dataset: DatasetInfo, data_dir: Path | str | None) -> list[np.ndarray]:
    return [_read_idx(path) for path in whole_files(dataset, data_dir)]


def _read_idx(path: Path) -> np.ndarray:
    """An IDX file of bytes: two zeros, the type, the number of axes, each length big-endian, the data."""
    content = np.fromfile(path, np.uint8)
    axes = int(content[3])
    shape = content[4 : 4 + 4 * axes].view(">u4").astype(int)
    return content[4 + 4 * axes :].reshape(shape)


def _inside_sklearn(dataset: DatasetInfo, data_dir: Path | str | None) -> list[np.ndarray]:
    return read_digits(whole_files(dataset, data_dir)[0], SPLIT_SEED)


def _pen(dataset: DatasetInfo, data_dir: Path | str | None) -> list[np.ndarray]:
    from core.data.pen_dataset import pen_images

    pen = pen_images(data_dir)
    _, groups = np.unique(pen.train_writers, return_inverse=True)
    return [pen.x_train, pen.y_train, pen.x_test, pen.y_test, groups]


def _put_together(dataset: DatasetInfo, data_dir: Path | str | None) -> list[np.ndarray]:
    """The parts one after another; an image that belongs to no group is one of its own."""
    parts = [load_images(part, data_dir) for part in dataset.with_files()]
    groups: list[np.ndarray] = []
    for part in parts:
        first = sum(int(group.max()) + 1 for group in groups)
        own = part.groups if part.groups is not None else np.arange(len(part.y_train))
        groups.append(first + own)
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    return [*arrays, np.concatenate(groups)]


# From a dataset and the data folder to its training images and labels, test images and labels, and the
# training images' groups where there are any; with the errors of `load_images`. What only one dataset
# needs is imported when that is read.
Reader = Callable[[DatasetInfo, Path | str | None], Sequence[np.ndarray]]
READERS: dict[str, Reader] = {
    "idx": _idx_files,
    "sklearn": _inside_sklearn,
    "pen": _pen,
    "parts": _put_together,
}


# ── what a run takes ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything a run needs: x (N, 28, 28, 1) float32 normalised, y (N,) int64.

    The validation images may be none: shapes (0, 28, 28, 1) and (0,); so may the test images.
    """

    train: TrainingData
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def split(
    labels: np.ndarray, dataset: DatasetInfo, config: RunConfig, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the training and of the validation images.

    One stratified shuffle with a fixed seed decides, so every framework and every seed validates on
    the same images. The validation images are its last `validation_size` (of `digits` never more than
    a tenth), the training images its first `train_size` of the others, or all when there are fewer.
    With groups, whole groups are held out at random until they are enough for the validation images.
    In cross-validation the validation images are the first `validation_size` of such a shuffle of the
    run's fold, the training images the first `train_size` of one of the other folds.

    Args:
        labels: (N,) integers, the dataset's training labels.
        dataset: where they come from.
        config: validation_size, train_size, folds, fold.
        groups: as in `Images`.

    Raises:
        DatasetError: nothing is left to train on, or the images do not make so many folds.
    """
    if config.folds is not None:
        within = fold_numbers(labels, config.folds, SPLIT_SEED, groups) == config.fold
        others, part = (_in_order(labels, np.flatnonzero(chosen)) for chosen in (~within, within))
        return others[: config.train_size], part[: config.validation_size]
    held = min(config.validation_size, int(dataset.largest_validation_share * len(labels)))
    rest = len(labels) - held
    if rest < 1:
        raise DatasetError(
            f"a validation size of {config.validation_size:,} leaves no training images: "
            f"{dataset.name} has {len(labels):,}; choose less"
        )
    order = stratified_order(labels, SPLIT_SEED)
    if groups is None:
        return order[:rest][: config.train_size], order[rest:]
    out = _held_out(groups, held)[order]
    return order[~out][: config.train_size], order[out][:held]


def _in_order(labels: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return positions[stratified_order(labels[positions], SPLIT_SEED)]


def _held_out(groups: np.ndarray, count: int) -> np.ndarray:
    """Which images, (N,) booleans, belong to the groups that are drawn until they hold `count` images."""
    sizes = np.bincount(groups)
    drawn = np.random.default_rng(SPLIT_SEED).permutation(len(sizes))
    enough = int(np.searchsorted(np.cumsum(sizes[drawn]), count)) + 1 if count else 0
    return np.isin(groups, drawn[:enough])


def fold_positions(
    config: RunConfig, data_dir: Path | str | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Positions of the training and of the validation images of every fold, as the runs take them.

    Fit for the `cv` of scikit-learn's searches over the dataset's training images.

    Args:
        config: dataset, folds, validation_size, train_size.
        data_dir: as for `load_images`.

    Raises:
        DatasetError: as `prepare_data`.
    """
    dataset = find_dataset(config.dataset, data_dir)
    images = load_images(dataset, data_dir)
    each = [config.model_copy(update={"fold": fold}) for fold in range(config.folds or 0)]
    return [split(images.y_train, dataset, one, images.groups) for one in each]


Loader = Callable[[DatasetInfo, Path | str | None], Images]  # as `load_images`, such as one that remembers


def prepare_data(
    config: RunConfig,
    data_dir: Path | str | None = None,
    own: tuple[np.ndarray, np.ndarray] | None = None,
    *,
    load: Loader = load_images,
    with_test: bool = True,
) -> Prepared:
    """Reads, splits and normalises what the run asks for.

    Args:
        config: dataset, scaling, split sizes, folds, batch size, seed, augment, own_digits.
        data_dir: as for `load_images`.
        own: the visitor's own digits, (M, 28, 28) uint8 and (M,) labels, added to the training images
            as often as `core.data.own_digits.repeats` says.
        load: reads the images.
        with_test: without, there are no test images, shapes as of validation images that are none.

    Raises:
        DatasetError: bad files, no training images left, or own digits asked for and not given.
    """
    dataset = find_dataset(config.dataset, data_dir)
    _check_same(dataset, config)
    images = load(dataset, data_dir)
    chosen, held_out = split(images.y_train, dataset, config, images.groups)
    x_train, y_train = images.x_train[chosen], images.y_train[chosen]
    if config.own_digits and (own is None or len(own[0]) == 0):
        raise DatasetError("the run asks for your own digits, but none is saved; draw and label some first")
    if own is not None:
        x_own, y_own = _repeated(*_checked(own, len(dataset.class_names)), len(x_train))
        x_train, y_train = np.concatenate([x_train, x_own]), np.concatenate([y_train, y_own])
    mean, std = dataset.scaling_constants(config.scaling)
    train = TrainingData(
        x_train, y_train, batch_size=config.batch_size, seed=config.seed, mean=mean, std=std,
        augment=_augment(config.threads) if config.augment else None,
    )  # fmt: skip
    tested = None if with_test else 0
    return Prepared(
        train=train,
        x_val=normalise(images.x_train[held_out], mean, std),
        y_val=images.y_train[held_out],
        x_test=normalise(images.x_test[:tested], mean, std),
        y_test=images.y_test[:tested],
    )


def _check_same(dataset: DatasetInfo, config: RunConfig) -> None:
    """Refuses another dataset of the same name than the one that the run was set up with."""
    held = (len(dataset.class_names), dataset.content)
    if held != (config.classes, config.dataset_content or ""):
        raise DatasetError(
            f"{dataset.name} is another dataset than the one of this name that the run was set up with "
            f"({config.classes} classes, {config.dataset_content or 'not imported'}); set up a new race"
        )


def _augment(threads: int) -> Augment:
    import cv2  # most runs do without it

    from core.data.augmentation import augment

    cv2.setNumThreads(threads)
    return augment


def _checked(own: tuple[np.ndarray, np.ndarray], classes: int) -> tuple[np.ndarray, np.ndarray]:
    images, labels = (np.asarray(part) for part in own)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise DatasetError(
            f"own digits must be (M, 28, 28) uint8 with (M,) labels, not {images.dtype} {images.shape} "
            f"with {labels.shape}"
        )
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        raise DatasetError(f"labels of own digits must be from 0 to {classes - 1}")
    return images, labels.astype(np.int64)


def _repeated(images: np.ndarray, labels: np.ndarray, others: int) -> tuple[np.ndarray, np.ndarray]:
    """The own digits as often as they join `others` training images."""
    from core.data.own_digits import repeats  # most runs have none

    times = repeats(len(images), others)
    return np.repeat(images, times, axis=0), np.repeat(labels, times)
