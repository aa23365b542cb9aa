"""Signs of trouble: for each kind the figure that tells how bad a run is off, and the sentence that says so.

A figure is None where the run does not tell it.
"""

import math
from math import prod

import numpy as np
import psutil

from core.architectures import Architecture, Conv, Dense, build_architecture
from core.lessons.case import Case
from core.lessons.remedies import step_images
from core.scores import accuracy_interval
from core.training.diagnosis import guessing_probability
from core.words import counted, megabytes, percent, whole

LASTING = 3  # epochs in a row: one alone may be a slip
FEWEST_DRAWN = 10
VALUE_BYTES = 4  # float32
# Images a second of the loop that PyTorch's guide shows (DataLoader, batch 64), with small-cnn on two cores:
# 15.1 s an epoch of 60,000; `tests/benchmarks/speed.py` has the loop.
GUIDE = 60_000 / 15.1


# ── did not learn: as its record says ───────────────────────────────────────────────


def _guessing(case: Case) -> float:
    """The loss of equal probabilities for all classes."""
    classes = case.config.classes if case.config else 0 if case.confusion is None else len(case.confusion)
    return math.log(classes) if classes > 1 else math.nan


def _losses(case: Case) -> np.ndarray:
    """The training loss of each epoch, those that are known."""
    losses = np.array([]) if case.history is None else case.history["loss"]
    return losses[~np.isnan(losses)]


def peak(case: Case) -> float | None:
    """The highest training loss of a run that did not learn, in times the loss of guessing."""
    if not case.diagnosis:
        return None
    if case.failed:
        return math.inf
    losses = _losses(case)
    return float(losses.max() / _guessing(case)) if len(losses) else None


def away_from_guessing(case: Case) -> float | None:
    """How far a run that did not learn ended from the loss of guessing, as a fraction of that."""
    losses = _losses(case)
    if not case.diagnosis or not len(losses):
        return None
    return abs(losses[-1] / _guessing(case) - 1)


def chance(case: Case) -> float | None:
    """How likely guessing reads as many test images right as a run that did not learn."""
    if not case.diagnosis or case.confusion is None:
        return None
    return guessing_probability(case.confusion)


# ── learned by heart ────────────────────────────────────────────────────────────────


def gap(case: Case) -> float | None:
    """How much more of the training images is right than of others, by what both kinds of others allow."""
    if case.history is None or math.isnan(case.accuracy_high):
        return None
    others = np.nanmax([case.history["val_accuracy"][-1], case.accuracy_high])
    return float(case.history["accuracy"][-1] - others)


def rise(case: Case) -> float | None:
    """The validation loss of the last epochs in times its lowest, while the training loss went on falling."""
    if case.history is None or (gap(case) or 0) <= 0:
        return None
    training, validation = case.history["loss"], case.history["val_loss"]
    if len(training) <= LASTING or np.isnan([training, validation]).any():
        return None
    best = validation.argmin()
    if training[-1] >= training[best] or validation[best] == 0:
        return None
    return float(validation[-LASTING:].min() / validation[best])


def seen_gap(case: Case) -> str:
    """What was right of the training images, and of others."""
    assert case.history is not None
    size = case.config.train_size if case.config else None
    learned = f"its {size:,} training images" if size else "its training images"
    others, right = "validation", float(case.history["val_accuracy"][-1])
    if math.isnan(right):
        others, right = "test", case.accuracy
    return (
        f"In the last epoch {percent(float(case.history['accuracy'][-1]), 1)} of {learned} were right, but "
        f"only {percent(right, 1)} of the {others} images, which it does not learn from."
    )


def seen_rise(case: Case) -> str:
    """Where the validation loss turned, and how far both losses went from there."""
    assert case.history is not None
    training, validation = case.history["loss"], case.history["val_loss"]
    best = int(validation.argmin())
    return (
        f"The loss on the validation images was lowest in epoch {best + 1} ({validation[best]:.3g}) and rose "
        f"to {validation[-1]:.3g} in epoch {len(validation)}, while that on the training images fell from "
        f"{training[best]:.2g} to {training[-1]:.2g}."
    )


