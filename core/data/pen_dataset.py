"""The dataset `pen`: many people's strokes as the models see drawings, some of the writers kept for the test.

Rendering takes a minute, so the images are kept below the data folder, under a name made of the sources'
content and of `RENDERING`: whoever comes next reads them, and who comes at the same time waits.
"""

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import zip_longest
from pathlib import Path

import numpy as np
from filelock import FileLock

from core import places
from core.data.catalogue import DATASETS, DIGIT_NAMES, UNIPEN
from core.data.files import whole_files
from core.data.pen import Written, read_strokes, unipen_files
from core.data.pen_rendering import bent, rendered, with_habit
from core.machine.environment import available_cores
from core.runs.writing import written_whole

RENDERING = 3  # to be raised with every change of what is rendered
RENDERED = "pen-rendered"  # below the data folder
EACH = 300  # drawings to learn from that are wanted of a writer: every hand counts nearly alike …
MOST_DRAWINGS = 4  # … but no digit is drawn more often, with a pen each; one to test with is drawn once
TURN = 10.0  # most degrees to either side, from the second drawing on
HABITS = {"0": 1, "1": 3, "7": 1}  # further drawings of each: with a slash; with a foot or an upstroke; a bar
TEST_SHARE = 1 / 8  # of the writers


@dataclass(frozen=True, eq=False)
class PenImages:
    """Images (N, 28, 28) uint8, labels (N,) uint8 and whose hand each is, (N,) such as "syn/12"."""

    x_train: np.ndarray
    y_train: np.ndarray
    train_writers: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    test_writers: np.ndarray


def pen_images(data_dir: Path | str | None = None) -> PenImages:
    """All digits rendered, from the disk if somebody did it before.

    Args:
        data_dir: the folder with `pen-digits` and, where a visitor put it there, `pen-unipen`.

    Raises:
        DatasetError: UCI's file is missing or altered, or a line of a file cannot be read.
    """
    sources = _sources(data_dir)
    folder = _kept_in(places.data_dir(data_dir))
    folder.mkdir(exist_ok=True)
    path = folder / f"{_fingerprint(sources)}.npz"
    with FileLock(folder / ".lock"):
        kept = _read(path)
        if kept is None:
            kept = render(read_sources(data_dir))
            for old in folder.glob("*.npz"):
                old.unlink()
            with written_whole(path) as whole:
                np.savez(whole, **{part.name: getattr(kept, part.name) for part in fields(kept)})
    return kept


