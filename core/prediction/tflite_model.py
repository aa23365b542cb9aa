"""A .tflite file that answers, run by LiteRT."""

import numpy as np

from core.data.batches import normalise

BATCH = 100  # images that are answered together: memory for a thousand would not fit a cache


class TfliteModel:
    """One file, its interpreter, and the memory that it has set aside for one size of batch."""

    def __init__(self, path: str, mean: float, std: float, threads: int = 1) -> None:
        """Loads it.

        Args:
            path: of the file.
            mean: with std, how the run scaled its pixels, as in `normalise`.
            std: likewise.
            threads: of the processor.

        Raises:
            ValueError: no file of TFLite.
        """
        from ai_edge_litert.interpreter import Interpreter

        self._mean, self._std = mean, std
        self._interpreter = Interpreter(path, num_threads=threads)
        self._input, self._output = (
            details[0]
            for details in (self._interpreter.get_input_details(), self._interpreter.get_output_details())
        )
        self._batch = 0

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes) float32 of images (N, 28, 28) uint8."""
        pixels = self._quantised(normalise(images, self._mean, self._std))
        batches = np.split(pixels, range(BATCH, len(pixels), BATCH))
        return self._dequantised(np.concatenate([self._answered(batch) for batch in batches]))

    def _answered(self, pixels: np.ndarray) -> np.ndarray:
        if len(pixels) != self._batch:
            self._interpreter.resize_tensor_input(self._input["index"], pixels.shape)
            self._interpreter.allocate_tensors()
            self._batch = len(pixels)
        self._interpreter.set_tensor(self._input["index"], pixels)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output["index"])

    def _quantised(self, pixels: np.ndarray) -> np.ndarray:
        scale, zero = self._input["quantization"]
        if not scale:
            return pixels
        limits = np.iinfo(self._input["dtype"])
        return np.clip(np.rint(pixels / scale) + zero, limits.min, limits.max).astype(self._input["dtype"])

    def _dequantised(self, answers: np.ndarray) -> np.ndarray:
        scale, zero = self._output["quantization"]
        if not scale:
            return answers
        return (answers.astype(np.float32) - zero) * np.float32(scale)
