"""A network in integers as one C99 header without a library, and an example that reads a picture with it."""

import textwrap
from collections.abc import Iterable
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core import frameworks
from core.data.catalogue import dataset_title
from core.export.shrink.trained import Trained
from core.prediction.integers import IntegerLayer, IntegerNetwork
from core.words import counted

WIDTH = 110
HEADER, EXAMPLE = "network.h", "example.c"  # templates beside this file


def c_files(network: IntegerNetwork, trained: Trained, stem: str) -> dict[str, bytes]:
    """Name → content of the header and of its example.

    Args:
        network: what to write down.
        trained: the run that it is of.
        stem: the header's name, and the beginning of all names in it.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # C, whose strings and comments are made safe here
    )
    name = c_name(stem)
    values = {"name": name, "NAME": name.upper(), "stem": name}
    header = _values(network, trained) | {"head": _head(network, trained, name)}
    return {
        f"{name}.h": environment.get_template(HEADER).render(values, **header).encode("ascii"),
        EXAMPLE: environment.get_template(EXAMPLE).render(values).encode("ascii"),
    }


def c_name(stem: str) -> str:
    """Any text as the beginning of C's names: small letters, digits and underscores, a letter first."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in stem.lower())
    return kept if kept[:1].isalpha() else f"model_{kept.lstrip('_')}"


def _values(network: IntegerNetwork, trained: Trained) -> dict[str, Any]:
    offsets, memory = _places(network)
    places = ["image", *(f"memory + {offset}" if offset else "memory" for offset in offsets)]
    return {
        "pixels": prod(trained.architecture.input_shape),
        "classes": network.classes,
        "memory": memory,
        "score_scale": repr(float(network.score_scale)),
        "names": _wrapped([c_string(name) for name in trained.class_names]),
        "bits": network.bits,
        "weight_type": "int8_t" if network.bits == 8 else "uint8_t",
        "layers": [_layer(network, number) for number in range(1, len(network.layers) + 1)],
        "calls": [{"inputs": before, "outputs": after} for before, after in pairwise(places)],
        "last_inputs": places[-1],
    }


def _places(network: IntegerNetwork) -> tuple[list[int], int]:
    """Where each hidden layer's outputs begin, at one end of the memory and the other; the memory's size."""
    sizes = [prod(layer.output_shape) for layer in network.layers[:-1]]
    memory = network.activation_bytes
    return [0 if position % 2 == 0 else memory - size for position, size in enumerate(sizes)], memory


def _layer(network: IntegerNetwork, number: int) -> dict[str, Any]:
    layer = network.layers[number - 1]
    zero = network.zero_point if number == 1 else 0
    shape = (*layer.input_shape, zero, layer.kernel, layer.margin[0], layer.pool, *layer.output_shape)
    stored = layer.weights.reshape(-1) if network.bits == 8 else pack(layer.weights)
    arrays = [
        ("weights", "int8_t" if network.bits == 8 else "uint8_t", stored),
        ("bias", "int32_t", layer.bias),
    ]
    arrays += [("multiplier", "int32_t", layer.multipliers), ("shift", "uint8_t", layer.shifts)]
    return {
        "number": number,
        "told": f"Layer {number}: {_told(layer)}",
        "shape": ", ".join(map(str, shape)),
        "arrays": [
            {"name": name, "type": kind, "count": len(values), "text": _numbers(values)}
            for name, kind, values in arrays
        ],
    }


def _told(layer: IntegerLayer) -> str:
    height, width, channels = layer.input_shape
    if (height, width) == (1, 1):
        return f"{counted(channels, 'input')} to {counted(len(layer.bias), 'output')}"
    pooled = f", the largest of each {layer.pool} x {layer.pool}" if layer.pool > 1 else ""
    size = f"{layer.kernel} x {layer.kernel}"
    return f"{height} x {width} x {channels}, {counted(len(layer.bias), 'kernel')} of {size}{pooled}"


def pack(weights: np.ndarray) -> np.ndarray:
    """Weights of -8 to 7, each plus 8 in half a byte, the first in the lower half: uint8."""
    halves = (weights.reshape(-1) + 8).astype(np.uint8)
    halves = np.append(halves, np.zeros(len(halves) % 2, np.uint8))
    return halves[::2] | halves[1::2] << 4


def c_string(text: str) -> str:
    """Any text as a string of C, other letters than ASCII's as the bytes of UTF-8."""
    kept = {letter: chr(letter) for letter in range(32, 127)} | {
        ord(letter): f"\\{letter}" for letter in '"\\?'
    }
    return '"' + "".join(kept.get(byte, f"\\{byte:03o}") for byte in text.encode()) + '"'


def c_comment(text: str) -> str:
    """Any text so that it neither ends a comment nor begins another one in it, ASCII only."""
    text = text.encode("ascii", "backslashreplace").decode()
    return text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")


def _wrapped(values: Iterable[str]) -> str:
    """Values with commas, in lines."""
    return "\n".join(textwrap.wrap(", ".join(values), WIDTH, break_long_words=False, break_on_hyphens=False))


def _numbers(values: np.ndarray) -> str:
    """Values in lines, without the spaces that would be a fifth of the file."""
    return _wrapped(map(str, values.tolist())).replace(", ", ",")


def _head(network: IntegerNetwork, trained: Trained, name: str) -> str:
    config = trained.config
    learned = f"{dataset_title(config.dataset)} in {frameworks.title(config.framework)}"
    count = sum(layer.weights.size for layer in network.layers)
    facts = [
        f"The network {config.network.name} that learned {learned}, in whole numbers. Run: {trained.run}.",
        f"{count:,} weights of {network.bits} bits: {network.bytes_of_weights:,} bytes of constants with "
        f"biases and factors. {network.activation_bytes:,} bytes of the stack lie between the layers.",
        "Input: 28 x 28 bytes, row by row, 0 the paper, 255 the ink. Output: the number of the class and "
        "the scores of all, of which its own is the largest.",
    ]
    use = [f"    int32_t scores[{name.upper()}_CLASSES];", f"    int answer = {name}_predict(image, scores);"]
    end = "C99 or C++; no library, no malloc, no floating point. Written by Digit Derby."
    return "\n\n   ".join([*map(_paragraph, facts), "\n   ".join(use), end])


def _paragraph(text: str) -> str:
    """A text in lines of a comment."""
    safe = c_comment(" ".join(text.split()))
    return textwrap.fill(safe, WIDTH - 6, subsequent_indent="   ", break_on_hyphens=False)


def tell(header: bytes, told: str) -> bytes:
    """The header with this at the end of the comment at its head: what was measured, and by whom."""
    head, end, code = header.partition(b" */")
    return head + f"\n\n   {_paragraph(told)}".encode("ascii") + end + code
