"""One making of variants of a run: written, scored against the float model, timed side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core import frameworks
from core.export.recorded import ExportError
from core.export.shrink.c_measured import measured_files
from core.export.shrink.latency import Latency, latencies
from core.export.shrink.memory import peak_activation_bytes, weight_bytes
from core.export.shrink.opened import Opened, open_variant
from core.export.shrink.scoring import Scored, all_questions, answers_to, score
from core.export.shrink.trained import calibration_images, read_images, read_trained
from core.export.shrink.writers import Written, write_variant
from core.machine.environment import cpu_name
from core.machine.load import LoadMeter
from core.prediction.models import ModelFile
from core.runs.shrunk import ANSWERS, VARIANTS, WRITING, Original, Shrunk, shrunk_dir, write_shrunk

THREADS = 1  # of every model that is timed: no two runtimes use a second one alike
FLOAT = "float"  # the saved model itself, among those that are timed

# About how long each step takes, in seconds on one slow core with MNIST's images: the share that is done must
# not run ahead of the time. A C header answers image by image.
READING, ASKING = 6, 2
MAKING = {"onnx": 1, "onnx-int8": 1, "tflite": 3, "tflite-int8": 3, "c-int8": 12, "c-int4": 12}
TIMING = dict.fromkeys(MAKING, 1) | {"c-int8": 5, "c-int4": 5}

Told = Callable[[str, float], None]  # what it is at, and the share that is done


@dataclass(frozen=True)
class Variant:
    """A variant that can be asked, its figures so far, and the folder that it is in."""

    opened: Opened
    shrunk: Shrunk
    folder: Path


class Making:
    """What all variants of a run have in common: its model, its images, and what the model answers."""

    def __init__(
        self, artifacts: Path, saved: ModelFile, data_dir: Path | None, keys: Sequence[str], told: Told
    ) -> None:
        """Reads all that, and asks the model.

        Args:
            artifacts: the folder of the runs.
            saved: the run's model.
            data_dir: where the datasets are.
            keys: the variants that will be made.
            told: is told how far it is.

        Raises:
            ExportError, core.runs.records.RecordError: something of it is missing or broken.
        """
        self.artifacts, self.saved = artifacts, saved
        self._told, self._done = told, 0
        self._timing = sum(TIMING[key] for key in keys)
        self._all = READING + ASKING + sum(MAKING[key] for key in keys) + self._timing
        self._begin("Reading the model and its images", READING)
        self.trained = read_trained(artifacts, saved.run, data_dir)
        images = read_images(self.trained, data_dir)
        self.calibration = calibration_images(self.trained, images, data_dir)
        self.asked = all_questions(artifacts, self.trained, images, data_dir)
        self._begin("Asking the model itself", ASKING)
        self.size = Path(saved.path).stat().st_size
        exhibit = frameworks.load(saved.framework)
        model = exhibit.load(saved.path)
        self.predict = lambda pixels: exhibit.predict(model, self.trained.scaled(pixels))
        self.answers = answers_to(self.predict, self.asked)

    def make(
        self, keys: Sequence[str], folder: Path, scheme: str | None
    ) -> tuple[list[Variant], dict[str, str]]:
        """Writes and scores variants, each in a folder of its own; those that cannot be, with the reason."""
        made, refused = [], {}
        for key in keys:
            self._begin(f"{VARIANTS[key].title}: writing and asking it", MAKING[key])
            try:
                made.append(self._variant(key, folder / key, scheme))
            except ExportError as error:
                refused[key] = str(error)
        return made, refused

    def time(self, variants: Sequence[Variant]) -> None:
        """Times variants and the float model in turns, and writes down the figures of each in its folder."""
        self._begin("Timing all of them in turns", self._timing)
        timed = {
            one.shrunk.variant: one.opened.reader.predict for one in variants if one.opened.as_it_will_run
        }
        meter = LoadMeter()
        meter.start()
        times: dict[str, Latency] = latencies({FLOAT: self.predict, **timed}, self.asked[0].images)
        meter.stop()
        original = self._original(times[FLOAT])
        for one in variants:
            found = times.get(one.shrunk.variant)
            shrunk = replace(
                one.shrunk,
                latency_one_ms=found.one if found else None,
                latency_thousand_ms=found.many if found else None,
                processor=cpu_name(),
                busy=meter.busy(THREADS),
                original=original,
            )
            write_shrunk(one.folder, shrunk)

    def opened(self, shrunk: Shrunk) -> Variant:
        """A variant that was made before."""
        folder = shrunk_dir(self.artifacts, shrunk.run, shrunk.variant)
        return Variant(self._opened(folder / shrunk.files[0], shrunk.variant), shrunk, folder)

    def _begin(self, stage: str, seconds: int) -> None:
        self._told(stage, self._done / self._all)
        self._done += seconds

    def _opened(self, path: Path, key: str) -> Opened:
        return open_variant(replace(self.saved, path=str(path), variant=key), THREADS)

    def _variant(self, key: str, folder: Path, scheme: str | None) -> Variant:
        written = write_variant(self.trained, key, self.calibration, scheme)
        folder.mkdir()
        for name, content in {**written.files, **written.beside}.items():
            (folder / name).write_bytes(content)
        opened = self._opened(folder / next(iter(written.files)), key)
        scored = score(answers_to(opened.reader.predict, self.asked), self.answers, self.asked)
        if VARIANTS[key].form == "c":
            files = measured_files(written.files, folder, scored, self._float_correct, opened.by)
            written = replace(written, files=files)
        np.save(folder / ANSWERS, scored.answers)
        return Variant(opened, self._shrunk(key, written, opened, scored), folder)

    def _shrunk(self, key: str, written: Written, opened: Opened, scored: Scored) -> Shrunk:
        return Shrunk(
            writing=WRITING,
            run=self.saved.run,
            variant=key,
            files=tuple(written.files),
            bytes_on_disk=len(next(iter(written.files.values()))),
            bytes_of_weights=written.bytes_of_weights,
            peak_activation_bytes=written.peak_activation_bytes,
            images=len(scored.answers),
            correct=scored.correct,
            changed=scored.changed,
            better=scored.better,
            worse=scored.worse,
            p=scored.p,
            latency_one_ms=None,
            latency_thousand_ms=None,
            drawn=scored.drawn,
            scheme=written.scheme,
            scored_by=opened.by,
            threads=THREADS,
            processor=cpu_name(),
            busy=False,
            original=self._original(Latency(0, 0)),
        )

    @property
    def _float_correct(self) -> int:
        return int(np.sum(self.answers[0] == self.asked[0].labels))

    def _original(self, latency: Latency) -> Original:
        architecture = self.trained.architecture
        return Original(
            file=Path(self.saved.path).name,
            bytes_on_disk=self.size,
            modified_ns=self.saved.modified_ns,
            bytes_of_weights=weight_bytes(architecture, 32),
            peak_activation_bytes=peak_activation_bytes(architecture, 4),
            correct=self._float_correct,
            latency_one_ms=latency.one,
            latency_thousand_ms=latency.many,
        )
