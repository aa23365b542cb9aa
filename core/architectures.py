"""The networks as data: layers, presets with their recipes, parameter counts, shared start."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

# ── layers ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Conv:
    """A 2-D convolution with square kernels and stride 1; padding is "same" or "valid"."""

    filters: int
    kernel: int = 3
    padding: str = "same"


@dataclass(frozen=True)
class Relu:
    """max(0, x)."""


@dataclass(frozen=True)
class Pool:
    """2 × 2 max pooling with stride 2."""

    size: int = 2


@dataclass(frozen=True)
class Dropout:
    """Sets this fraction of the activations to zero during training (inverted dropout)."""

    rate: float


@dataclass(frozen=True)
class Flatten:
    """(height, width, channels) → one vector, channels last."""


@dataclass(frozen=True)
class Dense:
    """A fully connected layer."""

    units: int


Layer = Conv | Relu | Pool | Dropout | Flatten | Dense


@dataclass(frozen=True)
class Architecture:
    """A stack of layers over images of `input_shape` (height, width, channels)."""

    name: str
    layers: tuple[Layer, ...]
    input_shape: tuple[int, int, int] = (28, 28, 1)

    @property
    def classes(self) -> int:
        """Number of outputs: the units of the last dense layer."""
        return self.shapes()[-1][0]

    def shapes(self) -> list[tuple[int, ...]]:
        """Output shape of every layer, without the batch axis.

        Raises:
            ValueError: when a convolution or pooling has nothing left to work on.
        """
        shape: tuple[int, ...] = self.input_shape
        shapes = []
        for layer in self.layers:
            shape = _output_shape(layer, shape)
            if min(shape) < 1:
                raise ValueError(
                    f"{self.name}: {layer} leaves an image of size {shape[:2]}; use fewer convolution blocks"
                )
            shapes.append(shape)
        return shapes

    def weight_shapes(self) -> list[tuple[int, ...]]:
        """Shapes in the shared layout: kernel (height, width, in, out) or matrix (in, out), then bias."""
        shape: tuple[int, ...] = self.input_shape
        weights: list[tuple[int, ...]] = []
        for layer, output in zip(self.layers, self.shapes(), strict=True):
            if isinstance(layer, Conv):
                weights += [(layer.kernel, layer.kernel, shape[-1], layer.filters), (layer.filters,)]
            elif isinstance(layer, Dense):
                weights += [(shape[0], layer.units), (layer.units,)]
            shape = output
        return weights

    def parameter_count(self) -> int:
        """Number of trained values."""
        return sum(prod(shape) for shape in self.weight_shapes())


def _output_shape(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    match layer:
        case Conv(filters, kernel, padding):
            lost = 0 if padding == "same" else kernel - 1
            return (shape[0] - lost, shape[1] - lost, filters)
        case Pool(size):
            return (shape[0] // size, shape[1] // size, shape[2])
        case Flatten():
            return (prod(shape),)
        case Dense(units):
            return (units,)
        case _:
            return shape


def to_plain(architecture: Architecture) -> dict[str, Any]:
    """The architecture as JSON types, for a model file; `from_plain` reads it back."""
    layers = [{"kind": type(layer).__name__, **vars(layer)} for layer in architecture.layers]
    return {"name": architecture.name, "layers": layers, "input_shape": list(architecture.input_shape)}


def from_plain(plain: dict[str, Any]) -> Architecture:
    """The architecture that `to_plain` wrote.

    Raises:
        KeyError, TypeError: not what `to_plain` writes.
    """
    kinds = {kind.__name__: kind for kind in (Conv, Relu, Pool, Dropout, Flatten, Dense)}
    layers = [dict(layer) for layer in plain["layers"]]
    built = tuple(kinds[layer.pop("kind")](**layer) for layer in layers)
    return Architecture(plain["name"], built, tuple(plain["input_shape"]))


def initial_weights(architecture: Architecture, seed: int) -> list[np.ndarray]:
    """The start that all frameworks share, float32 in the layout of `weight_shapes`.

    Glorot-uniform kernels and zero biases, as Keras starts by default
    (Glorot and Bengio 2010, equation 16: ± sqrt(6 / (fan_in + fan_out))).
    """
    rng = np.random.default_rng(seed)
    weights = []
    for shape in architecture.weight_shapes():
        if len(shape) == 1:
            weights.append(np.zeros(shape, np.float32))
            continue
        field = prod(shape[:-2])
        limit = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
        weights.append(rng.uniform(-limit, limit, shape).astype(np.float32))
    return weights


# ── presets ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Preset:
    """A network and the recipe of the source that it comes from.

    `kernels` and `paddings` have a value for each convolution; the last one counts for those beyond.
    """

    summary: str
    pools: str  # "each": a pool after every convolution; "last": one at the end
    filters: tuple[int, ...]
    dense_units: int
    recipe: dict[str, Any]
    kernels: tuple[int, ...] = (3,)
    paddings: tuple[str, ...] = ("same",)
    pool_first: bool = False  # pool, then ReLU: the same values for a quarter of the ReLU's work
    conv_dropout: float = 0.0
    dense_dropout: float = 0.0


PRESETS: dict[str, Preset] = {
    "small-cnn": Preset(
        "Two convolutions with pooling, one hidden layer",
        "each", (16, 32), 128,
        dict(optimizer="adam", learning_rate=1e-3, schedule="constant", batch_size=64, epochs=5,
             scaling="standardize"),
    ),
    "sprint": Preset(
        "A larger first kernel and a fast recipe: close to 99 % in one epoch",
        "each", (24, 32), 256,
        dict(optimizer="adam", learning_rate=6e-3, schedule="one-cycle", batch_size=128, epochs=1,
             scaling="standardize"),
        kernels=(5, 3), paddings=("same", "valid"), pool_first=True,
    ),
    "wide-cnn": Preset(
        "Two wider convolutions, one pooling, some dropout",
        "last", (32, 64), 128,
        dict(optimizer="adam", learning_rate=1e-3, schedule="constant", batch_size=128, epochs=5,
             scaling="unit"),
        paddings=("valid",), conv_dropout=0.25,
    ),
    "wide-cnn-dropout": Preset(
        "The wide network with dropout before the last layer too",
        "last", (32, 64), 128,
        dict(optimizer="adadelta", learning_rate=1.0, schedule="exponential", decay=0.7,
             batch_size=64, epochs=10, scaling="unit"),
        paddings=("valid",), conv_dropout=0.25, dense_dropout=0.5,
    ),
    "tiny-mlp": Preset(
        "No convolution: one hidden layer of ten units",
        "each", (), 10,
        dict(optimizer="adam", learning_rate=1e-3, schedule="constant", batch_size=10, epochs=50,
             scaling="unit"),
    ),
}  # fmt: skip


def build_architecture(
    preset: str,
    filters: tuple[int, ...] | None = None,
    dense_units: int | None = None,
    dropout: float | None = None,
    classes: int = 10,
) -> Architecture:
    """The preset's layers, with what the visitor changed.

    Args:
        preset: a key of `PRESETS`.
        filters: filters of each convolution; its length is the depth. None keeps the preset's.
        dense_units: units of the hidden dense layer. None keeps the preset's.
        dropout: rate before the last layer, 0 to 1. None keeps the preset's.
        classes: number of outputs.
    """
    source = PRESETS[preset]
    filters, dense_units, dropout = with_preset(preset, filters, dense_units, dropout)
    layers: list[Layer] = []
    for position, count in enumerate(filters):
        kernel, padding = _counting(source.kernels, position), _counting(source.paddings, position)
        pooled = source.pools == "each" or position == len(filters) - 1
        after: list[Layer] = [Relu(), *[Pool()] * pooled]
        layers += [Conv(count, kernel, padding), *(reversed(after) if source.pool_first else after)]
    if source.conv_dropout:
        layers.append(Dropout(source.conv_dropout))
    layers += [Flatten(), Dense(dense_units), Relu()]
    if dropout:
        layers.append(Dropout(dropout))
    layers.append(Dense(classes))
    return Architecture(network_name(preset, filters, dense_units, dropout), tuple(layers))


def _counting(values: Sequence[T], position: int) -> T:
    """The value of this convolution; the last one counts for those beyond."""
    return values[min(position, len(values) - 1)]


def with_preset(
    preset: str, filters: Sequence[int] | None, dense_units: int | None, dropout: float | None
) -> tuple[tuple[int, ...], int, float]:
    """Each value as it is, or the preset's where it is None."""
    source = PRESETS[preset]
    return (
        source.filters if filters is None else tuple(filters),
        source.dense_units if dense_units is None else dense_units,
        source.dense_dropout if dropout is None else dropout,
    )


def network_name(preset: str, filters: tuple[int, ...], dense_units: int, dropout: float) -> str:
    """The preset's own name, or one that says every value exactly: equal names, equal networks."""
    source = PRESETS[preset]
    if (filters, dense_units, dropout) == (source.filters, source.dense_units, source.dense_dropout):
        return preset
    # Fifteen digits: 0.29 becomes 29 and not 28.999999999999996.
    return f"{preset}-{'x'.join(map(str, filters)) or 'flat'}-d{dense_units}-p{100 * dropout:.15g}"
