"""TFLite by TensorFlow's own converter: in float32, or everything in integers of 8 bits.

Only for the exhibits of TensorFlow's runtime, whose networks Keras holds: the converter reads no others.
"""

import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from core import frameworks
from core.export.recorded import ExportError
from core.export.shrink.trained import Trained

RUNTIME = "tensorflow"  # whose exhibits the converter can read


def check_convertible(run: str, framework: str) -> None:
    """Makes sure that TensorFlow's converter can read a run's network.

    Raises:
        ExportError: it cannot; the message says what the run can have.
    """
    if frameworks.runtime(framework) != RUNTIME:
        family = ", ".join(frameworks.title(name) for name in frameworks.held_by(RUNTIME))
        raise ExportError(
            f"TensorFlow's converter reads networks of {family} only, and {run} is one of "
            f"{frameworks.title(framework)}; export it as onnx, int8 or c"
        )


def convert(trained: Trained) -> bytes:
    """A .tflite file; input (1, 28, 28, 1) float32, scaled as the run's was, and probabilities (1, classes).

    The first axis of the input can be resized.

    Raises:
        ExportError: the run's network is not Keras's.
    """
    return _converted(trained)


def convert_int8(trained: Trained, calibration: np.ndarray) -> bytes:
    """The same in integers of 8 bits, input and output too; the file holds their scales.

    Args:
        trained: the model.
        calibration: (N, 28, 28) uint8, which show what values every activation takes.

    Raises:
        ExportError: the run's network is not Keras's.
    """
    pixels = trained.scaled(calibration)
    return _converted(trained, pixels)


def _converted(trained: Trained, calibration: np.ndarray | None = None) -> bytes:
    check_convertible(trained.run, trained.config.framework)
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix="digit-derby-tflite-") as folder:
        _network(trained).export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if calibration is not None:
            _in_integers(converter, calibration)
        return converter.convert()


def _network(trained: Trained) -> Any:
    """The network as its own exhibit builds it, in Keras, with a softmax behind it."""
    import keras

    model = frameworks.load(trained.config.framework).build(trained.architecture, trained.weights)
    network = getattr(model, "model_", model)  # scikit-learn's classifier holds Keras's network
    return keras.Sequential([network, keras.layers.Softmax()])


def _in_integers(converter: Any, calibration: np.ndarray) -> None:
    import tensorflow as tf

    def images() -> Iterator[list[np.ndarray]]:
        for image in calibration:
            yield [image[np.newaxis]]

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = images
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
