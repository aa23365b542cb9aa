"""Which saved models are asked: the best of each framework, and others that may disagree."""

from core.prediction.models import default_runs, model_files, on_mnist_alone, other_kinds
from core.runs import records
from core.runs.reference import reference_name
from support.made_models import make_untrained_run

MET_PENS = "reference-pytorch-small-cnn-handwriting"


def make_model(artifacts, run: str, framework: str, **changes) -> str:
    """A run with a file where its model would be: nobody loads it here."""
    make_untrained_run(artifacts, run, framework, **changes)
    name = {"pytorch": "model.pt", "numpy_scratch": "model.npz"}[framework]
    (records.run_dir(artifacts, run) / name).write_bytes(b"")
    return run


def test_reference_runs_that_met_the_most_hands_are_asked_first(tmp_path):
    make_model(tmp_path, "20260101-000000-pytorch-small-cnn-s0", "pytorch")
    for framework in ("pytorch", "numpy_scratch"):
        for augment in (False, True):
            name = reference_name(framework, "small-cnn", augment=augment)
            make_model(tmp_path, name, framework, augment=augment)
    make_model(tmp_path, MET_PENS, "pytorch", augment=True, dataset="mnist-pen")
    assert sorted(default_runs(model_files(tmp_path))) == [
        "reference-numpy_scratch-small-cnn-augmented",
        MET_PENS,
    ]


def test_run_that_met_pens_is_held_against_the_one_that_knows_mnist_alone(tmp_path):
    make_model(tmp_path, MET_PENS, "pytorch", augment=True, dataset="mnist-pen")
    assert on_mnist_alone(model_files(tmp_path), [MET_PENS]) == {}  # nothing to hold it against
    mnist_only = make_model(tmp_path, "reference-pytorch-small-cnn-augmented", "pytorch", augment=True)
    assert on_mnist_alone(model_files(tmp_path), [MET_PENS, mnist_only]) == {MET_PENS: mnist_only}


def test_other_kinds_come_in_turns_and_never_the_kinds_that_are_asked_already(tmp_path):
    asked = [make_model(tmp_path, "reference-pytorch-small-cnn-augmented", "pytorch", augment=True)]
    make_model(tmp_path, "20260101-000000-numpy_scratch-small-cnn-s0", "numpy_scratch", augment=True)
    plain = [
        make_model(tmp_path, f"reference-{framework}-small-cnn", framework)
        for framework in ("numpy_scratch", "pytorch")
    ]
    older = make_model(tmp_path, "20260101-000001-pytorch-tiny-mlp-s0", "pytorch", architecture="tiny-mlp")
    newer = make_model(tmp_path, "20260102-000000-pytorch-tiny-mlp-s0", "pytorch", architecture="tiny-mlp")
    found = other_kinds(model_files(tmp_path), asked)
    assert found == [plain[0], newer, plain[1]]
    assert older not in found  # of the same network by the same framework the newest
