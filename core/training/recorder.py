"""What is written down while an exhibit trains, and the clock of its steps."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.contract import Callback, TrainingData
from core.machine import environment
from core.machine.load import LoadMeter
from core.runs import records
from core.runs.curves import SERIES, rounded
from core.training.means import Means
from core.training.scoring import Diverged

EVENT_INTERVAL = 0.25  # seconds between signs of life: smooth to watch, cheap to write
HISTORY = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


@dataclass(frozen=True)
class Events:
    """A run's history on disk, to which lines are only ever added."""

    artifacts: Path
    run: str
    began: float = field(default_factory=time.monotonic)

    def add(self, name: str, **values: Any) -> None:
        """Adds an event with the time of day, and the seconds so far, which no set clock changes."""
        now = {"time": time.time(), "elapsed": time.monotonic() - self.began}
        records.append_event(self.artifacts, self.run, name, **now, **values)

    @contextmanager
    def phase(self, name: str, timing: dict[str, float]) -> Iterator[None]:
        """Announces a phase and puts its seconds into `timing` as `<name>_s`."""
        self.add("phase", phase=name)
        began = time.perf_counter()
        yield
        timing[f"{name}_s"] = time.perf_counter() - began


@dataclass
class Clock:
    """Seconds of training steps; the first step and validation are counted apart.

    `load` says who had the processors in just these seconds.
    """

    seconds: float = 0.0
    first_step_s: float = 0.0
    validation_s: float = 0.0
    load: LoadMeter = field(default_factory=LoadMeter)
    _began: float = field(default_factory=time.perf_counter)
    _since: float | None = None

    def first_step_done(self) -> None:
        """Counts from now on; what was before, with the tracing of graphs, is the first step."""
        self.first_step_s = time.perf_counter() - self._began
        self.resume()

    def resume(self) -> None:
        """Counts from now on."""
        self.load.start()
        self._since = time.perf_counter()

    def pause(self) -> None:
        """Keeps what was counted so far."""
        self.seconds = self.now()
        self._since = None
        self.load.stop()

    def now(self) -> float:
        """Seconds counted so far."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self.seconds + running

    def timing(self) -> dict[str, float]:
        """What the result says beside the training time."""
        return {
            "first_step_s": self.first_step_s,
            "validation_s": self.validation_s,
            "cpu_s": self.load.cpu_s,
        }

    @contextmanager
    def validation(self) -> Iterator[None]:
        """Counts the block as validation; the clock of the steps has to be paused."""
        began = time.perf_counter()
        yield
        self.validation_s += time.perf_counter() - began


@dataclass
class Recorder(Callback):
    """Writes what happens while an exhibit trains: points of its curve, how far it is, every epoch.

    Loss and accuracy of a point ("batch") are means over the steps since the last one, on a grid of
    steps that all frameworks share; where points are rare, "progress" says a few times a second how
    far it is. A tensor becomes a number only there, so a GPU need not wait at every step.

    Args:
        events: where it is written.
        train: the training images.
        batch_size: images a step.
        epochs: of the whole training.
        validate: from a model to its `val_loss` and `val_accuracy`.
        look_for_stop: called a few times a second; raises to end the training.
        brief: the epochs alone are written down, and no curve kept: of many short trainings.
    """

    events: Events
    train: TrainingData
    batch_size: int
    epochs: int
    validate: Callable[[Any], dict[str, float | None]]
    look_for_stop: Callable[[], None]
    brief: bool = False
    clock: Clock = field(default_factory=Clock)
    step: int = 0  # steps done
    history: dict[str, list[Any]] = field(default_factory=lambda: {key: [] for key in HISTORY})
    curve: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SERIES})
    _means: Means = field(init=False)
    _next_event: float = 0.0

    def __post_init__(self) -> None:
        self._means = Means(self.train, self.batch_size, self.epochs)

    def on_batch_end(self, step: int, loss: Any, accuracy: Any) -> None:
        """Starts the clock after the first step; records, and looks for a stop a few times a second."""
        if step == 1:
            loss = float(loss)  # waits for a GPU, whose first step belongs to no other clock
            self.clock.first_step_done()
        self.step = step
        is_point, now = self._means.due(step), time.perf_counter()
        if not is_point and now < self._next_event:
            return
        self._next_event = now + EVENT_INTERVAL
        loss = _finite(loss)
        seconds = self.clock.now()
        if is_point:
            means = self._means.take(step, loss, float(accuracy))
            point = dict(zip(SERIES, (step, seconds, *means), strict=True))
            for name, value in point.items():
                self.curve[name].append(value)
            self._tell("batch", **point)
        else:
            self._tell("progress", step=step, seconds=seconds)
        self.look_for_stop()

    def _tell(self, name: str, **values: float) -> None:
        """Adds an event of the step that was just done."""
        if self.brief:
            return
        self.events.add(
            name,
            epoch=(self.step - 1) // self.train.steps_per_epoch,
            **values,
            images_per_second=self.images_per_second(),
            memory_mb=environment.memory_mb(),
        )

    def on_epoch_end(self, epoch: int, loss: Any, accuracy: Any, model: Any) -> None:
        """Validates with the clock paused, and records the epoch."""
        loss = _finite(loss)
        self.clock.pause()
        with self.clock.validation():
            scores = self.validate(model)
        values = {"epoch": epoch, "loss": loss, "accuracy": float(accuracy), **scores}
        values["seconds"] = self.clock.now()
        for key in HISTORY:
            self.history[key].append(values[key])
        self.events.add("epoch", step=self.step, **values)
        self.look_for_stop()
        self.clock.resume()

    def images_per_second(self) -> float | None:
        """Images trained in a second of the training clock; the first step is left out of both."""
        full_epochs, steps = divmod(self.step, self.train.steps_per_epoch)
        images = full_epochs * len(self.train.x_train) + steps * self.batch_size
        seconds = self.clock.now()
        trained = images - min(self.batch_size, len(self.train.x_train))
        return trained / seconds if seconds > 0 and trained > 0 else None

    def summary(self) -> dict[str, Any]:
        """What the result says of the training itself, once the clock is paused."""
        curve = {} if self.brief else {"curve": rounded(self.curve)}
        return {
            "epochs": len(self.history["epoch"]),
            "train_time_sec": self.clock.seconds,
            "images_per_second": self.images_per_second(),
            "history": self.history,
            **curve,
        }


def _finite(loss: Any) -> float:
    if math.isfinite(number := float(loss)):
        return number
    raise Diverged("the loss is no longer a finite number")
