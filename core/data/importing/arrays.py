"""NumPy's NPZ and NPY, and MNIST's IDX: arrays of images with labels beside them."""

import gzip
import math
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from core.data.catalogue import DatasetError
from core.data.importing.limits import LARGEST_SIDE, LARGEST_UNPACKED, MOST_IMAGES, SIDE
from core.data.importing.parts import Found, Part, Preparation, Progress, Source
from core.data.importing.preparing import prepared
from core.machine.environment import available_cores

CHUNK = 2000  # images made 28 × 28 between two reports
# Keras calls them x_train …, scikit-learn data and target.
TRAIN_IMAGES = ("x_train", "train_images", "images", "x", "data")
TRAIN_LABELS = ("y_train", "train_labels", "labels", "y", "target")
TEST_IMAGES, TEST_LABELS = ("x_test", "test_images"), ("y_test", "test_labels")


# ── numbers become pixels ───────────────────────────────────────────────────────────


def scale_of(pixels: np.ndarray) -> float:
    """What counts as full ink: 1 where no pixel is more, else 255."""
    return 1.0 if pixels.size and pixels.max() <= 1 else 255.0


def as_bytes(images: np.ndarray, top: float) -> np.ndarray:
    """Numbers from 0 to `top` as uint8 from 0 to 255."""
    if top == 255 and images.dtype == np.uint8:
        return images
    return np.rint(images * np.float32(255 / top)).astype(np.uint8)


def as_prepared(
    images: np.ndarray, top: float, how: Preparation | None, place: Callable[[int], str]
) -> np.ndarray:
    """Images (N, height, width) of numbers from 0 to `top` as the networks take them, (N, 28, 28) uint8.

    Raises:
        DatasetError: one shows no ink and is to be made like MNIST; `place` says which.
    """
    images = as_bytes(images, top)
    if images.shape[1:] == (SIDE, SIDE) and how is None:
        return images
    done = np.empty((len(images), SIDE, SIDE), np.uint8)

    def make(position: int) -> None:
        try:
            done[position] = prepared(images[position], how or "resize")
        except DatasetError as error:
            raise DatasetError(f"{place(position)}: {error}") from error

    with ThreadPoolExecutor(available_cores()) as pool:
        for _ in pool.map(make, range(len(images))):
            pass  # the first that fails ends it
    return done


def _part(name: str, images: np.ndarray, labels: np.ndarray, source: Source, progress: Progress) -> Part:
    """Both arrays as a part, checked; `name` stands in messages."""
    images = _shaped(name, images)
    texts = _texts(name, labels)
    if len(images) != len(texts):
        raise DatasetError(f"{name}: {len(images):,} images and {len(texts):,} labels")
    if not len(images):
        raise DatasetError(f"{name} holds no images")
    if len(images) > MOST_IMAGES:
        raise DatasetError(f"{name} holds {len(images):,} images; at most {MOST_IMAGES:,} are taken")
    top = scale_of(images)
    done: list[np.ndarray] = []

    def place(first: int, position: int) -> str:
        return f"{name}, image {first + position}"

    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        outside = ~((chunk >= 0) & (chunk <= top)).all(axis=(1, 2))
        if outside.any():
            raise DatasetError(
                f"{place(start, int(outside.argmax()))}: a pixel that is not from 0 to {top:g}"
            )
        done.append(as_prepared(chunk, top, source.prepare, partial(place, start)))
        progress("reading", min(1.0, (start + CHUNK) / len(images)))
    return Part(np.concatenate(done), texts, partial(place, 0))


def _shaped(name: str, images: np.ndarray) -> np.ndarray:
    """Images as (N, height, width) numbers."""
    if not (np.issubdtype(images.dtype, np.number) or images.dtype == bool) or images.dtype.kind == "c":
        raise DatasetError(f"{name}: {images.dtype} is no type of pixels")
    if images.dtype == bool:
        images = images.view(np.uint8)
    side = math.isqrt(images.shape[1]) if images.ndim == 2 else 0
    if side and side * side == images.shape[1]:
        images = images.reshape(-1, side, side)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3 or not 1 < min(images.shape[1:]) <= max(images.shape[1:]) <= LARGEST_SIDE:
        raise DatasetError(
            f"{name}: {' × '.join(map(str, images.shape))} are no grey images; (N, height, width) is "
            f"expected, at most {LARGEST_SIDE} × {LARGEST_SIDE} each"
        )
    return images


def _texts(name: str, labels: np.ndarray) -> list[str]:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "biufU":
        raise DatasetError(f"{name}: {labels.dtype} {labels.shape} is not one number or text an image")
    return [str(label) for label in labels.tolist()]


# ── NumPy ───────────────────────────────────────────────────────────────────────────


