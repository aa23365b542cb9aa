"""Did a run learn? Made endings of runs, and real ones."""

import json

import numpy as np
import pytest

from core import frameworks
from core.config import RunConfig
from core.places import PROJECT
from core.runs import records
from core.runs.metrics import read_diagnosis
from core.runs.status import run_status
from core.training import recorder as recording
from core.training.diagnosis import better_than_guessing, diagnose, diagnose_divergence, record
from core.training.run import TrainingError, train_run

REFERENCES = sorted(PROJECT.glob("artifacts/reference-*_metrics.json"))


def confusion(right: float, images: int = 10_000, classes: int = 10) -> list[list[int]]:
    """Equal classes, this fraction of each right, the rest one class further."""
    each = images // classes
    table = round(right * each) * np.eye(classes, dtype=int)
    return (table + (each - round(right * each)) * np.roll(np.eye(classes, dtype=int), 1, axis=1)).tolist()


def config(**changes) -> RunConfig:
    return RunConfig(framework="pytorch", **changes)


def found(losses, right, steps=1000, **changes):
    return diagnose(config(**changes), {"loss": losses}, confusion(right), steps)


@pytest.mark.parametrize(
    ("right", "images", "better"),
    [
        (0.1, 10_000, False),
        (0.1135, 10_000, True),
        (0.105, 10_000, False),
        (0.14, 100, False),  # a hundred images may give that by chance
        (0.3, 100, True),
        (0.0, 1000, False),
    ],
)
def test_better_than_guessing_is_tested_on_the_test_set(right, images, better):
    assert better_than_guessing(confusion(right, images)) is better


def test_naming_the_largest_class_each_time_is_guessing():
    largest = np.zeros((10, 10), int)
    largest[:, 1] = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert not better_than_guessing(largest.tolist())


@pytest.mark.parametrize(
    ("losses", "right", "changes", "sentence", "remedy"),
    [
        (
            [8.1e9, 2.31, 2.3], 0.1, dict(optimizer="sgd", learning_rate=10),
            "The loss rose to 8.1e9 in the first epoch: the learning rate of 10 is far too high. Try 0.01.",
            {"learning_rate": 0.01},
        ),
        (
            [2.3, 235.0, 2.3], 0.098, dict(optimizer="adam", learning_rate=0.005),
            "The loss rose to 235 in epoch 2: the learning rate of 0.005 is too high. Try 0.001.",
            {"learning_rate": 0.001},
        ),
        (
            [2.31, 2.303, 2.303], 0.1, dict(optimizer="adam", learning_rate=0.05),
            "The loss stood still at 2.30, what guessing costs (ln 10): the learning rate of 0.05 is far too "
            "high. Try 0.001.",
            {"learning_rate": 0.001},
        ),
        (
            [2.3035, 2.3034], 0.104, dict(optimizer="sgd", learning_rate=1e-7),
            "The loss stood still at 2.30, what guessing costs (ln 10): the learning rate of 1e-7 is far too "
            "low. Try 0.01.",
            {"learning_rate": 0.01},
        ),
        (
            [9.0, 2.4], 0.1, dict(optimizer="sgd", learning_rate=10, momentum=0.999),
            "The loss rose to 9 in the first epoch: the learning rate of 10 is far too high. Try 0.01.",
            {"learning_rate": 0.01, "momentum": 0.9},
        ),
        (
            [9.0, 2.4], 0.1, dict(optimizer="sgd", learning_rate=0.01, momentum=0.999),
            "The loss rose to 9 in the first epoch: the momentum of 0.999 is too high. Try 0.9.",
            {"momentum": 0.9},
        ),
        (
            [2.303, 2.303], 0.1, dict(optimizer="adam", learning_rate=0.001),
            "The loss stood still at 2.30, what guessing costs (ln 10): the learning rate of 0.001 is too "
            "high here. Try 0.0001.",
            {"learning_rate": 0.0001},
        ),
    ],
)  # fmt: skip
def test_the_diagnosis_names_reason_and_remedy(losses, right, changes, sentence, remedy):
    diagnosis = found(losses, right, **changes)
    assert (diagnosis.sentence, diagnosis.remedy) == (sentence, remedy)
    RunConfig(**{**config(**changes).model_dump(), **remedy})  # the remedy is a set-up


def test_a_run_of_few_steps_is_told_to_go_on():
    diagnosis = found([2.29], 0.1, steps=3, epochs=1)
    assert diagnosis.sentence == (
        "The loss stood still at 2.29, what guessing costs (ln 10): 3 steps are too few. Try 167 epochs."
    )
    assert diagnosis.remedy == {"epochs": 167}


