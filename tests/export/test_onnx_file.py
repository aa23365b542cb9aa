"""The ONNX file says what the exhibit says, for every framework and every network."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace

import numpy as np
import onnx
import pytest

from core import frameworks
from core.architectures import PRESETS, Architecture, Conv, Dense, Flatten, Pool, Relu, build_architecture
from core.data.catalogue import DATASETS
from core.data.datasets import load_images
from core.export.recorded import ExportError
from core.export.shrink.onnx_file import write_onnx
from core.places import PROJECT
from core.prediction.onnx_model import OnnxModel
from support.made_models import child_environment
from support.made_trained import made_trained, own_probabilities
from support.real_data import mnist_or_digits, real_data

# A process can hold the exhibits of one runtime: it writes what its reference runs say, and their files.
SAY = """
import sys
from pathlib import Path
import numpy as np
from core import frameworks
from core.export.shrink.onnx_file import write_onnx
from core.export.shrink.trained import read_trained
from core.prediction.models import model_file
artifacts, folder = Path(sys.argv[1]), Path(sys.argv[2])
images = np.load(folder / "images.npy")
for name in sys.argv[3:]:
    run = f"reference-{name}-small-cnn"
    trained, exhibit = read_trained(artifacts, run), frameworks.load(name)
    model = exhibit.load(model_file(artifacts, run).path)
    np.save(folder / f"{name}.npy", exhibit.predict(model, trained.scaled(images)))
    (folder / f"{name}.onnx").write_bytes(write_onnx(trained))
"""
EXACT = 1e-5  # float32 sums added in another order


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def predict(content: bytes, images: np.ndarray, folder) -> np.ndarray:
    path = folder / "model.onnx"
    path.write_bytes(content)
    return OnnxModel(str(path)).predict(images)


@pytest.mark.frameworks
@pytest.mark.parametrize("runtime", sorted({frameworks.runtime(name) for name in frameworks.names()}))
def test_a_reference_run_of_every_framework_and_its_file_say_the_same(runtime, tmp_path):
    images = load_images(DATASETS[mnist_or_digits()], real_data()).x_test[:1000]
    np.save(tmp_path / "images.npy", images)
    names = frameworks.held_by(runtime)
    command = [sys.executable, "-c", SAY, str(PROJECT / "artifacts"), str(tmp_path), *names]
    subprocess.run(command, cwd=PROJECT, env=child_environment(), check=True, capture_output=True)
    for name in names:
        own = np.load(tmp_path / f"{name}.npy")
        answered = OnnxModel(str(tmp_path / f"{name}.onnx")).predict(images)
        assert np.abs(answered - own).max() <= EXACT, name
        assert (answered.argmax(axis=1) == own.argmax(axis=1)).all(), name


@pytest.mark.parametrize("classes", [10, 2, 26])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_network_and_its_file_say_the_same_whatever_the_number_of_classes(preset, classes, tmp_path):
    trained, images = made_trained(build_architecture(preset, classes=classes)), noise(30)
    answered = predict(write_onnx(trained), images, tmp_path)
    assert answered.shape == (30, classes)
    assert answered.dtype == np.float32
    assert np.abs(answered - own_probabilities(trained, images)).max() <= EXACT


EVEN_KERNELS = (Conv(3, 4), Relu(), Pool(3), Conv(5, 2, "valid"), Pool(), Relu(), Flatten())
OTHERS = [
    Architecture("even", (*EVEN_KERNELS, Dense(7), Relu(), Dense(6), Dense(4))),
    build_architecture("small-cnn", filters=(4, 5, 6)),
    build_architecture("tiny-mlp", dense_units=1),
]


@pytest.mark.parametrize("architecture", OTHERS, ids=lambda architecture: architecture.name)
def test_even_kernels_odd_sizes_and_other_depths_say_the_same_too(architecture, tmp_path):
    trained, images = made_trained(architecture), noise(20)
    answered = predict(write_onnx(trained), images, tmp_path)
    assert np.abs(answered - own_probabilities(trained, images)).max() <= EXACT


def axes(value) -> list:
    return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]


def test_the_file_takes_raw_images_in_any_number_and_tells_what_it_is(tmp_path):
    trained = made_trained(build_architecture("small-cnn", classes=3))
    content = write_onnx(trained)
    assert content == write_onnx(trained)
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    (image,), (probabilities,) = model.graph.input, model.graph.output
    assert (image.name, axes(image)) == ("image", ["batch", 28, 28])
    assert image.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert (probabilities.name, axes(probabilities)) == ("probabilities", ["batch", 3])
    told = {one.key: one.value for one in model.metadata_props}
    assert (told["run"], json.loads(told["classes"])) == ("made-run", list(trained.class_names))
    assert [node.name for node in model.graph.node if node.op_type in ("Conv", "Gemm")] == [
        "conv1", "conv2", "dense1", "dense2",
    ]  # fmt: skip
    assert "Transpose" not in {node.op_type for node in model.graph.node}
    images = noise(5)
    together = predict(content, images, tmp_path)
    alone = np.concatenate([predict(content, images[i : i + 1], tmp_path) for i in range(5)])
    assert np.allclose(together, alone, atol=1e-6)


@dataclass(frozen=True)
class Attention:
    """A layer that no exhibit knows yet."""


def test_what_the_format_cannot_hold_is_refused_in_a_sentence():
    trained = made_trained(build_architecture("tiny-mlp"))
    unknown = Architecture("new", (Attention(), *trained.architecture.layers))
    with pytest.raises(ExportError, match="made-run has a layer Attention; an ONNX file of ours holds conv"):
        write_onnx(replace(trained, architecture=unknown))
    coloured = made_trained(Architecture("colour", (Flatten(), Dense(10)), (28, 28, 3)))
    with pytest.raises(ExportError, match="takes images in colour"):
        write_onnx(coloured)


def test_weights_that_are_no_numbers_are_refused():
    trained = made_trained(build_architecture("tiny-mlp"))
    trained.weights[0][3, 1] = np.nan
    with pytest.raises(ExportError, match="not all numbers: its training failed"):
        write_onnx(trained)
