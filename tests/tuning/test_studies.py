"""Studies on disk: made, read, read on, renamed, deleted; files that were edited or cut off."""

import json
import time

import pytest

from core.machine.processes import process_mark
from core.runs import records
from core.tuning import studies
from core.tuning.folder import add_event, add_mark
from core.tuning.plan import fit_of, planned_fits, score_of
from core.tuning.study import Study
from support.real_studies import tiny_spec

GONE = {"pid": 1, "process_started": -5.0}  # a process that is no longer there


def settings(number):
    return {"framework": "numpy_scratch", "batch_size": 32, "learning_rate": 0.001 * number}


def finish(artifacts, spec, number, accuracy=0.9, epochs=None):
    """Writes a trial down with the records of its fits."""
    add_event(artifacts, spec.name, "trial", number=number, settings=settings(number), epochs=epochs)
    for planned in planned_fits(spec, number, settings(number), epochs):
        write_fit(artifacts, spec, number, planned, accuracy)


def write_fit(artifacts, spec, number, planned, accuracy):
    fit = fit_of(spec, number, settings(number), planned)
    fit.prepare(artifacts)
    epochs = list(range(planned.epochs))
    history = {
        "epoch": epochs,
        "val_accuracy": [accuracy] * len(epochs),
        "seconds": [1.0 + n for n in epochs],
    }
    metrics = {**fit.mark(), "val_accuracy": accuracy, "train_time_sec": 1.0, "history": history}
    records.write_json(records.metrics_path(artifacts, fit.run), metrics)


@pytest.fixture
def spec(artifacts):
    """A study of random trials that is there."""
    spec = tiny_spec(strategy="random", trials="9", **{"search-learning-rate": "lin:0.001..1"})
    studies.create(artifacts, spec)
    return spec


def test_study_that_was_made_is_read_as_it_was_asked_for(artifacts, spec):
    study = studies.read(artifacts, "tiny")
    assert study.spec == spec
    assert (study.state, study.trials, study.planned) == ("interrupted", (), 9)


def test_name_is_taken_once(artifacts, spec):
    with pytest.raises(records.RecordError, match="--resume tiny"):
        studies.create(artifacts, spec)
    assert studies.read(artifacts, "tiny").spec == spec


def test_no_study_of_that_name_is_a_sentence(artifacts):
    with pytest.raises(records.RecordError, match="there is no study other"):
        studies.read(artifacts, "other")


def test_state_follows_from_living_processes_and_not_from_words(artifacts, spec):
    add_mark(artifacts, "tiny", "queued")
    assert studies.read(artifacts, "tiny").state == "waiting"
    add_mark(artifacts, "tiny", "working")
    assert studies.read(artifacts, "tiny").state == "searching"
    add_event(artifacts, "tiny", "working", **GONE)
    assert studies.read(artifacts, "tiny").state == "interrupted"
    add_event(artifacts, "tiny", "launched", **process_mark())
    add_event(artifacts, "tiny", "queued", **GONE)
    assert studies.read(artifacts, "tiny").state == "waiting"  # the launched process has yet to begin
    add_event(artifacts, "tiny", "ended", status="stopped", reason="on request", **process_mark())
    study = studies.read(artifacts, "tiny")
    assert (study.state, study.reason) == ("stopped", "on request")


def test_reader_reads_on_as_trials_come(artifacts, spec):
    add_mark(artifacts, "tiny", "working")
    reader = studies.StudyReader(artifacts, "tiny")
    assert reader.look().trials == ()
    add_event(artifacts, "tiny", "trial", number=1, settings=settings(1), epochs=None)
    [trial] = reader.look().trials
    assert (trial.status, trial.score) == ("running", None)
    [(_, planned)] = reader.open_fits()
    write_fit(artifacts, spec, 1, planned, 0.75)
    [trial] = reader.look().trials
    assert (trial.status, trial.score) == ("finished", 0.75)
    assert reader.open_fits() == []


