"""One HTML file that holds a whole comparison: opens offline, charts included."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import font_fjallaone
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader
from plotly.offline import get_plotlyjs

from core import frameworks
from core.charts import comparison as charts
from core.charts import errors, learning
from core.charts.colours import INK, NEXT_SILK, SILKS, paints, silk
from core.charts.figure import alt
from core.comparison.compare import Comparison
from core.comparison.findings import (
    explain_calibration,
    explain_p,
    explain_runs,
    explain_seeds,
    explain_times,
    findings,
    pair_table,
    why_not_ranked,
)
from core.comparison.groups import SETTINGS
from core.comparison.tables import NUMBERS, ranking_table, run_table
from core.data.catalogue import dataset_title, names_of_classes
from core.runs.details import Details, read_details
from core.runs.names import names_of
from core.scores import class_scores, confused_pairs
from core.words import UNKNOWN, counted, percent, show

MOST_CONFUSIONS = 10
MOST_SIDE_BY_SIDE = 6  # runs whose columns fit a page


@dataclass
class _Block:
    heading: str = ""
    text: str = ""
    figure: dict[str, Any] | None = None
    label: str = ""
    table: pd.DataFrame | None = None
    narrow: bool = False  # a square figure
    numbers: list[str] = field(default_factory=lambda: NUMBERS)


@dataclass
class _Section:
    title: str
    blocks: list[_Block]


def build_report(artifacts: Path, comparison: Comparison) -> str:
    """The comparison as one self-contained HTML page (some 5 MB, nearly all of it Plotly).

    Args:
        artifacts: the folder of the runs.
        comparison: from `core.comparison.compare.compare_runs`.
    """
    details = {run: read_details(artifacts, run) for run in comparison.frame.run}
    sections = [
        _runs_section(comparison),
        _charts_section(comparison, details),
        _tests_section(comparison),
        _errors_section(comparison, details),
        _origin_section(comparison, details),
    ]
    found = [
        {"question": item.question, "answer": item.answer, "detail": item.detail,
         "number": silk(item.framework).number if item.framework else None}
        for item in findings(comparison)
    ]  # fmt: skip
    folder = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=folder, autoescape=True, trim_blocks=True).get_template("report.html")
    return page.render(
        title="Digit Derby: a comparison",
        subtitle=f"{counted(len(comparison.frame), 'run')}, {datetime.now():%d %B %Y, %H:%M}",
        findings=found,
        not_ranked=why_not_ranked(comparison),
        sections=sections,
        silks={silk.number: (silk.light, silk.dark) for silk in (*SILKS.values(), NEXT_SILK)},
        numbers={frameworks.title(name): silk(name).number for name in frameworks.names()},
        paints={"light": paints(dark=False), "dark": paints(dark=True)},
        plotly_js=get_plotlyjs(),
        font=base64.b64encode(font_fjallaone.FjallaOne.read_bytes()).decode(),
    )


def _runs_section(comparison: Comparison) -> _Section:
    blocks = []
    if comparison.group is not None:
        table, alike = _alike_apart(ranking_table(comparison.ranking()))
        numbers = [*NUMBERS, "spread (points)", "runs", "range of times"]
        blocks.append(_Block("Ranking", text=alike, table=table, numbers=numbers))
    note = " ".join([comparison.untimed_note(), *comparison.frame.diagnosis.dropna().unique()]).strip()
    table = run_table(comparison.frame, comparison.labels)
    table["dataset"] = table.dataset.map(dataset_title)
    table.insert(1, "name", table.index.map(names_of(comparison.frame, dataset_title)))
    blocks.append(_runs_block("Runs" if blocks else "", table, note))
    return _Section("What was compared", blocks)


def _runs_block(heading: str, table: pd.DataFrame, text: str = "") -> _Block:
    """A table with a line for each run or, while they are few, a column; above it what is alike in all."""
    table, alike = _alike_apart(table)
    text = f"{text} {alike}".strip()
    if len(table.columns) == 1:  # they differ in nothing
        return _Block(heading, text=text)
    if len(table) > MOST_SIDE_BY_SIDE:
        return _Block(heading, text=text, table=table)
    turned = table.set_index("run").T.reset_index(names="run")
    return _Block(heading, text=text, table=turned, numbers=[])


def _alike_apart(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The first column and those that differ from line to line, and the others in a sentence."""
    alike = [column for column in table.columns[1:] if len(table) > 1 and table[column].nunique() == 1]
    values = {column: table[column].iloc[0] for column in alike}
    told = "; ".join(f"{column} {value}" for column, value in values.items() if value != UNKNOWN)
    return table.drop(columns=alike), f"The same in all: {told}." if told else ""


