"""What a strategy answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.tuning.study import Trial


@dataclass(frozen=True)
class Proposal:
    """A candidate to be trained: a new trial, or the one of this number once more with more epochs."""

    settings: dict[str, Any]  # the searched fields, and "framework" where each has its own best
    epochs: int | None = None  # in place of the study's
    trial: int | None = None


class Searcher(Protocol):
    """Proposes the trials of a study, in their order.

    It is asked with all trials there are, those that it just proposed among them, with their fits, waiting
    ones too.
    """

    @property
    def planned(self) -> int | None:
        """How many trials there will be in all; None where only the time decides."""

    @property
    def planned_fits(self) -> int | None:
        """How many fits they take together, if none is dismissed or fails."""

    def propose(self, trials: Sequence[Trial]) -> Proposal | None:
        """What begins next; None where nothing does, for now (a fit has to end first) or for good."""

    def exhausted(self, trials: Sequence[Trial]) -> bool:
        """Whether nothing will ever be proposed again."""
