"""The newest results: the last race that finished, or the reference runs on first launch."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import frameworks
from core.data.catalogue import dataset_title
from core.places import artifacts_dir
from core.races import turns
from core.races.race_list import Race
from core.words import counted
from pages.components.names import race_heading
from pages.components.shared import results_reader

if TYPE_CHECKING:
    import pandas as pd

    from core.comparison.headlines import Headline


@dataclass(frozen=True)
class Newest:
    """A handful of runs of several frameworks that belong together."""

    caption: str
    runs: tuple[str, ...]
    busy: dict[str, str]  # run → title of its framework, where the machine had other work
    lost: list[str]  # titles of the frameworks that did not learn


def newest_results() -> Newest | None:
    """What to show first, or None when there is no usable result at all."""
    from core.comparison.results import of_study, worth_showing  # brings pandas

    frame = results_reader().read().frame
    usable = worth_showing(frame)
    going_on = [ticket["race"] for ticket in turns.waiting()]
    raced = usable.race.notna() & ~of_study(usable)
    own = usable[(usable.origin == "own") & raced & ~usable.race.isin(going_on)]
    own = own[own.groupby("race").framework.transform("nunique") > 1]  # one alone says nothing of others
    if len(own):
        chosen = own[own.race == own.race.iloc[0]]
        caption = race_heading(Race(str(own.race.iloc[0]), tuple(chosen.run), False))
    else:
        chosen = usable[
            (usable.origin == "reference") & ~usable.run.str.endswith(("-augmented", "-handwriting"))
        ]
        caption = "The runs that came with Digit Derby"
    if not len(chosen):
        return None
    first = chosen.iloc[0].dropna()
    if "dataset" in first:
        caption += f" · {dataset_title(first.dataset)}"
    if "architecture" in first:
        caption += f" · {first.architecture}"
    if "epochs" in first:
        caption += f" · {counted(int(first.epochs), 'epoch')}"
    if (seeds := chosen.seed.nunique()) > 1:
        caption += f" · {counted(seeds, 'seed')}"
    titles = dict(zip(chosen.run, chosen.framework.map(frameworks.title), strict=True))
    learned, busy = chosen.learned.ne(False), chosen.busy.eq(True)
    return Newest(
        caption,
        tuple(chosen.run),
        {run: titles[run] for run in chosen.run[busy & learned]},
        [titles[run] for run in chosen.run[~learned]],
    )


def headlines_of(runs: tuple[str, ...]) -> "list[Headline] | None":
    """What these runs show, in sentences; None while that is worked out, which no page waits for."""
    found = _headlines(artifacts_dir(), results_reader().read().version, runs)
    return found.result() if found.done() else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _headlines(artifacts: Path, version: object, runs: tuple[str, ...]) -> "Future[list[Headline]]":
    frame = results_reader().read().frame
    return _background().submit(_compare, artifacts, frame[frame.run.isin(runs)])


@st.cache_resource(max_entries=1, show_spinner=False)
def _background() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="headlines")


def _compare(artifacts: Path, frame: "pd.DataFrame") -> "list[Headline]":
    from core.comparison.compare import compare_runs  # statsmodels takes a second
    from core.comparison.headlines import headlines

    return headlines(compare_runs(artifacts, frame))
