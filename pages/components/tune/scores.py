"""Scores in words: accuracy in per cent, or seconds where the objective is a time."""

from collections.abc import Mapping
from typing import Any

from core.fields import FIELDS, as_text
from core.tuning.study import StudySpec
from core.words import duration, percent, show


def by_time(spec: StudySpec) -> bool:
    """Whether the score is a time, of which less is better."""
    return spec.objective != "accuracy"


def score_text(spec: StudySpec, score: float | None) -> str:
    """A score as the page writes it."""
    if by_time(spec):
        return "not reached" if score is None else duration(score)
    return percent(score)


def measure(spec: StudySpec) -> str:
    """What a score is, in two or three words."""
    if by_time(spec):
        return f"training until {spec.objective.removeprefix('time-to-')} %"
    return "mean validation accuracy" if spec.folds or len(spec.seeds) > 1 else "validation accuracy"


def in_words(settings: Mapping[str, Any]) -> dict[str, str]:
    """A trial's settings as people write them: the field's word → its value; the framework left out."""
    return {
        FIELDS[name].word: as_text(value) if isinstance(value, list | tuple) else show(value)
        for name, value in settings.items()
        if name != "framework"
    }
