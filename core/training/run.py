"""One run from start to finish, inside its own process; the clocks.

`train_time_sec` holds training steps only. Import, data, build, first step (which traces graphs
in some frameworks), validation and test each have a clock of their own.
"""

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np

from core import frameworks
from core.architectures import initial_weights
from core.config import RunConfig
from core.contract import Callback
from core.data.catalogue import DatasetError
from core.data.datasets import prepare_data
from core.machine import environment
from core.machine.processes import is_alive, process_mark
from core.runs import records
from core.runs.status import stop_requested

EVENT_INTERVAL = 0.25  # seconds between recorded batches: smooth to watch, cheap to write


class TrainingError(Exception):
    """The run cannot start or go on; the message says why and what to change."""


class Stopped(Exception):
    """Somebody asked the run to stop."""


@dataclass
class Clock:
    """Seconds of training steps; paused while validation runs."""

    seconds: float = 0.0
    _since: float | None = None

    def resume(self) -> None:
        """Counts from now on."""
        self._since = time.perf_counter()

    def pause(self) -> None:
        """Keeps what was counted so far."""
        self.seconds = self.now()
        self._since = None

    def now(self) -> float:
        """Seconds counted so far."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self.seconds + running


@dataclass
class Recorder(Callback):
    """Writes what happens while an exhibit trains, validates after each epoch, and stops it when asked."""

    artifacts: Path
    run: str
    config: RunConfig
    framework: ModuleType
    data: Any  # core.data.datasets.Prepared
    race: dict[str, Any] | None = None  # process mark of the race; the run stops when it is gone
    clock: Clock = field(default_factory=Clock)
    first_step_s: float = 0.0
    validation_s: float = 0.0
    step: int = 0
    history: dict[str, list] = field(
        default_factory=lambda: {
            key: [] for key in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")
        }
    )
    _next_event: float = 0.0
    _began: float = field(default_factory=time.perf_counter)

    def on_batch_end(self, step: int, loss: Any, accuracy: Any) -> None:
        """Starts the clock after the first step; records and looks for a stop a few times a second."""
        if step == 1:
            loss = float(loss)  # waits for a GPU, whose first step belongs to no other clock
        now = time.perf_counter()
        self.step = step
        if step == 1:
            self.first_step_s = now - self._began
            self.clock.resume()
        if now < self._next_event:
            return
        self._next_event = now + EVENT_INTERVAL
        loss = self._finite(float(loss))
        self._look_for_stop()
        seconds = self.clock.now()
        self.event(
            "batch",
            step=step,
            epoch=(step - 1) // self.data.train.steps_per_epoch,
            loss=loss,
            accuracy=float(accuracy),
            seconds=seconds,
            images_per_second=self.images_per_second(),
            memory_mb=environment.memory_mb(),
        )

    def on_epoch_end(self, epoch: int, loss: Any, accuracy: Any, model: Any) -> None:
        """Validates with the clock paused."""
        loss = self._finite(float(loss))
        self.clock.pause()
        began = time.perf_counter()
        scores = {"val_loss": None, "val_accuracy": None}
        if len(self.data.x_val):
            from core.scores import score

            result = score(self.predict(model, self.data.x_val), self.data.y_val)
            scores = {"val_loss": result["test_loss"], "val_accuracy": result["test_accuracy"]}
        self.validation_s += time.perf_counter() - began
        values = {"epoch": epoch, "loss": loss, "accuracy": float(accuracy), **scores}
        values["seconds"] = self.clock.now()
        for key, value in values.items():
            self.history[key].append(value)
        self.event("epoch", step=self.step, **values)
        self._look_for_stop()
        self.clock.resume()

    def images_per_second(self) -> float | None:
        """Images trained in a second of the training clock; the first step is left out of both."""
        full_epochs, steps = divmod(self.step, self.data.train.steps_per_epoch)
        images = full_epochs * len(self.data.train.x_train) + steps * self.config.batch_size
        seconds = self.clock.now()
        trained = images - min(self.config.batch_size, len(self.data.train.x_train))
        return trained / seconds if seconds > 0 and trained > 0 else None

    def event(self, name: str, **values: Any) -> None:
        """Adds an event with the time of day to the run's history."""
        records.append_event(self.artifacts, self.run, name, time=time.time(), **values)

    def predict(self, model: Any, images: np.ndarray) -> np.ndarray:
        """The framework's probabilities for these images.

        Raises:
            TrainingError: the last step made the weights so large that some are no numbers.
        """
        probabilities = self.framework.predict(model, images)
        if not np.isfinite(probabilities).all():
            raise self._diverged("the model's answers are no longer finite numbers")
        return probabilities

    def _finite(self, loss: float) -> float:
        if math.isfinite(loss):
            return loss
        raise self._diverged("the loss is no longer a finite number")

    def _diverged(self, what: str) -> TrainingError:
        return TrainingError(
            f"{what} after step {self.step}; lower the learning rate (now {self.config.learning_rate:g})"
        )

    def _look_for_stop(self) -> None:
        if stop_requested(self.artifacts, self.run):
            raise Stopped("stopped by the visitor")
        if self.race and not is_alive(self.race):
            raise Stopped("the race that it belonged to is gone")


