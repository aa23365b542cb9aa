"""Which runs are ranked together, for every value that decides a result counts, and how they are called."""

import pytest

from core.comparison.compare import compare_runs
from core.comparison.findings import findings
from core.comparison.groups import comparable_groups, differences, unranked
from core.comparison.results import public_rows
from core.runs import records
from support.made_runs import NOTEBOOK, make_finished_race, make_finished_run, read_results, write_metrics
from support.made_studies import made_spec, made_study, write_study


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
        {"learning_rate": 0.0010000004},
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
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit", **change)
    frame = read_results(tmp_path).frame
    assert [sorted(group.runs) for group in comparable_groups(frame)] in (
        [["one"], ["two"]],
        [["two"], ["one"]],
    )
    comparison = compare_runs(tmp_path, frame)
    assert comparison.group is None
    assert findings(comparison) == []
    assert differences(frame)


def test_runs_that_learned_other_own_digits_are_not_ranked_together(tmp_path):
    for run, framework, digits in (("one", "pytorch", "3 digits, 0a"), ("two", "keras_fit", "3 digits, 0b")):
        make_finished_run(tmp_path, run, framework, own_digits=True)
        path = records.metrics_path(tmp_path, run)
        records.write_json(path, records.read_object(path) | {"own_digits": digits})
    frame = read_results(tmp_path).frame
    assert len(comparable_groups(frame)) == 2
    assert list(differences(frame)) == ["own digits"]


