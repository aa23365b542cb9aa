"""An exported ONNX file, run by ONNX Runtime."""

import os
from types import ModuleType

import numpy as np

# Images at a time: the first convolution's answers to a hundred are 5 MB, which a processor's cache can hold;
# more at a time took longer and, for ten thousand, half a gigabyte.
CHUNK = 100


def onnx_runtime() -> ModuleType:
    """ONNX Runtime, kept from telling its maker what it runs: it reads the variable when it is imported."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


class OnnxModel:
    """A file of `core.export.shrink`, float or INT8, loaded and ready to answer."""

    def __init__(self, path: str, threads: int = 1) -> None:
        """Loads the file.

        Raises:
            ValueError: no such file, or one that ONNX Runtime cannot run, or whose input is another.
        """
        onnxruntime = onnx_runtime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has a dozen kinds, which share no parent but this
            raise ValueError(f"{path} cannot be run: {error}") from error
        image, *others = self._session.get_inputs()
        if others or image.type != "tensor(uint8)" or len(image.shape) != 3:
            raise ValueError(f"{path} takes {image.type} {image.shape}, not images (batch, 28, 28) of uint8")
        self._input, self._output = image.name, self._session.get_outputs()[0].name

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8, N ≥ 1 → probabilities (N, classes) float32."""
        parts = (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))
        answers = [self._session.run([self._output], {self._input: part})[0] for part in parts]
        return np.concatenate(answers)
