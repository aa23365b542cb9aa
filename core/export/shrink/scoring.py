"""What a variant answers, beside the float model that it was made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.comparison.significance import mcnemar_test
from core.data.catalogue import DATASETS, DIGIT_NAMES
from core.data.datasets import Images
from core.data.files import is_whole
from core.data.own_digits import training_images
from core.data.pen_dataset import images_to_test
from core.export.recorded import ExportError
from core.export.shrink.trained import Trained
from core.runs.records import OWN_DIGITS
from core.runs.shrunk import Drawn

PEN = "pen"  # the dataset of many people's drawings


@dataclass(frozen=True, eq=False)
class Questions:
    """Images (N, 28, 28) uint8 and what they show, (N,) integers."""

    dataset: str
    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, eq=False)
class Scored:
    """A variant against its float model; its answers to the test set are (N,) uint8."""

    answers: np.ndarray
    correct: int
    changed: int
    better: int
    worse: int
    p: float
    drawn: tuple[Drawn, ...]


def all_questions(
    artifacts: Path, trained: Trained, images: Images, data_dir: Path | None = None
) -> list[Questions]:
    """The run's own test set, then what people drew: the visitor's kept digits, and `pen` where it is here.

    Raises:
        core.runs.records.RecordError: the table of the visitor's digits cannot be read.
    """
    found = [Questions(trained.config.dataset, images.x_test, images.y_test)]
    if trained.class_names != DIGIT_NAMES:
        return found
    found.append(Questions(OWN_DIGITS, *training_images(artifacts)))
    if trained.config.dataset != PEN and is_whole(DATASETS[PEN], data_dir):
        found.append(Questions(PEN, *images_to_test(data_dir)))
    return [asked for asked in found if len(asked.labels)]


def answers_to(predict: Callable[[np.ndarray], np.ndarray], asked: Sequence[Questions]) -> list[np.ndarray]:
    """The class that each image gets, (N,) uint8.

    Raises:
        ExportError: what came back is not one row of probabilities an image.
    """
    found = []
    for one in asked:
        probabilities = np.asarray(predict(one.images))
        if probabilities.shape[:1] != one.labels.shape or not np.isfinite(probabilities).all():
            raise ExportError(
                f"it answers {len(one.labels):,} images of {one.dataset} with {probabilities.shape} numbers, "
                "some of them perhaps without end; it is not kept"
            )
        found.append(probabilities.argmax(axis=1).astype(np.uint8))
    return found


def score(answers: list[np.ndarray], originals: list[np.ndarray], asked: Sequence[Questions]) -> Scored:
    """A variant's answers beside those of its float model, in the order of the questions."""
    right, was_right = answers[0] == asked[0].labels, originals[0] == asked[0].labels
    p, _ = mcnemar_test(right, was_right)
    drawn = [
        Drawn(
            one.dataset,
            images=len(one.labels),
            changed=int(np.sum(answer != original)),
            float_correct=int(np.sum(original == one.labels)),
            correct=int(np.sum(answer == one.labels)),
        )
        for one, answer, original in zip(asked[1:], answers[1:], originals[1:], strict=True)
    ]
    return Scored(
        answers[0],
        correct=int(right.sum()),
        changed=int(np.sum(answers[0] != originals[0])),
        better=int(np.sum(right & ~was_right)),
        worse=int(np.sum(was_right & ~right)),
        p=p,
        drawn=tuple(drawn),
    )
