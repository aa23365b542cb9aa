"""The Compare page on its own: what it shows for good, odd and missing input."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.comparison.groups import comparable_groups
from core.comparison.results import ResultsReader
from core.runs import bin, records
from support.app_test import open_page, words
from support.made_runs import FRAMEWORKS, made_labels, make_finished_race, make_finished_run

TABS = ["Figures", "Learning", "Is it real?", "Mistakes", "Shrink", "Download"]


def show_compare(**query: str) -> AppTest:
    page = open_page("compare.py", **query)
    assert not page.exception, page.exception
    return page


def test_an_empty_folder_leads_on(artifacts):
    assert "No results yet" in words(show_compare())


def test_the_answer_stands_above_the_table(artifacts):
    make_finished_race(artifacts, accuracies={**dict.fromkeys(FRAMEWORKS, 0.99), "numpy_scratch": 0.9})
    text = words(show_compare())
    for part in ("Photo finish", "joint 1st", "Most accurate", "Smallest model", "Shortest code"):
        assert part in text
    assert "real lead over" in text


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_shows_a_race_with_seeds(artifacts, tab):
    make_finished_race(artifacts, (0, 1, 2))
    page = show_compare(tab=tab)
    assert len(page.dataframe[0].value) == 15
    assert not page.error


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_shows_a_folder_of_imported_files(artifacts, tab):
    for number, framework in enumerate(("PyTorch", "Keras", "<b>mine</b>")):
        metrics = {
            "framework": framework,
            "test_accuracy": 0.97 + number / 100,
            "train_time_sec": float("nan"),
        }
        (artifacts / f"notebook-{number}_metrics.json").write_text(json.dumps(metrics))
    (artifacts / "empty_metrics.json").write_text("{}")
    (artifacts / "bare_metrics.json").write_text('{"test_accuracy": 0.5}')
    page = show_compare(tab=tab)
    text = words(page)
    assert "not ranked" in text
    assert "does not say: dataset" in text
    assert "<b>mine" not in text  # a name from outside is text, never markup
    assert len(page.dataframe[0].value) == 4


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_survives_runs_without_predictions_history_or_confusion(artifacts, tab):
    for run in make_finished_race(artifacts):
        path = records.metrics_path(artifacts, run)
        metrics = json.loads(path.read_text())
        records.write_json(path, {**metrics, "history": "none", "confusion": [[1]], "environment": None})
        (artifacts / run / "test_probabilities.npy").write_bytes(b"broken")
    show_compare(tab=tab)


def test_a_link_to_single_runs_compares_those(artifacts):
    runs = make_finished_race(artifacts)
    page = show_compare(runs=f"{runs[0]},{runs[1]},never-was")
    assert "2 of 5 runs chosen" in words(page)
    assert r"never\-was" in words(page)  # as Markdown that shows it letter by letter


def test_a_link_to_a_race_or_a_group_compares_its_runs(artifacts):
    make_finished_race(artifacts, (0, 1))
    make_finished_race(artifacts, prefix="20261122-100000", batch_size=32)
    assert "15 of 15 runs chosen" in words(show_compare(race="made"))
    frame = ResultsReader(artifacts).read().frame
    for group in comparable_groups(frame, apart=True):
        assert f"{len(group.runs)} of 15 runs chosen" in words(show_compare(group=group.key))
    show_compare(group="no-such-group")


@pytest.mark.parametrize("link", ["../../etc/passwd", "a" * 5000, "%00", "<script>", ","])
def test_a_strange_link_does_no_harm(artifacts, link):
    make_finished_race(artifacts)
    assert "<script>" not in words(show_compare(runs=link))


def test_runs_that_differ_are_not_ranked_and_the_fair_group_is_offered(artifacts):
    runs = make_finished_race(artifacts)
    make_finished_run(artifacts, "odd", "pytorch", batch_size=32)
    page = show_compare(runs=",".join([*runs, "odd"]))
    assert "These runs are not ranked" in words(page)
    assert "batch size differs: 32 (1 run), 64 (5 runs)" in words(page)
    offer = next(button for button in page.button if button.label.startswith("Compare MNIST"))
    offer.click().run()
    assert "Most accurate" in words(page)
    assert "5 of 6 runs chosen" in words(page)


def test_times_of_different_machines_are_not_drawn_against_each_other(artifacts):
    make_finished_run(artifacts, "here", "pytorch")
    make_finished_run(artifacts, "there", "keras_fit", machine="ffffffff")
    text = words(show_compare(runs="here,there"))
    assert "Not ranked" in text
    assert "Only runs that can be ranked, on one known machine" in text


def test_filters_and_the_switch_for_what_differs_change_the_table(artifacts):
    make_finished_race(artifacts, (0, 1))
    page = show_compare()
    assert "seed" in page.dataframe[0].proto.columns or len(page.dataframe[0].value) == 10
    page.multiselect(key="only-framework").set_value(["pytorch"]).run()
    assert set(page.dataframe[0].value.framework) == {"PyTorch"}
    page.multiselect(key="only-framework").set_value([]).run()
    assert len(page.dataframe[0].value) == 10


def test_reference_runs_cannot_be_renamed_or_deleted_on_the_page(artifacts):
    make_finished_run(artifacts, "reference-pytorch-small-cnn")
    page = show_compare()
    buttons = {button.label: button for button in page.button}
    assert buttons["Rename…"].disabled
    assert buttons["Delete…"].disabled


def test_a_single_run_has_an_answer_too(artifacts):
    make_finished_run(artifacts, "alone", labels=made_labels(100))
    assert "The only framework here (1 run)" in words(show_compare())
    for tab in TABS:
        show_compare(tab=tab)


def test_figures_and_only_they_offer_a_format(artifacts):
    make_finished_race(artifacts)
    offered = {tab: "PNG" in str(show_compare(tab=tab).main) for tab in TABS}
    assert offered == {
        "Figures": True,
        "Learning": True,
        "Is it real?": False,
        "Mistakes": True,
        "Shrink": True,
        "Download": False,
    }


def test_runs_are_called_by_their_time_and_what_they_trained(artifacts):
    make_finished_race(artifacts, prefix="20251120-100000", dataset="fashion-mnist")
    make_finished_run(artifacts, "reference-pytorch-small-cnn")
    records.write_notes(artifacts, "20251120-100000-keras_fit-small-cnn-s0", "My best")
    names = show_compare().dataframe[0].value["name"].to_dict()
    assert names["20251120-100000-pytorch-small-cnn-s0"].endswith("10:00, Fashion-MNIST, 5 epochs")
    assert names["20251120-100000-keras_fit-small-cnn-s0"] == "My best"
    assert names["reference-pytorch-small-cnn"] == "Reference, MNIST, 5 epochs"


def test_a_column_in_which_all_chosen_runs_are_alike_is_hidden(artifacts):
    make_finished_run(artifacts, "one", "pytorch")
    make_finished_run(artifacts, "two", "pytorch", batch_size=32)
    make_finished_run(artifacts, "three", "keras_fit")
    table = show_compare(runs="one,two", differing="true").dataframe[0]
    shown = list(table.proto.column_order)
    assert shown[0] == "name"
    assert "batch_size" in shown
    assert not {"framework", "dataset", "params", "status", "origin", "seed", "remark"} & set(shown)


def test_the_bin_is_offered_and_a_deletion_can_be_undone(artifacts):
    runs = make_finished_race(artifacts)
    deletion = bin.delete(artifacts, runs[:2])
    page = show_compare()
    assert "3 of 3 runs chosen" in words(page)
    assert any(popover.proto.popover.label == "Bin: 2" for popover in page.get("popover"))
    page.session_state["compare-messages"] = ("In the bin", [], deletion.key)
    page.query_params["runs"] = ""
    page.run()
    page.run()  # stays until runs are chosen again
    next(button for button in page.button if button.label == "Undo").click().run()
    assert "2 of 5 runs chosen" in words(page)
    assert bin.deletions(artifacts) == []
