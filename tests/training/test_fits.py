"""Fits of a study: trained like every run, scored on validation images only, little kept."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.config import RunConfig
from core.places import PROJECT
from core.runs import records
from core.runs.status import request_stop, run_status
from core.training.memory import is_out_of_memory
from core.training.run import TrainingError, train_run
from core.tuning.fits import Fit

pytestmark = pytest.mark.frameworks


def prepared(artifacts: Path, role: str = "", architecture: str = "tiny-mlp", **changes) -> Fit:
    changes = {"dataset": "digits", "epochs": 2, "threads": 1, "train_size": 400, **changes}
    fit = Fit("made", 7, RunConfig.from_preset("numpy_scratch", architecture, **changes), role)
    fit.prepare(artifacts)
    return fit


def metrics(artifacts: Path, fit: Fit) -> dict:
    return json.loads(records.metrics_path(artifacts, fit.run).read_text(encoding="utf-8"))


def test_fit_is_scored_on_validation_images_at_its_end_and_keeps_nothing_else(artifacts):
    fit = prepared(artifacts, folds=3, fold=1)
    assert train_run(artifacts, fit.run) == "finished"
    result = metrics(artifacts, fit)
    assert {key: result[key] for key in ("study", "trial", "role", "race", "status")} == {
        "study": "made", "trial": 7, "role": "", "race": "made", "status": "finished",
    }  # fmt: skip
    assert result["val_accuracy"] == result["history"]["val_accuracy"][-1] > 0.2
    assert result["val_loss"] == result["history"]["val_loss"][-1]
    assert result["config"]["fold"] == 1
    assert not [key for key in result if key.startswith("test_") or key in ("confusion", "curve")]
    assert records.metrics_path(artifacts, fit.run).stat().st_size < 5_000
    folder = records.run_dir(artifacts, fit.run)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "events.jsonl"]
    events, _ = records.read_events(artifacts, fit.run)
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [0, 1]
    assert not [event for event in events if event["event"] in ("batch", "progress")]


def test_run_with_a_role_is_an_ordinary_run_that_says_what_it_is_for(artifacts):
    fit = prepared(artifacts, role="runner-up", validation_size=0, train_size=None)
    train_run(artifacts, fit.run)
    result = metrics(artifacts, fit)
    assert (result["fresh_of"], result["trial"], result["role"]) == ("made", 7, "runner-up")
    assert "study" not in result
    assert result["test_accuracy"] > 0.3
    assert result["history"]["val_accuracy"] == [None, None]
    assert (records.run_dir(artifacts, fit.run) / "model.npz").is_file()
    assert fit.run in records.run_names(artifacts)


def test_fit_that_diverges_fails_with_the_diagnosis_and_without_a_result(artifacts):
    fit = prepared(artifacts, architecture="small-cnn", optimizer="sgd", learning_rate=10.0)
    with pytest.raises(TrainingError) as raised:
        train_run(artifacts, fit.run)
    status = run_status(artifacts, fit.run)
    assert (status.state, status.reason) == ("failed", str(raised.value))
    assert "the learning rate of 10 is far too high. Try 0.01." in status.reason
    assert not records.metrics_path(artifacts, fit.run).exists()


def test_fit_without_validation_images_is_refused(artifacts):
    fit = prepared(artifacts, validation_size=0)
    with pytest.raises(TrainingError, match="choose a validation size above 0"):
        train_run(artifacts, fit.run)


def test_half_a_fit_has_no_result(artifacts):
    fit = prepared(artifacts)
    request_stop(artifacts, fit.run)
    assert train_run(artifacts, fit.run) == "stopped"
    assert not records.metrics_path(artifacts, fit.run).exists()


def test_fit_for_which_the_memory_does_not_suffice_fails_with_a_plain_reason(artifacts):
    fit = prepared(artifacts)
    with pytest.raises(MemoryError):
        train_run(artifacts, fit.run, load=lambda *_: np.empty(2**55))
    reason = run_status(artifacts, fit.run).reason
    assert reason.startswith("it ran out of memory; try a smaller batch size")


@pytest.mark.parametrize(
    "code", ["import torch; torch.empty(2**50)", "import tensorflow as tf; tf.zeros([2**40])"]
)
def test_every_framework_is_understood_when_it_runs_out_of_memory(code):
    program = (
        f"from core.training.memory import is_out_of_memory\ntry:\n    {code}\nexcept Exception as error:\n"
        "    print(is_out_of_memory(error), type(error).__name__, str(error)[:80])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.startswith("True"), done.stdout + done.stderr


def test_other_errors_are_not_taken_for_it():
    assert not is_out_of_memory(ValueError("shapes do not match"))
