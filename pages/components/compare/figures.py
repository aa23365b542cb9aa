"""The figures of a comparison: accuracy, time, size, learning."""

import plotly.graph_objects as go
import streamlit as st

from core.charts import comparison as charts
from core.charts import learning as learning_charts
from core.charts.figure import alt
from core.comparison.compare import Comparison
from core.runs.details import Details
from pages.components.compare.figure_format import figure_format
from pages.components.shell import key_in_theme, plain


def show_figure(figure: go.Figure, name: str, label: str) -> None:
    """One figure; its camera button saves it in the format that the URL keeps (`figure=SVG`)."""
    format = "svg" if st.query_params.get("figure") == "SVG" else "png"
    config = {
        "displaylogo": False,
        "toImageButtonOptions": {"format": format, "filename": f"digit-derby-{name}", "scale": 2},
    }
    st.plotly_chart(
        figure, key=key_in_theme(f"figure-{name}-{format}"), config=config, alt=f"{label}. {alt(figure)}"
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _figures(shown: tuple, _comparison: Comparison) -> dict[str, go.Figure]:
    rows, frame = _comparison.rows(), _comparison.frame
    figures = {
        "accuracy": charts.accuracy_chart(frame, rows),
        "time": charts.time_chart(_comparison.timed, rows),
        "size": charts.size_chart(frame, rows),
    }
    if _comparison.times_rank:
        figures["trade"] = charts.trade_chart(_comparison.timed, rows)
    return figures


def overview(comparison: Comparison, shown: tuple) -> None:
    """Accuracy, time and size.

    Args:
        comparison: of the chosen runs.
        shown: what the comparison was made of, so that its figures are drawn once.
    """
    figures = _figures(shown, comparison)
    left, right = st.columns(2)
    with left:
        st.header("Test accuracy", anchor=False)
        show_figure(figures["accuracy"], "accuracy", "Test accuracy with 95 % intervals")
        st.caption(
            "A dot is a run; its line, the 95 % interval, shows where the true accuracy may lie, since there "
            "are only so many test images. An upright bar is the mean of several runs."
        )
    with right:
        st.header("Where the time goes", anchor=False)
        if comparison.timed.empty:
            st.info("None of the chosen runs has times that count.")
        else:
            show_figure(figures["time"], "time", "Seconds by phase")
            notes = ["Train time is the solid part: training steps alone."]
            if not comparison.same_machine:
                notes.append("These times come from different or unknown machines.")
            st.caption(plain(" ".join([*notes, comparison.untimed_note()])))
    left, right = st.columns(2)
    with left:
        st.header("Accuracy against time", anchor=False)
        if "trade" in figures and not comparison.timed.empty:
            show_figure(figures["trade"], "trade", "Accuracy against train time")
            st.caption("No run beats those on the dotted line, the Pareto front, in both at once.")
        else:
            st.info(
                "Only runs that can be ranked, on one known machine and with times that count, are drawn "
                "against their time."
            )
    with right:
        st.header("Parameters, code, model size", anchor=False)
        show_figure(figures["size"], "size", "Parameters, effective lines and model size")
        st.caption(
            "Parameters are the numbers that a network learns; effective lines are lines that hold code."
        )
    figure_format()


def learning(comparison: Comparison, details: dict[str, Details]) -> None:
    """Learning curves by epoch or by second, and the time to 97, 98 and 99 %."""
    histories = {run: item.history for run, item in details.items() if item.history is not None}
    without = [comparison.labels[run] for run, item in details.items() if item.history is None]
    if not histories:
        st.info("None of the chosen runs holds a learning curve.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox(
            "Curve",
            list(learning_charts.CURVES),
            format_func=learning_charts.CURVES.__getitem__,
            key="curve",
            bind="query-params",
            width=240,
        )
        x = st.segmented_control(
            "Against",
            ["epoch", "seconds"],
            default="epoch",
            required=True,
            key="against",
            bind="query-params",
        )
    rows = comparison.rows()
    frameworks = comparison.frameworks_of(rows)
    if x == "seconds" and not comparison.same_machine:
        st.warning("These times come from different or unknown machines: do not compare them.")
    counted = {run: history for run, history in histories.items() if run not in comparison.untimed}
    shown = histories if x == "epoch" else counted
    figure = learning_charts.curves_chart(shown, rows, frameworks, column, x)
    show_figure(figure, f"{column}-by-{x}", f"{learning_charts.CURVES[column]} by {x}")
    left_out = "" if x == "epoch" else comparison.untimed_note()
    about = "A line is the mean of a framework's runs, the band reaches from the lowest to the highest."
    st.caption(plain(f"{about} {left_out}"))
    if comparison.times_rank:
        st.header("Time to 97, 98 and 99 %", anchor=False)
        table = learning_charts.target_table(counted, rows)
        if table.isna().all(axis=None):
            st.info("No framework's runs all reached 97 % on the validation images.")
        else:
            figure = learning_charts.target_chart(table, frameworks)
            show_figure(figure, "targets", "Seconds to 97, 98 and 99 % validation accuracy")
            st.caption("Training seconds at the end of the epoch that reached it; a dash: not every run did.")
    if without:
        st.caption(f"Without a learning curve: {plain(', '.join(without))}.")
    figure_format()
