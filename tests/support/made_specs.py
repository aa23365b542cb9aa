"""Studies that nobody typed, for tests of what is proposed and dismissed; nothing is trained."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from core.races.setup import preset_values
from core.tuning.space import trial_name
from core.tuning.strategies import Proposal
from core.tuning.study import FitResult, StudySpec, Trial


def made_spec(search: dict[str, str], *, fixed: dict[str, Any] | None = None, **own: Any) -> StudySpec:
    """A study of the small network in PyTorch, of these searched fields."""
    values = preset_values("small-cnn") | (fixed or {})
    return StudySpec(
        **{"name": "made", "created": "2026-11-27T10:00:00+00:00", "frameworks": ("pytorch",)}
        | {"fixed": {name: value for name, value in values.items() if name not in search}}
        | {"search": search}
        | own
    )


def made_fits(
    spec: StudySpec, settings: dict[str, Any], epochs: int, scores: Sequence[float | None]
) -> tuple[FitResult, ...]:
    """A trial's fits fold by fold: those with scores are finished, the others wait."""
    chosen = (settings["framework"],) if "framework" in settings else spec.frameworks
    folds = range(spec.folds) if spec.folds else (None,)
    places = list(product(folds, spec.seeds, chosen))
    known = [*scores, *[None] * (len(places) - len(scores))]
    return tuple(
        FitResult("run", framework, seed, fold, epochs, "waiting" if score is None else "finished", score)
        for (fold, seed, framework), score in zip(places, known, strict=True)
    )


def made_trial(spec: StudySpec, number: int, proposal: Proposal, score: float | None) -> Trial:
    """The proposed trial, trained: all its fits have this score; None stands for one that failed."""
    settings = proposal.settings
    name, epochs = trial_name(settings), proposal.epochs or settings.get("epochs") or spec.fixed["epochs"]
    if score is None:
        return Trial(number, name, settings, "failed", None, "it diverged")
    fits = made_fits(spec, settings, epochs, [score] * len(made_fits(spec, settings, epochs, [])))
    return Trial(number, name, settings, "finished", score, "", fits)
