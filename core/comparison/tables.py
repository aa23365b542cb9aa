"""The runs table with formatted numbers, for the report and the command line."""

import pandas as pd

from core import frameworks
from core.comparison.findings import megabytes, percent, seconds
from core.comparison.groups import SETTINGS, differences
from core.comparison.results import show


def whole(value: float) -> str:
    """A count with its thousands apart."""
    return "–" if pd.isna(value) else f"{value:,.0f}"


def _milliseconds(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f} ms"


def interval(low: float, high: float) -> str:
    """An accuracy interval in per cent."""
    return "–" if pd.isna(low) else f"{100 * low:.2f} – {100 * high:.2f}"


MEASURED = {
    "test_accuracy": ("accuracy", percent),
    "train_time_sec": ("train time", seconds),
    "images_per_second": ("images/s", whole),
    "params": ("parameters", whole),
    "effective_loc": ("effective lines", whole),
    "model_bytes": ("model size", megabytes),
    "predict_ms": ("prediction", _milliseconds),
    "peak_memory_mb": ("peak memory (MB)", whole),
}
NUMBERS = [title for title, _ in MEASURED.values()] + ["seed", "95 % interval (%)"]


def run_table(frame: pd.DataFrame, all_settings: bool = False) -> pd.DataFrame:
    """One line a run, as text: what it is, what was measured, what became of it.

    Args:
        frame: rows of `Results.frame`.
        all_settings: every setting that the runs do not share, instead of the main ones.
    """
    table = pd.DataFrame({"run": frame.title, "framework": frame.framework.map(frameworks.title)})
    settings = ["architecture", "dataset", "protocol", "device"]
    if all_settings:
        settings = [key for key, title in SETTINGS.items() if title in differences(frame)]
    for key in settings:
        table[SETTINGS[key]] = frame[key].map(show)
    table["seed"] = frame.seed.map(show)
    for key, (title, shown) in MEASURED.items():
        table[title] = frame[key].map(shown)
    position = table.columns.get_loc("accuracy") + 1
    bounds = zip(frame.accuracy_low, frame.accuracy_high, strict=True)
    table.insert(position, "95 % interval (%)", [interval(low, high) for low, high in bounds])
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
            table["spread (points)"] = [
                "–" if pd.isna(value) else f"{100 * value:.2f}" for value in ranking.accuracy_sd
            ]
    return table
