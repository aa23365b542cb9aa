"""A fit that trains is read as its epochs come, and one that is done is read once."""

import pytest

from core.machine.processes import process_mark
from core.runs import records
from core.tuning import studies
from core.tuning.fit_reading import FitReader
from core.tuning.folder import add_event, add_mark
from core.tuning.plan import fit_of, planned_fits
from support.browser import wait_for
from support.real_studies import start_study, tiny_spec

GONE = {"pid": 1, "process_started": -5.0}  # a process that is no longer there
SETTINGS = {"framework": "numpy_scratch", "batch_size": 32, "learning_rate": 0.01}
SLOW = {"epochs": "200", "search-batch-size": "1", "search-learning-rate": "0.001"}


@pytest.fixture
def fit(artifacts):
    """A fit that is about to train, and who reads it."""
    spec = tiny_spec()
    [planned] = planned_fits(spec, 1, SETTINGS, None)
    return fit_of(spec, 1, SETTINGS, planned), FitReader(artifacts, spec.objective, planned)


def launch(artifacts, fit, *accuracies):
    """Begins the fit, whatever was there before."""
    fit.prepare(artifacts)
    records.append_event(artifacts, fit.run, "launched", **process_mark())
    for accuracy in accuracies:
        records.append_event(artifacts, fit.run, "epoch", val_accuracy=accuracy)


def so_far(reader) -> list[float]:
    found = reader.look(active=True)
    assert found.status == "running"
    return list(found.history["val_accuracy"])


def test_epochs_are_told_as_they_come_and_only_new_lines_are_read(artifacts, fit, monkeypatch):
    fit, reader = fit
    assert reader.look(active=True).status == "waiting"
    launch(artifacts, fit, 0.5, 0.6)
    first = reader.look(active=True).history["val_accuracy"]
    asked, read_events = [], records.read_events
    monkeypatch.setattr(records, "read_events", lambda *where: asked.append(where[2]) or read_events(*where))
    records.append_event(artifacts, fit.run, "epoch", val_accuracy=0.7)
    assert so_far(reader) == [0.5, 0.6, 0.7]
    assert first == [0.5, 0.6]  # of an earlier look, which somebody may still hold
    assert asked[0] > 0


def test_fit_that_begins_again_is_read_from_its_beginning(artifacts, fit):
    fit, reader = fit
    launch(artifacts, fit, 0.5, 0.6)
    assert so_far(reader) == [0.5, 0.6]
    launch(artifacts, fit, 0.1, 0.2, 0.3)  # its worker died; more is there already than when we looked
    assert so_far(reader) == [0.1, 0.2, 0.3]
    records.append_event(artifacts, fit.run, "ended", status="failed", reason="too hot")
    assert reader.look(active=True).reason == "too hot"


def test_nothing_grows_where_nobody_trains(artifacts, fit):
    fit, reader = fit
    launch(artifacts, fit, 0.5)
    assert reader.look(active=False).status == "waiting"
    records.append_event(artifacts, fit.run, "launched", **GONE)
    assert reader.look(active=True).status == "waiting"


def test_fits_that_are_done_are_not_read_again(artifacts, monkeypatch):
    spec = tiny_spec(folds="3")
    studies.create(artifacts, spec)
    add_mark(artifacts, spec.name, "working")
    add_event(artifacts, spec.name, "trial", number=1, settings=SETTINGS, epochs=None)
    planned = planned_fits(spec, 1, SETTINGS, None)
    first, second, _ = (fit_of(spec, 1, SETTINGS, one) for one in planned)
    launch(artifacts, first, 0.5, 0.9)
    record = {"val_accuracy": 0.9, "train_time_sec": 1.0, "history": {"val_accuracy": [0.5, 0.9]}}
    records.write_json(records.metrics_path(artifacts, first.run), record)
    launch(artifacts, second, 0.4)
    reader = studies.StudyReader(artifacts, spec.name)
    reader.look()
    read, read_events = [], records.read_events
    monkeypatch.setattr(records, "read_object", lambda path: pytest.fail(f"{path} was read again"))
    monkeypatch.setattr(records, "read_events", lambda *where: read.append(where[1]) or read_events(*where))
    [trial] = reader.look().trials
    assert [fit.history.get("val_accuracy") for fit in trial.fits] == [[0.5, 0.9], [0.4], None]
    assert first.run not in read


@pytest.mark.frameworks
def test_curve_of_a_real_fit_grows_while_it_trains(artifacts):
    process = start_study(artifacts, tiny_spec(**SLOW))
    wait_for(lambda: "tiny" in studies.names(artifacts))
    reader = studies.StudyReader(artifacts, "tiny")

    def longest() -> int:
        fits = [fit for trial in reader.look().trials for fit in trial.fits if fit.status == "running"]
        return max((len(fit.history["val_accuracy"]) for fit in fits), default=0)

    seen = wait_for(longest)
    wait_for(lambda: longest() > seen)
    studies.request_stop(artifacts, "tiny")
    process.communicate(timeout=30)
    assert longest() == 0
