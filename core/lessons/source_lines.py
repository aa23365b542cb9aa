"""The lines of the exhibits that do what a station is about, found in the files that run."""

import ast
import textwrap
from dataclasses import dataclass
from functools import cache

from core import frameworks

# Station → framework → where to look: the function, and what the line must hold.
_KERAS_LAYERS = ("tensorflow_tape", "keras_fit", "sklearn_scikeras")
_KERAS_RATE = "optimizers.SGD(config.learning_rate"
Place = tuple[str, str]
PLACES: dict[str, dict[str, tuple[Place, ...]]] = {
    "numbers": {
        "pytorch": (("predict", "torch.from_numpy("), ("predict", "batch.permute(")),
        "tensorflow_tape": (("train", "batch_of_images = tf.TensorSpec("),),
        "keras_fit": (("build", "keras.Input("),),
        "sklearn_scikeras": (("DigitClassifier.predict_proba", "check_array("),),
        "numpy_scratch": (("Network.forward", "activations = [images]"),),
    },
    "convolution": {
        "pytorch": (("build", "nn.Conv2d("),),
        **dict.fromkeys(_KERAS_LAYERS, (("build", "layers.Conv2D("),)),
        "numpy_scratch": (("ConvLayer.forward", "convolve("), ("convolve", "np.matmul(")),
    },
    "relu": {
        "pytorch": (("build", "nn.ReLU("),),
        **dict.fromkeys(_KERAS_LAYERS, (("build", "layers.ReLU("),)),
        "numpy_scratch": (("ReluLayer.forward", "np.maximum("),),
    },
    "pooling": {
        "pytorch": (("build", "nn.MaxPool2d("),),
        **dict.fromkeys(_KERAS_LAYERS, (("build", "layers.MaxPooling2D("),)),
        "numpy_scratch": (("PoolLayer.forward", "np.maximum"),),
    },
    "softmax": {
        "pytorch": (("predict", ".softmax("),),
        "tensorflow_tape": (("_probabilities", "tf.nn.softmax("),),
        "keras_fit": (("predict", "softmax("),),
        "sklearn_scikeras": (("DigitClassifier.predict_proba", "softmax("),),
        "numpy_scratch": (("log_softmax", "shifted = "), ("log_softmax", "np.exp(shifted)")),
    },
    "loss": {
        "pytorch": (("train", "cross_entropy(logits, labels)"),),
        "tensorflow_tape": (("train", "loss = cross_entropy("),),
        "keras_fit": (("train", "SparseCategoricalCrossentropy("),),
        "sklearn_scikeras": (("_estimator", "SparseCategoricalCrossentropy("),),
        "numpy_scratch": (("cross_entropy", "log_probabilities[right]"),),
    },
    "step": {
        "pytorch": (("train", "loss.backward("), ("train", "optimizer.step(")),
        "tensorflow_tape": (("train", "tape.gradient("), ("train", "apply_gradients(")),
        "keras_fit": (("train", "model.fit("),),
        "sklearn_scikeras": (("train", "estimator.partial_fit("),),
        "numpy_scratch": (("train", "model.backward("), ("train", "weight += optimizer(")),
    },
    "rate": {
        "pytorch": (("_optimizer", "torch.optim.SGD("),),
        "tensorflow_tape": (("_optimizer", _KERAS_RATE),),
        "keras_fit": (("_optimizer", _KERAS_RATE),),
        "sklearn_scikeras": (("_optimizer", '"learning_rate": config.learning_rate'),),
        "numpy_scratch": (("sgd", "velocity -= learning_rate"),),
    },
}


@dataclass(frozen=True)
class Excerpt:
    """Lines of an exhibit, dedented, and the number of the first."""

    framework: str
    first: int
    code: str


def excerpts(station: str) -> list[Excerpt]:
    """The lines of each exhibit that has any, as the file has them now.

    Raises:
        LookupError: an exhibit no longer has the line.
    """
    found = PLACES[station]
    return [_excerpt(framework, *found[framework]) for framework in frameworks.names() if framework in found]


def _excerpt(framework: str, *places: Place) -> Excerpt:
    text = frameworks.source(framework)
    wanted: list[int] = []
    for function, needle in places:
        wanted += [number for number in _statement(text, function, needle) if number not in wanted]
    lines = text.splitlines()
    code = textwrap.dedent("\n".join(lines[number - 1] for number in wanted))
    return Excerpt(framework, wanted[0], code)


@cache
def _statement(text: str, function: str, needle: str) -> range:
    """The line of a function that holds this, or its whole statement where it is only a beginning."""
    lines = text.splitlines()
    node = _function(ast.parse(text), function)
    span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    at = next((number for number in span if needle in lines[number - 1]), 0)
    if not at:
        raise LookupError(f"{function} has no line with {needle!r}")
    if _is_whole(lines[at - 1]):
        return range(at, at + 1)
    holding = [one for one in ast.walk(node) if isinstance(one, ast.stmt) and at in _lines_of(one)]
    return min(map(_lines_of, holding), key=len)


def _is_whole(line: str) -> bool:
    try:
        ast.parse(line.strip())
    except SyntaxError:
        return False
    return True


def _function(tree: ast.AST, name: str) -> ast.stmt:
    """A function by its name, "Class.method" included.

    Raises:
        LookupError: there is none.
    """
    kinds = (ast.FunctionDef, ast.ClassDef)
    for part in name.split("."):
        inside = [one for one in ast.iter_child_nodes(tree) if isinstance(one, kinds) and one.name == part]
        if not inside:
            raise LookupError(f"there is no {name}")
        tree = inside[0]
    assert isinstance(tree, ast.stmt)
    return tree


def _lines_of(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
