"""What the component of the code draws: the exhibits' lines in aligned blocks, and values of their steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from core import frameworks
from core.charts.colours import order, silk
from core.lessons import code, values
from core.lessons.alignment import blocks
from core.lessons.code import Code, Definition
from core.lessons.highlight import highlighted
from core.lessons.steps import STEPS
from core.words import counted

FIRST = {"train": "forward"}  # the step that is lit before anybody chose one, else the first


def picture(
    function: str, chosen: Sequence[str], measured: Mapping[str, Mapping[str, Any]], missing: str = ""
) -> dict[str, Any]:
    """All that is drawn for one function, as plain JSON.

    Args:
        function: a key of `STEPS`.
        chosen: the exhibits side by side; a phone shows the others too, below them.
        measured: by framework, as `core.lessons.one_batch.read` gives it; may be none.
        missing: what is said of an exhibit that is not among them.
    """
    names = [*order(list(chosen)), *(name for name in order(frameworks.names()) if name not in chosen)]
    exhibits = [_exhibit(code.read(name), function, name in chosen) for name in names]
    return {
        "key": f"{function} {','.join(chosen)}",
        "function": function,
        "first": FIRST.get(function, next(iter(STEPS[function]))),
        "steps": [
            {"name": name, "title": step.title, "sentence": step.sentence}
            for name, step in STEPS[function].items()
        ],
        "columns": len(chosen),
        "exhibits": exhibits,
        "values": {name: _values(code.read(name), function, measured.get(name), missing) for name in names},
    }


def _exhibit(exhibit: Code, function: str, chosen: bool) -> dict[str, Any]:
    whole = exhibit.function(function)
    pieces = highlighted(frameworks.source(exhibit.name))

    def lines(first: int, last: int) -> list[dict[str, Any]]:
        return [
            {"number": number, "pieces": pieces[number - 1], "steps": exhibit.steps_at(function, number)}
            for number in range(first, last + 1)
        ]

    helpers = exhibit.helpers(function)
    return {
        "name": exhibit.name,
        "title": frameworks.title(exhibit.name),
        "number": silk(exhibit.name).number,
        "chosen": chosen,
        "size": counted(_effective(exhibit, whole), "effective line"),
        "text": exhibit.text(whole),
        "blocks": [
            {"row": block.row, "end": block.end, "lines": lines(block.first, block.last)}
            for block in blocks(exhibit, function)
        ],
        "helpers": [{"name": one.name, "lines": lines(one.first, one.last)} for one in helpers],
        "more": counted(sum(_effective(exhibit, one) for one in helpers), "effective line"),
    }


def _effective(exhibit: Code, definition: Definition) -> int:
    return len(exhibit.effective & set(range(definition.first, definition.last + 1)))


def _values(
    exhibit: Code, function: str, measured: Mapping[str, Any] | None, missing: str
) -> dict[str, dict[str, Any]]:
    """For each step of one exhibit its figures, and what else its lines do at once."""
    nothing = [missing] if missing else []
    return {
        step: {
            "facts": values.told(exhibit, function, step, measured) if measured else nothing,
            "shared": _shared(exhibit, function, step),
        }
        for step in STEPS[function]
    }


def _shared(exhibit: Code, function: str, step: str) -> str:
    """A sentence on a call that does more than this step; empty where the step has lines of its own."""
    others = values.shared_line(exhibit, function, step)
    titles = [STEPS[function][other].title.lower() for other in others]
    if not exhibit.steps[function].get(step):
        return "This file names no lines for this step."
    return f"The same call also does: {', '.join(titles)}." if titles else ""
