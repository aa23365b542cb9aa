"""Folds of writers: what a network reads of people whom it has never met (PyTorch, `small-cnn`).

In each fold a fifth of UCI's writers and one of UNIPEN's laboratories are left out together; the network
learns from MNIST and everybody else with the recipe of the reference runs.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import frameworks
from core.architectures import initial_weights
from core.config import RunConfig
from core.contract import Callback
from core.data.augmentation import augment
from core.data.batches import TrainingData, normalise
from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.data.pen import Written
from core.data.pen_dataset import TURN, read_sources, render
from core.data.pen_rendering import bent, rendered, with_habit
from core.runs.reference import HANDWRITING

HABITS = Path(__file__).with_name("habits.txt")
FOLDS = 5  # of UCI's writers
MADE = 1000  # digits with a habit, of each kind, over all folds


@dataclass(frozen=True, eq=False)
class Hands:
    """All pen digits: to learn from, with their writers; and each once, with where it stands in its file."""

    images: np.ndarray
    labels: np.ndarray
    writers: np.ndarray
    once: np.ndarray
    once_labels: np.ndarray
    once_writers: np.ndarray
    sources: dict[str, list[Written]]


@dataclass(frozen=True)
class Fold:
    """Whom a network does not meet: UCI's writers of one remainder by five, and a laboratory."""

    remainder: int | None
    laboratory: str

    def leaves_out(self, writer: str) -> bool:
        """Whether this writer is one of them."""
        laboratory, _, number = writer.partition("/")
        if laboratory == "pen-digits":
            return int(number) % FOLDS == self.remainder
        return laboratory == self.laboratory


def folds(sources: dict[str, list[Written]]) -> list[Fold]:
    """As many as there are laboratories, or fifths of UCI's writers."""
    found = {one.writer.partition("/")[0] for characters in sources.values() for one in characters}
    laboratories = sorted(found - {"pen-digits"})
    return [
        Fold(number if number < FOLDS else None, laboratory) for number, laboratory in enumerate(laboratories)
    ]


def hands(data_dir: Path) -> Hands:
    """Everything rendered, two minutes of a processor."""
    sources = read_sources(data_dir)
    learned = render(sources, lambda writer: False)
    once = render(sources, lambda writer: True)
    return Hands(
        learned.x_train, learned.y_train, learned.train_writers,
        once.x_test, once.y_test, once.test_writers, sources,
    )  # fmt: skip


# ── one fold ────────────────────────────────────────────────────────────────────────


