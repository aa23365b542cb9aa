"""A disk that fills during a race, with a real file system that is really full."""

import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.config import RunConfig
from core.places import PROJECT
from core.prediction.models import model_files
from core.races.journal import Journal
from core.runs import records
from core.runs.status import request_stop, run_status
from core.runs.writing import written_whole
from support.browser import wait_for
from support.small_disk import fill, small_disk

pytestmark = pytest.mark.frameworks  # exhibits train or answer in it

LONG = ["--frameworks", "numpy_scratch", "--dataset", "digits", "--epochs", "200", "--threads", "1"]


@pytest.fixture(autouse=True)
def _own_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))


@pytest.fixture
def disk(tmp_path):
    """Enough for a race to begin."""
    with small_disk(tmp_path / "disk", "80m") as folder:
        yield folder


@pytest.fixture
def race():
    """Starts `python -m core race …`, whose output goes to a file; kills it after the test."""
    started = []

    def _race(artifacts: Path, log: Path, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "core", "race", *LONG, *options, "--artifacts", str(artifacts)]
        with open(log, "wb") as file:
            started.append(subprocess.Popen(command, cwd=PROJECT, stdout=file, stderr=subprocess.STDOUT))
        return started[-1]

    yield _race
    for process in started:
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.wait()


def wait_for_event(artifacts: Path, name: str, process: subprocess.Popen, suffix: str = "") -> str:
    """The first run that has an event of this name; its own ends in `suffix`."""
    while process.poll() is None:
        for run in records.run_names(artifacts):
            events = [event["event"] for event in records.read_events(artifacts, run)[0]]
            if run.endswith(suffix) and name in events:
                return run
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
    pytest.fail(f"no event {name!r}")


def test_race_on_a_full_disk_ends_with_the_reason_in_terminal_and_record(disk, race, tmp_path):
    artifacts, log = disk / "artifacts", tmp_path / "log"
    process = race(artifacts, log, "--seeds", "0,1")
    wait_for_event(artifacts, "batch", process)
    fill(disk)
    assert process.wait(timeout=60) == 1
    said = " ".join(log.read_text().split())
    assert "Traceback" not in said
    assert "the disk is full" in said
    first, second = records.run_names(artifacts)
    for run, begin in ((first, "the disk is full"), (second, "did not begin: only 0 MB are free")):
        status = run_status(artifacts, run)
        assert status.state == "failed"
        assert status.reason.startswith(begin), status.reason
        assert len(status.reason.splitlines()) == 1
    assert not list(artifacts.glob("*/.*"))  # nothing half-written is left, nor the room that was kept
    assert model_files(artifacts) == {}


def test_following_runs_train_when_there_is_room_again(disk, race, tmp_path):
    artifacts, log = disk / "artifacts", tmp_path / "log"
    process = race(artifacts, log, "--seeds", "0,1")
    first = wait_for_event(artifacts, "batch", process)
    [mark] = [event for event in records.read_events(artifacts, first)[0] if event["event"] == "launched"]
    process.send_signal(signal.SIGSTOP)  # the race itself looks again once there is room
    filler = fill(disk)
    wait_for(lambda: psutil.Process(mark["pid"]).status() == psutil.STATUS_ZOMBIE)
    filler.unlink()
    process.send_signal(signal.SIGCONT)
    assert wait_for_event(artifacts, "batch", process, "-s1") != first
    assert run_status(artifacts, first).state == "failed"


def test_race_whose_own_log_is_on_the_full_disk_ends_as_plainly(disk, race):
    artifacts = disk / "artifacts"
    process = race(artifacts, disk / "log")
    run = wait_for_event(artifacts, "batch", process)
    fill(disk)
    process.wait(timeout=60)
    assert run_status(artifacts, run).reason.startswith("the disk is full")


def test_full_disk_does_not_keep_anybody_from_stopping_a_run(disk, race, tmp_path):
    artifacts = disk / "artifacts"
    process = race(artifacts, tmp_path / "log")
    run = wait_for_event(artifacts, "batch", process)
    fill(disk)
    request_stop(artifacts, run)
    process.wait(timeout=60)
    assert not run_status(artifacts, run).active


def test_words_are_kept_until_there_is_room(disk):
    run = records.create_run(disk, RunConfig(framework="numpy_scratch"), "race")
    journal = Journal(disk, [run])
    (records.run_dir(disk, run) / ".room").unlink()  # somebody else was quicker
    filler = fill(disk)
    journal.add(run, "begun", text="x" * 5000)
    journal.add(run, "ended", status="failed", reason="the disk is full")
    assert "the disk is full" in journal.full
    told = []

    def make_room(reason: str) -> None:
        told.append(reason)
        filler.unlink()

    journal.close(make_room)
    assert len(told) == 1
    assert "the disk is full" in told[0]
    events, _ = records.read_events(disk, run)
    assert [event["event"] for event in events] == ["begun", "ended"]


def test_event_after_half_a_line_is_still_read(tmp_path):
    run = records.create_run(tmp_path, RunConfig(framework="numpy_scratch"), "race")
    (records.run_dir(tmp_path, run) / "events.jsonl").write_text('{"event": "begun"}\n{"event": "ba')
    records.append_event(tmp_path, run, "ended", status="failed")
    events, _ = records.read_events(tmp_path, run)
    assert [event["event"] for event in events] == ["begun", "ended"]


# ── files as a whole ────────────────────────────────────────────────────────────────

SAVE = """
import sys
from pathlib import Path
from core import frameworks
from core.architectures import initial_weights
from core.config import RunConfig
from core.runs import records
config = RunConfig.from_preset(sys.argv[1])
exhibit = frameworks.load(config.framework)
model = exhibit.build(config.network, initial_weights(config.network, 0), 0)
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # a real limit of the system: 100 kB
try:
    with written_whole(Path(sys.argv[2]) / exhibit.MODEL_FILE) as path:
        exhibit.save(model, path)
except Exception as error:
    print(type(error).__name__)
else:
    print("saved")
"""


@pytest.mark.parametrize("framework", ["numpy_scratch", "pytorch", "keras_fit"])
def test_model_that_does_not_fit_leaves_nothing_behind(framework, tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", SAVE, framework, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() != "saved"
    assert list(tmp_path.iterdir()) == []


def test_file_is_replaced_as_a_whole_or_stays(tmp_path):
    path = tmp_path / "model.npz"
    with written_whole(path) as whole:
        np.savez(whole, a=np.zeros(10))
    before = path.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limit[1]))
    try:
        with (
            pytest.raises(records.NoRoom),
            records.minding_room(tmp_path),
            written_whole(path) as whole,
        ):
            np.savez(whole, a=np.random.default_rng(0).random(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.npz"]