def _charts_section(comparison: Comparison, details: dict[str, Details]) -> _Section:
    rows = comparison.rows()
    frame = comparison.frame
    frameworks = comparison.frameworks_of(rows)
    histories = {run: item.history for run, item in details.items() if item.history is not None}
    figures = {
        "Test accuracy": charts.accuracy_chart(frame, rows, comparison.labels),
        "Parameters, code and model size": charts.size_chart(frame, rows),
    }
    timed = comparison.timed
    if not timed.empty:
        figures["Where the time goes"] = charts.time_chart(timed, rows)
    if comparison.times_rank and not timed.empty:
        figures["Accuracy against time"] = charts.trade_chart(timed, rows, comparison.labels)
    if histories:
        figures["Learning by epoch"] = learning.curves_chart(
            histories, rows, frameworks, "val_accuracy", "epoch"
        )
    counted = {run: history for run, history in histories.items() if run in timed.index}
    if counted and comparison.same_machine:
        figures["Learning by second"] = learning.curves_chart(
            counted, rows, frameworks, "val_accuracy", "seconds"
        )
    if counted and comparison.times_rank:
        table = learning.target_table(counted, rows)
        figures["Time to 97, 98 and 99 %"] = learning.target_chart(table, frameworks)
    return _Section("Charts", [_figure_block(title, figure) for title, figure in figures.items()])


def _figure_block(title: str, figure: go.Figure) -> _Block:
    figure.update_layout(template="none", font={"color": INK, "family": "system-ui, sans-serif"})
    return _Block(title, figure=json.loads(figure.to_json()), label=f"{title}. {alt(figure)}")


def _tests_section(comparison: Comparison) -> _Section:
    blocks = []
    if first := comparison.accuracy_tests or comparison.run_tests():
        blocks.append(_Block(text=explain_p(first)))
    if comparison.accuracy_tests:
        names = {name: frameworks.title(name) for name in comparison.frame.framework}
        tests = comparison.accuracy_tests
        blocks.append(_Block("Over seeds", explain_seeds(tests), table=pair_table(tests, names)))
        if comparison.time_tests and comparison.same_machine:
            table = pair_table(comparison.time_tests, names, "s")
            blocks.append(_Block("Train times", explain_times(comparison.time_tests), table=table))
    tests, test_set = comparison.run_tests(), comparison.one_seed()
    if tests and test_set:
        table = pair_table(tests, comparison.labels_of(test_set))
        blocks.append(_Block("Between single runs", explain_runs(tests), table=table))
    missing = [
        f"{comparison.labels[run]}: {reason}" for run, reason in comparison.without_predictions.items()
    ]
    if missing:
        blocks.append(_Block("Not tested", "; ".join(missing)))
    return _Section("Is the difference real?", blocks or [_Block(text="There was nothing to test.")])


def _errors_section(comparison: Comparison, details: dict[str, Details]) -> _Section:
    blocks = _calibration(comparison)
    known = {run: item.confusion for run, item in details.items() if item.confusion is not None}
    shown = list(known.items())[:MOST_CONFUSIONS]
    blocks += [_confusion_block(comparison, run, confusion) for run, confusion in shown]
    if len(known) > MOST_CONFUSIONS:
        blocks.append(_Block(text=f"{len(known) - MOST_CONFUSIONS} more runs are left out here."))
    if not known:
        blocks.append(_Block(text="No run has a confusion matrix."))
    return _Section("What they get wrong", blocks)


def _confusion_block(comparison: Comparison, run: str, confusion: np.ndarray) -> _Block:
    frame = comparison.frame
    classes = names_of_classes(frame.dataset[run], frame.dataset_content[run], len(confusion))
    framework = str(comparison.frame.framework[run])
    block = _figure_block(comparison.labels[run], errors.confusion_chart(confusion, framework, classes))
    block.narrow = True
    pairs = ", ".join(
        f"{classes[true]} taken for {classes[guess]} ({times})"
        for true, guess, times in confused_pairs(confusion)
    )
    block.text = f"Most confused: {pairs or 'nothing'}."
    scores = class_scores(confusion)
    block.numbers = ["precision", "recall", "f1"]
    columns = {key: [percent(value) for value in scores[key]] for key in block.numbers}
    block.table = pd.DataFrame({"class": classes, **columns})
    return block


def _calibration(comparison: Comparison) -> list[_Block]:
    test_set = comparison.one_seed()
    if test_set is None:
        return []
    frameworks = comparison.frameworks_of(comparison.labels_of(test_set))
    block = _figure_block(
        "Calibration: how sure, and how often right",
        errors.calibration_chart(comparison.calibrations, frameworks),
    )
    block.text = explain_calibration(comparison.calibrations)
    return [block]


def _origin_section(comparison: Comparison, details: dict[str, Details]) -> _Section:
    labels = comparison.frame.run.map(comparison.labels)
    settings = pd.DataFrame({"run": labels, "seed": comparison.frame.seed.map(show)})
    for key, title in SETTINGS.items():
        settings[title] = comparison.frame[key].map(show)
    settings["dataset"] = settings.dataset.map(dataset_title)
    places = pd.DataFrame(
        {
            "run": labels,
            "machine": comparison.frame.machine.map(show),
            "processor": [details[run].machine or UNKNOWN for run in comparison.frame.run],
            "versions": [
                ", ".join(f"{name} {version}" for name, version in details[run].versions.items()) or UNKNOWN
                for run in comparison.frame.run
            ],
            "created": comparison.frame.created.map(show),
            "file": comparison.frame.run,  # its folder and its metrics file are called so
        }
    )
    blocks = [_runs_block("Settings", settings), _runs_block("Machine and versions", places)]
    return _Section("How it was made", blocks)
