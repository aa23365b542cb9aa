"""One run from start to finish, inside its own process.

`train_time_sec` holds training steps only. Import, data, build, first step (which traces graphs
in some frameworks), validation and test each have a clock of their own.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core import frameworks
from core.architectures import initial_weights
from core.config import RunConfig
from core.data.catalogue import DatasetError
from core.data.datasets import Loader, Prepared, load_images, prepare_data
from core.machine import environment
from core.machine.load import LoadMeter
from core.machine.processes import process_mark
from core.runs import records
from core.training.diagnosis import Diagnosis, diagnose, diagnose_divergence, record
from core.training.memory import OUT_OF_MEMORY, is_out_of_memory
from core.training.recorder import Events, Recorder
from core.training.scoring import Diverged, score_and_save, validate
from core.training.stopping import Stopped, look_for_stop, race_mark


class TrainingError(Exception):
    """The run cannot start or go on; the message says why and what to change."""


class DivergedError(TrainingError):
    """The training went astray; `diagnosis` says what would mend it."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.sentence)
        self.diagnosis = diagnosis


@dataclass(frozen=True)
class Outcome:
    """How a training ended: "finished" or "stopped", why, and its result (None before the first step)."""

    state: str
    reason: str
    metrics: dict[str, Any] | None


def train_run(artifacts: Path, run: str, data_dir: Path | None = None, load: Loader = load_images) -> str:
    """Trains one run whose config is on disk, scores it and records the result.

    A study's fit is scored on its validation images only: `val_accuracy` and `val_loss` at its end. It
    keeps no model, and no result when it was stopped, because half a fit says nothing of a trial.

    Args:
        artifacts: the artifacts folder.
        run: its name.
        data_dir: the data folder; None means `core.places.data_dir()`.
        load: reads the images; a process that trains several runs need not read them each time.

    Returns:
        "finished" or "stopped".

    Raises:
        TrainingError, DatasetError, RecordError: recorded as the reason, unless
            the run cannot be trained at all: then nothing of it is touched.
    """
    config, race = records.read_config(artifacts, run)
    mark = records.read_study_mark(artifacts, run)
    _check_trainable(artifacts, run, config)
    events = Events(artifacts, run)
    events.add("launched", **process_mark())
    try:
        with records.minding_room(artifacts):
            outcome = _train(events, config, partial(prepare_data, data_dir=data_dir, load=load))
            if outcome.metrics:
                head = {"schema": records.SCHEMA, "run": run, "race": race, **mark, "status": outcome.state}
                records.write_json(records.metrics_path(artifacts, run), {**head, **outcome.metrics})
    except Exception as error:
        mended = record(error.diagnosis, finished=True) if isinstance(error, DivergedError) else {}
        with suppress(records.NoRoom):  # then its race writes it down
            events.add("ended", status="failed", reason=reason_of(error), **mended)
        raise
    events.add("ended", status=outcome.state, reason=outcome.reason)
    return outcome.state


def _check_trainable(artifacts: Path, run: str, config: RunConfig) -> None:
    events, _ = records.read_events(artifacts, run)
    has_result = records.is_reference(run) or records.metrics_path(artifacts, run).exists()
    if has_result or any(event["event"] == "launched" for event in events):
        raise TrainingError(f"{run} was trained already; start a new race instead")
    if config.framework not in frameworks.names():
        raise TrainingError(f"{config.framework} is no framework here, only {', '.join(frameworks.names())}")


def reason_of(error: Exception) -> str:
    """Why a training failed, in the words of its record."""
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    text = str(error).strip() or "no message"
    known = isinstance(error, TrainingError | records.RecordError | DatasetError)
    return text if known else f"{type(error).__name__}: {text}"


def _train(events: Events, config: RunConfig, prepare: Callable[..., Prepared]) -> Outcome:
    before = LoadMeter()  # over what comes before the training: nobody has to wait for a measurement
    before.start()
    training = _set_up(events, config, prepare)
    before.stop()
    config, recorder = training.config, training.recorder
    _announce(events, config, recorder, before)
    try:
        state, reason = _until_it_ends(training.framework, training.model, config, recorder)
        if recorder.step == 0:
            return Outcome(state, f"{reason} before the first step", None)
        if recorder.brief and state == "stopped":
            return Outcome(state, reason, None)
        training.timing.update(recorder.clock.timing())
        results = _validated(recorder) if recorder.brief else _tested(training, state)
    except Diverged as error:
        per_epoch = recorder.train.steps_per_epoch
        raise DivergedError(diagnose_divergence(config, str(error), recorder.step, per_epoch)) from error
    return Outcome(
        state,
        reason,
        {
            **_description(config),
            **recorder.summary(),
            **training.own,
            **results,
            "timing": training.timing,
            "busy": recorder.clock.load.busy(config.threads),
            "load": {"at_start": before.taken, **recorder.clock.load.summary()},
        },
    )


