"""A small dataset in MNIST's file format, a child process that fetches it, an account without rights."""

import gzip
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from core.data import fetching
from core.data.catalogue import DATASETS, DatasetInfo, FileInfo
from core.places import PROJECT

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def idx_bytes(array: np.ndarray) -> bytes:
    """The array (uint8) as the IDX format stores it."""
    lengths = struct.pack(f">{array.ndim}I", *array.shape)
    return struct.pack(">HBB", 0, 8, array.ndim) + lengths + array.tobytes()


def small_files(train: int = 200, test: int = 50) -> dict[str, bytes]:
    """The four files: images of noise, so that gzip cannot shrink them; labels 0 to 9 in turn."""
    rng = np.random.default_rng(7)
    arrays = [
        rng.integers(0, 256, (train, 28, 28), np.uint8),
        np.arange(train, dtype=np.uint8) % 10,
        rng.integers(0, 256, (test, 28, 28), np.uint8),
        np.arange(test, dtype=np.uint8) % 10,
    ]
    return {name: idx_bytes(array) for name, array in zip(NAMES, arrays, strict=True)}


def small_info(files: dict[str, bytes]) -> DatasetInfo:
    """MNIST's description with the sizes and checksums of these files."""
    known = [FileInfo(name, len(data), hashlib.md5(data).hexdigest()) for name, data in files.items()]
    return replace(DATASETS["mnist"], files=tuple(known))


def taken_for_mnist(files: dict[str, bytes]) -> dict[str, str]:
    """Environment variables with which every new process takes these files for MNIST's."""
    known = [(file.name, file.size, file.md5) for file in small_info(files).files]
    return {
        "PYTHONPATH": str(PROJECT / "tests" / "support" / "other_mnist"),
        "DIGIT_DERBY_TEST_PROJECT": str(PROJECT),
        "DIGIT_DERBY_TEST_MNIST": json.dumps(known),
    }


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Puts the files into the folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def archives(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files as a mirror offers them, compressed by gzip."""
    return {f"{name}.gz": gzip.compress(data, 1) for name, data in files.items()}


def fetch_small(
    info: DatasetInfo,
    data_dir: Path,
    mirror: str | None = None,
    mirrors: list[str] | None = None,
    stall_seconds: float = 30,
    environment: dict[str, str] | None = None,
) -> tuple[fetching.Fetched, list[tuple[str, int, int | None]]]:
    """`fetch` with another description; for a child process, since it imports torch."""
    from torchvision.datasets import MNIST

    seen = []
    with (
        mock.patch.dict(os.environ, environment or {}),
        mock.patch.object(fetching, "STALL_SECONDS", stall_seconds),
        mock.patch.object(MNIST, "mirrors", mirrors or MNIST.mirrors),
    ):
        if "DIGIT_DERBY_MIRROR" not in (environment or {}):
            os.environ.pop("DIGIT_DERBY_MIRROR", None)  # the tests' own, which nobody answers
        return fetching.fetch(info, data_dir, mirror, lambda *step: seen.append(step)), seen


def torchvision_file_names(class_name: str) -> list[str]:
    """The archives that torchvision knows of; for a child process, too."""
    from torchvision import datasets

    return [name for name, _ in getattr(datasets, class_name).resources]


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Gives up root's right to write everywhere, for as long as the block lasts."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
