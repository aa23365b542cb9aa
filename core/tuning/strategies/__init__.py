"""What is tried next: a grid, random draws, Optuna's TPE or successive halving.

Each is a function of the study and its trials alone, so that whoever goes on with a study after a kill
proposes what would have been proposed without it.
"""

from collections.abc import Callable

from core.tuning.strategies.grid import GridSearch
from core.tuning.strategies.halving import Halving
from core.tuning.strategies.proposal import Proposal, Searcher
from core.tuning.strategies.random_search import RandomSearch
from core.tuning.strategies.tpe import TpeSearch
from core.tuning.study import StudySpec

__all__ = ["Proposal", "Searcher", "searcher"]
_KINDS: dict[str, Callable[[StudySpec], Searcher]] = {
    "grid": GridSearch, "random": RandomSearch, "tpe": TpeSearch, "halving": Halving,
}  # fmt: skip


def searcher(spec: StudySpec) -> Searcher:
    """What proposes the trials of a study.

    Raises:
        core.tuning.space.SpaceError: the space cannot be searched.
    """
    return _KINDS[spec.strategy](spec)
