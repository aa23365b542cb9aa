"""What the figures of a search share: the settings, the score, a trial in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.charts.colours import order
from core.words import listed, percent, seconds, show

Scale = Literal["lin", "log", "list"]
REVISION = "tuning"  # constant: zoom stays while trials come in


@dataclass(frozen=True)
class Setting:
    """A searched field as a chart shows it: a range, linear or logarithmic, or a list of values."""

    name: str  # its column
    title: str
    scale: Scale


@dataclass(frozen=True)
class Measure:
    """What a score is: an accuracy, of which more is better, or a time, of which less is."""

    title: str  # without its unit
    by_time: bool = False

    @property
    def axis(self) -> str:
        """The title of an axis."""
        return f"{self.title} ({'s' if self.by_time else '%'})"

    def shown(self, score: float) -> str:
        """A score in words."""
        return seconds(score) if self.by_time else percent(score)

    def drawn(self, scores: pd.Series) -> pd.Series:
        """Scores as an axis has them."""
        return scores if self.by_time else 100 * scores

    def best_first(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The trials that have a score, the best first."""
        scored = frame.dropna(subset="score")
        return scored.sort_values("score", ascending=self.by_time, kind="stable")


def by_framework(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Framework → its trials, in the one order; all under "" where they share a best."""
    if "framework" not in frame:
        return {"": frame}
    return {name: frame[frame.framework == name] for name in order(list(frame.framework.dropna().unique()))}


def said_of(row: pd.Series, settings: Sequence[Setting], measure: Measure) -> str:
    """A trial in words: "98.91 % with learning rate 0.003 and dropout 0.2"."""
    values = [f"{one.title} {show(row[one.name])}" for one in settings if not empty(row[one.name])]
    return f"{measure.shown(row.score)} with {listed(values)}" if values else measure.shown(row.score)


def empty(value: Any) -> bool:
    """Whether a trial has no value of a setting."""
    return value is None or (isinstance(value, float) and np.isnan(value))


def values_of(frame: pd.DataFrame, setting: Setting) -> list[str]:
    """The values of a list in words: numbers by their size, texts as they came."""
    values = list(dict.fromkeys(value for value in frame[setting.name] if not empty(value)))
    if all(isinstance(value, int | float) for value in values):
        values.sort()
    return [show(value) for value in values]


def who(framework: str, titles: Mapping[str, str]) -> str:
    """The framework at the head of a phrase; nothing where all share a best."""
    return f"{titles.get(framework, framework)} " if framework else ""
