"""Did the run learn anything, and if not, what would mend it? Rules with the run's own figures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.config import RunConfig
from core.fields import FIELDS
from core.words import percent

# Where each optimizer usually starts: what its authors, or the recipes of the presets, take.
USUAL_RATES = {"sgd": 0.01, "adam": 0.001, "rmsprop": 0.001, "adadelta": 1.0}
USUAL_MOMENTUM, MOST_MOMENTUM = 0.9, 0.95
FAR = 10.0  # times the usual rate, or a tenth of it
FEW_STEPS = 50  # the first signs of learning take about as many
ENOUGH_STEPS = 500

CHANCE = 0.001  # a guessing run seems to have learned as seldom as this
ROSE = 2.0  # times the loss of guessing
STILL = 0.02  # of the loss of guessing: as near to it, epoch after epoch
MOVED = 0.005  # of the loss of guessing, from the first epoch to the last
HARDLY = 1.5  # times what the largest class alone would give


@dataclass(frozen=True)
class Diagnosis:
    """Why a run did not learn, in a sentence or two, and the fields of its set-up that would mend it."""

    sentence: str
    remedy: dict[str, Any]


@dataclass(frozen=True)
class _Symptom:
    """What was seen."""

    words: str
    lost_hold: bool  # the loss grew: a smaller step is the only way


def diagnose(
    config: RunConfig, history: Mapping[str, Sequence[Any]], confusion: Sequence[Sequence[int]], steps: int
) -> Diagnosis | None:
    """What went wrong with a run that came to an end, or None when it learned.

    Args:
        config: what it was asked to do.
        history: `loss` of each epoch, finite numbers.
        confusion: counts on the test set, rows = true class.
        steps: optimizer steps that it took.
    """
    losses = [float(loss) for loss in history["loss"]]
    if better_than_guessing(confusion) and not _stands_still(losses, confusion):
        return None
    return _explain(config, _symptom(losses, confusion), steps)


def diagnose_divergence(config: RunConfig, problem: str, step: int, steps_per_epoch: int) -> Diagnosis:
    """What went wrong with a run that broke off.

    Args:
        config: what it was asked to do.
        problem: what is no finite number any more, as a clause.
        step: the last one done, from 1.
        steps_per_epoch: of this run.
    """
    epoch = _epoch(max(step - 1, 0) // steps_per_epoch)
    symptom = _Symptom(f"{problem[:1].upper()}{problem[1:]} after step {step}, in {epoch}", lost_hold=True)
    return _explain(config, symptom, step)


def record(diagnosis: Diagnosis | None, finished: bool) -> dict[str, Any]:
    """What the result says; a run that somebody stopped had no time to learn and needs no remedy."""
    told = diagnosis if finished else None
    return {
        "learned": diagnosis is None,
        "diagnosis": told.sentence if told else None,
        "remedy": told.remedy if told else {},
    }


# ── what is seen ────────────────────────────────────────────────────────────────────


def better_than_guessing(confusion: Sequence[Sequence[int]]) -> bool:
    """Whether more is right than naming the largest class each time would give, tested at CHANCE."""
    return guessing_probability(confusion) < CHANCE


def guessing_probability(confusion: Sequence[Sequence[int]] | np.ndarray) -> float:
    """How likely naming the largest class each time gets as many right; 0 where there is but one class.

    The exact one-sided binomial test.
    """
    from scipy.special import betainc  # the training is over: its import costs no clock

    counts = np.asarray(confusion)
    images, right = int(counts.sum()), int(np.trace(counts))
    share = _largest_share(counts)
    if share >= 1:
        return 0.0  # there was nothing to learn
    return float(betainc(right, images - right + 1, share)) if right else 1.0


def _largest_share(counts: np.ndarray) -> float:
    return float(counts.sum(axis=1).max() / counts.sum())


def _stands_still(losses: Sequence[float], confusion: Sequence[Sequence[int]]) -> bool:
    """Whether the loss kept to what guessing costs, and the answers are hardly better than it.

    A short run with a small rate begins there too: it moves on, and its answers show it.
    """
    counts = np.asarray(confusion)
    guessing = math.log(len(counts))
    near = all(abs(loss - guessing) <= STILL * guessing for loss in losses)
    moved = len(losses) < 2 or losses[0] - losses[-1] > MOVED * guessing
    hardly = np.trace(counts) < HARDLY * _largest_share(counts) * counts.sum()
    return near and not moved and bool(hardly)


def _symptom(losses: Sequence[float], confusion: Sequence[Sequence[int]]) -> _Symptom:
    counts = np.asarray(confusion)
    guessing = math.log(len(counts))
    if losses and max(losses) > ROSE * guessing:
        epoch = int(np.argmax(losses))
        return _Symptom(f"The loss rose to {_number(losses[epoch])} in {_epoch(epoch)}", lost_hold=True)
    if losses and abs(losses[-1] - guessing) <= STILL * guessing:
        words = f"The loss stood still at {losses[-1]:.2f}, what guessing costs (ln {len(counts)})"
        return _Symptom(words, lost_hold=False)
    right = percent(float(np.trace(counts) / counts.sum()), 1)
    return _Symptom(f"{right} of the test images are right, no more than guessing gives", lost_hold=False)


def _epoch(epoch: int) -> str:
    return "the first epoch" if epoch == 0 else f"epoch {epoch + 1}"


# ── what would mend it ──────────────────────────────────────────────────────────────


def _explain(config: RunConfig, symptom: _Symptom, steps: int) -> Diagnosis:
    """The first rule that fits the set-up."""
    rate, usual = config.learning_rate, USUAL_RATES[config.optimizer]
    if steps < FEW_STEPS and not symptom.lost_hold:
        epochs = _more_epochs(config, steps)
        return _diagnosis(symptom, f"{steps} steps are too few", "epochs", epochs, f"{epochs} epochs")
    fast = config.optimizer == "sgd" and config.momentum > MOST_MOMENTUM
    if rate > usual:
        cause = f"the learning rate of {_number(rate)} is {'far ' * (rate >= FAR * usual)}too high"
        found = _diagnosis(symptom, cause, "learning_rate", usual)
        return replace(found, remedy={**found.remedy, "momentum": USUAL_MOMENTUM}) if fast else found
    if fast:
        cause = f"the momentum of {config.momentum:g} is too high"
        return _diagnosis(symptom, cause, "momentum", USUAL_MOMENTUM)
    if FAR * rate <= usual and not symptom.lost_hold:
        cause = f"the learning rate of {_number(rate)} is far too low"
        return _diagnosis(symptom, cause, "learning_rate", usual)
    lower = max(float(f"{rate / FAR:.1g}"), FIELDS["learning_rate"].limits[0])
    cause = f"the learning rate of {_number(rate)} is too high here"
    return _diagnosis(symptom, cause, "learning_rate", lower)


def _diagnosis(symptom: _Symptom, cause: str, field: str, value: Any, shown: str = "") -> Diagnosis:
    return Diagnosis(f"{symptom.words}: {cause}. Try {shown or _number(value)}.", {field: value})


def _more_epochs(config: RunConfig, steps: int) -> int:
    """So many that the steps suffice, and more than there were."""
    per_epoch = max(1, steps // config.epochs)
    least, most = map(int, FIELDS["epochs"].limits)
    return min(most, max(least, config.epochs + 1, math.ceil(ENOUGH_STEPS / per_epoch)))


def _number(value: float) -> str:
    """Such as "0.01", "235", "8.1e9", "1e-7"."""
    if value != 0 and not 1e-4 <= abs(value) < 1e4:
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
