"""The newest results: the last race that finished, or the reference runs on first launch."""

from dataclasses import dataclass
from typing import Any

from core.data.catalogue import DATASETS
from core.races.race_list import Race
from core.runs.metrics import clock_marks
from core.words import counted, duration, percent
from pages.components.shared import results_reader

COLUMNS = (
    "run", "framework", "test_accuracy", "accuracy_low", "accuracy_high", "train_time_sec", "busy", "learned",
)  # fmt: skip


@dataclass(frozen=True)
class Newest:
    """A handful of runs that belong together."""

    caption: str
    runs: list[str]
    # COLUMNS of each, the most accurate first, and `marks`: why its time is in no ranking
    rows: list[dict[str, Any]]

    def table(self, titles: dict[str, str]) -> dict[str, list[str]]:
        """The runs as text, by column."""
        return {
            "Framework": [titles[row["framework"]] for row in self.rows],
            "Test accuracy": [percent(row["test_accuracy"]) for row in self.rows],
            "Training": [", ".join([duration(row["train_time_sec"]), *row["marks"]]) for row in self.rows],
        }


def newest_results() -> Newest | None:
    """What to show first, or None when there is no usable result at all."""
    frame = results_reader().read().frame
    usable = frame[frame.test_accuracy.notna() & frame.train_time_sec.notna() & frame.framework.notna()]
    own = usable[(usable.origin == "own") & usable.race.notna()]
    if len(own):
        chosen = own[own.race == own.race.iloc[0]]
        caption = f"Race of {Race(str(own.race.iloc[0]), (), False).title}"
    else:
        chosen = usable[
            (usable.origin == "reference") & ~usable.run.str.endswith(("-augmented", "-handwriting"))
        ]
        caption = "Reference runs, which come with the project"
    if not len(chosen):
        return None
    first = chosen.iloc[0].dropna()
    if "dataset" in first:
        caption += f" · {DATASETS[first.dataset].title if first.dataset in DATASETS else first.dataset}"
    if "architecture" in first:
        caption += f" · {first.architecture}"
    if "epochs" in first:
        caption += f" · {counted(int(first.epochs), 'epoch')}"
    if (seeds := chosen.seed.nunique()) > 1:
        caption += f" · {counted(seeds, 'seed')}"
    chosen = chosen.sort_values("test_accuracy", ascending=False)
    rows = chosen[list(COLUMNS)].to_dict("records")
    for row in rows:
        row["marks"] = clock_marks(row["busy"], row["learned"])
    return Newest(caption, list(chosen.run), rows)
