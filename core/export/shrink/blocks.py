"""A network as blocks: a convolution or dense layer with the ReLU and the pooling that follow it.

ReLU, max pooling and scaling by a positive number give the same in any order, so a block is one step.
"""

from dataclasses import dataclass

import numpy as np

from core.architectures import Architecture, Conv, Dense, Pool, Relu
from core.export.recorded import ExportError


@dataclass(frozen=True, eq=False)
class Block:
    """One step, a dense layer as a convolution over an image of one pixel."""

    kernel: np.ndarray  # (out, kernel, kernel, in) float64
    bias: np.ndarray  # (out,) float64
    input_shape: tuple[int, int, int]
    margin: tuple[int, int]  # zeros above and left, below and right
    pool: int
    end: int  # how many of the architecture's layers are done after it


def read_blocks(architecture: Architecture, weights: list[np.ndarray]) -> list[Block]:
    """The network's blocks, the last without ReLU.

    Args:
        architecture: the layers; dropout does nothing here, and flattening only gives a new name.
        weights: in the layout of `Architecture.weight_shapes`.

    Raises:
        ExportError: layers that no blocks make up.
    """
    arrays = iter(weights)
    shapes = [architecture.input_shape, *architecture.shapes()]
    blocks = []
    for position, end in _bounds(architecture):
        layer = architecture.layers[position]
        assert isinstance(layer, Conv | Dense)
        following = architecture.layers[position + 1 : end]
        _check(architecture.name, following, last=end == len(architecture.layers))
        pool = max([one.size for one in following if isinstance(one, Pool)], default=1)
        kernel, bias = (np.asarray(next(arrays), np.float64) for _ in range(2))
        blocks.append(
            Block(
                kernel.transpose(3, 0, 1, 2) if kernel.ndim == 4 else kernel.T[:, np.newaxis, np.newaxis],
                bias,
                _as_image(layer, shapes[position]),
                _margin(layer),
                pool,
                end,
            )
        )
    return blocks


def _bounds(architecture: Architecture) -> list[tuple[int, int]]:
    """Where each block begins and ends among the layers."""
    starts = [i for i, layer in enumerate(architecture.layers) if isinstance(layer, Conv | Dense)]
    before = architecture.layers[: starts[0] if starts else None]
    if not starts or any(isinstance(layer, Pool | Relu) for layer in before):
        raise ExportError(f"{architecture.name} begins without weights, which has no form in integers")
    return list(zip(starts, [*starts[1:], len(architecture.layers)], strict=True))


def _check(name: str, following: tuple, last: bool) -> None:
    relus, pools = (sum(isinstance(layer, kind) for layer in following) for kind in (Relu, Pool))
    if last and relus + pools:
        raise ExportError(f"{name} ends with something else than its scores, which has no form in integers")
    if not last and (not relus or pools > 1):
        raise ExportError(
            f"{name} has a layer that is not followed by ReLU and at most one pooling: "
            "only such layers have a form in integers"
        )


def _as_image(layer: Conv | Dense, shape: tuple[int, ...]) -> tuple[int, int, int]:
    if isinstance(layer, Dense):
        return 1, 1, shape[0]
    height, width, channels = shape
    return height, width, channels


def _margin(layer: Conv | Dense) -> tuple[int, int]:
    if isinstance(layer, Dense) or layer.padding != "same":
        return 0, 0
    return (layer.kernel - 1) // 2, layer.kernel // 2