def images_to_test(data_dir: Path | str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The images (N, 28, 28) uint8 and labels (N,) uint8 to test with alone, the same as of `pen_images`.

    They are few: where nobody rendered all of them yet, this takes seconds and not minutes.

    Raises:
        DatasetError: as `pen_images`.
    """
    sources = _sources(data_dir)
    kept = _read(_kept_in(places.data_dir(data_dir)) / f"{_fingerprint(sources)}.npz")
    if kept is not None:
        return kept.x_test, kept.y_test
    jobs = [job for job in _jobs(read_sources(data_dir), is_test_writer) if job.for_test]
    images, labels, _ = _arrays([one for job in jobs for one in _drawings(job)])
    return images, labels


def read_sources(data_dir: Path | str | None = None) -> dict[str, list[Written]]:
    """The characters of every file, by its path in the data folder, in an order that is always the same."""
    folder = places.data_dir(data_dir)
    return {
        path.relative_to(folder).as_posix(): read_strokes(path, folder / path.relative_to(folder).parts[0])
        for path in _sources(data_dir)
    }


def _sources(data_dir: Path | str | None) -> list[Path]:
    return [*whole_files(DATASETS["pen"], data_dir), *unipen_files(places.data_dir(data_dir) / UNIPEN)]


def _fingerprint(sources: list[Path]) -> str:
    """Of what is rendered: of a folder of `.dat` files that is everything in it, for they include others."""
    read = set(sources)
    for path in sources:
        if path.suffix == ".dat":
            top = next(folder for folder in path.parents if folder.name == UNIPEN)
            read |= {file for file in top.rglob("*") if file.is_file()}
    digest = hashlib.sha256(str(RENDERING).encode())
    for path in sorted(read):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:24]


def _kept_in(data_folder: Path) -> Path:
    """Where rendered images are kept: the data folder, or a temporary one where that is read-only."""
    folder = data_folder / RENDERED
    if not os.access(folder if folder.exists() else data_folder, os.W_OK):
        folder = Path(tempfile.gettempdir()) / f"digit-derby-{RENDERED}-{os.getuid()}"
    return folder


def _read(path: Path) -> PenImages | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return PenImages(**{part.name: kept[part.name] for part in fields(PenImages)})
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):
        return None  # damaged: rendered anew and replaced


def samples_by_writer(sources: dict[str, list[Written]], count: int) -> list[tuple[str, np.ndarray]]:
    """The ten digits of `count` writers, from as many laboratories as there are.

    Args:
        sources: as `read_sources` returns them.
        count: how many writers; fewer where not so many wrote all ten.

    Returns:
        A writer's name, such as "syn/12", and the images (10, 28, 28) uint8 of 0 to 9 as they are learned.
    """
    hands: dict[str, dict[str, list[_Job]]] = {}
    for job in _jobs(sources, is_test_writer):
        if not job.for_test:
            hands.setdefault(job.one.writer, {}).setdefault(job.one.label, []).append(job)
    laboratories: dict[str, list[str]] = {}
    for writer, digits in hands.items():
        if len(digits) == len(DIGIT_NAMES):
            laboratories.setdefault(writer.partition("/")[0], []).append(writer)
    turns = zip_longest(*laboratories.values())  # a writer of each laboratory, then another one of each
    chosen = [writer for turn in turns for writer in turn if writer is not None][:count]
    return [(writer, np.stack([_first(hands[writer][digit]) for digit in DIGIT_NAMES])) for writer in chosen]


def _first(jobs: "list[_Job]") -> np.ndarray:
    """The first drawing in which something is found."""
    return next(image for job in jobs for image, _, _ in _drawings(job))


# ── rendering ───────────────────────────────────────────────────────────────────────

Drawn = tuple[np.ndarray, str, str]  # image, label, writer


@dataclass(frozen=True, eq=False)
class _Job:
    """A digit to draw, and how often; file and number, where it stands in it, seed the pens."""

    one: Written
    file: int
    number: int
    for_test: bool
    drawings: int


def is_test_writer(writer: str) -> bool:
    """Whether a writer's digits are kept for the test; further files move nobody to the other side."""
    return zlib.crc32(writer.encode()) % 2**16 < TEST_SHARE * 2**16


def render(sources: dict[str, list[Written]], for_test: Callable[[str], bool] = is_test_writer) -> PenImages:
    """Draws every digit of the files, those to learn from several times and some with a new habit.

    Args:
        sources: as `read_sources` returns them.
        for_test: says of a writer whether the digits are to test with.

    Returns:
        The images; equal files make equal images, whatever other files there are.
    """
    jobs = _jobs(sources, for_test)
    with ThreadPoolExecutor(available_cores()) as pool:
        drawn = list(pool.map(lambda job: list(_drawings(job)), jobs))
    sides = [
        _arrays(
            [one for job, images in zip(jobs, drawn, strict=True) if job.for_test == test for one in images]
        )
        for test in (False, True)
    ]
    return PenImages(*sides[0], *sides[1])


def _jobs(sources: dict[str, list[Written]], for_test: Callable[[str], bool]) -> list[_Job]:
    digits = [
        (one, zlib.crc32(name.encode()), number)
        for name, characters in sources.items()
        for number, one in enumerate(characters)
        if one.label in DIGIT_NAMES
    ]
    of_writer = Counter(one.writer for one, _, _ in digits)
    return [
        _Job(one, file, number, test, 1 if test else _drawings_of(of_writer[one.writer]))
        for one, file, number in digits
        for test in [for_test(one.writer)]
    ]


def _drawings_of(digits: int) -> int:
    """How often each digit of a writer who wrote so many is drawn to learn from."""
    return min(MOST_DRAWINGS, max(1, round(EACH / digits)))


def _drawings(job: _Job) -> Iterator[Drawn]:
    """With another pen each, bent from the second on; to learn from, some once more with a habit."""
    one = job.one
    for drawing in range(job.drawings):
        rng = np.random.default_rng([job.file, job.number, drawing])
        image = rendered(bent(one.strokes, rng, TURN) if drawing else one.strokes, rng)
        if image is not None:
            yield image, one.label, one.writer
    for habit in range(0 if job.for_test else HABITS.get(one.label, 0)):
        rng = np.random.default_rng([job.file, job.number, MOST_DRAWINGS + habit])
        image = rendered(bent(with_habit(one.strokes, one.label, rng), rng, TURN), rng)
        if image is not None:
            yield image, one.label, one.writer


def _arrays(drawn: list[Drawn]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if not drawn:
        return np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8), np.zeros(0, str)
    images, labels, writers = zip(*drawn, strict=True)
    return np.stack(images), np.array(labels).astype(np.uint8), np.array(writers)
