"""The cards about runs in trouble: a table of rules, each with the figure that triggers it.

Every trigger says in a comment where it comes from and what the reference runs show, which never reach it.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import psutil

from core.architectures import Architecture, Conv, Dense, build_architecture
from core.lessons import remedies
from core.lessons.case import Case
from core.scores import accuracy_interval
from core.training.diagnosis import CHANCE, ROSE, STILL, guessing_probability
from core.words import counted, megabytes, percent, whole

LASTING = 3  # epochs in a row: one alone may be a slip
FEWEST_DRAWN = 10
VALUE_BYTES = 4  # float32
# Images a second of the loop that PyTorch's guide shows (DataLoader, batch 64), with small-cnn on two cores:
# 15.1 s an epoch of 60,000; `tests/benchmarks/speed.py` has the loop.
GUIDE = 60_000 / 15.1


@dataclass(frozen=True)
class Rule:
    """A kind of trouble: the figure of a run, from where on it is trouble, what to say and to change.

    `card` is the card that it stands on, of whose rules a run gets the first that fits; `figure` is None
    where a run does not tell it; `otherwise` is the way on where no field of the set-up would help.
    """

    name: str
    card: str
    figure: Callable[[Case], float | None]
    trigger: float
    seen: Callable[[Case], str]
    why: str
    remedy: Callable[[Case], Mapping[str, Any]]
    below: bool = False  # trouble is a figure of at most `trigger`, not of at least
    otherwise: str = ""  # "again" or "draw"

    def fits(self, case: Case) -> bool:
        """Whether the run is in this trouble."""
        figure = self.figure(case)
        if figure is None:
            return False
        return figure <= self.trigger if self.below else figure >= self.trigger


# ── did not learn: as its record says ───────────────────────────────────────────────


def _guessing(case: Case) -> float:
    """The loss of equal probabilities for all classes."""
    classes = case.config.classes if case.config else 0 if case.confusion is None else len(case.confusion)
    return math.log(classes) if classes > 1 else math.nan


def _losses(case: Case) -> np.ndarray:
    """The training loss of each epoch, those that are known."""
    losses = np.array([]) if case.history is None else case.history["loss"]
    return losses[~np.isnan(losses)]


def _peak(case: Case) -> float | None:
    if not case.diagnosis:
        return None
    if case.failed:
        return math.inf
    losses = _losses(case)
    return float(losses.max() / _guessing(case)) if len(losses) else None


def _away_from_guessing(case: Case) -> float | None:
    losses = _losses(case)
    if not case.diagnosis or not len(losses):
        return None
    return abs(losses[-1] / _guessing(case) - 1)


def _chance(case: Case) -> float | None:
    if not case.diagnosis or case.confusion is None:
        return None
    return guessing_probability(case.confusion)


# ── learned by heart ────────────────────────────────────────────────────────────────


def _gap(case: Case) -> float | None:
    """How much more of the training images is right than of others, by what both kinds of others allow."""
    if case.history is None or math.isnan(case.accuracy_high):
        return None
    others = np.nanmax([case.history["val_accuracy"][-1], case.accuracy_high])
    return float(case.history["accuracy"][-1] - others)


def _rise(case: Case) -> float | None:
    """The validation loss of the last epochs in times its lowest, while the training loss went on falling."""
    if case.history is None or (_gap(case) or 0) <= 0:
        return None
    training, validation = case.history["loss"], case.history["val_loss"]
    if len(training) <= LASTING or np.isnan([training, validation]).any():
        return None
    best = validation.argmin()
    if training[-1] >= training[best] or validation[best] == 0:
        return None
    return float(validation[-LASTING:].min() / validation[best])


def _seen_gap(case: Case) -> str:
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


def _seen_rise(case: Case) -> str:
    assert case.history is not None
    training, validation = case.history["loss"], case.history["val_loss"]
    best = int(validation.argmin())
    return (
        f"The loss on the validation images was lowest in epoch {best + 1} ({validation[best]:.3g}) and rose "
        f"to {validation[-1]:.3g} in epoch {len(validation)}, while that on the training images fell from "
        f"{training[best]:.2g} to {training[-1]:.2g}."
    )


# ── memory ──────────────────────────────────────────────────────────────────────────


def _memory(case: Case) -> float | None:
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
    return float(VALUE_BYTES * remedies.step_images(case) * values)


def _seen_memory(case: Case) -> str:
    if case.phase == "data":
        return "Memory ran out while the images were read."
    if case.phase != "train":
        return "Memory ran out before the first step."
    end = "the system then ended it" if case.killed else "then memory ran out"
    images = "one image" if (count := remedies.step_images(case)) == 1 else f"{count:,} images at once"
    size = _step_bytes(case)
    made = megabytes(size, 0) if size < 1e9 else f"{size / 1e9:.1f} GB"
    return f"A step with {images} makes {made} of numbers, the gradients among them; {end}."


# ── speed ───────────────────────────────────────────────────────────────────────────


def _speed(case: Case) -> float | None:
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


def _seen_speed(case: Case) -> str:
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


def _misread(case: Case) -> float | None:
    """By how much drawings are read worse than test images, at the least that chance allows."""
    if case.drawn is None or case.drawn.asked < FEWEST_DRAWN:
        return None
    _, at_best = accuracy_interval(case.drawn.right / case.drawn.asked, case.drawn.asked)
    return case.accuracy - float(at_best)


def _seen_drawn(case: Case) -> str:
    drawn = case.drawn
    assert drawn is not None
    return (
        f"{drawn.right} of the {drawn.asked} digits that you kept on Draw were read right "
        f"({percent(drawn.right / drawn.asked, 0)}), of the test images {percent(case.accuracy, 1)}: more "
        "than bad luck."
    )


# ── the table ───────────────────────────────────────────────────────────────────────

TITLES = {  # what is said of the runs on a card
    "not-learned": "did not learn",
    "by-heart": "learned by heart",
    "memory": "ran out of memory",
    "slow": "trained very slowly",
    "drawings": "misread your drawings",
}
_BY_HEART = "It remembers its training images instead of what such images have in common: overfitting."


def _told(case: Case) -> str:
    return case.diagnosis


def _recorded(case: Case) -> Mapping[str, Any]:
    return case.remedy


RULES = (
    # The run's record says why. In times the loss of guessing; reference runs stay below 0.3.
    Rule(
        "diverges", "not-learned", _peak, ROSE, _told,
        "Each step went too far, so the next mistake was greater still: it diverged.", _recorded,
    ),
    # The last loss, as a fraction away from that of guessing; reference runs end more than 0.98 away.
    Rule(
        "stands still", "not-learned", _away_from_guessing, STILL, _told,
        "To the network every class is as likely as before: it found no way down.", _recorded, below=True,
    ),
    # How likely guessing reads as many test images; for reference runs less than one in 10^300.
    Rule("guesses", "not-learned", _chance, CHANCE, _told, "", _recorded),
    # A fraction of the images. Reference runs reach 0.003 at most, those of MNIST without augmentation;
    # 50 of the built-in digits, learned by heart, 0.3. Three in a hundred is more than most set-ups gain.
    Rule(
        "overfits", "by-heart", _gap, 0.03, _seen_gap, _BY_HEART, remedies.against_overfitting,
    ),
    # In times the lowest. It never rises for three epochs in a reference run (1.0); by half is past doubt.
    Rule(
        "trains on for too long", "by-heart", _rise, 1.5, _seen_rise, _BY_HEART, remedies.to_the_best_epoch,
    ),
    # Of the machine's memory. Reference runs take 20 MB a step; a framework takes some times what a step
    # makes, so that a quarter is enough to blame it for a process that was killed.
    Rule(
        "runs out of memory", "memory", _memory, 0.25, _seen_memory,
        "All images of a step are in memory at once, with what every layer makes of them.",
        remedies.less_at_once,
    ),
    # Of the guide's loop, or of the fastest run of the same kind here where that is faster still. Reference
    # runs of NumPy, the slowest, reach 0.64, and 0.5 or more with every other preset; the others beat the
    # loop. Machines alone move times by a third.
    Rule(
        "trains very slowly", "slow", _speed, 0.25, _seen_speed,
        "Every step costs time of its own, however few images it has, and one thread uses one core.",
        remedies.quicker, below=True, otherwise="again",
    ),
    # A fraction of the images. Of 992 digits by pens that they never met, taken 10, 20, 50, 100, 200 or all
    # at a time, reference runs reach 0.034 at most, those of MNIST without augmentation.
    Rule(
        "misreads drawings", "drawings", _misread, 0.05, _seen_drawn,
        "It learned from other hands and other pens than yours.", remedies.other_hands, otherwise="draw",
    ),
)  # fmt: skip


# ── cards ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Part:
    """Runs of one set-up with the same trouble: what is seen (sentence → runs), what would mend it."""

    seen: Mapping[str, tuple[str, ...]]
    remedy: Mapping[str, Any]
    otherwise: str

    @property
    def runs(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(run for runs in self.seen.values() for run in runs)


@dataclass(frozen=True)
class Card:
    """One trouble of some runs."""

    name: str  # a key of TITLES
    frameworks: tuple[str, ...]  # of its runs
    why: str
    parts: tuple[Part, ...]

    @property
    def runs(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(run for part in self.parts for run in part.runs)


def rules_that_fit(case: Case) -> list[Rule]:
    """Of each card the first rule that fits."""
    found: dict[str, Rule] = {}
    for rule in RULES:
        if rule.card not in found and rule.fits(case):
            found[rule.card] = rule
    return list(found.values())


def cards(cases: Iterable[Case]) -> list[Card]:
    """At most one card for each of TITLES, in that order."""
    found = [(rule, case) for case in cases for rule in rules_that_fit(case)]
    by_card = {name: [(rule, case) for rule, case in found if rule.card == name] for name in TITLES}
    return [_card(name, ill) for name, ill in by_card.items() if ill]


def _card(name: str, ill: list[tuple[Rule, Case]]) -> Card:
    alike: dict[tuple, list[tuple[Rule, Case]]] = {}
    for rule, case in ill:
        alike.setdefault((rule.name, _set_up(case), str(rule.remedy(case))), []).append((rule, case))
    why = " ".join(dict.fromkeys(rule.why for rule, _ in ill if rule.why))
    who = tuple(dict.fromkeys(case.framework for _, case in ill))
    return Card(name, who, why, tuple(_part(part) for part in alike.values()))


def _set_up(case: Case) -> str:
    return "" if case.config is None else case.config.model_dump_json(exclude={"framework", "seed"})


def _part(alike: list[tuple[Rule, Case]]) -> Part:
    seen: dict[str, tuple[str, ...]] = {}
    for rule, case in alike:
        sentence = rule.seen(case)
        seen[sentence] = (*seen.get(sentence, ()), case.run)
    rule, case = alike[0]
    return Part(seen, rule.remedy(case), rule.otherwise)
