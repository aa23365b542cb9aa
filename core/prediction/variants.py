"""Shrunk variants, asked beside the models that they were made of, as `<run>:<variant>`."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from core.prediction.models import ModelFile, model_file
from core.runs.records import RecordError
from core.runs.shrunk import VARIANTS, Shrunk, read_shrunk, read_variant, shrunk_dir, shrunk_file

OF = ":"  # is in no run's name
RUNTIME = "shrunk"  # of the worker that holds them: neither torch's nor TensorFlow's


class Reader(Protocol):
    """A model that is ready to read images."""

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8 → probabilities (N, classes)."""


def variant_name(shrunk: Shrunk) -> str:
    """What the predictor knows a variant as, such as "reference-pytorch-small-cnn:onnx-int8"."""
    return f"{shrunk.run}{OF}{shrunk.variant}"


def variants_of(artifacts: Path, runs: Iterable[str]) -> dict[str, Shrunk]:
    """The variants of these runs that can be asked, by name, run by run in the order of `VARIANTS`."""
    return {variant_name(shrunk): shrunk for run in runs for shrunk in read_shrunk(artifacts, run)}


def asked_file(artifacts: Path, name: str) -> ModelFile:
    """A run's saved model, or the file of a variant of it.

    Raises:
        core.runs.records.RecordError: as `core.prediction.models.model_file`, or the variant is not there.
    """
    run, of, variant = name.partition(OF)
    saved = model_file(artifacts, run)
    if not of:
        return saved
    shrunk = read_variant(shrunk_dir(artifacts, run, variant), artifacts) if variant in VARIANTS else None
    if shrunk is None:
        title = VARIANTS[variant].title if variant in VARIANTS else variant
        raise RecordError(f"{run} has no {title} (any more): shrink it again on Compare")
    path = shrunk_file(artifacts, shrunk)
    return replace(saved, path=str(path), modified_ns=path.stat().st_mtime_ns, variant=variant)


class BrokenVariant(Exception):
    """A variant whose file cannot be run, in a sentence."""


def load_variant(saved: ModelFile) -> Reader:
    """The variant in the runtime that runs it; only the worker of that name calls this.

    Raises:
        BrokenVariant: its file is damaged or gone.
    """
    try:
        return run_variant(saved)
    except ImportError:  # the runtime is not installed: nothing is wrong with the file
        raise
    except Exception as error:  # whatever a runtime raises at a broken file
        name = Path(saved.path).name
        raise BrokenVariant(f"its file {name} cannot be read; shrink the run again on Compare") from error


def run_variant(saved: ModelFile, threads: int = 1) -> Reader:
    """As `load_variant`, in so many threads; raises whatever its runtime does at a file that is damaged."""
    match VARIANTS[saved.variant].runtime:
        case "ONNX Runtime":
            from core.prediction.onnx_model import OnnxModel

            return OnnxModel(saved.path, threads)
        case "LiteRT":
            from core.prediction.tflite_model import TfliteModel

            return TfliteModel(saved.path, saved.mean, saved.std, threads)
    from core.prediction.integers import FILE, load

    # The same arithmetic as the header's, whether or not there is a compiler.
    return load(Path(saved.path).with_name(FILE))
