"""A real run beside real busy loops, and alone: through the command line, as everybody starts it."""

import json
import subprocess
import sys

import pytest

from core.machine.environment import available_cores
from core.machine.load import LoadMeter
from core.places import PROJECT

pytestmark = pytest.mark.frameworks

RACE = ["race", "--frameworks", "numpy_scratch", "--dataset", "digits", "--epochs", "6"]
QUIET = 0.03  # of the machine taken by others all the while: nobody can call that busy


def race(artifacts) -> dict:
    """Trains for a few seconds and returns the metrics file."""
    command = [sys.executable, "-m", "core", *RACE, "--artifacts", str(artifacts)]
    subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
    (path,) = artifacts.glob("*_metrics.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _own_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))


def test_a_run_beside_busy_loops_says_that_the_machine_was_busy(tmp_path):
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(available_cores())]
    try:
        metrics = race(tmp_path)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    assert metrics["busy"] is True
    assert metrics["load"]["at_start"] > 0.1
    assert 0 < metrics["timing"]["cpu_s"] < available_cores() * metrics["train_time_sec"]
    assert metrics["learned"] is True  # it says nothing about the model


def test_the_same_run_alone_does_not(tmp_path):
    # Only a machine that is quiet by itself can show it; the race and its run are this process's children.
    meter = LoadMeter()
    meter.start()
    metrics = race(tmp_path)
    meter.stop()
    if meter.taken > QUIET:
        pytest.skip(f"others took {100 * meter.taken:.0f} % of the machine meanwhile")
    assert metrics["busy"] is False
