"""The newest results: the last race that finished, or the reference runs on first launch."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.data.catalogue import DATASETS
from core.places import artifacts_dir
from core.races.race_list import Race
from pages.components.train.lanes import duration, percentage

COLUMNS = ("framework", "test_accuracy", "accuracy_low", "accuracy_high", "train_time_sec")


@dataclass(frozen=True)
class Newest:
    """A handful of runs that belong together."""

    caption: str
    runs: list[str]
    rows: list[dict[str, Any]]  # COLUMNS of each, the most accurate first

    def table(self, titles: dict[str, str]) -> dict[str, list[str]]:
        """The runs as text, by column."""
        return {
            "Framework": [titles[row["framework"]] for row in self.rows],
            "Test accuracy": [percentage(row["test_accuracy"]) for row in self.rows],
            "Training": [duration(row["train_time_sec"]) for row in self.rows],
        }


@st.cache_resource(max_entries=4, show_spinner=False)
def _reader(artifacts: str):
    from core.comparison.results import ResultsReader  # brings pandas; the heading does not wait for it

    return ResultsReader(artifacts_dir())


def newest_results() -> Newest | None:
    """What to show first, or None when there is no usable result at all."""
    frame = _reader(str(artifacts_dir())).read().frame
    usable = frame[frame.test_accuracy.notna() & frame.train_time_sec.notna() & frame.framework.notna()]
    own = usable[(usable.origin == "own") & usable.race.notna()]
    if len(own):
        chosen = own[own.race == own.race.iloc[0]]
        caption = f"Race of {Race(str(own.race.iloc[0]), (), False).title}"
    else:
        chosen = usable[(usable.origin == "reference") & ~usable.run.str.endswith("-augmented")]
        caption = "Reference runs, which come with the project"
    if not len(chosen):
        return None
    first = chosen.iloc[0].dropna()
    if "dataset" in first:
        caption += f" · {DATASETS[first.dataset].title if first.dataset in DATASETS else first.dataset}"
    if "architecture" in first:
        caption += f" · {first.architecture}"
    if "epochs" in first:
        caption += f" · {first.epochs:.0f} epoch" + ("" if first.epochs == 1 else "s")
    if (seeds := chosen.seed.nunique()) > 1:
        caption += f" · {seeds} seeds"
    chosen = chosen.sort_values("test_accuracy", ascending=False)
    rows = chosen[list(COLUMNS)].to_dict("records")
    return Newest(caption, list(chosen.run), rows)
