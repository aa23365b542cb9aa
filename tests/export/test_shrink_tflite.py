"""TFLite by TensorFlow's converter, in a process of TensorFlow's own, asked by LiteRT in this one."""

import numpy as np
import pytest

from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.frameworks import numpy_scratch
from core.prediction.models import model_file
from core.prediction.tflite_model import TfliteModel
from core.runs.shrunk import read_shrunk, shrunk_dir, shrunk_file
from support.made_models import make_saved_models
from support.small_run import make_small_run, start_command

pytestmark = pytest.mark.frameworks


def test_keras_becomes_tflite_in_floats_and_in_integers(artifacts):
    changes = {"dataset": "digits", "architecture": "small-cnn"}
    run = make_saved_models(artifacts, ("sklearn_scikeras",), **changes)["sklearn_scikeras"]
    same = make_small_run(artifacts, **changes)  # the same weights
    printed, _ = (
        maker := start_command("shrink", run, "--variant", "tflite", "--variant", "tflite-int8")
    ).communicate(timeout=200)
    assert maker.returncode == 0, printed.decode()
    whole, integers = read_shrunk(artifacts, run)
    assert whole.changed == 0
    assert whole.scored_by.startswith("ai-edge-litert 2.")
    assert whole.bytes_on_disk > 3.5 * integers.bytes_on_disk
    assert not list(shrunk_dir(artifacts, run, "tflite").parent.glob(".making-*"))

    images = load_images(find_dataset("digits")).x_test
    saved = model_file(artifacts, same)
    original = numpy_scratch.load(saved.path)
    expected = numpy_scratch.predict(original, _scaled(images, saved))
    for shrunk, tolerance in ((whole, 1e-5), (integers, 0.05)):
        model = TfliteModel(str(shrunk_file(artifacts, shrunk)), saved.mean, saved.std)
        answers = model.predict(images)
        assert answers.shape == expected.shape
        assert np.abs(answers - expected).max() < tolerance
        assert np.allclose(model.predict(images[:1]), answers[:1], atol=1e-6)  # a batch of another size
        kept = np.load(shrunk_dir(artifacts, run, shrunk.variant) / "answers.npy")
        assert np.array_equal(kept, answers.argmax(axis=1))
    assert _types(shrunk_file(artifacts, whole)) == (np.float32, np.float32)
    assert _types(shrunk_file(artifacts, integers)) == (np.int8, np.int8)


def _scaled(images, saved):
    from core.data.batches import normalise

    return normalise(images, saved.mean, saved.std)


def _types(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    ends = (*interpreter.get_input_details(), *interpreter.get_output_details())
    return tuple(end["dtype"] for end in ends)