def test_trial_that_goes_on_with_more_epochs_is_scored_by_the_longest(artifacts):
    spec = tiny_spec(strategy="halving", epochs="9", trials="9", **{"search-learning-rate": "lin:0.001..1"})
    studies.create(artifacts, spec)
    finish(artifacts, spec, 1, 0.8, epochs=1)
    finish(artifacts, spec, 2, 0.9, epochs=1)
    finish(artifacts, spec, 1, 0.85, epochs=3)
    study = studies.read(artifacts, "tiny")
    assert [trial.score for trial in study.trials] == [0.85, 0.9]
    assert [fit.epochs for fit in study.trials[0].fits] == [1, 3]
    assert study.best == {"numpy_scratch": 1}  # those with the most epochs are compared


def test_half_lines_and_strange_ones_are_passed_over(artifacts, spec):
    finish(artifacts, spec, 1)
    path = artifacts / ".studies" / "tiny" / "events.jsonl"
    with open(path, "ab") as file:
        file.write(b'[1]\n{"event": 5}\n{"event": "trial"}\n{"event": "trial", "number": 2, "sett')
    finish(artifacts, spec, 2)
    assert [trial.number for trial in studies.read(artifacts, "tiny").trials] == [1, 2]


def test_record_that_was_cut_off_is_a_failed_fit_with_its_reason(artifacts, spec):
    finish(artifacts, spec, 1)
    next(artifacts.glob("trial-*_metrics.json")).write_text('{"val_acc')
    [trial] = studies.read(artifacts, "tiny").trials
    assert trial.status == "failed"
    assert "is no record of a fit" in trial.reason


@pytest.mark.parametrize(
    ("change", "unreadable", "words"),
    [
        ({"trials": -3}, True, "does not describe a study any longer (trials: input should be greater"),
        ({"frameworks": ["cobol"]}, True, "cannot be trained (frameworks: 'cobol' is none of them)"),
        ({"frameworks": []}, True, "does not describe a study any longer (frameworks: tuple should have"),
        ({"fixed": {}}, True, "cannot be trained (fixed: 'architecture' is missing or unknown)"),
        ({"cluster": "nonsense"}, True, "does not describe a study any longer (cluster: string should match"),
        ({"speed": "high"}, True, "does not describe a study any longer (speed: extra inputs"),
        ({"name": "other"}, True, "says that the study is called other"),
        ({"search": {"dropout": "0,0.5"}}, False, "was changed: its trials were trained with other search"),
        ({"distinct": False}, False, "was changed: its trials were trained with other distinct. Put back"),
        ({"seeds": [5]}, False, "was changed: its trials were trained with other seeds. Put back seeds: [0]"),
    ],
)
def test_edited_study_says_what_is_wrong_and_keeps_everything(change, unreadable, words, artifacts, spec):
    finish(artifacts, spec, 1)
    path = artifacts / ".studies" / "tiny" / "study.json"
    whole = path.read_text()
    path.write_text(json.dumps({**json.loads(whole), **change}))
    with pytest.raises(records.RecordError) as refused:
        studies.begin(artifacts, "tiny")
    assert words in str(refused.value)
    assert [type(one) for one in studies.list_studies(artifacts)] == [
        studies.Unreadable if unreadable else Study
    ]
    path.write_text(whole)
    assert len(studies.read(artifacts, "tiny").trials) == 1


def test_edited_field_is_named_without_the_others(artifacts, spec):
    finish(artifacts, spec, 1)
    path = artifacts / ".studies" / "tiny" / "study.json"
    whole = json.loads(path.read_text())
    whole["fixed"]["scaling"] = "standardize" if spec.fixed["scaling"] == "unit" else "unit"
    path.write_text(json.dumps(whole))
    with pytest.raises(records.RecordError, match=r'Put back fixed: \{"scaling": "[a-z]+"\}, or'):
        studies.begin(artifacts, "tiny")
    whole["fixed"]["epochs"] = 0
    path.write_text(json.dumps(whole))
    with pytest.raises(records.RecordError, match="fixed: epochs: input should be greater"):
        studies.read(artifacts, "tiny")


