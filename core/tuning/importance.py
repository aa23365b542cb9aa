"""Which settings decided how good a trial became: PED-ANOVA (Watanabe, Bansal and Hutter 2023), from Optuna.

For each setting it measures how differently the best trials lie along it than all trials do.
"""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.charts.colours import order
from core.fields import FIELDS
from core.tuning.study import Study, Trial
from core.words import counted, listed, percent

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

METHOD = "PED-ANOVA"
# The best quarter, and trials enough that five lie in it: with fewer Optuna calls the analysis unstable.
BEST_SHARE = 0.25
FEWEST_TRIALS = 20


def importances(study: Study) -> dict[str, dict[str, Any]]:
    """How much each searched setting decided, for each framework (or "all"), in the one order of frameworks.

    Returns:
        Framework → `method`, `trials` that tell, `shares` (setting → share of 1, the largest first; empty
        where nothing can be said) and a `sentence`.
    """
    keys = ["all"] if study.spec.common else order(list(study.spec.frameworks))
    return {key: _importance(study, key) for key in keys}


def _importance(study: Study, key: str) -> dict[str, Any]:
    trials = [trial for trial in study.trials if trial.status != "running" and _of(trial, key)]
    trials = [trial for trial in trials if trial.score is not None or trial.status == "failed"]
    found: dict[str, Any] = {"method": METHOD, "trials": len(trials), "shares": {}}
    if len(trials) < FEWEST_TRIALS:
        counts = f"{counted(len(trials), 'trial')}, {FEWEST_TRIALS} are needed"
        return {**found, "sentence": f"Too few trials to say which settings matter: {counts}."}
    varied = [name for name in study.spec.search if len(set(_values(trials, name))) > 1]
    if len(varied) < 2:
        return {**found, "sentence": "With fewer than two settings that vary there is nothing to weigh."}
    if len({trial.score for trial in trials}) == 1:
        return {**found, "sentence": "All trials have the same score: no setting mattered."}
    shares = _ped_anova(study, trials, varied)
    constant = [name for name in study.spec.search if name not in varied]
    return {**found, "shares": shares, "sentence": _sentence(shares, constant, len(trials))}


def _of(trial: Trial, key: str) -> bool:
    return key == "all" or trial.settings.get("framework", key) == key


def _plain(trial: Trial, name: str) -> Any:
    """The value as Optuna takes it: a number, a truth or text; None where the trial has none.

    A field that only counts beside a certain value of another, such as momentum, may be missing.
    """
    value = trial.settings.get(name)
    if value is None:
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)


def _values(trials: Sequence[Trial], name: str) -> list[Any]:
    """The setting's value of each trial that has one."""
    return [value for trial in trials if (value := _plain(trial, name)) is not None]


def _ped_anova(study: Study, trials: Sequence[Trial], names: Sequence[str]) -> dict[str, float]:
    """Setting → share, by Optuna. A failed trial counts as worse than all that have a score."""
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    sign = -1 if study.spec.objective == "accuracy" else 1  # Optuna takes less for better
    scores = [sign * trial.score for trial in trials if trial.score is not None]
    worst = max(scores, default=0.0) + 1.0
    kinds = {name: _distribution(study, trials, name) for name in names}
    given = [
        {name: value for name in names if (value := _plain(trial, name)) is not None} for trial in trials
    ]
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    searched = optuna.create_study()
    searched.add_trials([
        optuna.create_trial(
            value=worst if trial.score is None else sign * trial.score,
            params=params,
            distributions={name: kinds[name] for name in params},
        )
        for trial, params in zip(trials, given, strict=True)
    ])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        evaluator = PedAnovaImportanceEvaluator(target_quantile=BEST_SHARE)
        found = get_param_importances(searched, evaluator=evaluator)
    return {name: float(share) for name, share in found.items() if np.isfinite(share)}


def _distribution(study: Study, trials: Sequence[Trial], name: str) -> "BaseDistribution":
    """Where trials lie along a setting: between the ends of a range, or among values."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    values = _values(trials, name)
    scale = study.spec.search[name].partition(":")[0].strip()
    if scale in ("log", "lin"):
        return FloatDistribution(float(min(values)), float(max(values)), log=scale == "log")
    return CategoricalDistribution(list(dict.fromkeys(values)))


def _sentence(shares: dict[str, float], constant: Sequence[str], trials: int) -> str:
    parts = [f"{FIELDS[name].word} {percent(share, 0)}" for name, share in shares.items()]
    words = [FIELDS[name].word for name in constant]
    same = f" Not weighed, because one value was tried: {listed(words)}." if words else ""
    return (
        f"What set the best quarter of {trials} trials apart ({METHOD}): {listed(parts)}.{same} Shares "
        "add up to 100 % even where no setting matters."
    )
