"""The figures of a search on made studies: what they draw, and the sentence that stands for each."""

import numpy as np
import pytest

from core.charts.candidates import Measure, Setting
from core.charts.colours import paint, silk
from core.charts.figure import alt
from core.charts.parallel import MOST_LINES, parallel_chart
from core.charts.tuning import heat_chart, importance_chart, slice_chart
from core.tuning.tables import chart_measure, chart_settings, trials_table
from support.scored_studies import study, trial

TITLES = {"pytorch": "PyTorch", "keras_fit": "Keras"}
SEARCH = {"batch_size": "128,32", "learning_rate": "log:1e-4..1e-1"}
ACCURACY = Measure("validation accuracy")


def settings(rate: float, size: int):
    return {"settings": {"learning_rate": rate, "batch_size": size}}


TRIALS = [
    trial(1, 0.98, **settings(0.001, 32)),
    trial(2, 0.99, **settings(0.01, 128)),
    trial(3, 0.985, "keras_fit", status="dismissed", **settings(0.003, 32)),
    trial(4, 0.11, "keras_fit", **settings(0.1, 128)),
    trial(5, None, "keras_fit", status="failed", **settings(0.09, 128)),
]
MADE = study(TRIALS, search=SEARCH, frameworks=("pytorch", "keras_fit"))
TABLE, SETTINGS = trials_table(MADE), chart_settings(MADE)


def test_settings_and_score_are_called_as_everywhere():
    assert [(one.name, one.title, one.scale) for one in SETTINGS] == [
        ("batch_size", "batch size", "list"),
        ("learning_rate", "learning rate", "log"),
    ]
    assert chart_measure(MADE).axis == "validation accuracy (%)"
    timed = study(TRIALS, objective="time-to-98")
    assert chart_measure(timed).axis == "training to 98 % (s)"


def test_every_figure_says_its_best_and_keeps_zoom_under_one_revision():
    figures = [
        parallel_chart(TABLE, SETTINGS, ACCURACY, TITLES),
        *(slice_chart(TABLE, one, ACCURACY, TITLES) for one in SETTINGS),
    ]
    for figure in figures:
        assert "PyTorch 99.00 % with" in alt(figure)
        assert "Keras 98.50 % with" in alt(figure)
        assert figure.layout.uirevision == "tuning"


def test_a_slice_over_a_wide_range_is_logarithmic_and_a_list_keeps_its_values_in_order():
    sizes, rates = (slice_chart(TABLE, one, ACCURACY, TITLES) for one in SETTINGS)
    assert (rates.layout.xaxis.type, rates.layout.xaxis.dtick) == ("log", 1)
    assert list(sizes.layout.xaxis.categoryarray) == ["32", "128"]
    assert "1 trial below the picture" in alt(rates)  # the one that did not learn
    assert rates.layout.yaxis.range[0] > 11


def test_frameworks_differ_by_colour_symbol_and_number_and_a_dismissed_trial_is_open():
    figure = slice_chart(TABLE, SETTINGS[1], ACCURACY, TITLES)
    dots = [trace for trace in figure.data if trace.showlegend is not False]
    assert [trace.name for trace in dots] == ["<b>1</b> PyTorch", "<b>3</b> Keras"]
    assert [trace.marker.color for trace in dots] == [paint("pytorch"), paint("keras_fit")]
    assert list(dots[0].marker.symbol) == ["circle", "circle"]
    assert list(dots[1].marker.symbol) == ["square-open", "square"]


def test_parallel_lines_reach_from_the_worst_to_the_best_and_the_best_lie_on_top():
    figure = parallel_chart(TABLE, SETTINGS, ACCURACY, TITLES)
    *_, first, second = figure.data
    assert [trace.line.dash for trace in (first, second)] == ["solid", silk("keras_fit").dash]
    assert first.line.width > figure.data[0].line.width
    assert first.y[:3] == pytest.approx((1, 0.5, 1))  # batch size 128, rate 0.01 of 0.001 to 0.1, the best
    crowd = next(trace for trace in figure.data if trace.showlegend is False and "Keras" in trace.name)
    assert min(value for value in crowd.y if value is not None) == 0
    words = [note.text for note in figure.layout.annotations]
    assert {"32", "128", "0.001", "0.01", "0.1", "99.00 %", "11.00 %", "98 %"} <= set(words)


