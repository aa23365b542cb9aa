"""Once more: runs whose times do not count, runs in trouble, the clock again in turns."""

import streamlit as st

from core import frameworks
from core.comparison.compare import Comparison
from core.comparison.results import Results
from core.places import artifacts_dir
from core.races.again import TURNS, again_arguments, repeatable
from core.races.launch import launch
from core.runs import records
from core.words import counted, duration
from pages.components import shell, trouble


def show_trouble(comparison: Comparison, results: Results) -> None:
    """What keeps chosen runs out of the rankings of time, and what went wrong with them, with the ways on.

    Runs of the same races that came to no result have cards too.
    """
    frame = comparison.frame.loc[list(comparison.untimed)]
    busy = frame[frame.learned.ne(False)]
    trouble.busy_note(busy.run, [comparison.labels[run] for run in busy.run])
    raced = set(comparison.frame.race[comparison.frame.origin == "own"].dropna())
    trouble.show_cards(comparison.labels | _without_result(results, raced))


def show_race_without_result(results: Results) -> None:
    """The cards of a race that the address names, none of whose runs came to a result."""
    if race := st.query_params.get("race"):
        trouble.show_cards(_without_result(results, {race}))


def _without_result(results: Results, raced: set[str]) -> dict[str, str]:
    """Run → what to call it, of these races' runs that came to no result."""
    known = _unfinished(str(artifacts_dir()), results.version, tuple(results.unfinished))
    return {run: frameworks.title(framework) for run, (race, framework) in known.items() if race in raced}


@st.cache_data(max_entries=4, show_spinner=False)
def _unfinished(artifacts: str, version: int, runs: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Run → its race and its framework; a run whose record cannot be read is named below the list."""
    found = {}
    for run in runs:
        try:
            config, race = records.read_config(artifacts_dir(artifacts), run)
        except records.RecordError:
            continue
        found[run] = race, config.framework
    return found


def clock_again(comparison: Comparison) -> None:
    """A button that repeats the chosen runs in turns, so that their times can be told apart."""
    learned = comparison.frame[comparison.frame.learned.ne(False)]
    runs = repeatable(artifacts_dir(), learned.run)
    if len(runs) > 1 and st.button(
        "Race the clock again",
        icon=":material/timer:",
        help="Repeats the chosen runs in turns, three times: if the machine slows down, then for all",
    ):
        seconds = TURNS * float(comparison.frame.loc[runs].train_time_sec.sum())
        _ask(runs, seconds)


@st.dialog("Race the clock again")
def _ask(runs: list[str], seconds: float) -> None:
    times = counted(TURNS * len(runs), "run")
    st.markdown(
        f"{counted(len(runs), 'run')} in turns, {TURNS} times: {times}, {duration(seconds)} of training as "
        "it went before. The new race holds its own comparison."
    )
    arguments = again_arguments(runs)
    st.code(f"python -m core race {' '.join(arguments)}", language=None, wrap_lines=True)
    if st.button("Start race", type="primary", icon=":material/play_arrow:"):
        try:
            race = launch(arguments, artifacts_dir())
        except records.RecordError as error:
            st.error(shell.plain(str(error)))
        else:
            shell.go_to("train", race=race)
