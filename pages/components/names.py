"""What runs and races are called on the pages: their own names, else when and on what they trained."""

import pandas as pd

from core.data.catalogue import dataset_title
from core.races.race_list import Race
from core.runs.names import readable


def run_names(frame: pd.DataFrame) -> pd.Series:
    """The names of runs (rows of `Results.frame`), by run: the visitor's own, else a readable one."""
    told = zip(frame.run, frame.title, frame.dataset, frame.epochs, strict=True)
    names = [
        readable(run, dataset_title(dataset), epochs) if title == run else title
        for run, title, dataset, epochs in told
    ]
    return pd.Series(names, frame.index, dtype=object)


def race_name(race: Race) -> str:
    """Such as "Tue 04:43, MNIST, 5 epochs"."""
    return readable(race.name, dataset_title(race.dataset), race.epochs)
