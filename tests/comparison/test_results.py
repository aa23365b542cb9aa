"""Reading a folder of results: good files, every kind of bad one, groups, rankings, predictions."""

import json
import math
import os
import sys

import numpy as np
import pandas as pd
import pytest
from made_runs import FRAMEWORKS, made_labels, make_race, make_run

from core.comparison.compare import MOST_RUNS, compare_runs, cut_note
from core.comparison.findings import NO_DIFFERENCE, findings, pair_table
from core.comparison.groups import comparable_groups, differences, unranked
from core.comparison.results import ResultsReader, filter_runs, public_rows, public_table
from core.runs import records
from core.runs.details import read_details
from core.runs.metrics import MAX_FILE_BYTES, import_metrics
from core.runs.predictions import all_wrong, disagreements, load_test_sets
from core.runs.records import RecordError
from core.scores import time_to

FLAT = {
    "framework": "PyTorch",
    "test_accuracy": 0.9871,
    "test_loss": 0.04,
    "train_time_sec": 61.5,
    "params": 206922,
    "epochs": 5,
    "device": "cpu",
    "effective_loc": 80,
}


def write(folder, name: str, content) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / f"{name}_metrics.json").write_text(text, encoding="utf-8")


def read(folder):
    return ResultsReader(folder).read()


# ── files ───────────────────────────────────────────────────────────────────────────


def test_an_empty_or_missing_folder_has_no_results(tmp_path):
    assert read(tmp_path).frame.empty
    assert read(tmp_path / "nowhere").frame.empty


def test_own_imported_and_reference_runs_are_told_apart(tmp_path):
    make_run(tmp_path, "mine")
    make_run(tmp_path, "reference-pytorch-small-cnn")
    write(tmp_path, "notebook", FLAT)
    assert read(tmp_path).frame.origin.to_dict() == {
        "mine": "own",
        "reference-pytorch-small-cnn": "reference",
        "notebook": "imported",
    }


def test_flat_keys_of_our_files_load_in_pandas_as_a_notebook_reads_them(tmp_path):
    runs = make_race(tmp_path)
    parsed = [json.loads(path.read_text()) for path in sorted(tmp_path.glob("*_metrics.json"))]
    columns = ["framework", "test_accuracy", "train_time_sec", "params", "epochs", "effective_loc", "device"]
    table = pd.DataFrame(parsed)[columns]
    assert len(table) == len(runs)
    assert sorted(table.framework) == sorted(FRAMEWORKS)
    assert table[columns[1:6]].map(lambda value: isinstance(value, int | float)).all().all()
    assert table.test_accuracy.between(0.9, 1).all()
    assert (table.params == 206922).all()


def test_a_notebooks_file_appears_with_dashes_for_what_it_lacks(tmp_path):
    write(tmp_path, "sparse", '{"framework": "Keras", "test_accuracy": 0.98, "train_time_sec": NaN}')
    write(
        tmp_path,
        "infinite",
        '{"framework": "Keras", "test_accuracy": 0.97, "test_loss": 1e999, "params": null}',
    )
    frame = read(tmp_path).frame
    assert frame.test_accuracy.to_dict() == {"sparse": 0.98, "infinite": 0.97}
    assert frame[["train_time_sec", "test_loss", "params", "seed", "accuracy_low"]].isna().all().all()
    assert frame[["dataset", "architecture", "device"]].isna().all().all()


