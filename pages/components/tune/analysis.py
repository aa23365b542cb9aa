"""What the trials of a study say together: charts over the settings, which of them mattered, the table."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from core import frameworks
from core.charts import tuning as charts
from core.charts.candidates import Setting
from core.charts.figure import alt
from core.charts.parallel import parallel_chart
from core.fields import FIELDS
from core.tuning.importance import importances
from core.tuning.plan import ALL
from core.tuning.study import Study
from core.tuning.tables import chart_measure, chart_settings, trials_table
from pages.components import shell
from pages.components.tune.table import show_table

NO_SCORE = "No trial has a score, so there is nothing to draw."


def show_analysis(study: Study) -> None:
    """A tab for each way to look at the trials; only the open one is drawn."""
    st.header("What the trials say", anchor=False)
    views: dict[str, Callable[[Study], None]] = {}
    if study.spec.search:  # else one set-up was cross-validated
        views |= {"All settings": _together, "One setting": _one}
    if len(study.spec.search) > 1:
        views["Two settings"] = _two
    if study.spec.search:
        views["What mattered"] = _mattered
    views["Table"] = show_table
    for tab, show in zip(
        st.tabs(list(views), key="study-tab", on_change="rerun"), views.values(), strict=True
    ):
        with tab:
            if tab.open:
                show(study)


def _show(figure: go.Figure, name: str, label: str) -> None:
    config = {
        "displaylogo": False,
        "toImageButtonOptions": {"format": "png", "filename": f"digit-derby-{name}", "scale": 2},
    }
    told = alt(figure)
    st.plotly_chart(figure, key=shell.key_in_theme(f"study-{name}"), config=config, alt=f"{label}. {told}")


def _scored(study: Study) -> bool:
    if any(trial.score is not None for trial in study.trials):
        return True
    st.info(NO_SCORE)
    return False


def _titles(study: Study) -> dict[str, str]:
    return {name: frameworks.title(name) for name in study.spec.frameworks}


def _together(study: Study) -> None:
    """Parallel coordinates."""
    if not _scored(study):
        return
    figure = parallel_chart(trials_table(study), chart_settings(study), chart_measure(study), _titles(study))
    _show(figure, "parallel", "All settings side by side (parallel coordinates)")
    st.caption(
        "A line is a trial: it crosses each upright axis at its value of that setting, and the last one at "
        "its score. Bold: the best. Where all good lines go through one place, that setting matters."
    )


def _one(study: Study) -> None:
    """The score over one setting."""
    settings = chart_settings(study)
    if not settings or not _scored(study):
        return
    for setting in settings:
        figure = charts.slice_chart(trials_table(study), setting, chart_measure(study), _titles(study))
        _show(figure, f"slice-{setting.name}", f"Score over {setting.title}")
    st.caption("A mark is a trial; the best one is large. Open marks were dismissed early.")


def _two(study: Study) -> None:
    """The score over two settings: as a map for each framework that has its own best."""
    if not _scored(study):
        return
    pair = _pair(chart_settings(study))
    if pair is None:
        st.info("Choose two different settings.")
        return
    table = trials_table(study)
    for name in [""] if study.spec.common else list(_titles(study)):
        if name:
            st.markdown(f"**{_titles(study)[name]}**")
        part = table[table.framework == name] if name else table
        figure = charts.heat_chart(part, pair, chart_measure(study), name)
        _show(figure, f"heat-{name}", f"Score over {pair[0].title} and {pair[1].title}")
    st.caption("A field is the mean score of the trials that fall into it; empty: none does.")


def _pair(settings: list[Setting]) -> list[Setting] | None:
    if len(settings) == 2:
        return settings
    names = {setting.title: setting for setting in settings}
    across, up, _ = st.columns([1, 1, 2])
    first = across.selectbox("Across", list(names), key="heat-across")
    second = up.selectbox("Up", list(names), index=1, key="heat-up")
    return [names[first], names[second]] if first != second else None


def _mattered(study: Study) -> None:
    """The share of each setting in what set the best trials apart."""
    found = importances(study)
    shares = {"" if name == ALL else name: one["shares"] for name, one in found.items() if one["shares"]}
    if shares:
        words = {name: FIELDS[name].word for name in study.spec.search}
        _show(charts.importance_chart(shares, _titles(study), words), "importance", "What mattered")
    for name, one in found.items():
        who = "" if name == ALL or len(found) == 1 else f"**{frameworks.title(name)}**: "
        st.markdown(f"{who}{shell.plain(one['sentence'])}")
