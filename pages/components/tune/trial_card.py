"""The trial that the visitor chose in the grid: its settings, its fits, and a race with them."""

import streamlit as st

from core.tuning.study import Study
from core.words import duration
from pages.components import shell
from pages.components.tune import ways
from pages.components.tune.cells import fits_in_order, place_name
from pages.components.tune.scores import measure, score_text


def show_trial(study: Study, number: int) -> None:
    """A card for the trial of this number."""
    trial = next(trial for trial in study.trials if trial.number == number)
    with st.container(border=True, key="chosen-trial"):
        told = score_text(study.spec, trial.score) if trial.score is not None else "no score"
        st.markdown(
            f"**Trial {trial.number}** · {shell.plain(trial.name)} · {trial.status}, {told} "
            f"({measure(study.spec)})"
        )
        if trial.reason:
            st.markdown(f"Why: {shell.plain(trial.reason)}")
        fits = [
            f"{place_name(study, (fit.framework, fit.seed, fit.fold))}: "
            f"{score_text(study.spec, fit.score)} in {duration(fit.seconds)}"
            for fit in fits_in_order(study, trial)
            if fit.status == "finished"
        ]
        if len(fits) > 1:
            st.caption(" · ".join(fits))
        ways.race_link(study.spec, trial.settings, "Race with these settings")
