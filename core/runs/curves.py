"""A run's curve: loss and accuracy of its training at points that all frameworks share."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from core.runs.records import RecordError

# `seconds` is the training clock; `loss` and `accuracy` are means over the steps since the last point.
SERIES = ("step", "seconds", "loss", "accuracy")
MOST_POINTS = 400  # more cannot be told apart on a chart; as JSON they stay under 20 kB
FEWEST_STEPS = 20  # between two points: means over fewer jump too much to be compared
_DIGITS = 5  # of a loss, at least: 0.012346


def points_per_epoch(steps_per_epoch: int, epochs: int) -> int:
    """How many points a run records in each epoch, the last of them at its end.

    At least FEWEST_STEPS lie between two of them (all steps of an epoch that has fewer), and the run
    has MOST_POINTS at most.
    """
    return max(1, min(steps_per_epoch // FEWEST_STEPS, MOST_POINTS // epochs))


def grid(steps_per_epoch: int, epochs: int) -> list[int]:
    """The steps of an epoch, from 1, after which a point is recorded: the same in every epoch."""
    points = points_per_epoch(steps_per_epoch, epochs)
    return [steps_per_epoch * point // points for point in range(1, points + 1)]


def rounded(curve: Mapping[str, Sequence[float]]) -> dict[str, list]:
    """The curve as a record keeps it: milliseconds, hundredths of a per cent, five digits of a loss."""
    return {
        "step": list(curve["step"]),
        "seconds": [round(value, 3) for value in curve["seconds"]],
        "loss": [float(f"{value:.{_DIGITS}g}") for value in curve["loss"]],
        "accuracy": [round(value, 4) for value in curve["accuracy"]],
    }


def read_curve(metrics: Mapping[str, Any]) -> dict[str, list]:
    """The curve in a metrics file: SERIES, equally long.

    Raises:
        RecordError: there is none, or it is no curve; the message says so in a sentence.
    """
    curve = metrics.get("curve")
    if curve is None:
        raise RecordError("It was trained before curves were kept; train it again to see it run.")
    if not isinstance(curve, dict) or not _is_curve([curve.get(name) for name in SERIES]):
        raise RecordError("Its curve cannot be read: the record is damaged.")
    return {name: list(curve[name]) for name in SERIES}


def _is_curve(columns: list[Any]) -> bool:
    if not all(isinstance(column, list) and column for column in columns):
        return False
    steps, seconds, losses, accuracies = columns
    return (
        len({len(column) for column in columns}) == 1
        and len(steps) <= MOST_POINTS
        and all(type(value) in (int, float) and value >= 0 for column in columns for value in column)
        and all(sooner < later for sooner, later in pairwise(steps))
        and all(sooner <= later for sooner, later in pairwise(seconds))
        and max(accuracies) <= 1
        and max(max(losses), seconds[-1]) < float("inf")
    )