@dataclass(frozen=True)
class _Training:
    """Everything that a training is made of, and the seconds that making it took."""

    config: RunConfig
    framework: ModuleType
    data: Prepared
    own: dict[str, str]  # what the result says of the visitor's own digits
    model: Any
    recorder: Recorder
    timing: dict[str, float]


def _set_up(events: Events, config: RunConfig, prepare: Callable[..., Prepared]) -> _Training:
    artifacts, run = events.artifacts, events.run
    is_fit = records.is_fit(run)
    timing: dict[str, float] = {}
    with events.phase("import", timing):
        framework = frameworks.load(config.framework)
        config = config.model_copy(update={"device": resolve_device(config, framework.devices())})
    with events.phase("data", timing):
        own, own_record = _own_digits(artifacts, config)
        data = prepare(config, own=own, with_test=not is_fit)
        if is_fit and not len(data.x_val):
            raise TrainingError("a trial is scored on validation images; choose a validation size above 0")
    with events.phase("build", timing):
        model = framework.build(config.network, _start(artifacts, config, framework), config.seed)
    recorder = Recorder(
        events, data.train, config.batch_size, config.epochs,
        validate=partial(validate, framework, data),
        look_for_stop=partial(look_for_stop, artifacts, run, race_mark(artifacts, run)),
        brief=is_fit,
    )  # fmt: skip
    return _Training(config, framework, data, own_record, model, recorder, timing)


def _validated(recorder: Recorder) -> dict[str, Any]:
    """The score of a fit: what its last epoch reached on the validation images."""
    return {key: recorder.history[key][-1] for key in ("val_accuracy", "val_loss")}


def _tested(training: _Training, state: str) -> dict[str, Any]:
    """Scores on the test images, the saved model, and whether the run learned anything."""
    events, recorder = training.recorder.events, training.recorder
    folder = records.run_dir(events.artifacts, events.run)
    with events.phase("test", training.timing):
        results = score_and_save(training.framework, training.data, training.model, folder)
    found = diagnose(training.config, recorder.history, results["confusion"], recorder.step)
    return {**results, **record(found, finished=state == "finished")}


def _announce(events: Events, config: RunConfig, recorder: Recorder, load: LoadMeter) -> None:
    """Says what is about to be trained, and whether the machine is free for it, for those who watch."""
    train = recorder.train
    events.add(
        "started",
        total_steps=config.epochs * train.steps_per_epoch,
        steps_per_epoch=train.steps_per_epoch,
        train_images=len(train.x_train),
        device=config.device,
        threads=config.threads,
        busy=load.busy(config.threads),
        taken=load.taken,
    )


def _until_it_ends(
    framework: ModuleType, model: Any, config: RunConfig, recorder: Recorder
) -> tuple[str, str]:
    """Trains; returns "finished", or "stopped" and who stopped it."""
    try:
        framework.train(model, recorder.train, config, recorder)
    except Stopped as stop:
        return "stopped", str(stop)
    finally:
        recorder.clock.pause()
    return "finished", ""


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
            f"{config.start_from} is {source.framework} with {source.network.name} for {source.classes} "
            "classes; training can only go on from the same framework and architecture, not "
            f"{config.framework} with {config.network.name} for {config.classes}"
        )
    path = records.run_dir(artifacts, config.start_from) / framework.MODEL_FILE
    return framework.get_weights(framework.load(path))


def _description(config: RunConfig) -> dict[str, Any]:
    """What the result says of the run besides how it went."""
    return {
        "framework": config.framework,
        "architecture": config.network.name,
        "dataset": config.dataset,
        "protocol": config.protocol,
        "seed": config.seed,
        "device": config.device,
        "params": config.network.parameter_count(),
        "effective_loc": frameworks.effective_loc(config.framework),
        "config": config.model_dump(mode="json"),
        "environment": environment.describe(config.threads),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
