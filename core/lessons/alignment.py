"""Several exhibits beside each other: the same step in the same row, as far as their own order allows."""

from typing import NamedTuple

from core.lessons.code import Code
from core.lessons.steps import STEPS


class Block(NamedTuple):
    """Lines of a function, first and last, and the rows that they fill; `end` is no longer theirs."""

    first: int
    last: int
    row: int
    end: int


class _Anchor(NamedTuple):
    line: int
    place: int  # of its step in the order of steps
    weight: int  # how many steps, from this one on, the line does
    length: int  # lines of the step


def blocks(code: Code, function: str) -> list[Block]:
    """The function cut where a step begins that comes in the common order.

    Row 0 holds what stands before the first step, row i + 1 the i-th step of `STEPS`. A block reaches
    down to the next one: a call that does five steps stands beside all five.
    """
    whole = code.function(function)
    anchors = _in_order(_candidates(code, function))
    starts = [whole.first, *(anchor.line for anchor in anchors)]
    rows = [0, *(anchor.place + 1 for anchor in anchors)]
    if len(starts) > 1 and starts[0] == starts[1]:
        del starts[0], rows[0]
    lasts = [*(start - 1 for start in starts[1:]), whole.last]
    ends = [*rows[1:], len(STEPS[function]) + 1]
    return [Block(*four) for four in zip(starts, lasts, rows, ends, strict=True)]


def _candidates(code: Code, function: str) -> list[_Anchor]:
    whole, order = code.function(function), list(STEPS[function])
    found = []
    before: list[str] = []
    for line in range(whole.first, whole.last + 1):
        here = code.steps_at(function, line)
        places = sorted(order.index(step) for step in here if step not in before)  # where they begin
        before = here
        for i, place in enumerate(places):
            length = len(code.steps[function][order[place]])
            found.append(_Anchor(line, place, len(places) - i, length))
    return found


def _in_order(candidates: list[_Anchor]) -> list[_Anchor]:
    """The heaviest choice in which lines and steps both go on; of equals the longer steps."""
    best: list[tuple[tuple[int, int], list[_Anchor]]] = []
    for anchor in candidates:
        before = [
            (weight, chain)
            for weight, chain in best
            if chain[-1].line < anchor.line and chain[-1].place < anchor.place
        ]
        (weight, length), chain = max(before, key=lambda one: one[0], default=((0, 0), []))
        best.append(((weight + anchor.weight, length + anchor.length), [*chain, anchor]))
    return max(best, key=lambda one: one[0], default=((0, 0), []))[1]
