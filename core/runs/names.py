"""What runs and races are called where people read: "Tue 04:43, MNIST, 5 epochs" instead of a file's name."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.runs.records import RecordError, is_reference, read_notes
from core.words import counted, missing, moment

if TYPE_CHECKING:
    import pandas as pd


def begun(name: str) -> datetime | None:
    """When a run or race of this name was started, in local time; None where the name does not say."""
    try:
        return datetime.strptime(name[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        return None


def readable(name: str, dataset: str | None, epochs: float | None, now: datetime | None = None) -> str:
    """A run's or race's name for people; of a file from elsewhere its own name, which somebody chose.

    Args:
        name: of the run or race.
        dataset: what people call it; left out where nobody says.
        epochs: how many it trained or was asked to; the same.
        now: from when on a time lies back; the present unless somebody says.
    """
    when = begun(name)
    if when is None and not is_reference(name):
        return name
    parts = [moment(when, now) if when else "Reference"]
    parts += [] if missing(dataset) else [str(dataset)]
    parts += [] if missing(epochs) else [counted(int(epochs or 0), "epoch")]
    return ", ".join([*parts, *["augmented"] * (is_reference(name) and name.endswith("-augmented"))])


def names_of(frame: "pd.DataFrame", dataset_title: Callable[[str | None], str | None]) -> dict[str, str]:
    """The names of runs by run: the visitor's own, else a readable one.

    Args:
        frame: rows of `core.comparison.results.Results.frame`.
        dataset_title: what people call a dataset.
    """
    told = zip(frame.run, frame.title, frame.dataset, frame.epochs, strict=True)
    return {
        run: readable(run, dataset_title(dataset), epochs) if title == run else title
        for run, title, dataset, epochs in told
    }


def own_name(artifacts: Path, runs: Iterable[str]) -> str:
    """What the visitor calls all these runs alike, such as those of a race; empty where nothing."""
    titles = set()
    for run in runs:
        try:
            titles.add(read_notes(artifacts, run)["title"])
        except RecordError:
            return ""  # Compare says what is wrong with its notes
    return titles.pop() if len(titles) == 1 else ""
