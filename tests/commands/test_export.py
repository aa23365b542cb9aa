"""`python -m core export`: what it writes, and what it refuses in a sentence without touching anything."""

import json

import pytest
from typer.testing import CliRunner

from core.commands.app import app
from core.config import RunConfig
from core.places import PROJECT
from core.runs import records
from support.made_runs import NOTEBOOK, made_metrics

REFERENCE = "reference-numpy_scratch-small-cnn"


def export(folder, run=REFERENCE, artifacts=PROJECT / "artifacts", form="card"):
    arguments = ["export", run, "--as", form, "--out", str(folder), "--artifacts", str(artifacts)]
    return CliRunner().invoke(app, arguments)


def made_run(artifacts, **changes):
    """A finished run's record, without model and predictions."""
    metrics = changes.pop("metrics", {})
    config = RunConfig.from_preset("numpy_scratch", **{"device": "cpu", **changes})
    run = records.create_run(artifacts, config, "race")
    result = {"test_accuracy": 0.98, "test_loss": 0.1, "confusion": [[490, 10], [10, 490]]}
    made = {**made_metrics(config, run, result), **metrics}
    records.write_json(records.metrics_path(artifacts, run), made)
    return run


def refused(result, folder, *words):
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    for word in words:
        assert word in result.stderr
    assert not folder.exists() or list(folder.iterdir()) == [folder / "mine.txt"]
    assert not list(folder.parent.glob(".export-*"))


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("script", {"numpy_scratch_small_cnn.py", "requirements.txt", "model-card.md"}),
        ("notebook", {"numpy_scratch_small_cnn.ipynb", "requirements.txt", "model-card.md"}),
        ("card", {"model-card.md"}),
    ],
)
def test_a_reference_run_is_written_to_a_new_folder(tmp_path, form, names):
    result = export(tmp_path / "home", form=form)
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "home").iterdir()} == names
    assert all(name in result.output for name in names)


def test_a_card_says_what_the_record_says(tmp_path):
    export(tmp_path / "home")
    card = (tmp_path / "home" / "model-card.md").read_text()
    metrics = json.loads(records.metrics_path(PROJECT / "artifacts", REFERENCE).read_text())
    assert f"{100 * metrics['test_accuracy']:.2f} %" in card
    assert metrics["environment"]["cpu"] in card
    for heading in ("Data", "Architecture", "Recipe", "Environment", "Accuracy", "Each class", "Calibration",
                    "Drawn digits", "Limits"):  # fmt: skip
        assert f"\n## {heading}\n" in card


def test_a_folder_that_exists_stays_as_it_is(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "mine.txt").write_text("mine")
    refused(export(home, form="script"), home, "exists already")
    assert (home / "mine.txt").read_text() == "mine"


def test_a_folder_above_that_is_missing_is_named(tmp_path):
    refused(export(tmp_path / "none" / "home"), tmp_path / "none", "there is no folder")


@pytest.mark.parametrize("run", ["../outside", "/etc/passwd", "a/b", "my-digits", ""])
def test_a_name_that_leaves_the_folder_is_refused(tmp_path, run):
    refused(export(tmp_path / "home", run), tmp_path / "home")


def test_a_run_that_is_not_there_is_refused(tmp_path, artifacts):
    refused(export(tmp_path / "home", "nobody", artifacts), tmp_path / "home", "there is no run nobody")


def test_an_imported_file_is_refused(tmp_path, artifacts):
    (artifacts / "theirs_metrics.json").write_text(json.dumps(NOTEBOOK))
    refused(
        export(tmp_path / "home", "theirs", artifacts), tmp_path / "home", "no record of its configuration"
    )


def test_a_damaged_configuration_is_refused(tmp_path, artifacts):
    run = made_run(artifacts)
    (artifacts / run / "config.json").write_text("{}")
    refused(export(tmp_path / "home", run, artifacts), tmp_path / "home", "does not describe a run")


def test_a_run_without_a_result_is_refused(tmp_path, artifacts):
    run = made_run(artifacts)
    records.metrics_path(artifacts, run).unlink()
    refused(export(tmp_path / "home", run, artifacts), tmp_path / "home", "has no result")


def test_a_run_of_a_deleted_exhibit_is_refused(tmp_path, artifacts):
    run = made_run(artifacts)
    path = artifacts / run / "config.json"
    path.write_text(path.read_text().replace('"numpy_scratch"', '"gone"'))
    refused(
        export(tmp_path / "home", run, artifacts), tmp_path / "home", "gone", "no longer in core/frameworks"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"augment": True}, "OpenCV"),
        ({"own_digits": True}, "drawings of your own"),
        ({"start_from": "other"}, "went on from the weights of other"),
        ({"dataset": "mine", "dataset_content": "0" * 16}, "was imported here"),
        ({"dataset": "mnist-pen"}, "drawn by the project's own code"),
        ({"folds": 5, "fold": 1}, "cross-validation"),
        ({"metrics": {"status": "stopped"}}, "stopped before its end"),
    ],
)
def test_what_one_file_cannot_repeat_is_refused_with_the_reason_but_has_a_card(
    tmp_path, artifacts, changes, reason
):
    run = made_run(artifacts, **changes)
    for form in ("script", "notebook"):
        refused(export(tmp_path / "home", run, artifacts, form), tmp_path / "home", reason)
    result = export(tmp_path / "home", run, artifacts)
    assert result.exit_code == 0, result.output
    assert "Not known: test_probabilities.npy is missing" in (tmp_path / "home" / "model-card.md").read_text()


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.export.takehome.os.rename", full)
    refused(export(tmp_path / "home", form="script"), tmp_path / "home", "No space left")


def test_the_built_in_digits_add_what_their_images_need(tmp_path, artifacts):
    run = made_run(artifacts, dataset="digits")
    result = export(tmp_path / "home", run, artifacts, "script")
    assert result.exit_code == 0, result.output
    listed = (tmp_path / "home" / "requirements.txt").read_text()
    assert "scikit-learn  #" in listed
    assert "pillow  #" in listed
