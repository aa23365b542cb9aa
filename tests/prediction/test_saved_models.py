"""Which saved models are asked: the best of each framework, and others that may disagree."""

from core.prediction.models import default_runs, other_kinds
from core.runs import records
from core.runs.reference import reference_name
from support.made_models import make_untrained_run


def make_model(artifacts, run: str, framework: str, **changes) -> str:
    """A run with a file where its model would be: nobody loads it here."""
    make_untrained_run(artifacts, run, framework, **changes)
    name = {"pytorch": "model.pt", "numpy_scratch": "model.npz"}[framework]
    (records.run_dir(artifacts, run) / name).write_bytes(b"")
    return run


def test_reference_runs_that_learned_from_altered_pictures_are_asked_first(tmp_path):
    make_model(tmp_path, "20260101-000000-pytorch-small-cnn-s0", "pytorch")
    for framework in ("pytorch", "numpy_scratch"):
        for augment in (False, True):
            name = reference_name(framework, "small-cnn", augment=augment)
            make_model(tmp_path, name, framework, augment=augment)
    assert sorted(default_runs(tmp_path)) == [
        "reference-numpy_scratch-small-cnn-augmented", "reference-pytorch-small-cnn-augmented",
    ]  # fmt: skip


def test_reference_runs_that_met_many_peoples_pens_are_asked_before_all_others(tmp_path):
    for augment, dataset in ((False, "mnist"), (True, "mnist"), (True, "mnist-pen")):
        name = reference_name("pytorch", "small-cnn", augment, dataset)
        make_model(tmp_path, name, "pytorch", augment=augment, dataset=dataset)
    assert default_runs(tmp_path) == ["reference-pytorch-small-cnn-handwriting"]


def test_other_kinds_come_in_turns_and_never_the_kinds_that_are_asked_already(tmp_path):
    asked = [make_model(tmp_path, "reference-pytorch-small-cnn-augmented", "pytorch", augment=True)]
    make_model(tmp_path, "20260101-000000-numpy_scratch-small-cnn-s0", "numpy_scratch", augment=True)
    plain = [
        make_model(tmp_path, f"reference-{framework}-small-cnn", framework)
        for framework in ("numpy_scratch", "pytorch")
    ]
    older = make_model(tmp_path, "20260101-000001-pytorch-tiny-mlp-s0", "pytorch", architecture="tiny-mlp")
    newer = make_model(tmp_path, "20260102-000000-pytorch-tiny-mlp-s0", "pytorch", architecture="tiny-mlp")
    found = other_kinds(tmp_path, asked)
    assert found == [plain[0], newer, plain[1]]
    assert older not in found  # of the same network by the same framework the newest