@pytest.mark.parametrize(
    ("losses", "right"),
    [
        ([0.3, 0.1], 0.97),
        ([2.29], 0.25),  # one short epoch, but it reads something
        ([2.3, 2.27], 0.14),  # slow, but on its way
        ([900.0, 0.4], 0.9),  # recovered
        ([2.4, 2.2, 2.0], 0.3),
    ],
)
def test_a_run_that_is_clearly_better_than_guessing_has_learned(losses, right):
    assert found(losses, right) is None


def test_a_loss_that_stands_still_has_not_learned_though_a_few_are_right_by_luck():
    assert found([2.303, 2.302, 2.3025], 0.12) is not None
    assert found([2.303, 2.302, 2.3025], 0.5) is None


def test_one_class_is_nothing_to_learn():
    assert better_than_guessing([[100]])


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.name)
def test_no_diagnosis_is_made_of_the_reference_runs(path):
    metrics = json.loads(path.read_text(encoding="utf-8"))
    run = RunConfig(**metrics["config"])
    assert diagnose(run, metrics["history"], metrics["confusion"], steps=4000) is None


def test_a_run_that_broke_off_says_the_same_kind_of_sentence():
    broken = config(optimizer="sgd", learning_rate=10)
    diagnosis = diagnose_divergence(broken, "the loss is no longer a finite number", 12, 10)
    assert diagnosis.sentence == (
        "The loss is no longer a finite number after step 12, in epoch 2: the learning rate of 10 is far too "
        "high. Try 0.01."
    )


def test_a_stopped_run_gets_no_diagnosis():
    diagnosis = found([2.3], 0.1)
    assert record(diagnosis, finished=False) == {"learned": False, "diagnosis": None, "remedy": {}}
    assert record(None, finished=True) == {"learned": True, "diagnosis": None, "remedy": {}}


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"learned": True, "diagnosis": "x", "remedy": {"epochs": 3}},
        {"learned": None},
    ],
)
def test_only_a_run_that_did_not_learn_has_a_diagnosis(result):
    assert read_diagnosis(result) == ("", {})


def test_a_strange_remedy_is_passed_over():
    assert read_diagnosis({"learned": False, "diagnosis": "Why.", "remedy": {"rm": 1}}) == ("Why.", {})
    assert read_diagnosis({"learned": False, "diagnosis": 7, "remedy": [1]}) == ("", {})


# ── real runs ───────────────────────────────────────────────────────────────────────


def make(artifacts, **changes) -> str:
    values = dict(
        framework="numpy_scratch", dataset="digits", epochs=2, optimizer="sgd", learning_rate=10.0,
        train_size=400, validation_size=20, threads=1, device="cpu", filters=(4,), dense_units=16,
    )  # fmt: skip
    return records.create_run(artifacts, RunConfig(**values | changes), "a-race")


def test_a_rate_a_thousand_times_too_high_is_said_and_mended(tmp_path):
    run = make(tmp_path)
    assert train_run(tmp_path, run) == "finished"
    metrics = records.read_object(records.metrics_path(tmp_path, run))
    assert metrics["learned"] is False
    assert "the learning rate of 10 is far too high. Try 0.01." in metrics["diagnosis"]
    assert metrics["timing"]["cpu_s"] > 0
    assert isinstance(metrics["busy"], bool)

    mended = make(tmp_path, **metrics["remedy"])
    train_run(tmp_path, mended)
    metrics = records.read_object(records.metrics_path(tmp_path, mended))
    assert (metrics["learned"], metrics["diagnosis"]) == (True, None)


def test_a_loss_that_turns_to_no_number_fails_with_reason_and_remedy(tmp_path, monkeypatch):
    def overflow(model, data, config, callback):
        callback.on_batch_end(1, 2.3, 0.1)
        callback.on_batch_end(2, float("nan"), 0.1)

    monkeypatch.setattr(frameworks.load("numpy_scratch"), "train", overflow)
    monkeypatch.setattr(recording, "EVENT_INTERVAL", 0)
    run = make(tmp_path, momentum=0.999)
    with pytest.raises(TrainingError, match="finite number"):
        train_run(tmp_path, run)
    status = run_status(tmp_path, run)
    assert status.state == "failed"
    assert "the learning rate of 10 is far too high. Try 0.01." in status.reason
    ended = records.read_events(tmp_path, run)[0][-1]
    assert read_diagnosis(ended) == (status.reason, {"learning_rate": 0.01, "momentum": 0.9})
