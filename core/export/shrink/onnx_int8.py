"""An ONNX file in integers of 8 bits: the ranges of the activations are seen on training images.

What is kept: weights as integers, one scale for each channel or matrix; biases in 32 bits. What is computed:
sums of 8-bit products in 32 bits. Pixels, the last layer's scores and the softmax stay float32.

Processors without VNNI (Intel's from Haswell to Skylake, AMD's before Zen 4) multiply 8-bit numbers two at
a time and add the two products in 16 bits, where large sums are cut off without a word: 2 · 255 · 127 is
64,770, and 32,767 is the most. Hence weights of 7 bits (2 · 255 · 64 = 32,640), or weights without a sign,
which ONNX Runtime multiplies in 16 bits and adds in 32. Measured on an emulated Haswell with 10,000 images
of MNIST and six small-cnn reference runs: u8s8 loses 0.16 to 0.65 points, u8s7 and u8u8 at most 0.02.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.export.recorded import ExportError
from core.export.shrink.onnx_file import INPUT
from core.prediction.onnx_model import onnx_runtime

LEAST_CALIBRATION = (
    10  # images; of fewer, a single odd one decides a range. Ten gave the accuracy of 500 on MNIST.
)
CHUNK = 100  # images that calibration looks at together


@dataclass(frozen=True)
class Scheme:
    """How the weights are written as integers; the activations have 8 bits and no sign in each."""

    title: str
    weights: str  # of onnxruntime.quantization.QuantType
    per_channel: bool  # a scale for each output channel, else one for the whole layer
    seven_bits: bool


SCHEMES: dict[str, Scheme] = {
    "u8s7": Scheme("weights of 7 bits, a scale per channel", "QInt8", per_channel=True, seven_bits=True),
    "u8s8": Scheme(
        "weights of 8 bits, a scale per channel: less accurate on processors without VNNI",
        "QInt8",
        per_channel=True,
        seven_bits=False,
    ),
    "u8u8": Scheme("weights of 8 bits without a sign", "QUInt8", per_channel=False, seven_bits=False),
}
# With VNNI all three answer as well as the float model. This one does so on every processor, whatever its
# kernels, by the bound above; u8u8 does where the runtime takes the slower way of adding up.
DEFAULT_SCHEME = "u8s7"


def quantize_onnx(onnx: bytes, calibration: np.ndarray, scheme: str = DEFAULT_SCHEME) -> bytes:
    """The INT8 file of a float file that `write_onnx` wrote; the same bytes from the same arguments.

    Args:
        onnx: the float file.
        calibration: (N, 28, 28) uint8, images that the model was trained on, 500 say.
        scheme: a key of `SCHEMES`.

    Raises:
        ExportError: no such scheme, or too few images to calibrate with.
    """
    if scheme not in SCHEMES:
        raise ExportError(f"there is no INT8 scheme {scheme!r}; choose from {', '.join(SCHEMES)}")
    _check_calibration(calibration)
    onnx_runtime()  # before its tools import it
    with tempfile.TemporaryDirectory(prefix="digit-derby-") as folder:
        source, target = Path(folder, "float.onnx"), Path(folder, "int8.onnx")
        source.write_bytes(_as_preprocessed(onnx))
        _quantize(source, target, calibration, SCHEMES[scheme])
        return _finished(onnx, target.read_bytes(), scheme, len(calibration))


def _check_calibration(calibration: np.ndarray) -> None:
    if calibration.ndim != 3 or calibration.dtype != np.uint8:
        found = f"{calibration.dtype} {calibration.shape}"
        raise ExportError(f"INT8 is calibrated with images (N, 28, 28) of uint8, not with {found}")
    if len(calibration) < LEAST_CALIBRATION:
        raise ExportError(
            f"INT8 is calibrated with training images, at least {LEAST_CALIBRATION} of them, "
            f"and was given {len(calibration)}"
        )


def _quantize(source: Path, target: Path, calibration: np.ndarray, scheme: Scheme) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Images(CalibrationDataReader):
        """Hands out the images in small batches."""

        def __init__(self) -> None:
            self._batches = _batches(calibration)

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self._batches, None)

    quantize_static(
        source,
        target,
        Images(),
        op_types_to_quantize=["Conv", "Gemm", "MaxPool", "Relu", "Flatten"],
        per_channel=scheme.per_channel,
        reduce_range=scheme.seven_bits,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType[scheme.weights],
        # Two scores that fall onto one of 256 steps would be a tie: they stay what the 32-bit sums make them.
        extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm"]},
    )


def _batches(calibration: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    for start in range(0, len(calibration), CHUNK):
        yield {INPUT: calibration[start : start + CHUNK]}


def _as_preprocessed(onnx_bytes: bytes) -> bytes:
    """The file with the mark of onnxruntime's own preparation.

    That infers shapes, which are there, and folds constants, of which there are none to fold; without the
    mark it is recommended twice on the standard error.
    """
    import onnx
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    model = onnx.load_from_string(onnx_bytes)
    add_pre_process_metadata(model)
    return model.SerializeToString()


def _finished(float_bytes: bytes, int8_bytes: bytes, scheme: str, images: int) -> bytes:
    """The file with the float file's own properties and what was done to it, checked."""
    import onnx

    model: Any = onnx.load_from_string(int8_bytes)
    properties = {kept.key: kept.value for kept in onnx.load_from_string(float_bytes).metadata_props}
    del model.metadata_props[:]
    done = {"scheme": scheme, "calibration_images": str(images)}
    onnx.helper.set_model_props(model, properties | done)
    model.producer_name = "Digit Derby"
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)
