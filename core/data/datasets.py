"""The datasets: where their files are, whether they are whole, and what a run takes from them."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.config import RunConfig
from core.data.batches import Augment, TrainingData, normalise, stratified_order
from core.data.catalogue import DATASETS, DatasetError, DatasetInfo, FileInfo, find_dataset
from core.data.sklearn_digits import read_digits

__all__ = [
    "DATASETS",
    "DatasetError",
    "DatasetInfo",
    "FileInfo",
    "FileStatus",
    "Images",
    "Prepared",
    "TrainingData",
    "find_dataset",
    "load_images",
    "overview",
    "prepare_data",
    "scaling_constants",
    "split",
    "status",
    "whole_files",
]

# One shuffle for every framework and every seed: the runs of a race share their validation images.
SPLIT_SEED = 20_240_101


# ── are the files whole? ────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FileStatus:
    """What was found of one file; `problem` is empty when it is whole."""

    name: str
    path: Path
    present: bool
    size: int | None
    size_ok: bool
    checksum_ok: bool
    problem: str

    @property
    def ok(self) -> bool:
        """Whether the file can be used."""
        return not self.problem


def status(name: str, data_dir: Path | str | None = None) -> list[FileStatus]:
    """The state of every file of a dataset, each read and its MD5 computed (0.1 s for MNIST).

    Raises:
        DatasetError: no dataset of this name.
    """
    info = find_dataset(name)
    folder = info.folder(data_dir)
    return [_check(folder / file.name, file) for file in info.files]


def _check(path: Path, file: FileInfo) -> FileStatus:
    try:
        if not path.is_file():
            return FileStatus(file.name, path, False, None, False, False, "is missing")
        size = path.stat().st_size
        if size != file.size:
            problem = f"has {size:,} bytes instead of {file.size:,}"
            return FileStatus(file.name, path, True, size, False, False, problem)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        return FileStatus(file.name, path, True, None, False, False, f"cannot be read ({error.strerror})")
    problem = "" if digest == file.md5 else f"has the wrong checksum ({digest} instead of {file.md5})"
    return FileStatus(file.name, path, True, size, True, not problem, problem)


def whole_files(name: str, data_dir: Path | str | None = None) -> list[Path]:
    """Where the dataset's files are, each checked as `status` does.

    Raises:
        DatasetError: unknown name, or a file that is missing, cut short or altered.
    """
    info = find_dataset(name)
    files = status(name, data_dir)
    bad = [f"{file.name} {file.problem}" for file in files if not file.ok]
    if bad:
        raise DatasetError(f"{info.title} in {info.folder(data_dir)}: {'; '.join(bad)}. {info.ways_out()}")
    return [file.path for file in files]


def overview(names: Iterable[str] = (), data_dir: Path | str | None = None) -> list[dict]:
    """What `python -m core data` prints: one plain dictionary per dataset, ready for JSON.

    Args:
        names: datasets to look at; none means all.
        data_dir: the data folder; None means `core.places.data_dir()`.

    Returns:
        Keys dataset, title, folder, ok, files (name, path, present, size, size_ok, checksum_ok, problem).

    Raises:
        DatasetError: no dataset of that name.
    """
    rows = []
    for info in [find_dataset(name) for name in (list(names) or DATASETS)]:
        files = status(info.name, data_dir)
        rows.append(
            {
                "dataset": info.name,
                "title": info.title,
                "folder": str(info.folder(data_dir)),
                "ok": all(file.ok for file in files),
                "files": [{**asdict(file), "path": str(file.path)} for file in files],
            }
        )
    return rows


# ── reading ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Images:
    """A dataset as stored: white ink on black, x (N, 28, 28) uint8, y (N,) int64."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    name: str
    class_names: tuple[str, ...]


def load_images(name: str, data_dir: Path | str | None = None) -> Images:
    """Reads a dataset with NumPy, after its files were checked.

    Args:
        name: a key of `DATASETS`.
        data_dir: the folder with `MNIST/raw` or `FashionMNIST/raw` in it; None means
            `core.places.data_dir()`; `digits` needs none.

    Raises:
        DatasetError: unknown name, or a file that is missing, cut short or altered.
    """
    info = find_dataset(name)
    paths = whole_files(name, data_dir)
    arrays = [_read_idx(path) for path in paths] if info.subfolder else read_digits(paths[0], SPLIT_SEED)
    x_train, y_train, x_test, y_test = arrays
    return Images(x_train, y_train.astype(np.int64), x_test, y_test.astype(np.int64), name, info.class_names)


