"""A study's fits on Compare: its candidates, ranked by accuracy on validation images, and said so."""

from html import escape

import pandas as pd
import streamlit as st

from core.charts import comparison as charts
from core.charts import learning
from core.comparison import fits
from core.comparison.fits import FitComparison
from core.comparison.results import Results, public_table
from core.places import artifacts_dir
from core.runs.records import RecordError
from core.tuning.folder import read_spec
from core.words import counted, percent
from pages.components import shared, shell
from pages.components.compare import choice
from pages.components.compare.answer import show_cards
from pages.components.compare.figures import show_figure
from pages.components.compare.podium import podium_html
from pages.components.names import study_heading
from pages.components.silks import disc, silk_css

_SILKS = shell.style(silk_css())
TABS = ["Figures", "Learning", "Is it real?", "Download"]


def show_fits(study: str) -> None:
    """The whole page about the fits of the study of this name."""
    results = shared.fits_reader(study).read()
    _ways(study)
    if results.frame.empty:
        st.info(f"There are no finished fits of a study {shell.plain(repr(study[:60]))} here.")
        return
    comparison = _comparison(str(artifacts_dir()), study, results.version, results)
    told = f"{counted(len(comparison.frame), 'fit')} of {counted(len(comparison.candidates), 'candidate')}"
    st.markdown(f"**{shell.plain(_called(study))}**: {told}. {fits.SCORED_ON}")
    _podium(comparison)
    show_cards(fits.fit_findings(comparison))
    st.dataframe(
        fits.candidates_table(comparison), hide_index=True, height=318,
        alt="Candidates by validation accuracy",
    )  # fmt: skip
    for sentence in fits.not_ranked(comparison):
        st.caption(shell.plain(sentence))
    for name, reason in results.problems.items():
        st.caption(f"Not read: {shell.plain(f'{name} {reason}')}")
    _tabs(comparison, study, results)


def _called(study: str) -> str:
    """What the study is called on Tune, else by its name: its fits outlive the folder of a study."""
    try:
        return study_heading(read_spec(artifacts_dir(), study))
    except RecordError:
        return f"Study {study}"


def _ways(study: str) -> None:
    with st.container(horizontal=True, key="fits-ways"):
        shell.page_link("compare", "All results")
        shell.page_link("tune", "The study", study=study)


@st.cache_resource(max_entries=4, show_spinner=False)
def _comparison(artifacts: str, study: str, version: int, _results: Results) -> FitComparison:
    return FitComparison(_results.frame)


def _podium(comparison: FitComparison) -> None:
    title, worth = fits.headline(comparison)
    steps = [[_runner(comparison, trial) for trial in step] for step in fits.steps(comparison)]
    st.html(_SILKS + podium_html(title, worth, steps))


def _runner(comparison: FitComparison, trial: int) -> str:
    row = comparison.candidates.loc[trial].to_dict()
    mark = disc(row["framework"]) if isinstance(row["framework"], str) else ""
    accuracy = f'<span class="figures">{percent(row["val_accuracy"])}</span>'
    return f"{mark} <b>trial {trial}</b> {accuracy}<br><small>{escape(row['label'])}</small>"


# ── behind the table ────────────────────────────────────────────────────────────────


def _tabs(comparison: FitComparison, study: str, results: Results) -> None:
    figures, curves, real, away = st.tabs(TABS, key="tab", bind="query-params")
    drawn = comparison.drawn
    with figures:
        if figures.open:
            _figures(comparison, drawn)
    with curves:
        if curves.open:
            _curves(comparison, drawn, results.version)
    with real:
        if real.open:
            st.info(fits.NOT_PAIRED)
            st.markdown("Whether the winner is real is tested with its fresh runs, on the test set:")
            shell.page_link("tune", "The study's verdict", study=study)
    with away:
        if away.open:
            st.download_button(
                "CSV", lambda: public_table(comparison.frame).to_csv(index=False), f"{study}-fits.csv",
                "text/csv", icon=":material/table:", on_click="ignore",
            )  # fmt: skip
            shell.as_command(f"python -m core compare --study {study}")


def _figures(comparison: FitComparison, drawn: pd.DataFrame) -> None:
    rows = comparison.rows(drawn)
    names = {run: comparison.labels[int(trial)] for run, trial in zip(drawn.run, drawn.trial, strict=True)}
    scored = drawn.assign(test_accuracy=drawn.val_accuracy, accuracy_low=None, accuracy_high=None)
    scored = scored.astype({"accuracy_low": float, "accuracy_high": float})
    st.header("Validation accuracy", anchor=False)
    figure = charts.accuracy_chart(scored, rows, names, "validation accuracy")
    show_figure(figure, "validation-accuracy", "Validation accuracy of the best candidates")
    st.caption(
        f"A dot is a fit, an upright bar the mean of several; at most {fits.DRAWN} candidates, the best. "
        f"{fits.SCORED_ON} {fits.NO_CLOCK}"
    )


def _curves(comparison: FitComparison, drawn: pd.DataFrame, version: int) -> None:
    details = choice.details(str(artifacts_dir()), version, tuple(drawn.run))
    histories = {run: one.history for run, one in details.items() if one.history is not None}
    rows = comparison.rows(drawn)
    frameworks = {rows[run]: str(drawn.framework[run]) for run in drawn.run}
    figure = learning.curves_chart(histories, rows, frameworks, "val_accuracy", "epoch")
    show_figure(figure, "fits-val_accuracy-by-epoch", "Validation accuracy by epoch")
    st.caption("A line is the mean of a candidate's fits, the band reaches from the lowest to the highest.")
