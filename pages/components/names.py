"""What runs, races and studies are called on the pages: their own names, else when and on what."""

from datetime import datetime

import pandas as pd

from core import frameworks
from core.data.catalogue import dataset_title
from core.places import artifacts_dir
from core.races.race_list import Race
from core.runs.names import names_of, own_name, readable
from core.tuning.study import StudySpec
from core.words import missing, moment


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


def study_name(spec: StudySpec) -> str:
    """Such as "Dropout or not, Tue 04:43" where it has a title of its own, else "Tue 04:43, MNIST"."""
    begun = moment(datetime.fromisoformat(spec.created).astimezone())
    return f"{spec.title}, {begun}" if spec.title else f"{begun}, {dataset_title(spec.fixed['dataset'])}"


def study_heading(spec: StudySpec) -> str:
    """Such as "Study of Tue 04:43", or with its own title "Study “Dropout or not”"."""
    if spec.title:
        return f"Study “{spec.title}”"
    return f"Study of {moment(datetime.fromisoformat(spec.created).astimezone())}"
