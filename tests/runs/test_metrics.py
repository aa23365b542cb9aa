"""Metrics files: good ones, every kind of bad one, and those that somebody uploads."""

import json
import os

import pandas as pd
import pytest

from core.runs import records
from core.runs.metrics import MAX_FILE_BYTES, import_metrics
from core.runs.records import RecordError
from support.made_runs import (
    FRAMEWORKS,
    NOTEBOOK,
    make_finished_race,
    read_results,
    write_metrics,
)


def test_flat_keys_of_our_files_load_in_pandas_as_a_notebook_reads_them(tmp_path):
    runs = make_finished_race(tmp_path)
    parsed = [json.loads(path.read_text()) for path in sorted(tmp_path.glob("*_metrics.json"))]
    columns = ["framework", "test_accuracy", "train_time_sec", "params", "epochs", "effective_loc", "device"]
    table = pd.DataFrame(parsed)[columns]
    assert len(table) == len(runs)
    assert sorted(table.framework) == sorted(FRAMEWORKS)
    assert table[columns[1:6]].map(lambda value: isinstance(value, int | float)).all().all()
    assert table.test_accuracy.between(0.9, 1).all()
    assert (table.params == 206922).all()


def test_a_notebooks_file_appears_with_dashes_for_what_it_lacks(tmp_path):
    write_metrics(tmp_path, "sparse", '{"framework": "Keras", "test_accuracy": 0.98, "train_time_sec": NaN}')
    write_metrics(
        tmp_path,
        "infinite",
        '{"framework": "Keras", "test_accuracy": 0.97, "test_loss": 1e999, "params": null}',
    )
    frame = read_results(tmp_path).frame
    assert frame.test_accuracy.to_dict() == {"sparse": 0.98, "infinite": 0.97}
    assert frame[["train_time_sec", "test_loss", "params", "seed", "accuracy_low"]].isna().all().all()
    assert frame[["dataset", "architecture", "device"]].isna().all().all()


BAD_FILES = {
    "nothing": ("", "not JSON"),
    "half": ('{"framework": "x", "test_acc', "not JSON"),
    "list": ("[1, 2]", "list, not a JSON object"),
    "number": ("3", "int, not a JSON object"),
    "null": ("null", "NoneType"),
    "text": ({**NOTEBOOK, "test_accuracy": "98 %"}, "test_accuracy holds '98 %' where a number belongs"),
    "truth": ({**NOTEBOOK, "epochs": True}, "epochs holds True where a number belongs"),
    "nested": ({**NOTEBOOK, "params": [1]}, "params holds [1] where a number belongs"),
    "numeric-name": ({**NOTEBOOK, "framework": 5}, "framework holds 5 where text belongs"),
    "percent": ({**NOTEBOOK, "test_accuracy": 98.7}, "a fraction from 0 to 1"),
    "negative": ({**NOTEBOOK, "train_time_sec": -1}, "cannot be negative"),
    "no-keys": ({"hello": 1}, "none of the keys of a result"),
    "no-values": ({"framework": None, "test_accuracy": None}, "none of the keys of a result"),
    "config-text": ({**NOTEBOOK, "config": "adam"}, "config holds 'adam' where an object belongs"),
    "config-list": ({**NOTEBOOK, "config": {"optimizer": ["adam"]}}, "optimizer holds ['adam']"),
    "timing-text": ({**NOTEBOOK, "timing": {"import_s": "2"}}, "import_s holds '2'"),
    "deep": ("[" * 100_000, "not JSON"),
    "digits": ('{"params": ' + "9" * 5000 + "}", "not JSON"),
    "huge": ({**NOTEBOOK, "params": 10**400}, "too large a number"),
    "long": ({**NOTEBOOK, "framework": "x" * 300}, "longer than"),
    "escape": ({**NOTEBOOK, "framework": "\x1b[2Jx"}, "cannot be printed"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_with_the_reason_and_the_rest_is_shown(tmp_path, name):
    content, reason = BAD_FILES[name]
    write_metrics(tmp_path, name, content)
    write_metrics(tmp_path, "good", NOTEBOOK)
    results = read_results(tmp_path)
    assert list(results.frame.run) == ["good"]
    assert list(results.problems) == [f"{name}_metrics.json"]
    assert reason in results.problems[f"{name}_metrics.json"]


def test_what_is_no_ordinary_text_file_is_named_too(tmp_path):
    (tmp_path / "folder_metrics.json").mkdir()
    (tmp_path / "gone_metrics.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "latin_metrics.json").write_bytes('{"framework": "é"}'.encode("latin-1"))
    (tmp_path / "large_metrics.json").write_bytes(b" " * (MAX_FILE_BYTES + 1))
    os.mkfifo(tmp_path / "pipe_metrics.json")  # opening it would wait for ever
    write_metrics(tmp_path, "my results", NOTEBOOK)
    write_metrics(tmp_path, "good", NOTEBOOK)
    results = read_results(tmp_path)
    assert list(results.frame.run) == ["good"]
    reasons = {name.removesuffix("_metrics.json"): reason for name, reason in results.problems.items()}
    assert reasons.keys() == {"folder", "gone", "latin", "large", "pipe", "my results"}
    assert "not a file" in reasons["pipe"]
    assert "larger than" in reasons["large"]
    assert "letters, digits" in reasons["my results"]


def test_an_uploaded_file_lands_only_when_it_reads(tmp_path):
    good = b'{"framework": "Keras", "test_accuracy": 0.98, "train_time_sec": NaN}'
    assert import_metrics(tmp_path, "class.json", good) == "class"
    assert read_results(tmp_path).frame.test_accuracy["class"] == 0.98
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


@pytest.mark.parametrize(
    "content",
    ['{"config": {"optimizer": "\\ud800"}}', '{"config": {"schedule": "' + "x" * 300 + '"}}'],
)
def test_text_that_cannot_be_shown_is_refused_before_it_lands(tmp_path, content):
    whole = json.dumps({"framework": "mine", "test_accuracy": 0.9})[:-1] + ", " + content[1:]
    with pytest.raises(RecordError, match="cannot be printed"):
        import_metrics(tmp_path, "bad.json", whole.encode())
    (tmp_path / "bad_metrics.json").write_text(whole)
    assert "bad_metrics.json" in read_results(tmp_path).problems


def test_my_digits_is_no_name_for_an_uploaded_file(tmp_path):
    with pytest.raises(RecordError, match="own digits"):
        import_metrics(tmp_path, "my-digits_metrics.json", b'{"test_accuracy": 0.9}')
