"""A saved model as an ONNX file, written node by node: no framework's exporter has a part in it.

    image (batch, 28, 28) uint8 → Cast, Mul, Sub: pixels scaled as the run scaled them
                                → Unsqueeze: (batch, 1, 28, 28), channels first as ONNX wants them
                                → Conv, Relu, MaxPool, Flatten, Gemm … → Softmax
                                → probabilities (batch, classes) float32

The layers' names carry their numbers ("conv1", "dense2"), and their weights the layers' names.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.architectures import Conv, Dense, Dropout, Flatten, Layer, Pool, Relu
from core.export.recorded import ExportError
from core.export.shrink.trained import Trained

INPUT, OUTPUT = "image", "probabilities"
# The operators' versions and the file's own, of 2022: onnxruntime reads them since 1.12. Nothing newer is
# needed: INT8 per channel came with operators 13.
OPSET, IR = 17, 8


def write_onnx(trained: Trained) -> bytes:
    """The whole network, scaling of the pixels and softmax included, checked by `onnx.checker`.

    Raises:
        ExportError: a layer that is not among those above, or weights that are no numbers.
    """
    import onnx

    _refuse_broken(trained)
    steps = _Steps(INPUT)
    _scale(steps, trained.mean, trained.std)
    _network(steps, trained)
    steps.then("softmax", "Softmax", output=OUTPUT, axis=-1)
    model = onnx.shape_inference.infer_shapes(_model(steps, trained), strict_mode=True)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def _refuse_broken(trained: Trained) -> None:
    if trained.architecture.input_shape[2] != 1:
        raise ExportError(f"{trained.run} takes images in colour; an ONNX file of ours takes shades of grey")
    if not all(np.isfinite(array).all() for array in trained.weights):
        raise ExportError(f"{trained.run}'s weights are not all numbers: its training failed; train it again")


@dataclass
class _Steps:
    """Nodes one after another: each takes what the one before it gave, and constants of its own."""

    last: str
    nodes: list[Any] = field(default_factory=list)  # onnx.NodeProto
    constants: list[Any] = field(default_factory=list)  # onnx.TensorProto

    def then(
        self, name: str, operator: str, output: str = "", constants: dict[str, np.ndarray] | None = None,
        **attributes: Any,
    ) -> None:  # fmt: skip
        """Adds a node; `constants` by their names, in the order in which the operator takes them."""
        from onnx import helper, numpy_helper

        named = {f"{name}.{part}": value for part, value in (constants or {}).items()}
        self.constants += [
            numpy_helper.from_array(np.array(value, order="C"), key) for key, value in named.items()
        ]
        inputs, output = [self.last, *named], output or name
        self.nodes.append(helper.make_node(operator, inputs, [output], name, **attributes))
        self.last = output


def _scale(steps: _Steps, mean: float, std: float) -> None:
    """As `core.data.batches.normalise` does it, with the same two constants in float32."""
    from onnx import TensorProto

    steps.then("pixels", "Cast", to=TensorProto.FLOAT)
    steps.then("scale", "Mul", constants={"factor": np.array(1 / (255 * std), np.float32)})
    steps.then("shift", "Sub", constants={"mean": np.array(mean / std, np.float32)})
    steps.then("channel", "Unsqueeze", constants={"axis": np.array([1], np.int64)})


def _network(steps: _Steps, trained: Trained) -> None:
    weights, counts = iter(trained.weights), Counter[str]()
    shapes = [trained.architecture.input_shape, *trained.architecture.shapes()]
    flattened: tuple[int, ...] = ()  # shape of the images that the next dense layer meets as vectors
    for layer, shape in zip(trained.architecture.layers, shapes[:-1], strict=True):
        kind = type(layer).__name__.lower()
        counts[kind] += 1
        name = f"{kind}{counts[kind]}"
        match layer:
            case Conv():
                steps.then(name, "Conv", **_convolution(layer, next(weights), next(weights)))
            case Relu():
                steps.then(name, "Relu")
            case Pool(size):
                steps.then(name, "MaxPool", kernel_shape=[size, size], strides=[size, size])
            case Flatten():
                steps.then(name, "Flatten", axis=1)
                flattened = shape
            case Dense():
                matrix = _channels_first(next(weights), flattened) if len(flattened) == 3 else next(weights)
                steps.then(name, "Gemm", constants={"matrix": matrix, "bias": next(weights)})
                flattened = ()
            case Dropout():
                pass  # at work during training only
            case _:
                raise _unknown(layer, trained.run)


def _convolution(layer: Conv, kernel: np.ndarray, bias: np.ndarray) -> dict[str, Any]:
    """A kernel (height, width, in, out) as ONNX takes it, (out, in, height, width), and zeros around."""
    before, after = ((layer.kernel - 1) // 2, layer.kernel // 2) if layer.padding == "same" else (0, 0)
    return {
        "constants": {"kernel": kernel.transpose(3, 2, 0, 1), "bias": bias},
        "kernel_shape": [layer.kernel, layer.kernel],
        "pads": [before, before, after, after],
    }


def _channels_first(matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The same rows in the order in which (channels, height, width) is flattened: no Transpose is needed."""
    return matrix.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(matrix.shape)


def _unknown(layer: Layer, run: str) -> ExportError:
    known = "convolutions, ReLU, max pooling, dropout, flattening and dense layers"
    return ExportError(f"{run} has a layer {type(layer).__name__}; an ONNX file of ours holds {known}")


def _model(steps: _Steps, trained: Trained) -> Any:
    from onnx import TensorProto, helper

    height, width, _ = trained.architecture.input_shape
    image = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["batch", height, width])
    classes: list[str | int] = ["batch", trained.architecture.classes]
    probabilities = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, classes)
    graph = helper.make_graph(
        steps.nodes, trained.architecture.name, [image], [probabilities], steps.constants
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="Digit Derby"
    )
    helper.set_model_props(
        model,
        {
            "run": trained.run,
            "classes": json.dumps(trained.class_names, ensure_ascii=False),
            "input": f"{height} x {width} pixels of 0 (paper) to 255 (ink) as uint8; the file scales them",
        },
    )
    return model