def test_of_very_many_trials_the_best_are_drawn():
    random = np.random.default_rng(0)
    many = [
        trial(number, float(random.uniform(0.9, 0.99)), **settings(0.001, 32)) for number in range(1, 600)
    ]
    figure = parallel_chart(trials_table(study(many, search=SEARCH)), SETTINGS, ACCURACY, TITLES)
    assert sum(value is None for value in figure.data[0].x) == MOST_LINES
    assert alt(figure).startswith("599 trials, the 400 best drawn.")


def test_a_common_best_has_one_colour_and_no_legend():
    made = study([trial(1, 0.9, None, **settings(0.1, 32))], search=SEARCH, common=True)
    figure = slice_chart(trials_table(made), SETTINGS[1], ACCURACY, {})
    assert figure.layout.showlegend is False
    assert alt(figure) == "Best: 90.00 % with learning rate 0.1."


def test_the_heat_map_writes_the_mean_of_each_cell():
    trials = [
        trial(1, 0.98, **settings(0.001, 32)),
        trial(2, 0.96, **settings(0.001, 32)),
        trial(3, 0.99, **settings(0.1, 128)),
    ]
    table = trials_table(study(trials, search=SEARCH))
    figure = heat_chart(table, SETTINGS, ACCURACY, "pytorch")
    written = figure.data[1]
    assert dict(zip(zip(written.x, written.y, strict=True), written.text, strict=True)) == {
        ("32", "≈ 0.0015"): "97.0",  # the first sixth of 0.001 to 0.1, in its logarithmic middle
        ("128", "≈ 0.068"): "99.0",
    }
    assert alt(figure) == (
        "3 trials over batch size and learning rate. Best: 99.00 % with batch size 128 and learning rate 0.1."
    )
    assert figure.data[0].colorscale[1][1] == paint("pytorch")


def test_of_times_the_shortest_is_best():
    table = TABLE.assign(score=[9.0, 8.0, 7.0, 20.0, np.nan])
    measure = Measure("training to 98 %", by_time=True)
    assert "Keras 7.0 s with" in alt(slice_chart(table, SETTINGS[0], measure, TITLES))
    figure = parallel_chart(table, SETTINGS, measure, TITLES)
    assert {"7.0 s", "20.0 s"} <= {note.text for note in figure.layout.annotations}
    assert figure.data[-1].y[2] == 1


def test_importance_is_a_bar_for_each_framework_with_its_number():
    shares = {"pytorch": {"learning_rate": 0.7, "batch_size": 0.3}, "keras_fit": {"batch_size": 1.0}}
    words = {"learning_rate": "learning rate", "batch_size": "batch size"}
    figure = importance_chart(shares, TITLES, words)
    assert [bar.name for bar in figure.data] == ["<b>1</b> PyTorch", "<b>3</b> Keras"]
    assert list(figure.data[0].text) == ["<b>1</b> 70 %", "<b>1</b> 30 %"]
    told = "PyTorch learning rate 70 %, batch size 30 %; Keras batch size 100 %"
    assert alt(figure) == f"Share of what decided the score. {told}."
    assert alt(importance_chart({"pytorch": {}}, TITLES, words)) == "Too few trials to say."


def test_nothing_scored_yet_is_said_in_a_sentence():
    table = trials_table(study([trial(1, None, status="running", **settings(0.1, 32))], search=SEARCH))
    none = "No trial has a score yet."
    assert alt(parallel_chart(table, SETTINGS, ACCURACY, TITLES)) == none
    assert alt(heat_chart(table, SETTINGS, ACCURACY)) == none
    assert alt(slice_chart(table, SETTINGS[0], ACCURACY, TITLES)) == none


def test_a_setting_that_a_trial_lacks_leaves_a_gap():
    trials = [
        trial(1, 0.98, settings={"optimizer": "sgd", "momentum": 0.9}),
        trial(2, 0.99, settings={"optimizer": "adam"}),
    ]
    table = trials_table(study(trials, search={"optimizer": "sgd,adam", "momentum": "lin:0.5..0.95"}))
    axes = [Setting("optimizer", "optimizer", "list"), Setting("momentum", "momentum", "lin")]
    figure = parallel_chart(table, axes, ACCURACY, TITLES)
    assert figure.data[-1].y[1] is None
    assert "99.00 % with optimizer adam" in alt(figure)
