"""The tree-structured Parzen estimator (Bergstra et al. 2011) as Optuna has it, learning from trials.

Optuna only thinks here: its study is made anew from ours for every proposal and never written to disk.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.tuning import space
from core.tuning.strategies.proposal import Proposal
from core.tuning.strategies.random_search import RandomSearch, chance_of
from core.tuning.study import StudySpec, Trial

if TYPE_CHECKING:
    import optuna

STARTUP = 10  # trials by chance that it learns from first (Optuna's own default)
ATTEMPTS = 10  # to name a candidate that was not tried yet


class TpeSearch(RandomSearch):
    """A search for each framework, or one for all: chance first, then the estimator."""

    def __init__(self, spec: StudySpec) -> None:
        super().__init__(spec)
        self._dimensions = space.dimensions(spec)
        planned = self.planned
        each = None if planned is None else planned // space.own_searches(spec)
        # Short searches learn from their first third, or there would be chance and nothing else.
        self._startup = STARTUP if each is None else min(STARTUP, max(3, each // 3))

    def propose(self, trials: Sequence[Trial]) -> Proposal | None:
        """A draw as of the random search at first, then the most promising candidate not tried yet."""
        by_chance = super().propose(trials)
        if by_chance is None or len(trials) // space.own_searches(self.spec) < self._startup:
            return by_chance
        framework = by_chance.settings.get("framework")
        own = [one for one in trials if one.settings.get("framework") == framework]
        settings = self._promising(own, len(trials) + 1)
        return Proposal(settings if framework is None else {"framework": framework, **settings})

    def _promising(self, own: Sequence[Trial], number: int) -> dict[str, Any]:
        """The estimator's candidate; by chance among the others where it only names what was tried."""
        tried = {space.trial_name(_searched(one)) for one in own}
        thinking = self._thinking(own, number)
        for _ in range(ATTEMPTS):
            asked = thinking.ask({one.field: distribution(one) for one in self._dimensions})
            named = {one.field: from_optuna(one, asked.params[one.field]) for one in self._dimensions}
            settings = space.effective(self.spec, named)
            if space.trial_name(settings) not in tried:
                return settings
        others = (self.draws[place] for place in range(len(tried) + 1))
        return next(one for one in others if space.trial_name(one) not in tried)

    def _thinking(self, own: Sequence[Trial], number: int) -> "optuna.Study":
        """An Optuna study in memory that knows these trials."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.TPESampler(
            n_startup_trials=self._startup,
            multivariate=True,
            constant_liar=True,
            seed=chance_of(self.spec.name, number),
        )
        study = optuna.create_study(sampler=sampler, direction=direction(self.spec))
        study.add_trials([self._told(one) for one in own])
        return study

    def _told(self, trial: Trial) -> "optuna.trial.FrozenTrial":
        """A trial as Optuna sees it. One that failed or never got there ends last: so it is learnt from."""
        import optuna

        running = trial.status == "running"
        tried = [one for one in self._dimensions if one.field in trial.settings]  # all that have an effect
        worst = float("-inf" if self.spec.objective == "accuracy" else "inf")
        score = worst if trial.score is None or trial.status == "failed" else trial.score
        state = optuna.trial.TrialState
        return optuna.trial.create_trial(
            state=state.RUNNING if running else state.COMPLETE,
            params={one.field: to_optuna(one, trial.settings[one.field]) for one in tried},
            distributions={one.field: distribution(one) for one in tried},
            value=None if running else score,
        )


def direction(spec: StudySpec) -> Literal["maximize", "minimize"]:
    """Where better scores lie, in Optuna's word."""
    return "maximize" if spec.objective == "accuracy" else "minimize"


def _searched(trial: Trial) -> dict[str, Any]:
    return {field: value for field, value in trial.settings.items() if field != "framework"}


def distribution(one: space.Dimension) -> "optuna.distributions.BaseDistribution":
    """Optuna's word for a dimension. Of a list of numbers it gets the places: near ones are alike."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if one.scale == "list":
        if one.ordered:
            return IntDistribution(0, len(one.values) - 1)
        return CategoricalDistribution(tuple(range(len(one.values))))
    least, largest = one.ends
    if one.whole:
        return IntDistribution(least, largest, log=one.scale == "log")
    return FloatDistribution(least, largest, log=one.scale == "log")


def to_optuna(one: space.Dimension, value: Any) -> Any:
    """A setting as Optuna's number.

    Raises:
        core.tuning.space.SpaceError: a value that the study does not search.
    """
    if one.scale != "list":
        return value
    if value not in one.values:
        raise space.SpaceError(f"{one.field}: a trial has {value!r}, which the study does not search")
    return one.values.index(value)


def from_optuna(one: space.Dimension, value: Any) -> Any:
    """Optuna's number as a setting."""
    return one.values[value] if one.scale == "list" else one.rounded(value)
