"""A race's runs, event by event, as a race and its training processes record them."""

import subprocess
import sys
from pathlib import Path

from core.config import RunConfig
from core.machine.processes import process_mark
from core.runs import records

STEPS = 20


def queue_run(artifacts, framework="pytorch", race="20260102-030405-abcd", **values) -> str:
    """A run of two epochs whose race, this process, has yet to begin it; returns its name."""
    config = RunConfig(framework=framework, dataset="digits", epochs=2, **values)
    run = records.create_run(artifacts, config, race)
    records.append_event(artifacts, run, "queued", **process_mark(), time=1000.0)
    return run


def begin_run(artifacts, run, mark=None) -> None:
    """The run's process has started (this one, or that of `mark`) and is about to train."""
    records.append_event(artifacts, run, "launched", **(mark or process_mark()), time=1000.5)
    records.append_event(artifacts, run, "phase", phase="import", time=1000.6)
    records.append_event(artifacts, run, "started", total_steps=2 * STEPS, steps_per_epoch=STEPS, time=1001.0)


def record_batch(artifacts, run, step, memory_mb=200.0) -> None:
    """Step `step`, counted from 1, is done."""
    records.append_event(
        artifacts, run, "batch", step=step, epoch=(step - 1) // STEPS, loss=2.0 / step, accuracy=0.5,
        seconds=0.1 * step, images_per_second=640.0, memory_mb=memory_mb, time=1001.0 + 0.2 * step,
    )  # fmt: skip


def record_epoch(artifacts, run, number) -> None:
    """Epoch `number`, counted from 0, is done and validated."""
    step = STEPS * (number + 1)
    records.append_event(
        artifacts, run, "epoch", epoch=number, step=step, loss=0.3, accuracy=0.9, val_loss=0.2,
        val_accuracy=0.95, seconds=0.1 * step, time=1001.0 + 0.2 * step,
    )  # fmt: skip


def dead_process() -> dict:
    """The mark of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = process_mark(process.pid)
    process.communicate(b"\n")
    return mark


def make_ended_race(artifacts: Path, *ends: str) -> str:
    """Runs of one race that ended in these ways ("finished", "failed", else killed); returns the race."""
    race = "20260102-030405-abcd"
    for framework, end in zip(("numpy_scratch", "pytorch", "keras_fit"), ends, strict=False):
        config = RunConfig(framework=framework, dataset="digits")
        run = records.create_run(artifacts, config, race)
        records.append_event(artifacts, run, "queued", time=0, **process_mark())
        if end == "finished":
            metrics = {"run": run, "race": race, "framework": framework, "test_accuracy": 0.97}
            metrics |= {"train_time_sec": 3.5, "status": "finished", "dataset": "digits", "epochs": 5}
            records.write_json(records.metrics_path(artifacts, run), metrics)
            records.append_event(artifacts, run, "ended", status="finished", reason="", time=1)
        elif end == "failed":
            records.append_event(artifacts, run, "ended", status="failed", reason="<b>no data</b>", time=1)
        else:
            records.append_event(artifacts, run, "launched", pid=2**22 + 1, process_started=0, time=1)
            records.append_event(artifacts, run, "exited", code=-9, time=2)
            (records.run_dir(artifacts, run) / "log.txt").write_text("last words\n")
    return race
