"""Programs made of a network's header by this machine's compiler, run in processes of their own."""

import subprocess
from pathlib import Path

import numpy as np

from core.export.shrink.c_header import c_files
from core.export.shrink.trained import Trained
from core.prediction.c_model import STANDARD, compiler
from core.prediction.integers import IntegerNetwork

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g1")
STRICT = ("-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion")
SCORES = """
#include <stdio.h>
#include "{name}.h"

int main(void)
{{
    uint8_t image[{NAME}_PIXELS];
    int32_t scores[{NAME}_CLASSES + 1];
    while (fread(image, 1, sizeof image, stdin) == sizeof image) {{
        scores[{NAME}_CLASSES] = {name}_predict(image, scores);
        fwrite(scores, sizeof scores, 1, stdout);
    }}
    return 0;
}}
"""


def write_files(network: IntegerNetwork, trained: Trained, folder: Path, name: str = "network") -> Path:
    """The header and its example, in a new folder."""
    folder.mkdir()
    for file, content in c_files(network, trained, name).items():
        (folder / file).write_bytes(content)
    return folder


def compiled(folder: Path, source: str, flags=(), command: str | None = None) -> Path:
    """A program of this file in the folder.

    Raises:
        AssertionError: the compiler complains.
    """
    built = folder / "program"
    call = [command or compiler(), *(STANDARD if command is None else ()), *flags, source, "-o", built.name]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return built


def scores_of(program: Path, images: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The scores (N, classes) and answers (N,) of a program made of `SCORES`.

    Raises:
        AssertionError: it fails, as it does where a sanitizer finds something; with what it said.
    """
    done = subprocess.run([program], input=images.tobytes(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    table = np.frombuffer(done.stdout, np.int32).reshape(len(images), classes + 1)
    return table[:, :-1], table[:, -1]


def scoring_program(folder: Path, flags=(), name: str = "network") -> Path:
    """Reads images from standard input and writes their scores and answers."""
    (folder / "scores.c").write_text(SCORES.format(name=name, NAME=name.upper()))
    return compiled(folder, "scores.c", flags)
