"""Candidates by chance (Bergstra and Bengio 2012), no two alike, the same ones for every framework."""

import zlib
from collections.abc import Sequence
from itertools import count
from typing import Any

from core.tuning import space
from core.tuning.strategies.proposal import Proposal
from core.tuning.study import StudySpec, Trial

VAIN = 20  # draws of what was drawn before, until a draw has one more digit


def chance_of(*parts: object) -> int:
    """A seed that follows from these words and numbers alone, on every machine."""
    return zlib.crc32(" ".join(map(str, parts)).encode())


class Draws:
    """The row of different candidates that follows from a study's name; it ends where the space does."""

    def __init__(self, spec: StudySpec) -> None:
        import numpy as np

        self._spec = spec
        self.size = space.size(spec)
        self._dimensions = space.dimensions(spec)
        self._rng = np.random.default_rng(chance_of(spec.name))
        self._row: list[dict[str, Any]] = []
        self._names: set[str] = set()

    def __getitem__(self, place: int) -> dict[str, Any]:
        """The candidate at a place of the row, counted from 0, which must be below `size`."""
        if self.size is not None and place >= self.size:
            raise IndexError(place)
        while len(self._row) <= place:
            self._row.append(self._unlike_the_others())
        return self._row[place]

    def _unlike_the_others(self) -> dict[str, Any]:
        """A new candidate; after some vain draws its numbers get more digits, of which there is no end."""
        for vain in count():
            drawn = {one.field: one.draw(self._rng, vain // VAIN) for one in self._dimensions}
            settings = space.effective(self._spec, drawn)
            if (name := space.trial_name(settings)) not in self._names:
                break
        self._names.add(name)
        return settings


class RandomSearch:
    """A draw for each trial; where each framework has its own best, all get a draw before the next."""

    def __init__(self, spec: StudySpec) -> None:
        self.spec = spec
        self.draws = Draws(spec)

    @property
    def planned(self) -> int | None:
        """As many as asked for, at most all that the space holds."""
        asked, size = self.spec.trials, self.draws.size
        if size is None:
            return asked
        everything = size * space.own_searches(self.spec)
        return everything if asked is None else min(asked, everything)

    @property
    def planned_fits(self) -> int | None:
        """Every trial's fits."""
        return None if self.planned is None else self.planned * space.fits_per_trial(self.spec)

    def propose(self, trials: Sequence[Trial]) -> Proposal | None:
        """The next draw, in the framework whose turn it is."""
        if self.all_begun(trials):
            return None
        place, turn = divmod(len(trials), space.own_searches(self.spec))
        return Proposal(space.in_every_framework(self.spec, self.draws[place])[turn])

    def exhausted(self, trials: Sequence[Trial]) -> bool:
        """Whether all trials have begun."""
        return self.all_begun(trials)

    def all_begun(self, trials: Sequence[Trial]) -> bool:
        """Whether there are as many trials as planned; never while only the time decides."""
        return self.planned is not None and len(trials) >= self.planned
