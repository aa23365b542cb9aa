"""What a C header's own comment says of it once it was scored: accuracy, who measured it, bytes compiled."""

import platform
from collections.abc import Mapping
from pathlib import Path

from core.export.shrink.c_header import tell
from core.export.shrink.scoring import Scored
from core.prediction.c_model import STANDARD, CompilerError, compiled_sizes


def measured_files(
    files: Mapping[str, bytes], folder: Path, scored: Scored, float_correct: int, by: str
) -> dict[str, bytes]:
    """The files with what was measured in the head of the first one, the header, which is written again.

    Args:
        files: of `core.export.shrink.c_header.c_files`, which lie in the folder.
        folder: where they are.
        scored: how the header did.
        float_correct: images of the test set that the float model gets right.
        by: what ran it.
    """
    name, header = next(iter(files.items()))
    right = f"{scored.correct:,} of {len(scored.answers):,} test images right"
    accuracy = f"Measured: {right}, by {by}; the float model: {float_correct:,}."
    header = tell(header, f"{accuracy} {told_sizes(folder)}")
    (folder / name).write_bytes(header)
    return {**files, name: header}


def told_sizes(folder: Path) -> str:
    """The bytes of the compiled header in a sentence; empty where nothing here can tell them."""
    try:
        sizes = compiled_sizes(folder)
    except CompilerError:
        return ""
    stack = "" if sizes.stack is None else f", {sizes.stack:,} of stack"
    how = f"{platform.machine()}, {STANDARD[-1]}"
    return f"Compiled ({how}): {sizes.code:,} bytes of code, {sizes.data:,} of constant data{stack}."
