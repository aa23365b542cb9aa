"""Every candidate of the grid, or as many as were asked for, in its order."""

from collections.abc import Sequence

from core.tuning.space import fits_per_trial, grid
from core.tuning.strategies.proposal import Proposal
from core.tuning.study import StudySpec, Trial


class GridSearch:
    """The grid from its first candidate on."""

    def __init__(self, spec: StudySpec) -> None:
        self._candidates = grid(spec)[: spec.trials]
        self._fits_per_trial = fits_per_trial(spec)

    @property
    def planned(self) -> int:
        """All candidates of the grid, or the number asked for."""
        return len(self._candidates)

    @property
    def planned_fits(self) -> int:
        """Every candidate's fits."""
        return self.planned * self._fits_per_trial

    def propose(self, trials: Sequence[Trial]) -> Proposal | None:
        """The next candidate."""
        return None if self.exhausted(trials) else Proposal(self._candidates[len(trials)])

    def exhausted(self, trials: Sequence[Trial]) -> bool:
        """Whether every candidate has begun."""
        return len(trials) >= self.planned