@pytest.mark.parametrize("accuracy", [7, "high", -0.1])
def test_record_with_an_accuracy_that_is_none_is_a_failed_trial(accuracy, artifacts, spec):
    finish(artifacts, spec, 1)
    finish(artifacts, spec, 2, accuracy=accuracy)
    study = studies.read(artifacts, "tiny")
    assert [trial.status for trial in study.trials] == ["finished", "failed"]
    assert "is no record of a fit" in study.trials[1].reason
    assert study.best == {"numpy_scratch": 1}


def test_history_that_somebody_wrote_into_is_passed_over_or_named(artifacts, spec):
    finish(artifacts, spec, 1)
    for number in ("one", [1], {}, None):
        add_event(artifacts, "tiny", "failed", number=number)
        add_event(artifacts, "tiny", "trial", number=number, settings={})
    assert len(studies.read(artifacts, "tiny").trials) == 1
    add_event(artifacts, "tiny", "trial", number=2, settings={"learning_rate": 0.1})
    with pytest.raises(records.RecordError, match="trial 2 of tiny does not fit what"):
        studies.read(artifacts, "tiny")


def test_space_that_cannot_be_searched_any_longer_is_named(artifacts, spec):
    path = artifacts / ".studies" / "tiny" / "study.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "search": {"learning_rate": "log:0..1"}}))
    with pytest.raises(records.RecordError, match="asks for what cannot be searched"):
        studies.read(artifacts, "tiny")


def test_more_trials_or_time_may_be_asked_for_later(artifacts, spec):
    finish(artifacts, spec, 1)
    path = artifacts / ".studies" / "tiny" / "study.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "trials": 12, "minutes": 5}))
    assert studies.begin(artifacts, "tiny").trials == 12


def test_title_changes_and_the_name_on_disk_stays(artifacts, spec):
    studies.rename(artifacts, "tiny", "  A better one ")
    study = studies.read(artifacts, "tiny")
    assert (study.spec.name, study.spec.title) == ("tiny", "A better one")


def test_deleting_takes_the_fits_of_this_study_alone(artifacts, spec):
    for name in ("tiny", "tiny-00001", "tiny-00001-b"):
        one = spec.model_copy(update={"name": name})
        if name != "tiny":
            studies.create(artifacts, one)
        finish(artifacts, one, 1)
    fresh = artifacts / "tiny-best-numpy_scratch-s100_metrics.json"
    fresh.write_text("{}")
    studies.delete(artifacts, "tiny")
    left = sorted(path.name for path in artifacts.glob("trial-*_metrics.json"))
    assert left == [
        "trial-tiny-00001-00001-numpy_scratch-e2-s0_metrics.json",
        "trial-tiny-00001-b-00001-numpy_scratch-e2-s0_metrics.json",
    ]
    assert studies.names(artifacts) == ["tiny-00001", "tiny-00001-b"]
    assert fresh.exists()
    with pytest.raises(records.RecordError, match="earlier study called tiny"):
        studies.create(artifacts, spec)  # whose fresh runs would take the place of those that stayed


def test_study_of_a_thousand_trials_is_read_within_two_seconds(artifacts):
    spec = tiny_spec(
        strategy="random", trials="1000", epochs="10", **{"search-learning-rate": "lin:0.001..1"}
    )
    studies.create(artifacts, spec)
    for number in range(1, 1001):
        finish(artifacts, spec, number, accuracy=number / 1001)
    began = time.process_time()  # what the machine does for others does not count
    reader = studies.StudyReader(artifacts, "tiny")
    study = reader.look()
    assert time.process_time() - began < 2
    assert len(study.trials) == 1000
    assert study.best == {"numpy_scratch": 1000}
    began = time.process_time()
    for _ in range(10):
        reader.look()
    assert time.process_time() - began < 0.5


def test_seconds_until_the_goal_are_those_of_the_first_epoch_there():
    history = {"val_accuracy": [0.9, None, 0.985, 0.97], "seconds": [1.0, 2.0, 3.0, 4.0]}
    assert score_of("time-to-98", {"history": history}) == 3.0
    assert score_of("time-to-99", {"history": history}) is None
