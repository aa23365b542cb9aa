"""What runs and races are called where people read: "Tue 04:43, MNIST, 5 epochs" instead of a file's name."""

from datetime import datetime

from core.runs.records import is_reference
from core.words import counted, missing, moment


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
