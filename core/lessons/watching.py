"""What the variables of a function hold, line by line, while it runs: shapes and single numbers."""

import ast
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

MOST_ARRAYS = 40  # of a list whose shapes are told

_OURS = {"builtins", "pathlib", "core", "__main__"}

Told = dict[str, Any]  # {"shape": […]}, {"shapes": [[…], …]}, {"value": 0.1} or {"type": "Adam"}


@contextmanager
def watched(file: str, lines: Collection[int]) -> Iterator[dict[int, dict[str, Told]]]:
    """Fills in, while the block runs, what these lines of a Python file first read or wrote.

    Only lines that Python itself runs in this thread are seen: what a framework compiled, or does inside
    a call, is not.

    Returns:
        line number → name of a variable on this line → what it held when the line was done.
    """
    found: dict[int, dict[str, Told]] = {}
    names = _names_by_line(Path(file).read_text(encoding="utf-8"))
    wanted = names.keys() & set(lines)
    waiting: dict[FrameType, int] = {}  # the line that each frame is on

    def done(frame: FrameType) -> None:
        line = waiting.pop(frame, 0)
        if line in wanted and line not in found:
            local = frame.f_locals
            told = {name: describe(local[name]) for name in names[line] if name in local}
            found[line] = {name: value for name, value in told.items() if value}

    def follow(frame: FrameType, event: str, _: Any) -> Callable | None:
        if frame.f_code.co_filename != file:
            return None
        if event in ("line", "return"):
            done(frame)
        if event == "line":
            waiting[frame] = frame.f_lineno
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        yield found
    finally:
        sys.settrace(before)


def _names_by_line(source: str) -> dict[int, list[str]]:
    """The variables on each line, in the order in which they stand there."""
    found: dict[int, dict[str, int]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            found.setdefault(node.lineno, {}).setdefault(node.id, node.col_offset)
    return {line: sorted(names, key=names.__getitem__) for line, names in found.items()}


def describe(value: Any) -> Told:
    """A tensor's shape, a number, or the kind of an object; nothing of what would say nothing."""
    if isinstance(value, bool | str | dict) or (callable(value) and not hasattr(value, "weights")):
        return {}
    if isinstance(value, list | tuple):
        return _describe_several(value)
    shape = _shape(value)
    if shape:
        return {"shape": shape}
    if shape == [] or isinstance(value, int | float):
        return {"value": float(value)}
    return {"type": type(value).__name__} if _is_of_a_framework(value) else {}


def _is_of_a_framework(value: Any) -> bool:
    """Whether somebody who reads an exhibit asks what this object is: no config, no path, no callback."""
    home = type(value).__module__
    return home.startswith("core.frameworks.") or home.partition(".")[0] not in _OURS


def _describe_several(values: Sequence[Any]) -> Told:
    shapes = [_shape(value) for value in values[:MOST_ARRAYS]]
    if not shapes or any(shape is None for shape in shapes):
        return {}
    if all(shape == [] for shape in shapes):
        return {"values": [float(value) for value in values[:MOST_ARRAYS]]}
    return {"shapes": shapes}


def _shape(value: Any) -> list[int] | None:
    """Of a tensor, whichever framework's; None for what has no shape, or one that is not known yet."""
    try:
        return [int(length) for length in value.shape]
    except (AttributeError, TypeError, ValueError):
        return None
