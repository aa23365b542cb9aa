"""One batch in every framework: measured by the exhibits' own functions, kept, told in words."""

import numpy as np
import pytest

from core import frameworks
from core.config import RunConfig
from core.lessons import code, one_batch, values
from core.lessons.steps import STEPS
from core.machine import processes
from core.runs import records
from support.made_runs import make_finished_run

CONFIG = RunConfig.from_preset("pytorch", dataset="digits", validation_size=0, filters=(4, 8), device="cpu")


@pytest.fixture(scope="module")
def about():
    return one_batch.Subject(None, CONFIG)


@pytest.fixture(scope="module")
def measured(about, tmp_path_factory):
    """All five exhibits, each in a process of its runtime, kept in this folder."""
    artifacts = tmp_path_factory.mktemp("artifacts")
    return artifacts, one_batch.measure(artifacts, about)


# ── what is measured ────────────────────────────────────────────────────────────────


@pytest.mark.frameworks
def test_all_frameworks_agree_on_loss_and_gradient_of_the_same_batch(measured):
    _, told = measured
    assert set(told) == set(frameworks.names())
    for name, one in told.items():
        assert "error" not in one, (name, one)
        assert one["loss"] == pytest.approx(told["numpy_scratch"]["loss"], abs=1e-5), name
        assert one["gradient_norm"] == pytest.approx(told["numpy_scratch"]["gradient_norm"], rel=1e-4), name
        assert one["loss"] == pytest.approx(one["loss_before"], abs=1e-5), name
        assert one["loss_after"] < one["loss_before"], name
        assert one["loaded_differs"] == 0, name


@pytest.mark.frameworks
def test_gradient_is_the_one_that_backpropagation_gives(measured, about):
    from core.architectures import initial_weights

    exhibit = frameworks.load("numpy_scratch")
    model = exhibit.build(CONFIG.network, initial_weights(CONFIG.network, CONFIG.seed), CONFIG.seed)
    images, labels = one_batch.first_batch(CONFIG)
    activations = model.forward(images, training=True)
    loss, gradient = exhibit.cross_entropy(activations[-1], labels)
    norm = np.sqrt(sum(np.square(array).sum() for array in model.backward(activations, gradient)))
    _, told = measured
    assert told["pytorch"]["loss"] == pytest.approx(loss, abs=1e-5)
    assert told["pytorch"]["gradient_norm"] == pytest.approx(norm, rel=1e-4)


@pytest.mark.frameworks
def test_shapes_are_each_frameworks_own(measured):
    _, told = measured

    def at(name, step, function="train"):
        return values.told(code.read(name), function, step, told[name])

    assert "images (64, 1, 28, 28)" in at("pytorch", "data")
    assert "logits (64, 10)" in at("pytorch", "forward")
    assert "images (64, 28, 28, 1)" in at("tensorflow_tape", "data")
    assert any(fact.endswith("arrays, last (64, 10)") for fact in at("numpy_scratch", "forward"))
    assert values.HIDDEN in at("keras_fit", "forward")  # inside fit; nothing is made up for it
    assert "optimizer Adam" in at("pytorch", "optimizer")
    for name in told:
        loss = f"loss of this batch {told[name]['loss']:.4f}"
        assert loss in at(name, "loss"), name
        assert "same probabilities as before saving" in at(name, "weights", "load"), name


@pytest.mark.frameworks
def test_every_step_of_every_exhibit_can_be_told(measured):
    _, told = measured
    for name, one in told.items():
        for function, steps in STEPS.items():
            for step in steps:
                facts = values.told(code.read(name), function, step, one)
                assert all(0 < len(fact) < 120 for fact in facts), (name, function, step, facts)


@pytest.mark.frameworks
def test_what_was_measured_is_kept_and_not_measured_again(measured, about, monkeypatch):
    artifacts, told = measured
    assert records.run_names(artifacts) == []  # no reader of runs sees the folder
    monkeypatch.setattr(processes, "run", lambda *_, **__: pytest.fail("measured again"))
    again = one_batch.measure(artifacts, about)
    assert again.keys() == told.keys()
    assert again["pytorch"]["gradient_norm"] == told["pytorch"]["gradient_norm"]


def test_framework_that_does_not_answer_is_told_with_the_reason(about, artifacts, monkeypatch):
    monkeypatch.setattr(one_batch, "PATIENCE", 0.01)
    told = one_batch.measure(artifacts, about)
    assert one_batch.is_whole(told)
    assert told["pytorch"] == {"error": "no answer within 0.01 seconds"}
    facts = values.told(code.read("pytorch"), "train", "loss", told["pytorch"])
    assert facts == ["Not measured: no answer within 0.01 seconds"]


# ── whose step ──────────────────────────────────────────────────────────────────────


def test_newest_own_run_is_taken_before_a_reference_run(artifacts):
    assert one_batch.subject(artifacts).run is None
    make_finished_run(artifacts, "reference-pytorch-small-cnn", dataset="digits")
    assert one_batch.subject(artifacts).run == "reference-pytorch-small-cnn"
    make_finished_run(artifacts, "mine", dataset="digits", batch_size=32)
    subject = one_batch.subject(artifacts)
    assert (subject.run, subject.config.batch_size) == ("mine", 32)


def test_run_that_cannot_be_begun_again_is_passed_over(artifacts):
    make_finished_run(artifacts, "mine", dataset="digits", start_from="another")
    assert one_batch.subject(artifacts).run is None


def test_built_in_digits_stand_in_for_data_that_are_not_there(artifacts):
    make_finished_run(artifacts, "mine", dataset="mnist", batch_size=32)
    config = one_batch.subject(artifacts).config
    assert (config.dataset, config.batch_size) == ("digits", 32)
    images, labels = one_batch.first_batch(config)
    assert images.shape == (32, 28, 28, 1)
    assert labels.shape == (32,)


def test_changed_exhibit_has_a_record_of_its_own(artifacts, about, monkeypatch):
    before = one_batch.record_path(artifacts, about)
    assert before.parent.name.startswith(".")
    source = frameworks.source
    monkeypatch.setattr(frameworks, "source", lambda name: source(name) + "\n# changed\n")
    assert one_batch.record_path(artifacts, about) != before


def test_record_that_cannot_be_read_is_measured_anew(artifacts, about):
    path = one_batch.record_path(artifacts, about)
    path.parent.mkdir()
    path.write_text("{ broken")
    assert one_batch.read(path) == {}


@pytest.mark.frameworks
def test_framework_that_failed_tries_again_and_the_others_do_not(measured, about):
    artifacts, told = measured
    path = one_batch.record_path(artifacts, about)
    one_batch._keep(
        path, told | {"pytorch": {"error": "killed"}, "keras_fit": {**told["keras_fit"], "loss": 7.0}}
    )
    again = one_batch.measure(artifacts, about)
    assert again["pytorch"]["loss"] == pytest.approx(told["pytorch"]["loss"], abs=1e-5)
    assert again["keras_fit"]["loss"] == 7.0
