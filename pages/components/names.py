"""What runs and races are called on the pages: their own names, else when and on what they trained."""

import pandas as pd

from core import frameworks
from core.data.catalogue import dataset_title
from core.places import artifacts_dir
from core.races.race_list import Race
from core.runs.names import names_of, own_name, readable
from core.words import missing


def run_names(frame: pd.DataFrame) -> pd.Series:
    """The names of runs (rows of `Results.frame`), by run: the visitor's own, else a readable one."""
    return pd.Series(names_of(frame, dataset_title), frame.index, dtype=object)


def trained_with(frame: pd.DataFrame) -> pd.Series:
    """Framework and seed of runs, which tell those of one race apart: "PyTorch · seed 0"."""
    seeds = ["" if missing(seed) else f" · seed {seed:.0f}" for seed in frame.seed]
    return frame.framework.map(frameworks.title) + seeds


def race_name(race: Race) -> str:
    """Such as "With dropout, Tue 04:43" where it has a name of its own, else "Tue 04:43, MNIST, 5 epochs"."""
    if own := own_name(artifacts_dir(), race.runs):
        return f"{own}, {race.title}"
    return readable(race.name, dataset_title(race.dataset), race.epochs)


def race_heading(race: Race) -> str:
    """Such as "Race of Tue 04:43", or with its own name "Race “With dropout”"."""
    own = own_name(artifacts_dir(), race.runs)
    return f"Race “{own}”" if own else f"Race of {race.title}"