def train_run(artifacts: Path, run: str, data_dir: Path | None = None) -> str:
    """Trains one run whose config is on disk, scores it and records the result.

    Returns:
        "finished" or "stopped".

    Raises:
        TrainingError, DatasetError, RecordError: recorded as the reason, unless
            the run cannot be trained at all: then nothing of it is touched.
    """
    config, race = records.read_config(artifacts, run)
    events, _ = records.read_events(artifacts, run)
    has_result = records.is_reference(run) or records.metrics_path(artifacts, run).exists()
    if has_result or any(event["event"] == "launched" for event in events):
        raise TrainingError(f"{run} was trained already; start a new race instead")
    if config.framework not in frameworks.names():
        raise TrainingError(f"{config.framework} is no framework here, only {', '.join(frameworks.names())}")
    records.append_event(artifacts, run, "launched", **process_mark(), time=time.time())
    try:
        state, reason, metrics = _train(artifacts, run, config, data_dir)
    except Exception as error:
        records.append_event(
            artifacts, run, "ended", status="failed", reason=_reason(error), time=time.time()
        )
        raise
    if metrics:
        record = {"schema": records.SCHEMA, "run": run, "race": race, "status": state, **metrics}
        records.write_json(records.metrics_path(artifacts, run), record)
    records.append_event(artifacts, run, "ended", status=state, reason=reason, time=time.time())
    return state


def _reason(error: Exception) -> str:
    text = str(error).strip() or "no message"
    known = isinstance(error, TrainingError | records.RecordError | DatasetError)
    return text if known else f"{type(error).__name__}: {text}"


def _train(
    artifacts: Path, run: str, config: RunConfig, data_dir: Path | None
) -> tuple[str, str, dict[str, Any] | None]:
    timing: dict[str, float] = {}
    with _phase(artifacts, run, "import", timing):
        framework = frameworks.load(config.framework)
        config = config.model_copy(update={"device": resolve_device(config, framework.devices())})
    with _phase(artifacts, run, "data", timing):
        own, own_record = _own_digits(artifacts, config)
        data = prepare_data(config, data_dir, extra=own)
    with _phase(artifacts, run, "build", timing):
        model = framework.build(config.network, _start(artifacts, config, framework), config.seed)

    recorder = Recorder(artifacts, run, config, framework, data, _race_mark(artifacts, run))
    recorder.event(
        "started",
        total_steps=config.epochs * data.train.steps_per_epoch,
        steps_per_epoch=data.train.steps_per_epoch,
        train_images=len(data.train.x_train),
        device=config.device,
        threads=config.threads,
    )
    state, reason = "finished", ""
    try:
        framework.train(model, data.train, config, recorder)
    except Stopped as stop:
        state, reason = "stopped", str(stop)
    recorder.clock.pause()
    if recorder.step == 0:
        return state, f"{reason} before the first step", None

    timing |= {"first_step_s": recorder.first_step_s, "validation_s": recorder.validation_s}
    with _phase(artifacts, run, "test", timing):
        results = _test(artifacts, recorder, model, data)
    return state, reason, {**_summary(config, recorder), **own_record, **results, "timing": timing}


