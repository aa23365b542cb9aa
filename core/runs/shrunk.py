"""Shrunk variants of saved models on disk, each with the measurement that let it in.

artifacts/.shrunk/<run>/<variant>/shrunk.json   what was measured, see `Shrunk`
artifacts/.shrunk/<run>/<variant>/answers.npy   (N,) uint8: the class of each test image, by its own runtime
artifacts/.shrunk/<run>/<variant>/…             the files of the export

A hidden folder: no reader of runs looks into it. What belongs to an older model file of the run is stale
and shown nowhere.
"""

from dataclasses import dataclass
from pathlib import Path

SHRUNK = ".shrunk"


@dataclass(frozen=True)
class Variant:
    """One way to write a model down in fewer bytes, or for another runtime."""

    key: str
    title: str
    form: str  # of `python -m core export --as`
    runtime: str  # what runs it
    model: str  # the ending of the file that holds the weights


# Row by row as the pages show them.
VARIANTS: dict[str, Variant] = {
    variant.key: variant
    for variant in (
        Variant("onnx", "ONNX", "onnx", "ONNX Runtime", ".onnx"),
        Variant("onnx-int8", "ONNX, 8 bits", "int8", "ONNX Runtime", ".onnx"),
        Variant("tflite", "TFLite", "tflite", "LiteRT", ".tflite"),
        Variant("tflite-int8", "TFLite, 8 bits", "tflite", "LiteRT", ".tflite"),
        Variant("c-int8", "C, 8 bits", "c", "C", ".h"),
        Variant("c-int4", "C, 4 bits", "c", "C", ".h"),
    )
}


def shrunk_dir(artifacts: Path, run: str, variant: str) -> Path:
    """Where a variant of a run lies."""
    return artifacts / SHRUNK / run / variant
