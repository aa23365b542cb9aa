"""Reading a folder of results: which runs there are, what is read again, what is shown of them."""

import json
import math
import os
import sys

import pandas as pd
import pytest

from core.comparison.compare import compare_runs
from core.comparison.results import (
    ResultsReader,
    filter_runs,
    in_one_order,
    public_rows,
    public_table,
    worth_showing,
)
from core.runs import records
from core.runs.details import read_details
from core.runs.records import RecordError
from support.made_runs import (
    NOTEBOOK,
    made_labels,
    make_finished_race,
    make_finished_run,
    read_results,
    write_metrics,
)


def test_an_empty_or_missing_folder_has_no_results(tmp_path):
    assert read_results(tmp_path).frame.empty
    assert read_results(tmp_path / "nowhere").frame.empty


def test_own_imported_and_reference_runs_are_told_apart(tmp_path):
    make_finished_run(tmp_path, "mine")
    make_finished_run(tmp_path, "reference-pytorch-small-cnn")
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    assert read_results(tmp_path).frame.origin.to_dict() == {
        "mine": "own",
        "reference-pytorch-small-cnn": "reference",
        "notebook": "imported",
    }


def opened_files(action, folder) -> list[str]:
    """Names of the metrics files that Python opens while `action` runs."""
    names: list[str] = []
    active = True

    def watch(event, arguments):
        if active and event == "open" and str(arguments[0]).startswith(str(folder)):
            names.append(os.path.basename(str(arguments[0])))

    sys.addaudithook(watch)
    try:
        action()
    finally:
        active = False
    return [name for name in names if name.endswith("_metrics.json")]


def test_a_second_view_reads_nothing_and_a_change_reads_one_file(tmp_path):
    runs = make_finished_race(tmp_path, labels=made_labels(50))
    reader = ResultsReader(tmp_path)
    assert len(opened_files(reader.read, tmp_path)) == len(runs)
    first = reader.read()
    assert opened_files(reader.read, tmp_path) == []
    assert reader.read() is first
    metrics = json.loads(records.metrics_path(tmp_path, runs[1]).read_text())
    records.write_json(records.metrics_path(tmp_path, runs[1]), {**metrics, "test_accuracy": 0.5})
    assert opened_files(reader.read, tmp_path) == [f"{runs[1]}_metrics.json"]
    assert reader.read().frame.test_accuracy[runs[1]] == 0.5
    records.delete_run(tmp_path, runs[0])
    assert opened_files(reader.read, tmp_path) == []
    assert runs[0] not in reader.read().frame.index


def test_choosing_a_run_reads_only_that_run(tmp_path):
    runs = make_finished_race(tmp_path, labels=made_labels(50))
    frame = read_results(tmp_path).frame

    def choose():
        compare_runs(tmp_path, frame.loc[[runs[2]]])
        read_details(tmp_path, runs[2])

    assert opened_files(choose, tmp_path) == [f"{runs[2]}_metrics.json"]


def test_a_repaired_file_appears(tmp_path):
    write_metrics(tmp_path, "late", '{"framework": ')
    reader = ResultsReader(tmp_path)
    assert reader.read().problems
    write_metrics(tmp_path, "late", NOTEBOOK)
    assert not reader.read().problems
    assert list(reader.read().frame.run) == ["late"]


def test_title_and_remark_show_at_once_and_reference_runs_keep_theirs(tmp_path):
    make_finished_run(tmp_path, "mine")
    make_finished_run(tmp_path, "reference-pytorch-small-cnn")
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    reader = ResultsReader(tmp_path)
    reader.read()
    records.write_notes(tmp_path, "mine", "My first", "on the train")
    records.write_notes(tmp_path, "notebook", "From class")
    frame = reader.read().frame
    assert frame.title[["mine", "notebook"]].tolist() == ["My first", "From class"]
    assert frame.remark["mine"] == "on the train"
    assert frame.origin["notebook"] == "imported"
    with pytest.raises(RecordError, match="reference run"):
        records.write_notes(tmp_path, "reference-pytorch-small-cnn", "x")


def test_runs_without_a_result_are_listed_apart(tmp_path):
    make_finished_run(tmp_path, "done")
    make_finished_run(tmp_path, "killed")
    records.metrics_path(tmp_path, "killed").unlink()
    results = read_results(tmp_path)
    assert list(results.frame.run) == ["done"]
    assert results.unfinished == ["killed"]


def test_the_public_table_reads_back_from_csv_and_json(tmp_path):
    make_finished_run(tmp_path, "mine", seed=3)
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    table = public_table(read_results(tmp_path).frame)
    table.to_csv(tmp_path / "table.csv", index=False)
    back = pd.read_csv(tmp_path / "table.csv").set_index("run")
    assert back.params.tolist() == [206922, 206922]
    assert back.seed["mine"] == 3
    assert math.isnan(back.seed["notebook"])
    rows = json.loads(json.dumps(public_rows(read_results(tmp_path).frame), allow_nan=False))
    assert [row["test_accuracy"] for row in rows] == table.test_accuracy.tolist()
    assert [row["seed"] for row in rows] == [3, None]


def test_filters_compare_values_as_they_are_shown(tmp_path):
    make_finished_race(tmp_path, (0, 1))
    frame = read_results(tmp_path).frame
    assert len(filter_runs(frame, {"seed": ["1"], "framework": ["pytorch", "keras_fit"]})) == 2
    assert len(filter_runs(frame, {"learning_rate": ["0.001"], "augment": ["no"]})) == 10
    with pytest.raises(RecordError, match="no column"):
        filter_runs(frame, {"colour": ["red"]})


def test_a_list_shows_the_newest_race_first_and_in_it_the_frameworks_in_their_order(tmp_path):
    make_finished_run(tmp_path, "reference-keras_fit-small-cnn", "keras_fit")
    make_finished_race(tmp_path, (0, 1), labels=made_labels(50))
    for path in tmp_path.glob("2026*_metrics.json"):
        records.write_json(
            path, {**records.read_object(path), "race": "new", "created": "2026-11-21T10:00:00"}
        )
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    frame = in_one_order(read_results(tmp_path).frame)
    in_order = ["pytorch", "tensorflow_tape", "keras_fit", "sklearn_scikeras", "numpy_scratch"]
    assert list(frame.framework) == [*in_order, *in_order, "keras_fit", "pytorch"]
    assert list(frame.seed[:10]) == [0] * 5 + [1] * 5
    assert list(frame.run[10:]) == ["reference-keras_fit-small-cnn", "notebook"]
    assert in_one_order(frame.iloc[:0]).empty


def test_a_run_stopped_before_its_first_epoch_is_nobodys_newest_result(tmp_path):
    for run, epochs, status in (("early", 0, "stopped"), ("late", 3, "stopped"), ("whole", 5, "finished")):
        metrics = make_finished_run(tmp_path, run)
        told = {"epochs": epochs, "status": status}
        records.write_json(records.metrics_path(tmp_path, run), {**metrics, **told})
    frame = read_results(tmp_path).frame
    assert sorted(worth_showing(frame).run) == ["late", "whole"]
    assert "early" in frame.index  # listed all the same
