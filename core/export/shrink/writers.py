"""Every variant written: which writer makes it, and what it needs of a machine."""

from dataclasses import dataclass, field

import numpy as np

from core import frameworks
from core.config import RunConfig
from core.export.recorded import ExportError, file_stem
from core.export.shrink.memory import peak_activation_bytes, weight_bytes
from core.export.shrink.tflite import RUNTIME as CONVERTIBLE
from core.export.shrink.trained import Trained
from core.runs.shrunk import VARIANTS

# Weights of a header, which is text: 13 million took a compiler 1.9 GB of memory and all in all 100 seconds.
# The largest preset has 1.2 million.
MOST_IN_C = 5_000_000


@dataclass(frozen=True, eq=False)
class Written:
    """A variant before it was scored."""

    files: dict[str, bytes]  # of the export; the first one holds the weights
    bytes_of_weights: int
    peak_activation_bytes: int
    scheme: str = ""  # how it was quantised, where there are several ways
    beside: dict[str, bytes] = field(default_factory=dict)  # what is kept to answer here, and not exported


def possible_variants(config: RunConfig) -> list[str]:
    """The variants that a run of this framework can have, in the order of `VARIANTS`."""
    convertible = frameworks.runtime(config.framework) == CONVERTIBLE
    return [key for key, variant in VARIANTS.items() if variant.form != "tflite" or convertible]


def write_variant(trained: Trained, key: str, calibration: np.ndarray, scheme: str | None = None) -> Written:
    """The files of a variant.

    Args:
        trained: the model.
        key: of `VARIANTS`.
        calibration: (N, 28, 28) uint8 of the images that it trained on.
        scheme: of `core.export.shrink.onnx_int8.SCHEMES`, for the variant that has several; None: the best.

    Raises:
        ExportError: the format cannot hold this network.
    """
    form, bits = VARIANTS[key].form, _bits(key)
    if form == "c":
        return _in_c(trained, calibration, bits)
    stem = file_stem(trained.config)
    if form == "tflite":
        from core.export.shrink.tflite import convert, convert_int8

        content, scheme = convert_int8(trained, calibration) if bits == 8 else convert(trained), ""
    else:
        content, scheme = _onnx(trained, calibration, bits, scheme)
    ending = VARIANTS[key].model
    return Written(
        {f"{stem}{'_int8' * (bits == 8)}{ending}": content},
        weight_bytes(trained.architecture, bits),
        peak_activation_bytes(trained.architecture, bits // 8),
        scheme,
    )


def _bits(key: str) -> int:
    """Of a weight."""
    return {"int8": 8, "int4": 4}.get(key.rpartition("-")[2], 32)


def _onnx(trained: Trained, calibration: np.ndarray, bits: int, scheme: str | None) -> tuple[bytes, str]:
    from core.export.shrink.onnx_file import write_onnx

    whole = write_onnx(trained)
    if bits == 32:
        return whole, ""
    from core.export.shrink.onnx_int8 import DEFAULT_SCHEME, quantize_onnx

    scheme = scheme or DEFAULT_SCHEME
    return quantize_onnx(whole, calibration, scheme), scheme


def _in_c(trained: Trained, calibration: np.ndarray, bits: int) -> Written:
    if (count := trained.architecture.parameter_count()) > MOST_IN_C:
        raise ExportError(
            f"{trained.run} has {count:,} weights, and a C header of ours holds at most {MOST_IN_C:,}: "
            "no microcontroller has room for more; export it as onnx or int8"
        )
    from io import BytesIO

    from core.export.shrink.c_header import c_files
    from core.export.shrink.integer_network import make_integers
    from core.prediction import integers

    network = make_integers(trained, calibration, bits)
    kept = BytesIO()
    network.save(kept)
    return Written(
        c_files(network, trained, f"{file_stem(trained.config)}_int{bits}"),
        network.bytes_of_weights,
        network.activation_bytes,  # what the header sets aside
        beside={integers.FILE: kept.getvalue()},
    )