class Progress(Callback):
    """A line per epoch."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, loss, accuracy, model) -> None:
        took = time.perf_counter() - self.began
        print(f"   epoch {epoch + 1}: loss {float(loss):.4f}, {took:.0f} s", flush=True)


def train(fold: Fold, everybody: Hands, data_dir: Path, threads: int):
    """A function from images to digits, by a network that has not met those of the fold."""
    import cv2
    import torch

    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    mnist = load_images(find_dataset("mnist"), data_dir)
    met = ~_left_out(fold, everybody.writers)
    config = RunConfig(framework="pytorch", threads=threads, device="cpu", **HANDWRITING)
    mean, std = find_dataset("mnist-pen").scaling_constants(config.scaling)
    data = TrainingData(
        np.concatenate([mnist.x_train, everybody.images[met]]),
        np.concatenate([mnist.y_train, everybody.labels[met]]),
        batch_size=config.batch_size, seed=0, mean=mean, std=std, augment=augment,
    )  # fmt: skip
    exhibit = frameworks.load("pytorch")
    model = exhibit.build(config.network, initial_weights(config.network, config.seed))
    exhibit.train(model, data, config, Progress())
    return lambda images: exhibit.predict(model, normalise(images, mean, std)).argmax(axis=1)


def _left_out(fold: Fold, writers: np.ndarray) -> np.ndarray:
    names, where = np.unique(writers, return_inverse=True)
    return np.array([fold.leaves_out(str(name)) for name in names])[where]


def measure(fold: Fold, everybody: Hands, read, data_dir: Path, share: float) -> dict[str, tuple[int, int]]:
    """How many of how many are read right, by kind."""
    found: dict[str, tuple[int, int]] = {}

    def count(kind: str, images: np.ndarray, labels: np.ndarray) -> None:
        if len(images):
            found[kind] = int((read(images) == labels).sum()), len(images)

    mnist = load_images(find_dataset("mnist"), data_dir)
    count("MNIST", mnist.x_test, mnist.y_test)
    out = _left_out(fold, everybody.once_writers)
    ucis = np.char.startswith(everybody.once_writers, "pen-digits/")
    count("UCI", everybody.once[out & ucis], everybody.once_labels[out & ucis])
    count(f"UNIPEN {fold.laboratory}", everybody.once[out & ~ucis], everybody.once_labels[out & ~ucis])
    for kind, drawn in made(fold, everybody.sources, round(MADE * share)).items():
        count(f"made {kind}", *drawn)
    for kind, drawn in real(fold, everybody.sources).items():
        count(f"real {kind}", *drawn)
    return found


# ── habits ──────────────────────────────────────────────────────────────────────────

Drawn = tuple[np.ndarray, np.ndarray]


def made(fold: Fold, sources: dict[str, list[Written]], count: int) -> dict[str, Drawn]:
    """Zeros, ones and sevens of those left out, each with a habit added and bent."""
    found = {}
    for digit, kind in (("0", "slash"), ("1", "foot or upstroke"), ("7", "bar")):
        own = [one for one in _all(sources) if one.label == digit and fold.leaves_out(one.writer)]
        images = []
        for number in range(count):
            rng = np.random.default_rng([77, int(digit), number])
            one = own[number % len(own)]
            images.append(rendered(bent(with_habit(one.strokes, digit, rng), rng, TURN), rng))
        found[kind] = _together(images, digit)
    return found


def real(fold: Fold, sources: dict[str, list[Written]]) -> dict[str, Drawn]:
    """Those marked in `habits.txt` that were written by somebody left out."""
    images = defaultdict(list)
    for line in HABITS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        file, kind, *numbers = line.split()
        for number in map(int, numbers):
            one = sources[file][number]
            if fold.leaves_out(one.writer):
                rng = np.random.default_rng([78, number])
                images[kind, one.label].append(rendered(one.strokes, rng))
    return {kind: _together(drawn, digit) for (kind, digit), drawn in images.items()}


def _all(sources: dict[str, list[Written]]) -> Iterable[Written]:
    return (one for characters in sources.values() for one in characters)


def _together(images: list[np.ndarray | None], digit: str) -> Drawn:
    whole = [image for image in images if image is not None]
    return np.stack(whole), np.full(len(whole), int(digit))


# ── all folds ───────────────────────────────────────────────────────────────────────


def measure_folds(data_dir: Path, chosen: list[int] | None, threads: int) -> None:
    """Prints every fold and, at the end, all together."""
    everybody = hands(data_dir)
    all_folds = folds(everybody.sources)
    numbers = chosen or list(range(len(all_folds)))
    totals: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number in numbers:
        fold = all_folds[number]
        print(f"fold {number}: without UCI's writers {fold.remainder} by {FOLDS}, without {fold.laboratory}")
        read = train(fold, everybody, data_dir, threads)
        for kind, counts in measure(fold, everybody, read, data_dir, 1 / len(numbers)).items():
            totals[kind].append(counts)
            print(f"   {kind:<24}{counts[0] / counts[1]:8.2%} of {counts[1]}", flush=True)
    print("all folds")
    donors = [counts[0] for kind, counts in totals.items() if kind.startswith("UNIPEN")]
    print(f"   {'UNIPEN, mean of donors':<24}{np.mean([right / count for right, count in donors]):8.2%}")
    for kind, counts in totals.items():
        right, count = np.sum(counts, axis=0)
        print(f"   {kind:<24}{right / count:8.2%} of {count}")
