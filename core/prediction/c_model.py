"""The C header of a network, compiled by this machine's compiler and asked through ctypes."""

import ctypes
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.prediction.integers import probabilities

STANDARD = ("-std=c99", "-Wall", "-Werror", "-O2")
PREDICT = re.compile(r"^static inline int (\w+)_predict\(", re.MULTILINE)
ALL_IMAGES = """
#include "{header}"
const int pixels = {NAME}_PIXELS, classes = {NAME}_CLASSES;
const double score_scale = {NAME}_SCORE_SCALE;
void predict_all(const uint8_t *images, int32_t *scores, long count);
void predict_all(const uint8_t *images, int32_t *scores, long count)
{{
    for (long i = 0; i < count; i++)
        {name}_predict(images + i * pixels, scores + i * classes);
}}
"""
ONE_IMAGE = """
#include "{header}"
int predict(const uint8_t *image, int32_t *scores);
int predict(const uint8_t *image, int32_t *scores) {{ return {name}_predict(image, scores); }}
"""


class CompilerError(RuntimeError):
    """There is no compiler, or it refused the header; the message says which."""


@dataclass(frozen=True)
class Sizes:
    """Bytes of a compiled header on this machine."""

    code: int
    data: int
    stack: int | None  # of all its functions together; None where the compiler does not tell


def compiler() -> str | None:
    """This machine's C compiler."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


class CModel:
    """A compiled header; one thread does the work."""

    def __init__(self, folder: Path | str, flags: Sequence[str] = STANDARD) -> None:
        """Compiles the one header in the folder.

        Raises:
            CompilerError: no compiler, no such header, or one that does not compile.
        """
        with tempfile.TemporaryDirectory(prefix="digit-derby-") as temporary:
            built = Path(temporary, "model.so")
            _compile(Path(folder), ALL_IMAGES, [*flags, "-fPIC", "-shared"], built)
            try:
                self._library = ctypes.CDLL(str(built))  # stays when the file goes
            except OSError as error:
                raise CompilerError(f"what {compiler()} made cannot be loaded here: {error}") from error
        self.classes = ctypes.c_int.in_dll(self._library, "classes").value
        self.score_scale = ctypes.c_double.in_dll(self._library, "score_scale").value
        self._pixels = ctypes.c_int.in_dll(self._library, "pixels").value

    def scores(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8 → (N, classes) int32."""
        if images.dtype != np.uint8 or images[:1].size not in (0, self._pixels):
            raise ValueError(f"expected images of {self._pixels} bytes, got {images.shape} {images.dtype}")
        images = np.ascontiguousarray(images)
        scores = np.empty((len(images), self.classes), np.int32)
        addresses = [ctypes.c_void_p(array.ctypes.data) for array in (images, scores)]
        self._library.predict_all(*addresses, ctypes.c_long(len(images)))
        return scores

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8 → probabilities (N, classes) float32."""
        return probabilities(self.scores(images), self.score_scale)


def compiled_sizes(folder: Path | str, flags: Sequence[str] = STANDARD) -> Sizes:
    """What the one header in the folder takes when compiled here.

    Raises:
        CompilerError: no compiler, no such header, or one that does not compile; no `size`.
    """
    with tempfile.TemporaryDirectory(prefix="digit-derby-") as temporary:
        built = Path(temporary, "model.o")
        _compile(Path(folder), ONE_IMAGE, [*flags, "-fstack-usage", "-c"], built)
        sections = _sections(built)
        # GCC: one line a function, "file:line:column:name <tab> bytes <tab> static".
        lines = [line for path in Path(temporary).glob("*.su") for line in path.read_text().splitlines()]
    stack = sum(int(line.split("\t")[1]) for line in lines) if lines else None
    code = sum(size for name, size in sections.items() if name.startswith(".text"))
    data = sum(size for name, size in sections.items() if name.startswith((".rodata", ".data")))
    return Sizes(code, data, stack)


def _sections(built: Path) -> dict[str, int]:
    size = shutil.which("size")
    if size is None:
        raise CompilerError("there is no `size` (of GNU binutils) here to tell the bytes of code and data")
    done = _run([size, "-A", str(built)], built.parent)
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(".")]
    return {row[0]: int(row[1]) for row in rows}


def _compile(folder: Path, source: str, flags: Sequence[str], built: Path) -> None:
    found = compiler()
    if found is None:
        raise CompilerError("there is no C compiler here (cc, gcc or clang)")
    headers = sorted(folder.glob("*.h"))
    if len(headers) != 1:
        raise CompilerError(f"expected one header in {folder}, found {len(headers)}")
    names = PREDICT.search(headers[0].read_text(encoding="ascii"))
    if names is None:
        raise CompilerError(f"{headers[0].name} is not a header of a network")
    path = built.with_name("model.c")
    name = names[1]
    path.write_text(source.format(header=headers[0].name, name=name, NAME=name.upper()), encoding="ascii")
    command = [found, *flags, "-I", str(folder.absolute()), path.name, "-o", built.name]
    _run(command, built.parent, f"{found} does not compile {headers[0].name}")


def _run(command: Sequence[str], folder: Path, failed: str = "") -> "subprocess.CompletedProcess[str]":
    """Runs a tool in this folder; raises CompilerError where it fails or cannot be started."""
    failed = failed or f"{command[0]} failed"
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise CompilerError(f"{failed}: {error.strerror or error}") from error
    if done.returncode:
        raise CompilerError(f"{failed}: {done.stderr.strip()[:2000]}")
    return done