# ── memory ──────────────────────────────────────────────────────────────────────────


def memory(case: Case) -> float | None:
    """1 where the run says that memory ran out; of one that was killed what a step takes of the machine's."""
    if case.out_of_memory:
        return 1.0
    return _step_bytes(case) / psutil.virtual_memory().total if case.killed else None


def _step_bytes(case: Case) -> float:
    """What a step makes: each layer's output for every image, and as much again for its gradients."""
    if case.config is None:
        return math.nan
    network = case.config.network
    values = prod(network.input_shape) + 2 * sum(map(prod, network.shapes()))
    return float(VALUE_BYTES * step_images(case) * values)


def seen_memory(case: Case) -> str:
    """Where memory ran out, and what a step makes."""
    if case.phase == "data":
        return "Memory ran out while the images were read."
    if case.phase != "train":
        return "Memory ran out before the first step."
    end = "the system then ended it" if case.killed else "then memory ran out"
    images = "one image" if (count := step_images(case)) == 1 else f"{count:,} images at once"
    size = _step_bytes(case)
    made = megabytes(size, 0) if size < 1e9 else f"{size / 1e9:.1f} GB"
    return f"A step with {images} makes {made} of numbers, the gradients among them; {end}."


# ── speed ───────────────────────────────────────────────────────────────────────────


def speed(case: Case) -> float | None:
    """Images a second as a fraction of what is usual; whoever beats the guide's loop is held against that."""
    loop = _loop(case)
    if case.speed is None or loop is None:
        return None
    own = case.speed.images_per_second
    return own / (loop if own >= loop else max(loop, _fastest(case)))


def _fastest(case: Case) -> float:
    return case.fastest.images_per_second if case.fastest else 0.0


def _loop(case: Case) -> float | None:
    """Images a second of the guide's loop; a network smaller than its own is no quicker, for that loses its
    time elsewhere."""
    if case.config is None:
        return None
    work = _multiplications(build_architecture("small-cnn")) / _multiplications(case.config.network)
    return GUIDE * min(1, work)


def _multiplications(network: Architecture) -> int:
    """Of one image's way forward through the network."""
    before: tuple[int, ...] = network.input_shape
    count = 0
    for layer, after in zip(network.layers, network.shapes(), strict=True):
        if isinstance(layer, Conv):
            count += prod(after) * layer.kernel**2 * before[-1]
        elif isinstance(layer, Dense):
            count += before[0] * after[0]
        before = after
    return count


def seen_speed(case: Case) -> str:
    """Images a second, here and where it goes quicker."""
    own, loop = case.speed, _loop(case)
    assert own is not None
    assert loop is not None
    figures = f"{whole(own.images_per_second)} images a second, with {_with(own.batch_size, own.threads)}"
    if case.fastest and case.fastest.images_per_second > loop:
        other = _with(case.fastest.batch_size, case.fastest.threads)
        return f"{figures}; the same network did {whole(_fastest(case))} here with {other}."
    return f"{figures}; the loop of PyTorch's guide does {whole(loop)} with such a network on two cores."


def _with(batch_size: int, threads: int) -> str:
    batches = "single images" if batch_size == 1 else f"batches of {batch_size:,}"
    return f"{batches} and {counted(threads, 'thread')}"


# ── drawings ────────────────────────────────────────────────────────────────────────


def misread(case: Case) -> float | None:
    """By how much drawings are read worse than test images, at the least that chance allows."""
    if case.drawn is None or case.drawn.asked < FEWEST_DRAWN:
        return None
    _, at_best = accuracy_interval(case.drawn.right / case.drawn.asked, case.drawn.asked)
    return case.accuracy - float(at_best)


def seen_drawn(case: Case) -> str:
    """How many of the visitor's digits were read right, beside the test images."""
    drawn = case.drawn
    assert drawn is not None
    return (
        f"{drawn.right} of the {drawn.asked} digits that you kept on Draw were read right "
        f"({percent(drawn.right / drawn.asked, 0)}), of the test images {percent(case.accuracy, 1)}: more "
        "than bad luck."
    )