def test_settings_that_were_not_used_do_not_keep_runs_apart(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch", momentum=0.9, decay=0.7)
    make_finished_run(tmp_path, "two", "keras_fit", momentum=0.5, decay=0.1)
    assert len(comparable_groups(read_results(tmp_path).frame)) == 1


def test_what_goes_on_from_each_frameworks_own_reference_is_ranked_together(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch", start_from="reference-pytorch-small-cnn")
    make_finished_run(tmp_path, "two", "keras_fit", start_from="reference-keras_fit-small-cnn")
    make_finished_run(tmp_path, "three", "keras_fit", start_from="reference-keras_fit-small-cnn-augmented")
    assert sorted(len(group.runs) for group in comparable_groups(read_results(tmp_path).frame)) == [1, 2]


def test_groups_have_titles_that_tell_them_apart(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "pytorch", batch_size=32)
    make_finished_run(tmp_path, "three", "pytorch", batch_size=32, optimizer="sgd")
    make_finished_run(tmp_path, "four", "pytorch", machine="ffffffff")
    make_finished_run(tmp_path, "five", "pytorch", epochs=6)
    titles = {
        group.runs[0]: group.title for group in comparable_groups(read_results(tmp_path).frame, apart=True)
    }
    assert len(set(titles.values())) == 5
    assert "batch size 32 · optimizer sgd" in titles["three"]
    assert "machine ffffffff" in titles["four"]
    assert titles["five"] == "mnist · small-cnn · controlled · 6 epochs (1 framework, 1 seed)"


def test_imported_and_stopped_runs_are_shown_but_not_ranked(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    metrics = make_finished_run(tmp_path, "two", "keras_fit")
    records.write_json(records.metrics_path(tmp_path, "two"), {**metrics, "status": "stopped"})
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    frame = read_results(tmp_path).frame
    assert [group.runs for group in comparable_groups(frame)] == [["one"]]
    reasons = unranked(frame)
    assert "stopped" in reasons["two"]
    assert "does not say: dataset" in reasons["notebook"]


def test_reference_runs_and_other_machines_are_offered_apart_but_can_be_ranked_together(tmp_path):
    make_finished_race(tmp_path)
    make_finished_run(tmp_path, "reference-pytorch-small-cnn")
    make_finished_run(tmp_path, "elsewhere", "keras_fit", machine="ffffffff")
    frame = read_results(tmp_path).frame
    offered = comparable_groups(frame, apart=True)
    assert [len(group.runs) for group in offered] == [5, 1, 1]
    assert len({group.key for group in offered}) == 3
    assert len(comparable_groups(frame)) == 1


def test_what_a_study_trained_comes_after_what_was_raced(tmp_path):
    make_finished_run(tmp_path, "reference-pytorch-small-cnn", "pytorch")
    make_finished_run(tmp_path, "reference-keras_fit-small-cnn", "keras_fit")
    write_study(tmp_path, made_study(made_spec(frameworks=("pytorch", "keras_fit"))))
    first, *others = comparable_groups(read_results(tmp_path).frame, apart=True)
    assert first.reference
    assert others
    assert all(group.of_study for group in others)


def test_names_of_runs_say_what_tells_them_apart(tmp_path):
    make_finished_run(tmp_path, "a", "pytorch", seed=0)
    make_finished_run(tmp_path, "b", "pytorch", seed=1)
    make_finished_run(tmp_path, "c", "keras_fit", seed=0)
    make_finished_run(tmp_path, "d", "pytorch", seed=1, augment=True)
    records.write_notes(tmp_path, "d", "The warped one")
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    labels = compare_runs(tmp_path, read_results(tmp_path).frame.loc[["a", "b", "c", "d"]]).labels
    assert labels == {"a": "PyTorch, seed 0", "b": "PyTorch, seed 1", "c": "Keras", "d": "The warped one"}
    everything = compare_runs(tmp_path, read_results(tmp_path).frame).labels
    assert len(set(everything.values())) == 5


def test_the_name_of_a_race_leaves_the_frameworks_their_names(tmp_path):
    first = make_finished_race(tmp_path, prefix="20261120-100000")
    second = make_finished_race(tmp_path, prefix="20261121-100000")
    for run in first:
        records.write_notes(tmp_path, run, "With dropout")
    frame = read_results(tmp_path).frame
    titles = ["PyTorch", "TensorFlow", "Keras", "scikit-learn", "NumPy"]
    assert list(compare_runs(tmp_path, frame.loc[first]).labels.values()) == titles
    labels = compare_runs(tmp_path, frame).labels
    assert sorted(labels[run] for run in first) == sorted(f"{title}, With dropout" for title in titles)
    assert sorted(labels[run] for run in second) == sorted(titles)


def as_an_older_version_wrote_it(artifacts, run: str, architecture: str) -> None:
    """The run's metrics file with the name that rounds the dropout to whole per cent."""
    path = records.metrics_path(artifacts, run)
    records.write_json(path, records.read_object(path) | {"architecture": architecture})


def test_runs_whose_dropout_differs_by_little_are_not_ranked_together(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch", dropout=0.251)
    make_finished_run(tmp_path, "two", "keras_fit", dropout=0.254)
    frame = read_results(tmp_path).frame
    assert sorted(group.runs for group in comparable_groups(frame)) == [["one"], ["two"]]
    assert "dropout" in differences(frame)


def test_older_runs_whose_rounded_names_are_equal_are_not_ranked_together(tmp_path):
    for run, framework, dropout in (("one", "pytorch", 0.251), ("two", "keras_fit", 0.254)):
        make_finished_run(tmp_path, run, framework, dropout=dropout)
        as_an_older_version_wrote_it(tmp_path, run, "small-cnn-16x32-d128-p25")
    assert len(comparable_groups(read_results(tmp_path).frame)) == 2


def test_an_older_run_is_ranked_with_a_new_one_of_the_same_dropout(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch", dropout=0.251)
    make_finished_run(tmp_path, "two", "keras_fit", dropout=0.251)
    as_an_older_version_wrote_it(tmp_path, "two", "small-cnn-16x32-d128-p25")
    [group] = comparable_groups(read_results(tmp_path).frame)
    assert sorted(group.runs) == ["one", "two"]


@pytest.mark.parametrize(
    "stated",
    [{"filters": (16, 32)}, {"dense_units": 128}, {"dropout": 0.0}, {"filters": (16, 32), "dropout": 0}],
)
def test_to_keep_the_presets_value_and_to_state_it_is_the_same(tmp_path, stated):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit", **stated)
    assert len(comparable_groups(read_results(tmp_path).frame)) == 1
    assert differences(read_results(tmp_path).frame) == {}


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"filters": (8, 8)}, "filters"), ({"dense_units": 64}, "dense units"), ({"dropout": 0.5}, "dropout")],
)
def test_layers_that_differ_are_named(tmp_path, changed, word):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit", **changed)
    assert len(comparable_groups(read_results(tmp_path).frame)) == 2
    assert list(differences(read_results(tmp_path).frame)) == ["architecture", word]


def test_the_table_says_of_every_run_which_layers_it_has(tmp_path):
    make_finished_run(tmp_path, "one", architecture="tiny-mlp")
    (tmp_path / "notebook_metrics.json").write_text('{"framework": "x", "test_accuracy": 0.9}')
    rows = {row["run"]: row for row in public_rows(read_results(tmp_path).frame)}
    layers = ("filters", "dense_units", "dropout")
    assert [rows["one"][name] for name in layers] == ["none", 10, 0.0]
    assert [rows["notebook"][name] for name in layers] == [None, None, None]


@pytest.mark.parametrize(
    ("config", "filters"),
    [
        ({"filters": [8, 16]}, "8,16"),
        ({"filters": 32}, 32),
        ({"architecture": ["a"], "filters": []}, "none"),
        ({"architecture": "small-cnn", "filters": "many"}, "many"),
        ({"architecture": "unknown", "dropout": 0.3}, None),
        ({"architecture": "small-cnn", "dropout": 1e308, "dense_units": 1e308}, "16,32"),
    ],
)
def test_files_of_others_are_read_with_whatever_they_say_of_their_layers(tmp_path, config, filters):
    content = {"framework": "x", "test_accuracy": 0.9, "config": config}
    records.write_json(records.metrics_path(tmp_path, "notebook"), content)
    (row,) = public_rows(read_results(tmp_path).frame) or [{"filters": "not read"}]
    assert row["filters"] == filters
