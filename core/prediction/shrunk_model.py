"""A shrunk variant that answers, by the runtime that it was made for."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np

from core.runs.shrunk import VARIANTS


class Answering(Protocol):
    """What has the answers."""

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes) float32 of images (N, 28, 28) uint8."""


@dataclass(frozen=True)
class ShrunkModel:
    """A loaded variant."""

    model: Answering
    runtime: str  # what runs it, with its version
    as_it_will_run: bool  # no: another program does the same sums, and its times say nothing

    def predict(self, images: np.ndarray) -> np.ndarray:
        """As `Answering.predict`."""
        return self.model.predict(images)


def open_shrunk(
    folder: Path, variant: str, file: str, mean: float, std: float, threads: int = 1
) -> ShrunkModel:
    """Loads a variant.

    Args:
        folder: where its files are.
        variant: a key of `VARIANTS`.
        file: the one with the weights.
        mean: with std, how the run scaled its pixels, as in `core.data.batches.normalise`.
        std: likewise.
        threads: of the processor.

    Raises:
        Exception: whatever a runtime raises at a file that it cannot read.
    """
    runtime = VARIANTS[variant].runtime
    if runtime == "ONNX Runtime":
        from core.prediction.onnx_model import OnnxModel

        return ShrunkModel(
            OnnxModel(str(folder / file), threads), f"onnxruntime {version('onnxruntime')}", True
        )
    if runtime == "LiteRT":
        from core.prediction.tflite_model import TfliteModel

        model = TfliteModel(str(folder / file), mean, std, threads)
        return ShrunkModel(model, f"ai-edge-litert {version('ai-edge-litert')}", True)
    return _in_c(folder)


def _in_c(folder: Path) -> ShrunkModel:
    from core.prediction import c_model, integers

    if compiler := c_model.compiler():
        return ShrunkModel(c_model.CModel(folder), f"the header, compiled by {Path(compiler).name}", True)
    same = integers.load(folder / integers.FILE)
    return ShrunkModel(same, "NumPy in the same integers, as there is no C compiler here", False)
