"""Files from elsewhere: the words of other programs, and what a visitor tells of such a run."""

import codecs
import json

import pytest

from core.comparison.compare import compare_runs
from core.comparison.groups import comparable_groups
from core.comparison.results import public_rows
from core.runs import foreign, records
from core.runs.metrics import import_metrics
from core.runs.records import RecordError
from support.made_runs import NOTEBOOK, make_finished_run, read_results, write_metrics

LIKE_OURS = {
    "dataset": "mnist", "architecture": "small-cnn", "protocol": "controlled", "batch_size": 64, "threads": 2,
    "optimizer": "adam", "learning_rate": 0.001, "schedule": "constant", "augment": False,
    "scaling": "standardize", "validation_size": 5000, "own_digits": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("keras", "keras_fit"), ("Keras 3", "keras_fit"), ("tf.keras", "keras_fit"), ("torch", "pytorch"),
        ("PyTorch 2.1.0+cu118", "pytorch"), ("sklearn", "sklearn_scikeras"), ("tf", "tensorflow_tape"),
        ("scikit-learn", "sklearn_scikeras"), ("TensorFlow", "tensorflow_tape"), ("np", "numpy_scratch"),
        ("numpy_scratch", "numpy_scratch"), ("JAX", "JAX"), ("7", "7"), (None, None),
    ],
)  # fmt: skip
def test_a_framework_is_known_by_the_names_that_people_give_it(written, key):
    assert foreign.framework(written) == key


@pytest.mark.parametrize(
    ("written", "device"),
    [
        ("cuda:0", "cuda"), ("GPU", "cuda"), ("/physical_device:GPU:0", "cuda"), ("Tesla T4", "cuda"),
        ("CPU (Intel(R) Core i7)", "cpu"), ("Intel(R) Xeon(R)", "cpu"), ("Apple M2 GPU", "mps"),
        ("mps:0", "mps"), ("TPU v3", "TPU v3"), ("CPU and GPU", "CPU and GPU"), ("cpu", "cpu"), (None, None),
    ],
)  # fmt: skip
def test_a_devices_description_becomes_its_name(written, device):
    assert foreign.device(written) == device


def test_imported_words_are_ours_in_the_table_and_the_file_stays_as_it_was(tmp_path):
    write_metrics(tmp_path, "notebook", {**NOTEBOOK, "framework": "torch", "device": "cuda:0"})
    frame = read_results(tmp_path).frame
    assert (frame.framework["notebook"], frame.device["notebook"]) == ("pytorch", "cuda")
    assert json.loads(records.metrics_path(tmp_path, "notebook").read_text())["framework"] == "torch"


@pytest.mark.parametrize(
    "encoded",
    [codecs.BOM_UTF8 + json.dumps(NOTEBOOK).encode(), json.dumps(NOTEBOOK).encode("utf-16")],
    ids=["UTF-8", "UTF-16, as Windows' shell writes"],
)
def test_a_byte_order_mark_is_accepted(tmp_path, encoded):
    assert import_metrics(tmp_path, "windows_metrics.json", encoded) == "windows"
    assert read_results(tmp_path).frame.framework["windows"] == "pytorch"


def test_what_a_visitor_tells_ranks_an_imported_run_and_is_marked(tmp_path):
    make_finished_run(tmp_path, "ours", "keras_fit")
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    assert compare_runs(tmp_path, read_results(tmp_path).frame).group is None
    records.write_told(tmp_path, "notebook", LIKE_OURS)
    frame = read_results(tmp_path).frame
    comparison = compare_runs(tmp_path, frame)
    assert comparison.group is not None
    assert comparison.group.frameworks == ["pytorch", "keras_fit"]
    assert "dataset" in frame.told["notebook"]
    assert "epochs" not in frame.told["notebook"]  # which the file says
    assert frame.told["ours"] == ""
    assert frame.origin["notebook"] == "imported"
    rows = {row["run"]: row for row in public_rows(frame)}
    assert rows["notebook"]["told"].startswith("dataset, architecture")


def test_what_the_file_says_is_never_replaced(tmp_path):
    make_finished_run(tmp_path, "ours", epochs=5)
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    for run in ("ours", "notebook"):
        records.write_told(tmp_path, run, {"epochs": 9, "dataset": "digits"})
    frame = read_results(tmp_path).frame
    assert frame.epochs.tolist() == [5, 5]
    assert frame.dataset.to_dict() == {"ours": "mnist", "notebook": "digits"}


def test_title_remark_and_what_was_told_live_side_by_side(tmp_path):
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    records.write_told(tmp_path, "notebook", {"seed": 3})
    records.write_notes(tmp_path, "notebook", "From class")
    assert records.read_told(tmp_path, "notebook") == {"seed": 3}
    records.write_told(tmp_path, "notebook", {"seed": 4})
    frame = read_results(tmp_path).frame
    assert (frame.title["notebook"], frame.seed["notebook"]) == ("From class", 4)


@pytest.mark.parametrize(
    "told", [{"protocol": "fair"}, {"threads": -1}, {"epochs": "many"}, {"threads": True}, {"dataset": ["x"]}]
)
def test_what_cannot_be_is_said_of_the_file(tmp_path, told):
    write_metrics(tmp_path, "notebook", {"framework": "Keras", "test_accuracy": 0.9})
    records.write_told(tmp_path, "notebook", told)
    results = read_results(tmp_path)
    assert list(results.problems) == ["notebook_metrics.json"]


def test_groups_show_the_frameworks_in_the_one_order(tmp_path):
    for framework in ("numpy_scratch", "keras_fit", "pytorch"):
        make_finished_run(tmp_path, framework, framework)
    frame = read_results(tmp_path).frame
    assert comparable_groups(frame)[0].frameworks == ["pytorch", "keras_fit", "numpy_scratch"]
    assert list(compare_runs(tmp_path, frame).frame.framework) == ["pytorch", "keras_fit", "numpy_scratch"]


def test_told_values_are_checked_before_they_are_saved_by_who_asks():
    with pytest.raises(RecordError, match="it is one of controlled, as-is"):
        foreign.fill_in({"framework": "Keras"}, {"protocol": "fair"})
