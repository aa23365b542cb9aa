"""Successive halving (Jamieson and Talwalkar 2016): many with few epochs, the best third with more.

A budget is a whole short run of its own, so that a schedule that ends low has ended. Nothing goes on in the
middle of one.
"""

from collections.abc import Sequence

from core.tuning import space
from core.tuning.ranking import ended_at, ranked_at
from core.tuning.strategies.proposal import Proposal
from core.tuning.strategies.random_search import RandomSearch
from core.tuning.study import StudySpec, Trial

ETA = 3  # one in three goes on, with three times the epochs


def budgets(epochs: int) -> list[int]:
    """The epochs of each round: a ninth, a third, all; fewer rounds where these are the same."""
    return sorted({max(1, round(epochs / ETA**2)), max(1, round(epochs / ETA)), epochs})


def round_sizes(candidates: int, rounds: int) -> list[int]:
    """How many candidates are trained in each round."""
    return [max(1, candidates // ETA**each) if candidates else 0 for each in range(rounds)]


class Halving(RandomSearch):
    """The starting candidates are those of the random search; `trials` says how many."""

    def __init__(self, spec: StudySpec) -> None:
        super().__init__(spec)
        self._budgets = budgets(int(spec.fixed["epochs"]))

    @property
    def planned_fits(self) -> int | None:
        """Those of every round, in every framework."""
        if self.planned is None:
            return None
        searches = space.own_searches(self.spec)
        starts = [len(range(turn, self.planned, searches)) for turn in range(searches)]
        trained = sum(sum(round_sizes(start, len(self._budgets))) for start in starts)
        return trained * space.fits_per_trial(self.spec)

    def propose(self, trials: Sequence[Trial]) -> Proposal | None:
        """A starting candidate; once all of a round have ended, its best third with the next epochs."""
        if new := super().propose(trials):
            return Proposal(new.settings, epochs=self._budgets[0])
        waiting = (next_up for own in self._own(trials) for next_up in self._promoted(own)[0])
        return next(waiting, None)

    def exhausted(self, trials: Sequence[Trial]) -> bool:
        """Whether the last round of every framework has begun."""
        ends = (self._promoted(own) == ([], True) for own in self._own(trials))
        return self.all_begun(trials) and all(ends)

    def _own(self, trials: Sequence[Trial]) -> list[list[Trial]]:
        """The trials of each search."""
        if self.spec.common:
            return [list(trials)]
        return [[one for one in trials if one.settings["framework"] == name] for name in self.spec.frameworks]

    def _promoted(self, own: list[Trial]) -> tuple[list[Proposal], bool]:
        """What the last round that has ended promotes and has not begun, and whether it is the end."""
        sizes = round_sizes(len(own), len(self._budgets))
        taking_part = own
        for budget, more, kept in zip(self._budgets, self._budgets[1:], sizes[1:], strict=False):
            if not all(ended_at(self.spec, one, budget) for one in taking_part):
                return [], False
            taking_part = ranked_at(self.spec, taking_part, budget)[:kept]
            begun = {one.number for one in taking_part if any(fit.epochs == more for fit in one.fits)}
            left = [one for one in taking_part if one.number not in begun]
            if left:
                return [Proposal(one.settings, more, one.number) for one in left], False
        return [], True
