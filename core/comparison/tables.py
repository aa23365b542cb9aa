"""The runs table with formatted numbers, for the report and the command line."""

from collections.abc import Callable

import pandas as pd

from core import frameworks
from core.comparison.results import marks_in_words
from core.fields import FIELDS
from core.words import (
    UNKNOWN,
    interval,
    megabytes,
    milliseconds,
    percent,
    points,
    seconds,
    show,
    span,
    whole,
)

MEASURED: dict[str, tuple[str, Callable[[float], str]]] = {
    "test_accuracy": ("accuracy", percent),
    "train_time_sec": ("train time", seconds),
    "images_per_second": ("images/s", whole),
    "params": ("parameters", whole),
    "effective_loc": ("effective lines", whole),
    "model_bytes": ("model size", megabytes),
    "predict_ms": ("prediction", milliseconds),
    "peak_memory_mb": ("peak memory (MB)", whole),
}
NUMBERS = [title for title, _ in MEASURED.values()] + ["seed", "95 % interval (%)"]


def run_table(frame: pd.DataFrame) -> pd.DataFrame:
    """One line a run (rows of `Results.frame`), as text: what it is, what was measured, what became of it."""
    table = pd.DataFrame({"run": frame.title, "framework": frame.framework.map(frameworks.title)})
    for setting in FIELDS.values():
        if setting.in_front:
            table[setting.word] = frame[setting.name].map(show)
    table["seed"] = frame.seed.map(show)
    for key, (title, shown) in MEASURED.items():
        table[title] = frame[key].map(shown)
        if key == "test_accuracy":
            bounds = zip(frame.accuracy_low, frame.accuracy_high, strict=True)
            table["95 % interval (%)"] = [interval(low, high) for low, high in bounds]
    table["origin"] = frame.origin
    table["status"] = status_in_words(frame)
    if frame.told.any():
        table["told by hand"] = frame.told
    return table


def status_in_words(frame: pd.DataFrame) -> pd.Series:
    """What became of each run, and why its times are in no ranking, such as "finished, did not learn"."""
    marks = marks_in_words(frame)
    return frame.status.where(marks == "", frame.status + ", " + marks)


def ranking_table(ranking: pd.DataFrame) -> pd.DataFrame:
    """`Comparison.ranking()` as text, one line a framework."""
    table = pd.DataFrame(
        {"framework": [frameworks.title(name) for name in ranking.index]}, index=ranking.index
    )
    table["runs"] = ranking.runs.map(whole)
    for key, (title, shown) in MEASURED.items():
        table[title] = ranking[key].map(shown)
        if key == "test_accuracy":
            single = [
                interval(low, high)
                for low, high in zip(ranking.accuracy_low, ranking.accuracy_high, strict=True)
            ]
            table["95 % interval (%)"] = single
            table["spread (points)"] = ranking.accuracy_sd.map(points)
        if key == "train_time_sec":
            table["range of times"] = [
                span(low, high) if runs > 1 else UNKNOWN
                for low, high, runs in zip(
                    ranking.train_time_sec, ranking.train_time_max, ranking.timed_runs, strict=True
                )
            ]
    return table
