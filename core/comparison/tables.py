"""The runs table with formatted numbers, for the report and the command line."""

from collections.abc import Callable

import pandas as pd

from core import frameworks
from core.fields import FIELDS
from core.words import interval, megabytes, milliseconds, percent, points, seconds, show, whole

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
    table["origin"], table["status"] = frame.origin, frame.status
    return table


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
    return table
