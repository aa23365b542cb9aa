"""Once more: runs whose times do not count, runs that did not learn, the clock again in turns."""

import streamlit as st

from core.comparison.compare import Comparison
from core.places import artifacts_dir
from core.races.again import TURNS, again_arguments, repeatable
from core.races.launch import launch
from core.runs import records
from core.words import counted, duration
from pages.components import shell, trouble
from pages.components.compare import choice


def show_trouble(comparison: Comparison, shown: tuple[str, int, tuple[str, ...]]) -> None:
    """What keeps chosen runs out of the rankings of time, with the ways on.

    Args:
        comparison: of the chosen runs.
        shown: what the comparison was made of.
    """
    frame = comparison.frame.loc[list(comparison.untimed)]
    busy = frame[frame.learned.ne(False)]
    trouble.busy_note(busy.run, [comparison.labels[run] for run in busy.run])
    lost = list(frame.run[frame.diagnosis.notna()])
    if not lost:
        return
    details = choice.details(*shown[:2], tuple(comparison.frame.run))
    trouble.not_learned(
        trouble.Patient(run, str(frame.framework[run]), details[run].diagnosis, details[run].remedy)
        for run in lost
        if details[run].diagnosis
    )


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
