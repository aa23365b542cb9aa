"""An exported ONNX file, run: any number of images, and a sentence where it cannot be run."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core.architectures import build_architecture
from core.export.shrink.onnx_file import write_onnx
from core.prediction.onnx_model import CHUNK, OnnxModel
from support.made_trained import made_trained


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(write_onnx(made_trained(build_architecture("tiny-mlp"))))
    return path


def test_more_images_than_are_read_at_a_time_keep_their_order(path):
    images = np.random.default_rng(4).integers(0, 256, (CHUNK + 3, 28, 28), dtype=np.uint8)
    model = OnnxModel(str(path), threads=2)
    probabilities = model.predict(images)
    assert probabilities.shape == (CHUNK + 3, 10)
    assert probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    for position in (0, CHUNK - 1, CHUNK, CHUNK + 2):
        alone = model.predict(images[position : position + 1])[0]
        assert np.allclose(probabilities[position], alone, atol=1e-6)


def test_a_file_that_is_missing_or_cut_short_is_refused_with_its_name(path, tmp_path):
    with pytest.raises(ValueError, match=r"nowhere\.onnx cannot be run: .*doesn't exist"):
        OnnxModel(str(tmp_path / "nowhere.onnx"))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"model\.onnx cannot be run"):
        OnnxModel(str(path))


def test_a_file_that_takes_something_else_is_refused(path):
    source = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])
    target = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "other", [source], [target])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(onnx.ModelProto.SerializeToString(model))
    with pytest.raises(ValueError, match=r"takes tensor\(float\) \['n', 4\], not images"):
        OnnxModel(str(path))
