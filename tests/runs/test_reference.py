"""The reference runs that ship with the project, and the README's table of them."""

import shutil

import numpy as np
import pytest

from core import frameworks
from core.charts.colours import SILKS
from core.commands.readme import made_anew
from core.places import PROJECT
from core.runs import records
from core.runs.reference import HANDWRITING, adopt, reference_name
from core.runs.status import run_status
from core.scores import score

ARTIFACTS = PROJECT / "artifacts"


PLAIN = [
    run
    for run in records.run_names(ARTIFACTS)
    if records.is_reference(run) and not run.endswith(("-augmented", "-handwriting"))
]


def test_every_framework_with_a_colour_of_its_own_has_a_reference_run():
    assert {records.read_config(ARTIFACTS, run)[0].framework for run in PLAIN} >= set(SILKS)


@pytest.mark.parametrize("run", PLAIN)
def test_reference_run_holds_what_its_record_says(run):
    framework = records.read_config(ARTIFACTS, run)[0].framework
    result = records.read_object(records.metrics_path(ARTIFACTS, run))
    folder = records.run_dir(ARTIFACTS, run)
    probabilities = np.load(folder / "test_probabilities.npy", allow_pickle=False)
    labels = np.load(folder / "test_labels.npy", allow_pickle=False)
    assert run_status(ARTIFACTS, run).state == "finished"
    assert probabilities.shape == (10_000, 10)
    assert score(probabilities, labels)["test_accuracy"] == result["test_accuracy"] >= 0.985
    assert (folder / frameworks.constants(framework)["MODEL_FILE"]).stat().st_size < 1_000_000
    assert (result["epochs"], result["seed"], result["dataset"]) == (5, 0, "mnist")


HANDWRITTEN = [run for run in records.run_names(ARTIFACTS) if run.endswith("-handwriting")]


def test_every_framework_has_met_many_hands():
    found = {records.read_config(ARTIFACTS, run)[0].framework for run in HANDWRITTEN}
    assert found == {records.read_config(ARTIFACTS, run)[0].framework for run in PLAIN}


@pytest.mark.parametrize("run", HANDWRITTEN)
def test_run_that_met_many_hands_still_reads_mnist_and_hands_that_it_never_met(run):
    config = records.read_config(ARTIFACTS, run)[0]
    folder = records.run_dir(ARTIFACTS, run)
    right = np.load(folder / "test_probabilities.npy", allow_pickle=False).argmax(axis=1)
    right = right == np.load(folder / "test_labels.npy", allow_pickle=False)
    assert all(getattr(config, name) == value for name, value in HANDWRITING.items())
    assert right[:10_000].mean() >= 0.994  # MNIST's test set comes first
    assert right[10_000:].mean() >= 0.98
    model = frameworks.constants(config.framework)["MODEL_FILE"]
    assert (folder / model).stat().st_size < 1_000_000


def test_readme_shows_the_reference_runs_and_the_files_as_they_are():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert made_anew(readme, ARTIFACTS) == readme, "run `make readme`"


def test_only_a_finished_run_becomes_a_reference(tmp_path):
    run = "reference-numpy_scratch-small-cnn"
    source = tmp_path / "source"
    shutil.copytree(ARTIFACTS / run, source / "mine")
    with pytest.raises(records.RecordError, match="only a finished run"):
        adopt(source, "mine", tmp_path / "target")
    shutil.copyfile(records.metrics_path(ARTIFACTS, run), source / "mine_metrics.json")
    (source / "mine" / "events.jsonl").write_text('{"event": "ended", "status": "finished"}\n')
    assert adopt(source, "mine", tmp_path / "target") == run
    assert run_status(tmp_path / "target", run).state == "finished"
    assert not (tmp_path / "target" / run / "events.jsonl").exists()


def test_a_reference_run_is_named_after_what_it_learned_from():
    assert reference_name("pytorch", "small-cnn", False) == "reference-pytorch-small-cnn"
    assert reference_name("pytorch", "small-cnn", True) == "reference-pytorch-small-cnn-augmented"
    assert (
        reference_name("pytorch", "small-cnn", True, "mnist-pen") == "reference-pytorch-small-cnn-handwriting"
    )