@contextmanager
def _phase(artifacts: Path, run: str, name: str, timing: dict[str, float]):
    """Announces a phase and puts its seconds into `timing`."""
    records.append_event(artifacts, run, "phase", phase=name, time=time.time())
    began = time.perf_counter()
    yield
    timing[f"{name}_s"] = time.perf_counter() - began


def resolve_device(config: RunConfig, found: list[str]) -> str:
    """The device to train on: the best that the framework finds, or the one that the run asks for.

    Raises:
        TrainingError: the framework does not find the requested device.
    """
    if config.device == "auto":
        return found[0]
    if config.device not in found:
        raise TrainingError(
            f"{config.framework} finds no {config.device} here, only {', '.join(found)}; choose device auto"
        )
    return config.device


def _own_digits(
    artifacts: Path, config: RunConfig
) -> tuple[tuple[np.ndarray, np.ndarray] | None, dict[str, str]]:
    """The visitor's digits to add to the training images, and what the result says of them."""
    if not config.own_digits:
        return None, {}
    from core.data.own_digits import fingerprint, training_images

    digits = training_images(artifacts)
    return digits, {"own_digits": fingerprint(*digits)}


def _start(artifacts: Path, config: RunConfig, framework: ModuleType) -> list[np.ndarray] | None:
    """The weights to begin with: another run's, the shared ones, or None for the framework's own."""
    if config.start_from is None:
        return initial_weights(config.network, config.seed) if config.protocol == "controlled" else None
    source, _ = records.read_config(artifacts, config.start_from)
    if (source.framework, source.network) != (config.framework, config.network):
        raise TrainingError(
            f"{config.start_from} is {source.framework} with {source.network.name}; training can only "
            f"go on from the same framework and architecture, not {config.framework} with "
            f"{config.network.name}"
        )
    path = records.run_dir(artifacts, config.start_from) / framework.MODEL_FILE
    return framework.get_weights(framework.load(path))


def _race_mark(artifacts: Path, run: str) -> dict[str, Any] | None:
    events, _ = records.read_events(artifacts, run)
    return next((event for event in events if event["event"] == "queued"), None)


def _test(artifacts: Path, recorder: Recorder, model: Any, data: Any) -> dict[str, Any]:
    """Scores the model on the test set, once, and saves it with its probabilities."""
    from core.scores import score

    framework = recorder.framework
    probabilities = recorder.predict(model, data.x_test)
    folder = records.run_dir(artifacts, recorder.run)
    np.save(folder / "test_probabilities.npy", probabilities.astype(np.float32))
    np.save(folder / "test_labels.npy", data.y_test.astype(np.uint8))
    framework.save(model, folder / framework.MODEL_FILE)
    return {
        **score(probabilities, data.y_test),
        "model_bytes": (folder / framework.MODEL_FILE).stat().st_size,
        "predict_ms": _latency_ms(framework, model, data.x_test[:1]),
        "peak_memory_mb": environment.peak_memory_mb(),
    }


def _latency_ms(framework: ModuleType, model: Any, image: np.ndarray) -> float:
    """Median milliseconds for one image, after three calls to warm up."""
    times = []
    for _ in range(33):
        began = time.perf_counter()
        framework.predict(model, image)
        times.append(1000 * (time.perf_counter() - began))
    return median(times[3:])


def _summary(config: RunConfig, recorder: Recorder) -> dict[str, Any]:
    return {
        "framework": config.framework,
        "architecture": config.network.name,
        "dataset": config.dataset,
        "protocol": config.protocol,
        "seed": config.seed,
        "device": config.device,
        "epochs": len(recorder.history["epoch"]),
        "params": config.network.parameter_count(),
        "effective_loc": frameworks.effective_loc(config.framework),
        "train_time_sec": recorder.clock.seconds,
        "images_per_second": recorder.images_per_second(),
        "history": recorder.history,
        "config": config.model_dump(mode="json"),
        "environment": environment.describe(config.threads),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