def _read_idx(path: Path) -> np.ndarray:
    """An IDX file of bytes: two zeros, the type, the number of axes, each length big-endian, the data."""
    content = np.fromfile(path, np.uint8)
    axes = int(content[3])
    shape = content[4 : 4 + 4 * axes].view(">u4").astype(int)
    return content[4 + 4 * axes :].reshape(shape)


# ── what a run takes ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything a run needs: x (N, 28, 28, 1) float32 normalised, y (N,) int64.

    The validation images may be none: shapes (0, 28, 28, 1) and (0,).
    """

    train: TrainingData
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]


def scaling_constants(dataset: str, scaling: str) -> tuple[float, float]:
    """Mean and std that `core.data.batches.normalise` takes: the dataset's own, or 0 and 1 for "unit"."""
    info = find_dataset(dataset)
    return (info.mean, info.std) if scaling == "standardize" else (0.0, 1.0)


def split(labels: np.ndarray, config: RunConfig) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the training and of the validation images.

    One stratified shuffle with a fixed seed decides, so every framework and every seed validates on
    the same images. The validation images are its last `validation_size` (of `digits` never more than
    a tenth), the training images its first `train_size` of the others, or all when there are fewer.

    Raises:
        DatasetError: nothing is left to train on.
    """
    share = find_dataset(config.dataset).largest_validation_share
    held = min(config.validation_size, int(share * len(labels)))
    rest = len(labels) - held
    if rest < 1:
        raise DatasetError(
            f"a validation size of {config.validation_size:,} leaves no training images: "
            f"{config.dataset} has {len(labels):,}; choose less"
        )
    order = stratified_order(labels, SPLIT_SEED)
    return order[:rest][: config.train_size], order[rest:]


def prepare_data(
    config: RunConfig,
    data_dir: Path | str | None = None,
    extra: tuple[np.ndarray, np.ndarray] | None = None,
    extra_repeat: int | None = None,
) -> Prepared:
    """Reads, splits and normalises what the run asks for.

    Args:
        config: dataset, scaling, split sizes, batch size, seed, augment, own_digits.
        data_dir: as for `load_images`.
        extra: the visitor's own digits, (M, 28, 28) uint8 and (M,) labels, added to the training images.
        extra_repeat: how often each of them is added; None as `core.data.own_digits.repeats` says.

    Raises:
        DatasetError: bad files, no training images left, or own digits asked for and not given.
    """
    images = load_images(config.dataset, data_dir)
    chosen, held_out = split(images.y_train, config)
    x_train, y_train = images.x_train[chosen], images.y_train[chosen]
    if config.own_digits and (extra is None or len(extra[0]) == 0):
        raise DatasetError("the run asks for your own digits, but none is saved; draw and label some first")
    if extra is not None:
        x_own, y_own = _checked(extra, len(images.class_names))
        if extra_repeat is None:
            from core.data.own_digits import repeats

            extra_repeat = repeats(len(x_own), len(x_train))
        x_train = np.concatenate([x_train, np.repeat(x_own, extra_repeat, axis=0)])
        y_train = np.concatenate([y_train, np.repeat(y_own, extra_repeat)])
    mean, std = scaling_constants(config.dataset, config.scaling)
    train = TrainingData(
        x_train, y_train, batch_size=config.batch_size, seed=config.seed, mean=mean, std=std,
        augment=_augment(config.threads) if config.augment else None,
    )  # fmt: skip
    return Prepared(
        train=train,
        x_val=normalise(images.x_train[held_out], mean, std),
        y_val=images.y_train[held_out],
        x_test=normalise(images.x_test, mean, std),
        y_test=images.y_test,
        class_names=images.class_names,
    )


def _augment(threads: int) -> Augment:
    import cv2  # most runs do without it

    from core.data.augmentation import augment

    cv2.setNumThreads(threads)
    return augment


def _checked(extra: tuple[np.ndarray, np.ndarray], classes: int) -> tuple[np.ndarray, np.ndarray]:
    images, labels = (np.asarray(part) for part in extra)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise DatasetError(
            f"own digits must be (M, 28, 28) uint8 with (M,) labels, not {images.dtype} {images.shape} "
            f"with {labels.shape}"
        )
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        raise DatasetError(f"labels of own digits must be from 0 to {classes - 1}")
    return images, labels.astype(np.int64)