BAD_FILES = {
    "nothing": ("", "not JSON"),
    "half": ('{"framework": "x", "test_acc', "not JSON"),
    "list": ("[1, 2]", "list, not a JSON object"),
    "number": ("3", "int, not a JSON object"),
    "null": ("null", "NoneType"),
    "text": ({**FLAT, "test_accuracy": "98 %"}, "test_accuracy holds '98 %' where a number belongs"),
    "truth": ({**FLAT, "epochs": True}, "epochs holds True where a number belongs"),
    "nested": ({**FLAT, "params": [1]}, "params holds [1] where a number belongs"),
    "numeric-name": ({**FLAT, "framework": 5}, "framework holds 5 where text belongs"),
    "percent": ({**FLAT, "test_accuracy": 98.7}, "a fraction from 0 to 1"),
    "negative": ({**FLAT, "train_time_sec": -1}, "cannot be negative"),
    "no-keys": ({"hello": 1}, "none of the keys of a result"),
    "no-values": ({"framework": None, "test_accuracy": None}, "none of the keys of a result"),
    "config-text": ({**FLAT, "config": "adam"}, "config holds 'adam' where an object belongs"),
    "config-list": ({**FLAT, "config": {"optimizer": ["adam"]}}, "optimizer holds ['adam']"),
    "timing-text": ({**FLAT, "timing": {"import_s": "2"}}, "import_s holds '2'"),
    "deep": ("[" * 100_000, "not JSON"),
    "digits": ('{"params": ' + "9" * 5000 + "}", "not JSON"),
    "huge": ({**FLAT, "params": 10**400}, "too large a number"),
    "long": ({**FLAT, "framework": "x" * 300}, "longer than"),
    "escape": ({**FLAT, "framework": "\x1b[2Jx"}, "cannot be printed"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_with_the_reason_and_the_rest_is_shown(tmp_path, name):
    content, reason = BAD_FILES[name]
    write(tmp_path, name, content)
    write(tmp_path, "good", FLAT)
    results = read(tmp_path)
    assert list(results.frame.run) == ["good"]
    assert list(results.problems) == [f"{name}_metrics.json"]
    assert reason in results.problems[f"{name}_metrics.json"]


def test_what_is_no_ordinary_text_file_is_named_too(tmp_path):
    (tmp_path / "folder_metrics.json").mkdir()
    (tmp_path / "gone_metrics.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "latin_metrics.json").write_bytes('{"framework": "é"}'.encode("latin-1"))
    (tmp_path / "large_metrics.json").write_bytes(b" " * (MAX_FILE_BYTES + 1))
    os.mkfifo(tmp_path / "pipe_metrics.json")  # opening it would wait for ever
    write(tmp_path, "my results", FLAT)
    write(tmp_path, "good", FLAT)
    results = read(tmp_path)
    assert list(results.frame.run) == ["good"]
    reasons = {name.removesuffix("_metrics.json"): reason for name, reason in results.problems.items()}
    assert reasons.keys() == {"folder", "gone", "latin", "large", "pipe", "my results"}
    assert "not a file" in reasons["pipe"]
    assert "larger than" in reasons["large"]
    assert "letters, digits" in reasons["my results"]


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
    runs = make_race(tmp_path, labels=made_labels(50))
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
    runs = make_race(tmp_path, labels=made_labels(50))
    frame = read(tmp_path).frame

    def choose():
        compare_runs(tmp_path, frame.loc[[runs[2]]])
        read_details(tmp_path, runs[2])

    assert opened_files(choose, tmp_path) == [f"{runs[2]}_metrics.json"]


def test_a_repaired_file_appears(tmp_path):
    write(tmp_path, "late", '{"framework": ')
    reader = ResultsReader(tmp_path)
    assert reader.read().problems
    write(tmp_path, "late", FLAT)
    assert not reader.read().problems
    assert list(reader.read().frame.run) == ["late"]


def test_title_and_remark_show_at_once_and_reference_runs_keep_theirs(tmp_path):
    make_run(tmp_path, "mine")
    make_run(tmp_path, "reference-pytorch-small-cnn")
    write(tmp_path, "notebook", FLAT)
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
    make_run(tmp_path, "done")
    make_run(tmp_path, "killed")
    records.metrics_path(tmp_path, "killed").unlink()
    results = read(tmp_path)
    assert list(results.frame.run) == ["done"]
    assert results.unfinished == ["killed"]


def test_the_public_table_reads_back_from_csv_and_json(tmp_path):
    make_run(tmp_path, "mine", seed=3)
    write(tmp_path, "notebook", FLAT)
    table = public_table(read(tmp_path).frame)
    table.to_csv(tmp_path / "table.csv", index=False)
    back = pd.read_csv(tmp_path / "table.csv").set_index("run")
    assert back.params.tolist() == [206922, 206922]
    assert back.seed["mine"] == 3
    assert math.isnan(back.seed["notebook"])
    rows = json.loads(json.dumps(public_rows(read(tmp_path).frame), allow_nan=False))
    assert [row["test_accuracy"] for row in rows] == table.test_accuracy.tolist()
    assert [row["seed"] for row in rows] == [3, None]


# ── adding files ────────────────────────────────────────────────────────────────────


def test_an_uploaded_file_lands_only_when_it_reads(tmp_path):
    good = b'{"framework": "Keras", "test_accuracy": 0.98, "train_time_sec": NaN}'
    assert import_metrics(tmp_path, "class.json", good) == "class"
    assert read(tmp_path).frame.test_accuracy["class"] == 0.98
    json.loads(records.metrics_path(tmp_path, "class").read_text(), parse_constant=pytest.fail)
    for name, content in {
        "class_metrics.json": good,  # there already
        "other.json": b'{"framework": "Keras", "test_accuracy": "high"}',
        "broken.json": b"{",
        "reference-x.json": good,
        "../escape.json": good,
        "large.json": b" " * (MAX_FILE_BYTES + 1),
    }.items():
        with pytest.raises(RecordError):
            import_metrics(tmp_path, name, content)
    assert [entry.name for entry in tmp_path.iterdir()] == ["class_metrics.json"]


# ── groups and rankings ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": "digits"},
        {"architecture": "tiny-mlp"},
        {"protocol": "as-is"},
        {"epochs": 6},
        {"batch_size": 32},
        {"device": "cuda"},
        {"threads": 4},
        {"optimizer": "sgd"},
        {"learning_rate": 0.01},
        {"schedule": "one-cycle"},
        {"augment": True},
        {"scaling": "unit"},
        {"validation_size": 1000},
        {"train_size": 1000},
        {"dropout": 0.3},
        {"start_from": "mine"},
        {"own_digits": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_runs_with_another_setting_are_not_ranked_together(tmp_path, change):
    make_run(tmp_path, "one", "pytorch")
    make_run(tmp_path, "two", "keras_fit", **change)
    frame = read(tmp_path).frame
    assert [sorted(group.runs) for group in comparable_groups(frame)] in (
        [["one"], ["two"]],
        [["two"], ["one"]],
    )
    comparison = compare_runs(tmp_path, frame)
    assert comparison.group is None
    assert findings(comparison) == []
    assert differences(frame)


@pytest.mark.parametrize(
    "content",
    ['{"config": {"optimizer": "\\ud800"}}', '{"config": {"schedule": "' + "x" * 300 + '"}}'],
)
def test_text_that_cannot_be_shown_is_refused_before_it_lands(tmp_path, content):
    whole = json.dumps({"framework": "mine", "test_accuracy": 0.9})[:-1] + ", " + content[1:]
    with pytest.raises(RecordError, match="cannot be printed"):
        import_metrics(tmp_path, "bad.json", whole.encode())
    (tmp_path / "bad_metrics.json").write_text(whole)
    assert "bad_metrics.json" in read(tmp_path).problems


def test_numbers_without_end_cost_only_themselves(tmp_path):
    huge = "1" + "0" * 400
    text = f'{{"framework": "mine", "test_accuracy": 0.9, "confusion": [[{huge}]], '
    (tmp_path / "big_metrics.json").write_text(text + f'"history": {{"epoch": [{huge}]}}}}')
    assert list(read(tmp_path).frame.index) == ["big"]
    details = read_details(tmp_path, "big")
    assert set(details.problems) == {"history", "confusion"}


def test_predictions_of_another_kind_are_named(tmp_path):
    make_run(tmp_path, "one", "pytorch")
    path = records.run_dir(tmp_path, "one") / "test_labels.npy"
    np.save(path, np.zeros(2000, "datetime64[s]"))
    assert "does not hold a table" in load_test_sets(tmp_path, ["one"])[1]["one"]
    path.write_bytes(b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f4', \n")
    assert "cannot be read" in load_test_sets(tmp_path, ["one"])[1]["one"]


def test_my_digits_is_no_run(tmp_path):
    for attempt in (
        lambda: import_metrics(tmp_path, "my-digits_metrics.json", b'{"test_accuracy": 0.9}'),
        lambda: records.delete_run(tmp_path, "my-digits"),
    ):
        with pytest.raises(RecordError, match="own digits"):
            attempt()


def test_seeds_without_predictions_are_not_offered_for_pairing(tmp_path):
    make_race(tmp_path, (0, 1))
    for run in read(tmp_path).frame.query("seed == 0").index:
        (records.run_dir(tmp_path, run) / "test_probabilities.npy").unlink()
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    assert comparison.paired_seeds == [1]
    assert len(comparison.run_tests()) == 10
    assert comparison.run_tests(0) == []


def test_frameworks_that_were_not_tested_are_named(tmp_path):
    for framework, seeds, accuracy in (
        ("pytorch", (0, 1, 2), 0.99), ("keras_fit", (0, 1, 2), 0.99), ("numpy_scratch", (0,), 0.8)
    ):  # fmt: skip
        for seed in seeds:
            make_run(tmp_path, f"{framework}-{seed}", framework, accuracy, seed=seed)
    accuracy = findings(compare_runs(tmp_path, read(tmp_path).frame))[0]
    assert accuracy.answer != "No real difference"
    assert "Not tested against NumPy" in accuracy.detail


def test_two_seeds_are_not_judged_by_one_of_them(tmp_path):
    for framework, accuracies in (("pytorch", (0.95, 0.995)), ("keras_fit", (0.97, 0.97))):
        for seed, accuracy in enumerate(accuracies):
            make_run(tmp_path, f"{framework}-{seed}", framework, accuracy, seed=seed)
    accuracy = findings(compare_runs(tmp_path, read(tmp_path).frame))[0]
    assert accuracy.detail.startswith("Not tested")


def test_a_large_group_keeps_every_framework(tmp_path):
    make_race(tmp_path, range(14), labels=made_labels(100))
    frame = read(tmp_path).frame
    comparison = compare_runs(tmp_path, frame)
    assert comparison.frame.framework.value_counts().to_dict() == dict.fromkeys(FRAMEWORKS, 12)
    assert "60 of these 70 runs" in cut_note(len(frame))
    assert cut_note(60) == ""


def test_runs_that_learned_other_own_digits_are_not_ranked_together(tmp_path):
    for run, framework, digits in (("one", "pytorch", "3 digits, 0a"), ("two", "keras_fit", "3 digits, 0b")):
        make_run(tmp_path, run, framework, own_digits=True)
        path = records.metrics_path(tmp_path, run)
        records.write_json(path, records.read_object(path) | {"own_digits": digits})
    frame = read(tmp_path).frame
    assert len(comparable_groups(frame)) == 2
    assert list(differences(frame)) == ["own digits"]


def test_settings_that_were_not_used_do_not_keep_runs_apart(tmp_path):
    make_run(tmp_path, "one", "pytorch", momentum=0.9, decay=0.7)
    make_run(tmp_path, "two", "keras_fit", momentum=0.5, decay=0.1)
    assert len(comparable_groups(read(tmp_path).frame)) == 1


def test_what_goes_on_from_each_frameworks_own_reference_is_ranked_together(tmp_path):
    make_run(tmp_path, "one", "pytorch", start_from="reference-pytorch-small-cnn")
    make_run(tmp_path, "two", "keras_fit", start_from="reference-keras_fit-small-cnn")
    make_run(tmp_path, "three", "keras_fit", start_from="reference-keras_fit-small-cnn-augmented")
    assert sorted(len(group.runs) for group in comparable_groups(read(tmp_path).frame)) == [1, 2]


def test_groups_have_titles_that_tell_them_apart(tmp_path):
    make_run(tmp_path, "one", "pytorch")
    make_run(tmp_path, "two", "pytorch", batch_size=32)
    make_run(tmp_path, "three", "pytorch", batch_size=32, optimizer="sgd")
    make_run(tmp_path, "four", "pytorch", machine="ffffffff")
    make_run(tmp_path, "five", "pytorch", epochs=6)
    titles = {group.runs[0]: group.title for group in comparable_groups(read(tmp_path).frame, apart=True)}
    assert len(set(titles.values())) == 5
    assert "batch size 32 · optimizer sgd" in titles["three"]
    assert "machine ffffffff" in titles["four"]
    assert titles["five"] == "mnist · small-cnn · controlled · 6 epochs (1 framework, 1 seed)"


def test_imported_and_stopped_runs_are_shown_but_not_ranked(tmp_path):
    make_run(tmp_path, "one", "pytorch")
    metrics = make_run(tmp_path, "two", "keras_fit")
    records.write_json(records.metrics_path(tmp_path, "two"), {**metrics, "status": "stopped"})
    write(tmp_path, "notebook", FLAT)
    frame = read(tmp_path).frame
    assert [group.runs for group in comparable_groups(frame)] == [["one"]]
    reasons = unranked(frame)
    assert "stopped" in reasons["two"]
    assert "does not say: dataset" in reasons["notebook"]


def test_reference_runs_and_other_machines_are_offered_apart_but_can_be_ranked_together(tmp_path):
    make_race(tmp_path)
    make_run(tmp_path, "reference-pytorch-small-cnn")
    make_run(tmp_path, "elsewhere", "keras_fit", machine="ffffffff")
    frame = read(tmp_path).frame
    offered = comparable_groups(frame, apart=True)
    assert [len(group.runs) for group in offered] == [5, 1, 1]
    assert len({group.key for group in offered}) == 3
    assert len(comparable_groups(frame)) == 1


def test_times_of_different_machines_are_never_ranked(tmp_path):
    make_run(tmp_path, "one", "pytorch")
    make_run(tmp_path, "two", "keras_fit", machine="ffffffff")
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    assert comparison.group is not None
    speed = next(found for found in findings(comparison) if found.question == "Fastest training")
    assert speed.answer == "Not ranked"


def test_times_without_a_machine_are_never_ranked(tmp_path):
    for run, framework in (("one", "pytorch"), ("two", "keras_fit")):
        metrics = make_run(tmp_path, run, framework)
        records.write_json(records.metrics_path(tmp_path, run), {**metrics, "environment": {"threads": 2}})
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    assert not comparison.same_machine


def test_equal_frameworks_get_the_words_no_real_difference(tmp_path):
    make_race(tmp_path)
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    accuracy = findings(comparison)[0]
    assert accuracy.answer.lower() == NO_DIFFERENCE
    assert (pair_table(comparison.run_tests(), comparison.labels).finding == NO_DIFFERENCE).all()


def test_a_clear_difference_is_named_between_runs_and_over_seeds(tmp_path):
    accuracies = {**dict.fromkeys(FRAMEWORKS, 0.99), "numpy_scratch": 0.93}
    make_race(tmp_path, (0, 1, 2), accuracies)
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    over_seeds = {frozenset((test.first, test.second)): test for test in comparison.accuracy_tests}
    assert len(over_seeds) == 10
    assert over_seeds[frozenset(("numpy_scratch", "pytorch"))].real
    runs = comparison.one_seed().probabilities
    assert len(runs) == 5
    assert all(run.endswith("s0") for run in runs)
    worst = next(run for run in runs if "numpy" in run)
    assert all(test.real for test in comparison.run_tests() if worst in (test.first, test.second))
    assert "NumPy" in findings(comparison)[0].detail


def test_a_repeated_race_does_not_pair_a_run_with_its_repetition(tmp_path):
    make_race(tmp_path)
    make_race(tmp_path, prefix="20261121-100000")
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    assert len(comparison.frame) == 10
    assert len(comparison.one_seed().probabilities) == 5


def test_names_of_runs_say_what_tells_them_apart(tmp_path):
    make_run(tmp_path, "a", "pytorch", seed=0)
    make_run(tmp_path, "b", "pytorch", seed=1)
    make_run(tmp_path, "c", "keras_fit", seed=0)
    make_run(tmp_path, "d", "pytorch", seed=1, augment=True)
    records.write_notes(tmp_path, "d", "The warped one")
    write(tmp_path, "notebook", FLAT)
    labels = compare_runs(tmp_path, read(tmp_path).frame.loc[["a", "b", "c", "d"]]).labels
    assert labels == {"a": "PyTorch, seed 0", "b": "PyTorch, seed 1", "c": "Keras", "d": "The warped one"}
    everything = compare_runs(tmp_path, read(tmp_path).frame).labels
    assert len(set(everything.values())) == 5


def test_filters_compare_values_as_they_are_shown(tmp_path):
    make_race(tmp_path, (0, 1))
    frame = read(tmp_path).frame
    assert len(filter_runs(frame, {"seed": ["1"], "framework": ["pytorch", "keras_fit"]})) == 2
    assert len(filter_runs(frame, {"learning_rate": ["0.001"], "augment": ["no"]})) == 10
    with pytest.raises(RecordError, match="no column"):
        filter_runs(frame, {"colour": ["red"]})


def test_only_so_many_runs_are_compared_at_once(tmp_path):
    for seed in range(MOST_RUNS + 5):
        make_run(tmp_path, f"run-{seed}", seed=seed, labels=made_labels(20))
    assert len(compare_runs(tmp_path, read(tmp_path).frame).frame) == MOST_RUNS


# ── predictions and details ─────────────────────────────────────────────────────────


def _damage(folder, how: str) -> None:
    path = folder / "test_probabilities.npy"
    table = np.load(path)
    match how:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(path.read_bytes()[:500])
        case "rubbish":
            path.write_bytes(b"\x93NUMPY\x01\x00 rubbish that is no header at all" * 9)
        case "pickle":
            np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        case "nan":
            np.save(path, np.full_like(table, np.nan))
        case "short":
            np.save(path, table[:-1])
        case "flat":
            np.save(path, table[:, 0])
        case "scalar":
            np.save(path, np.float32(1))
        case "no labels":
            (folder / "test_labels.npy").unlink()
        case "strange labels":
            np.save(folder / "test_labels.npy", np.full(len(table), 77, np.uint8))


@pytest.mark.parametrize(
    "how",
    [
        "missing",
        "empty",
        "cut",
        "rubbish",
        "pickle",
        "nan",
        "short",
        "flat",
        "scalar",
        "no labels",
        "strange labels",
    ],
)
def test_broken_predictions_take_out_only_their_own_statistics(tmp_path, how):
    runs = make_race(tmp_path)
    _damage(tmp_path / runs[0], how)
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    assert list(comparison.without_predictions) == [runs[0]]
    assert "test_" in comparison.without_predictions[runs[0]]
    assert len(comparison.one_seed().probabilities) == 4
    assert len(comparison.ranking()) == 5
    assert "Not tested" in findings(comparison)[0].detail


def test_runs_with_other_test_labels_are_never_paired(tmp_path):
    make_run(tmp_path, "one", "pytorch", labels=made_labels(500, 1))
    make_run(tmp_path, "two", "keras_fit", labels=made_labels(500, 2))
    make_run(tmp_path, "three", "numpy_scratch", labels=made_labels(500, 1))
    comparison = compare_runs(tmp_path, read(tmp_path).frame)
    assert [sorted(found.probabilities) for found in comparison.test_sets] == [["one", "three"], ["two"]]
    assert {test.first for test in comparison.run_tests()} <= {"one", "three"}
    assert len(comparison.run_tests()) == 1


def test_the_gallery_finds_what_runs_disagree_on_and_what_all_get_wrong(tmp_path):
    guesses = {"a": [0, 1, 2, 3, 9], "b": [0, 1, 5, 4, 9], "c": [0, 1, 5, 2, 9]}
    labels = np.array([0, 7, 2, 3, 9], np.uint8)
    for run, digits in guesses.items():
        make_run(tmp_path, run, labels=made_labels(10), seed=ord(run))
        sure = 0.9 if run == "a" else 0.6
        table = np.full((5, 10), (1 - sure) / 9, np.float32)
        table[np.arange(5), digits] = sure
        np.save(tmp_path / run / "test_probabilities.npy", table)
        np.save(tmp_path / run / "test_labels.npy", labels)
    (test_set,), problems = load_test_sets(tmp_path, list(guesses))
    assert problems == {}
    assert disagreements(test_set).tolist() == [3, 2]  # three answers before two
    assert all_wrong(test_set).tolist() == [1]
    assert test_set.confidences()[:, 0] == pytest.approx([0.9, 0.6, 0.6])


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        (None, "no learning curve"),
        ("rising", "no learning curve"),
        ({"epoch": []}, "no learning curve"),
        ({"epoch": [0, 1], "loss": [1.0]}, "different lengths"),
        ({"epoch": [0, 1], "loss": "low"}, "different lengths"),
        ({"epoch": [0], "loss": ["low"]}, "something else than numbers"),
        ({"epoch": 5}, "different lengths"),
    ],
)
def test_a_broken_history_costs_only_the_learning_curve(tmp_path, history, reason):
    metrics = make_run(tmp_path, "one")
    records.write_json(records.metrics_path(tmp_path, "one"), {**metrics, "history": history})
    found = read_details(tmp_path, "one")
    assert found.history is None
    assert reason in found.problems["history"]
    assert found.confusion is not None
    assert list(read(tmp_path).frame.run) == ["one"]


@pytest.mark.parametrize("confusion", [None, [], [[1, 2]], [[1, -2], [0, 1]], [["a", 1], [1, 1]], {"a": 1}])
def test_a_broken_confusion_matrix_costs_only_itself(tmp_path, confusion):
    metrics = make_run(tmp_path, "one")
    records.write_json(records.metrics_path(tmp_path, "one"), {**metrics, "confusion": confusion})
    found = read_details(tmp_path, "one")
    assert found.confusion is None
    assert "confusion" in found.problems["confusion"]
    assert found.history is not None
    assert math.isnan(read(tmp_path).frame.accuracy_low["one"])


def test_time_to_an_accuracy_is_that_of_the_first_epoch_with_it():
    history = pd.DataFrame({"seconds": [10.0, 20.0, 30.0], "val_accuracy": [0.96, 0.98, 0.975]})
    assert time_to(history, 0.97) == 20.0
    assert math.isnan(time_to(history, 0.99))


def write_times(artifacts, framework, times):
    for seed, time in enumerate(times):
        run = f"{framework}-{seed}"
        metrics = make_run(artifacts, run, framework, seed=seed)
        records.write_json(records.metrics_path(artifacts, run), {**metrics, "train_time_sec": time})


def test_twice_the_time_is_found_over_three_seeds(tmp_path):
    write_times(tmp_path, "pytorch", (21.7, 24.0, 24.6))
    write_times(tmp_path, "tensorflow_tape", (24.9, 25.2, 26.8))
    write_times(tmp_path, "numpy_scratch", (58.4, 48.2, 63.8))
    speed = findings(compare_runs(tmp_path, read(tmp_path).frame))[1]
    assert speed.answer == "Photo finish: PyTorch and TensorFlow, too close to call"
    assert (
        speed.detail == "21.7 to 24.9 s: over their runs that can be chance. NumPy takes 2.2 times as long."
    )
    assert speed.framework is None


def test_times_that_seeds_scatter_more_than_frameworks_are_no_real_difference(tmp_path):
    seconds = {"pytorch": (10.0, 60.0, 20.0), "keras_fit": (40.0, 30.0, 25.0)}
    for framework, times in seconds.items():
        write_times(tmp_path, framework, times)
    speed = findings(compare_runs(tmp_path, read(tmp_path).frame))[1]
    assert speed.answer == "Photo finish: PyTorch and Keras, too close to call"
    assert "10.0 to 25.0 s" in speed.detail
