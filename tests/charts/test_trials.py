"""The learning curves of a study's trials."""

from core.charts.figure import alt
from core.charts.trials import MOST_CURVES, TrialCurve, most_telling, trials_figure

TITLES = {"pytorch": "PyTorch", "keras_fit": "Keras"}


def curve(number, *accuracy, **more) -> TrialCurve:
    return TrialCurve(number, f"learning rate {number}", more.pop("framework", "pytorch"), accuracy, **more)


def drawn(figure) -> list[dict]:
    return [trace for trace in figure["data"] if trace["x"] != [None]]


def test_every_trial_has_a_line_and_the_best_is_bold_and_on_top():
    curves = [curve(1, 0.8, 0.9, best=True), curve(2, 0.7, 0.8), curve(3, 0.5, 0.6, framework="keras_fit")]
    lines = drawn(trials_figure(curves, TITLES, "made"))
    assert len(lines) == 3
    assert lines[-1]["y"] == [80, 90]
    assert lines[-1]["line"]["width"] > 2 * lines[0]["line"]["width"]


def test_the_legend_names_each_framework_once_in_the_order_of_their_numbers():
    curves = [curve(1, 0.5, framework="keras_fit"), curve(2, 0.6), curve(3, 0.7)]
    figure = trials_figure(curves, TITLES, "made")
    named = [trace["name"] for trace in figure["data"] if trace.get("showlegend") is not False]
    assert named == ["<b>1</b> PyTorch", "<b>3</b> Keras"]


def test_of_many_trials_those_that_reach_most_are_drawn_and_every_one_that_stands_out():
    curves = [curve(number, number / 1000) for number in range(1, 201)] + [curve(999, 0.0, chosen=True)]
    shown = most_telling(curves)
    assert len(shown) == MOST_CURVES
    assert shown[-1].number == 999
    assert min(one.number for one in shown) == 201 - (MOST_CURVES - 1)


def test_the_sentence_names_the_best_of_each_framework():
    curves = [curve(1, 0.9, best=True), curve(2, 0.8, framework="keras_fit", best=True), curve(3, 0.95)]
    said = alt(trials_figure(curves, TITLES, "made"))
    assert "PyTorch 90.00 % (trial 1), Keras 80.00 % (trial 2)" in said
    assert "None has ended yet" in alt(trials_figure([], TITLES, "made"))


def test_zoom_stays_while_it_is_the_same_study():
    first, second = (trials_figure([curve(1, 0.9)], TITLES, name)["layout"] for name in ("one", "two"))
    assert first["uirevision"] == trials_figure([], TITLES, "one")["layout"]["uirevision"]
    assert first["uirevision"] != second["uirevision"]


def test_a_training_that_goes_on_has_a_line_of_its_own_with_a_ring_at_its_end():
    whole = [curve(number, number / 1000) for number in range(1, 201)]
    growing = curve(199, 0.0, 0.1, training="fold 2, seed 0")
    figure = trials_figure([*whole, growing], TITLES, "made", epochs=5)
    [line] = [one for one in drawn(figure) if "trains now" in one["hovertemplate"]]  # however many others
    assert line["marker"]["size"] == [0, 11]
    assert len({one["uid"] for one in figure["data"]}) == len(figure["data"])
    assert figure["layout"]["xaxis"]["range"][1] > 5  # stands still while it grows
    assert "1 line still growing" in alt(figure)
