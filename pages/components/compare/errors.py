"""The runs' mistakes: confusion, classes, calibration, and the images themselves."""

import numpy as np
import pandas as pd
import streamlit as st

from core.charts import errors as charts
from core.comparison.compare import Comparison
from core.comparison.findings import explain_calibration
from core.data.catalogue import names_of_classes
from core.runs.details import Details
from core.scores import class_scores, confused_pairs
from pages.components.compare.figure_format import figure_format
from pages.components.compare.figures import show_figure
from pages.components.compare.gallery import show_gallery
from pages.components.shell import plain

HELP = {
    "precision": "Of the images taken for this class, how many per cent belong to it",
    "recall": "Of the images of this class, how many per cent are found",
    "f1": "The harmonic mean of precision and recall",
}


def show_errors(comparison: Comparison, details: dict[str, Details]) -> None:
    """The gallery first, then one run's confusion matrix, then all runs' classes and calibration."""
    runs = list(comparison.frame.run)
    show_gallery(comparison)
    st.header("What is taken for what", anchor=False)
    labels = comparison.labels
    run = st.selectbox(
        "Run", runs, format_func=lambda run: labels.get(run, run), key="confusion", bind="query-params"
    )
    drawn = _confusion(comparison, run, details[run])
    left, right = st.columns(2)
    with left:
        drawn |= _classes(comparison, details)
    with right:
        drawn |= _calibration(comparison)
    if drawn:
        figure_format()


def class_names(comparison: Comparison, run: str, count: int) -> list[str]:
    """The names of a run's classes, their numbers when its dataset is unknown."""
    frame = comparison.frame
    return names_of_classes(frame.dataset[run], frame.dataset_content[run], count)


def _confusion(comparison: Comparison, run: str, item: Details) -> bool:
    """One run's confusion matrix; whether there is one."""
    if item.confusion is None:
        st.info(f"Nothing to show for this run: {item.problems['confusion']}.")
        return False
    classes = class_names(comparison, run, len(item.confusion))
    left, right = st.columns([3, 2])
    with left:
        figure = charts.confusion_chart(item.confusion, str(comparison.frame.framework[run]), classes)
        show_figure(figure, "confusion", f"Confusion matrix of {comparison.labels[run]}")
        st.caption("A row holds the images of one class, a column what they were taken for.")
    pairs = confused_pairs(item.confusion)
    names = [f"{classes[true]} taken for {classes[guess]}" for true, guess, _ in pairs]
    scores = class_scores(item.confusion)
    with right:
        st.markdown("**Most confused**")
        table = pd.DataFrame({"mistake": names, "times": [times for *_, times in pairs]})
        st.dataframe(table, hide_index=True, alt="Most confused pairs")
        table = pd.DataFrame(
            {"class": classes, **{key: 100 * scores[key] for key in ("precision", "recall", "f1")}}
        )
        columns = {
            name: st.column_config.NumberColumn(name.capitalize(), format="%.2f", help=HELP[name])
            for name in HELP
        }
        st.dataframe(
            table,
            hide_index=True,
            column_config=columns,
            height=248,
            placeholder="–",
            alt="Scores of each class",
        )
    return True


def _classes(comparison: Comparison, details: dict[str, Details]) -> bool:
    """The runs' F1 of each class; whether that could be drawn."""
    st.header("F1 of each class", anchor=False)
    known = {run: item.confusion for run, item in details.items() if item.confusion is not None}
    sizes = {len(confusion) for confusion in known.values()}
    datasets = comparison.frame.dataset[list(known)].nunique(dropna=False)
    if len(sizes) != 1 or datasets != 1:
        st.info(
            "The chosen runs do not share their classes." if known else "No run holds a confusion matrix."
        )
        return False
    rows = comparison.rows()
    sums: dict[str, np.ndarray] = {}
    for run, confusion in known.items():
        sums[rows[run]] = sums.get(rows[run], 0) + confusion
    scores = {row: class_scores(confusion)["f1"] for row, confusion in sums.items()}
    frameworks = comparison.frameworks_of(rows)
    classes = class_names(comparison, next(iter(known)), sizes.pop())
    show_figure(charts.class_chart(scores, frameworks, classes), "classes", "F1 of each class")
    st.caption("F1 is the (harmonic) mean of a class's precision and recall.")
    return True


def _calibration(comparison: Comparison) -> bool:
    """How sure the runs are against how often they are right; whether that could be drawn."""
    st.header("Calibration", anchor=False)
    test_set = comparison.one_seed()
    if test_set is None:
        st.info("This needs saved predictions.")
        return False
    frameworks = comparison.frameworks_of(comparison.labels_of(test_set))
    figure = charts.calibration_chart(comparison.calibrations, frameworks)
    show_figure(figure, "calibration", "Reliability curves")
    st.caption(plain(explain_calibration(comparison.calibrations)))
    return True