def read_npz(source: Source, progress: Progress) -> Found:
    """Images and labels of an NPZ file; with `x_test` and `y_test` their test part, too.

    Raises:
        DatasetError: it cannot be read, or its arrays are not such; Python objects are never loaded.
    """
    name = source.path.name
    try:
        with zipfile.ZipFile(source.path) as archive:
            entries = {info.filename.removesuffix(".npy").casefold(): info for info in archive.infolist()}
            if sum(info.file_size for info in archive.infolist()) > LARGEST_UNPACKED:
                raise DatasetError(f"{name} unpacks to more than {LARGEST_UNPACKED // 2**20:,} MB")

            def load(names: tuple[str, ...], role: str) -> np.ndarray | None:
                found = next((entries[known] for known in names if known in entries), None)
                if found is None:
                    return None
                return _read_npy(f"{name}, {found.filename}", found.file_size, lambda: archive.open(found))

            parts = [
                (load(images, "images"), load(labels, "labels"))
                for images, labels in ((TRAIN_IMAGES, TRAIN_LABELS), (TEST_IMAGES, TEST_LABELS))
            ]
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{name} is damaged ({error})") from error
    (x_train, y_train), (x_test, y_test) = parts
    if x_train is None or y_train is None or (x_test is None) != (y_test is None):
        raise DatasetError(
            f"{name} holds {', '.join(entries) or 'nothing'}; images and labels are looked for as "
            "x_train and y_train (x_test, y_test), images and labels, or data and target"
        )
    train = _part(name, x_train, y_train, source, progress)
    if x_test is None or y_test is None:
        return Found(train)
    return Found(train, _part(f"{name}, test part", x_test, y_test, source, progress))


def read_npy(source: Source, progress: Progress) -> Found:
    """Images of an NPY file with the labels of another (NPY or IDX).

    Raises:
        DatasetError: as `read_npz`.
    """
    return Found(_part(source.path.name, _npy_file(source.path), _labels_beside(source), source, progress))


def _npy_file(path: Path) -> np.ndarray:
    return _read_npy(path.name, path.stat().st_size, lambda: open(path, "rb"))


def _read_npy(name: str, size: int, opened: Callable[[], IO[bytes]]) -> np.ndarray:
    """An array whose header promises no more than there is."""
    try:
        with opened() as stream:
            old = np.lib.format.read_magic(stream) == (1, 0)
            header = np.lib.format.read_array_header_1_0 if old else np.lib.format.read_array_header_2_0
            shape, _, dtype = header(stream)
            if dtype.hasobject:
                raise DatasetError(f"{name} holds Python objects, which are never loaded")
            if math.prod(shape) * dtype.itemsize > min(size, LARGEST_UNPACKED):
                raise DatasetError(f"{name} is cut short, or larger than {LARGEST_UNPACKED // 2**20:,} MB")
        with opened() as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{name} is damaged ({error})") from error


# ── IDX ─────────────────────────────────────────────────────────────────────────────


def read_idx(source: Source, progress: Progress) -> Found:
    """Images of an IDX file with the labels of another, each packed with gzip or not.

    Raises:
        DatasetError: a file is damaged, or holds no bytes.
    """
    images, labels = idx_array(source.path), _labels_beside(source)
    return Found(_part(source.path.name, images, labels, source, progress))


def idx_array(path: Path) -> np.ndarray:
    """An IDX file of bytes: two zeros, the type, the number of axes, each length big-endian, the data.

    Raises:
        DatasetError: it is something else, or shorter or longer than it says.
    """
    content = _unpacked(path)
    if len(content) < 4 + 4 * content[3]:
        raise DatasetError(f"{path.name} is cut short")
    if content[:3] != b"\0\0\x08" or not 1 <= content[3] <= 3:
        raise DatasetError(f"{path.name} is no IDX file of bytes with one to three axes")
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, 4).astype(int)
    data = np.frombuffer(content, np.uint8, offset=4 + 4 * axes)
    if len(data) != math.prod(shape.tolist()):
        raise DatasetError(
            f"{path.name} holds {len(data):,} bytes where {' × '.join(map(str, shape))} belong"
        )
    return data.reshape(shape)


def _unpacked(path: Path) -> bytes:
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if packed else open(path, "rb") as file:
            content = file.read(LARGEST_UNPACKED + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DatasetError(f"{path.name} is damaged ({error})") from error
    if len(content) > LARGEST_UNPACKED:
        raise DatasetError(f"{path.name} unpacks to more than {LARGEST_UNPACKED // 2**20:,} MB")
    if len(content) < 8:
        raise DatasetError(f"{path.name} is {'cut short' if content else 'empty'}")
    return content


def _labels_beside(source: Source) -> np.ndarray:
    if source.labels is None:
        raise DatasetError(f"{source.path.name} holds images alone; name their labels' file, too (--labels)")
    with open(source.labels, "rb") as file:
        begin = file.read(6)
    return _npy_file(source.labels) if begin == b"\x93NUMPY" else idx_array(source.labels)
