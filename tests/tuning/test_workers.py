"""Worker processes that stay warm: what they train equals a fresh process, and no death loses a fit."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.config import RunConfig
from core.places import PROJECT
from core.runs import records
from core.runs.status import run_status
from core.tuning.executors import Done
from core.tuning.fits import Fit
from core.tuning.workers import LocalWorkers
from support.small_disk import fill, small_disk

pytestmark = pytest.mark.frameworks


@pytest.fixture
def executor(artifacts):
    workers = LocalWorkers(artifacts, None, 1)
    yield workers
    workers.close()


def fit_of(framework: str, trial: int, architecture: str = "tiny-mlp", role: str = "", **changes) -> Fit:
    changes = {"dataset": "digits", "epochs": 1, "threads": 1, "train_size": 300, **changes}
    return Fit("made", trial, RunConfig.from_preset(framework, architecture, **changes), role)


def long_fit(trial: int) -> Fit:
    return fit_of("numpy_scratch", trial, "small-cnn", epochs=100, train_size=None)


def ended(executor: LocalWorkers, count: int) -> list[Done]:
    """Waits until so many fits ended."""
    done: list[Done] = []
    until = time.monotonic() + 200
    while len(done) < count:
        assert time.monotonic() < until
        done += executor.wait(1)
    return done


def metrics(artifacts: Path, run: str) -> dict:
    return json.loads(records.metrics_path(artifacts, run).read_text(encoding="utf-8"))


def event(artifacts: Path, fit: Fit, name: str) -> dict | None:
    found, _ = records.read_events(artifacts, fit.run)
    return next((one for one in found if one["event"] == name), None)


def training(executor: LocalWorkers, artifacts: Path, fit: Fit, but: int | None = None) -> int:
    """Waits until the fit trains, in another process than `but`; returns the process."""
    until = time.monotonic() + 100
    while not event(artifacts, fit, "epoch") or event(artifacts, fit, "launched")["pid"] == but:
        assert time.monotonic() < until
        assert executor.wait(0.05) == []
    return event(artifacts, fit, "launched")["pid"]


def learned(artifacts: Path, run: str) -> dict:
    """What a fit learned, down to the last bit."""
    result = metrics(artifacts, run)
    history = {key: values for key, values in result["history"].items() if key != "seconds"}
    return {"history": history, "val_loss": result["val_loss"], "val_accuracy": result["val_accuracy"]}


@pytest.mark.parametrize("framework", ["pytorch", "keras_fit"])
def test_fit_in_a_warm_worker_equals_one_in_a_fresh_process_bit_for_bit(artifacts, executor, framework):
    changes = {"dropout": 0.3, "folds": 4, "fold": 2, "augment": True, "train_size": 150, "batch_size": 40}
    asked = fit_of(framework, 3, "small-cnn", seed=3, **changes)
    fits = [
        fit_of(framework, 1, optimizer="sgd", batch_size=50, dropout=0.5, validation_size=77, seed=9),
        fit_of(framework, 2, "small-cnn", filters=(4, 8), schedule="exponential", train_size=100),
        asked,
    ]
    for fit in fits:
        executor.submit(fit)
    assert [done.status for done in ended(executor, 3)] == ["finished"] * 3
    assert len({event(artifacts, fit, "launched")["pid"] for fit in fits}) == 1
    warm = learned(artifacts, asked.run)
    asked.prepare(artifacts)
    config = records.run_dir(artifacts, asked.run) / "config.json"
    subprocess.run([sys.executable, "-m", "core", "train", config], cwd=PROJECT, check=True)
    assert learned(artifacts, asked.run) == warm


def test_runtimes_are_changed_only_where_no_other_fit_waits(artifacts, executor):
    fits = [fit_of(name, number) for number, name in enumerate(["numpy_scratch", "pytorch"] * 2)]
    for fit in fits:
        executor.submit(fit)
    done = [one.fit.config.framework for one in ended(executor, 4)]
    assert done == ["numpy_scratch", "numpy_scratch", "pytorch", "pytorch"]
    assert len(executor.pids()) == 2  # one a runtime; only one trains at a time


def test_fit_whose_worker_is_killed_is_trained_again_and_comes_out_the_same(artifacts, executor):
    fit = fit_of("numpy_scratch", 1, epochs=60, train_size=None)
    executor.submit(fit)
    os.kill(training(executor, artifacts, fit), signal.SIGKILL)
    assert executor.wait(200) == [Done(fit, "finished")]  # begun again without being asked
    events, _ = records.read_events(artifacts, fit.run)
    assert [one["event"] for one in events].count("launched") == 1  # of the second attempt alone
    assert len(metrics(artifacts, fit.run)["history"]["epoch"]) == 60
    assert executor.wait(0.2) == []


def test_fit_that_kills_three_workers_fails_and_the_next_one_is_trained(artifacts, executor):
    fit, pid = long_fit(1), None
    executor.submit(fit)
    executor.submit(fit_of("numpy_scratch", 2))
    for _ in range(3):
        pid = training(executor, artifacts, fit, but=pid)
        os.kill(pid, signal.SIGKILL)
    failed, finished = ended(executor, 2)
    reason = "its worker died three times (signal 9)"
    assert failed == Done(fit, "failed", reason)
    assert finished.status == "finished"
    status = run_status(artifacts, fit.run)
    assert (status.state, status.reason) == ("failed", reason)


def test_failed_fit_leaves_its_worker_to_the_next_one(artifacts, executor):
    wild = fit_of("numpy_scratch", 1, "small-cnn", optimizer="sgd", learning_rate=10.0)
    executor.submit(wild)
    executor.submit(fit_of("numpy_scratch", 2))
    failed, finished = ended(executor, 2)
    assert (failed.fit, failed.status, finished.status) == (wild, "failed", "finished")
    assert failed.reason.endswith("the learning rate of 10 is far too high. Try 0.01.")
    pids = {event(artifacts, done.fit, "launched")["pid"] for done in (failed, finished)}
    assert pids == set(executor.pids())


def test_run_with_a_role_has_a_process_of_its_own(artifacts, executor):
    fits = [fit_of("numpy_scratch", 1), fit_of("numpy_scratch", 1, role="best", validation_size=0)]
    for fit in [*fits, fit_of("numpy_scratch", 2)]:
        executor.submit(fit)
    ended(executor, 3)
    warm, own = (event(artifacts, fit, "launched")["pid"] for fit in fits)
    assert executor.pids() == [warm] != [own]
    assert metrics(artifacts, fits[1].run)["role"] == "best"


def test_closing_kills_what_trains_within_three_seconds(artifacts):
    executor = LocalWorkers(artifacts, None, 2)
    fits = [long_fit(1), long_fit(2)]
    for fit in fits:
        executor.submit(fit)
    workers = [psutil.Process(training(executor, artifacts, fit)) for fit in fits]
    began = time.monotonic()
    executor.close()
    assert time.monotonic() - began < 3
    assert not any(worker.is_running() for worker in workers)
    assert {run_status(artifacts, fit.run).state for fit in fits} == {"interrupted"}


PARENT = """
import sys
from pathlib import Path
from core.tuning.fits import Fit
from core.tuning.workers import LocalWorkers
executor = LocalWorkers(Path(sys.argv[1]), None, 1)
executor.submit(Fit.from_json(sys.argv[2]))
while True:
    executor.wait(60)
"""


def test_worker_ends_in_mid_fit_when_its_study_is_killed(artifacts, executor):
    fit = long_fit(1)
    with subprocess.Popen([sys.executable, "-c", PARENT, artifacts, fit.to_json()], cwd=PROJECT) as parent:
        worker = psutil.Process(training(executor, artifacts, fit))
        parent.kill()
    assert not psutil.wait_procs([worker], timeout=5)[1]
    assert not records.metrics_path(artifacts, fit.run).exists()


def test_folder_that_cannot_be_made_is_told(artifacts, executor):
    fit = fit_of("numpy_scratch", 1)
    (artifacts / fit.run).write_text("in the way")
    with pytest.raises(records.RecordError):
        executor.submit(fit)


def test_full_disk_is_told_and_fails_no_fit(tmp_path):
    fit = long_fit(1)
    with small_disk(tmp_path / "disk", "128k") as folder:
        executor = LocalWorkers(folder, None, 1)
        try:
            executor.submit(fit)
            training(executor, folder, fit)
            fill(folder)
            with pytest.raises(records.NoRoom, match="the disk is full"):
                ended(executor, 1)
        finally:
            executor.close()
        assert run_status(folder, fit.run).state != "failed"
