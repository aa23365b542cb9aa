"""INT8 ONNX: a quarter of the bytes, the same answers, on every processor; nothing left behind."""

import tempfile

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from core.architectures import PRESETS, build_architecture
from core.data.catalogue import DATASETS
from core.data.datasets import load_images
from core.export.recorded import ExportError
from core.export.shrink.onnx_file import write_onnx
from core.export.shrink.onnx_int8 import DEFAULT_SCHEME, SCHEMES, quantize_onnx
from core.export.shrink.trained import read_trained
from core.places import PROJECT
from core.prediction.onnx_model import OnnxModel
from support.made_trained import made_trained, own_probabilities
from support.real_data import mnist_or_digits, real_data


@pytest.fixture(scope="module")
def reference():
    """The NumPy exhibit's reference run as a float file, and real images."""
    images = load_images(DATASETS[mnist_or_digits()], real_data())
    return write_onnx(read_trained(PROJECT / "artifacts", "reference-numpy_scratch-small-cnn")), images


def answers(content: bytes, images: np.ndarray, folder) -> np.ndarray:
    path = folder / "model.onnx"
    path.write_bytes(content)
    return OnnxModel(str(path)).predict(images)


def sloped_images(count: int) -> np.ndarray:
    """Images that differ smoothly, as drawings do: of noise every network sees the same grey."""
    rng = np.random.default_rng(2)
    across, down, level = rng.uniform(-9, 9, (3, count, 1, 1))
    rows, columns = np.mgrid[-14:14, -14:14]
    return np.clip(128 + across * columns + down * rows + 8 * level, 0, 255).astype(np.uint8)


def weight_arrays(content: bytes) -> dict[str, np.ndarray]:
    graph = onnx.load_from_string(content).graph
    return {
        value.name.removesuffix("_quantized"): numpy_helper.to_array(value)
        for value in graph.initializer
        if value.name.endswith(("kernel_quantized", "matrix_quantized"))
    }


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_trained_network_keeps_its_answers_in_a_quarter_of_its_bytes(scheme, reference, tmp_path):
    content, images = reference
    small = quantize_onnx(content, images.x_train[:500], scheme)
    assert len(small) < 0.27 * len(content)
    onnx.checker.check_model(onnx.load_from_string(small), full_check=True)
    before, after = (answers(file, images.x_test, tmp_path).argmax(axis=1) for file in (content, small))
    right = [(found == images.y_test).mean() for found in (before, after)]
    assert (before != after).mean() < 0.005
    assert right[1] > right[0] - 0.001  # the gate


def test_the_default_never_cuts_a_sum_of_two_products_off_at_16_bits(reference):
    content, images = reference
    weights = weight_arrays(quantize_onnx(content, images.x_train[:100]))
    assert sorted(weights) == ["conv1.kernel", "conv2.kernel", "dense1.matrix", "dense2.matrix"]
    for name, array in weights.items():
        assert array.dtype == np.int8, name
        assert 2 * 255 * np.abs(array.astype(int)).max() <= np.iinfo(np.int16).max, name
        assert np.abs(array.astype(int)).max() == 64, name  # and uses what there is


@pytest.mark.parametrize("classes", [10, 26])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_network_keeps_its_probabilities_nearly(preset, classes, tmp_path):
    trained, images = made_trained(build_architecture(preset, classes=classes)), sloped_images(60)
    answered = answers(quantize_onnx(write_onnx(trained), images), images, tmp_path)
    assert answered.shape == (60, classes)
    assert np.abs(answered - own_probabilities(trained, images)).max() < 0.05


def test_the_same_file_comes_of_the_same_images_and_tells_how_it_was_made(reference):
    content, images = reference
    small = quantize_onnx(content, images.x_train[:40])
    assert small == quantize_onnx(content, images.x_train[:40])
    model = onnx.load_from_string(small)
    told = {one.key: one.value for one in model.metadata_props}
    assert sorted(told) == ["calibration_images", "classes", "input", "run", "scheme"]
    assert (told["scheme"], told["calibration_images"]) == (DEFAULT_SCHEME, "40")
    (image,) = model.graph.input
    assert image.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert image.type.tensor_type.shape.dim[0].dim_param == "batch"


def test_no_temporary_file_and_no_word_is_left(reference, tmp_path, monkeypatch, capfd, caplog):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content, images = reference
    quantize_onnx(content, images.x_train[:20])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Exception, match="Got: 27"):  # onnxruntime's own, in the midst of calibration
        quantize_onnx(content, images.x_train[:20, :27])
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr().out == ""
    assert caplog.records == []


def test_missing_or_too_little_calibration_is_refused_in_a_sentence(reference):
    content, images = reference
    for few in (0, 9):
        with pytest.raises(ExportError, match=f"at least 10 of them, and was given {few}"):
            quantize_onnx(content, images.x_train[:few])
    with pytest.raises(ExportError, match=r"of uint8, not with float32 \(20, 28, 28, 1\)"):
        quantize_onnx(content, images.x_train[:20, ..., None].astype(np.float32))
    with pytest.raises(ExportError, match="no INT8 scheme 'u4'; choose from u8s7, u8s8, u8u8"):
        quantize_onnx(content, images.x_train[:20], "u4")
