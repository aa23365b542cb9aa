"""Which runs may be ranked together: every value that decides a result counts, exactly."""

import pytest
from made_runs import make_run

from core.comparison.groups import comparable_groups, differences
from core.comparison.results import ResultsReader, public_rows
from core.runs import records


def read(artifacts):
    return ResultsReader(artifacts).read().frame


def as_an_older_version_wrote_it(artifacts, run: str, architecture: str) -> None:
    """The run's metrics file with the name that rounds the dropout to whole per cent."""
    path = records.metrics_path(artifacts, run)
    records.write_json(path, records.read_object(path) | {"architecture": architecture})


def test_runs_whose_dropout_differs_by_little_are_not_ranked_together(tmp_path):
    make_run(tmp_path, "one", "pytorch", dropout=0.251)
    make_run(tmp_path, "two", "keras_fit", dropout=0.254)
    assert sorted(group.runs for group in comparable_groups(read(tmp_path))) == [["one"], ["two"]]
    assert "dropout" in differences(read(tmp_path))


def test_older_runs_whose_rounded_names_are_equal_are_not_ranked_together(tmp_path):
    for run, framework, dropout in (("one", "pytorch", 0.251), ("two", "keras_fit", 0.254)):
        make_run(tmp_path, run, framework, dropout=dropout)
        as_an_older_version_wrote_it(tmp_path, run, "small-cnn-16x32-d128-p25")
    assert len(comparable_groups(read(tmp_path))) == 2


def test_an_older_run_is_ranked_with_a_new_one_of_the_same_dropout(tmp_path):
    make_run(tmp_path, "one", "pytorch", dropout=0.251)
    make_run(tmp_path, "two", "keras_fit", dropout=0.251)
    as_an_older_version_wrote_it(tmp_path, "two", "small-cnn-16x32-d128-p25")
    assert [sorted(group.runs) for group in comparable_groups(read(tmp_path))] == [["one", "two"]]


@pytest.mark.parametrize(
    "stated",
    [{"filters": (16, 32)}, {"dense_units": 128}, {"dropout": 0.0}, {"filters": (16, 32), "dropout": 0}],
)
def test_to_keep_the_presets_value_and_to_state_it_is_the_same(tmp_path, stated):
    make_run(tmp_path, "one", "pytorch")
    make_run(tmp_path, "two", "keras_fit", **stated)
    assert len(comparable_groups(read(tmp_path))) == 1
    assert differences(read(tmp_path)) == {}


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"filters": (8, 8)}, "filters"), ({"dense_units": 64}, "dense units"), ({"dropout": 0.5}, "dropout")],
)
def test_layers_that_differ_are_named(tmp_path, changed, word):
    make_run(tmp_path, "one", "pytorch")
    make_run(tmp_path, "two", "keras_fit", **changed)
    assert len(comparable_groups(read(tmp_path))) == 2
    assert list(differences(read(tmp_path))) == ["architecture", word]


def test_the_table_says_of_every_run_which_layers_it_has(tmp_path):
    make_run(tmp_path, "one", architecture="tiny-mlp")
    (tmp_path / "notebook_metrics.json").write_text('{"framework": "x", "test_accuracy": 0.9}')
    rows = {row["run"]: row for row in public_rows(read(tmp_path))}
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
    (row,) = public_rows(read(tmp_path)) or [{"filters": "not read"}]
    assert row["filters"] == filters
