"""What a network needs of a machine's memory, from its layers alone."""

from math import prod

from core.architectures import Architecture, Conv, Dense, Pool


def peak_activation_bytes(architecture: Architecture, bytes_each: int) -> int:
    """Bytes that the activations of one image take at most at the same time.

    The rule: a layer needs its whole input and its whole output, and the hungriest layer decides. ReLU,
    Dropout, Flatten and softmax work in place and need nothing of their own. What a runtime sets aside
    besides, for rearranged images or several threads, is not in it. The C header is told by what it sets
    aside instead (`core.prediction.integers`): it pools while it convolves, and reads the image in its place.

    Args:
        architecture: the network.
        bytes_each: of an activation: 4 in float32, 1 in integers of 8 bits.
    """
    before: tuple[int, ...] = architecture.input_shape
    most = 0
    for layer, after in zip(architecture.layers, architecture.shapes(), strict=True):
        if isinstance(layer, Conv | Pool | Dense):
            most = max(most, prod(before) + prod(after))
        before = after
    return bytes_each * most


def weight_bytes(architecture: Architecture, bits: int) -> int:
    """Bytes of weights and biases: kernels and matrices of so many bits, biases of 32."""
    sizes = [(len(shape), prod(shape)) for shape in architecture.weight_shapes()]
    return sum(4 * size if axes == 1 else -(-size * bits // 8) for axes, size in sizes)
