"""The track of a race: where a runner stands, by the accuracy that it has reached so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

STRAIGHT = 0.14  # of the track, for all that lies below its first mark: passed within moments
SMOOTHED = 20  # a runner stands at the mean over this part of its points: one batch more or less moves nobody
LEAST_POINTS = 3  # of that mean
NEAREST = 0.05  # of the track, between two marks
LEAST_END = 0.5  # of a track on which nobody gets far
GOAL = 0.991  # where a track ends at the least that leads as far as 99 %
PERFECT = 0.9995  # no track is longer: an error of nought is infinitely far away
MARKS = (0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
# Best accuracy of a race → its track's first mark: a track that nobody runs to the end shows nothing.
FIRST_MARKS = ((0.96, 0.9), (0.7, 0.5))


def reached(accuracy: Sequence[float | None]) -> list[float]:
    """The accuracy reached by each point of a curve (fractions): a running mean that never goes back."""
    window = max(LEAST_POINTS, len(accuracy) // SMOOTHED)
    best = 0.0
    known: list[float] = []
    found = []
    for value in accuracy:
        if value is not None:
            known = [*known, value][-window:]
            best = max(best, sum(known) / len(known))
        found.append(best)
    return found


@dataclass(frozen=True)
class Track:
    """From nothing right to the accuracy `end`; the error shrinks by equal factors over equal stretches."""

    first: float  # the first mark, before which the track is not stretched
    end: float

    def place(self, accuracy: float) -> float:
        """Where an accuracy lies on the track, 0 (the gate) to 1."""
        if accuracy < self.first:
            return STRAIGHT * accuracy / self.first
        accuracy = min(accuracy, self.end)
        stretched = log((1 - self.first) / (1 - accuracy)) / log((1 - self.first) / (1 - self.end))
        return STRAIGHT + (1 - STRAIGHT) * stretched

    def marks(self) -> list[dict[str, Any]]:
        """The track's marks as `text` and `place`, none too near another; the weightiest names come first."""
        chosen: list[float] = []
        for mark in sorted(MARKS, key=lambda mark: (mark != 0.99, mark)):  # 99 % is what all run for
            near = any(abs(self.place(mark) - self.place(other)) < NEAREST for other in chosen)
            if self.first <= mark <= self.end and not near:
                chosen.append(mark)
        return [{"text": f"{100 * mark:g} %", "place": self.place(mark)} for mark in chosen]


def track(best: float) -> Track:
    """The track of a race whose best runner reaches the accuracy `best`."""
    first = next((first for least, first in FIRST_MARKS if best >= least), 0.2)
    if first == FIRST_MARKS[0][1]:
        return Track(first, min(max(best, GOAL), PERFECT))
    return Track(first, 1 - 0.8 * (1 - max(best, LEAST_END)))
