"""Files of pen strokes for tests: digits of seven-segment displays in UNIPEN's forms."""

from pathlib import Path

import numpy as np

# Corners of a display, x and y upwards, and the strokes of its digits.
CORNERS = {"a": (0, 40), "b": (20, 40), "c": (0, 20), "d": (20, 20), "e": (0, 0), "f": (20, 0)}
DISPLAY = {
    "0": "abfeca", "1": "bf", "2": "abdcef", "3": "abdcdfe", "4": "acd bdf",
    "5": "bacdfe", "6": "bacefdc", "7": "abf cd", "8": "abfeacd", "9": "dcabdfe",
}  # fmt: skip


def strokes(digit: str, rng: np.random.Generator) -> list[list[tuple[int, int]]]:
    """Strokes of points, nobody's twice alike."""
    return [
        [
            (round(10 * x + rng.normal(0, 6)) + 100, round(10 * y + rng.normal(0, 6)) + 100)
            for x, y in (CORNERS[corner] for corner in stroke)
        ]
        for stroke in DISPLAY[digit].split()
    ]


def component(points: list[tuple[int, int]]) -> str:
    """What the pen wrote without being lifted."""
    return "\n".join([".PEN_DOWN", *(f" {x}  {y}" for x, y in points), ".PEN_UP"])


def uci_file(writers: int, each: int = 10, seed: int = 0) -> str:
    """As UCI's original pen digits: components by number, the writer in the comment behind a segment.

    Everybody writes all ten digits where the number of writers has no factor in common with ten.
    """
    rng = np.random.default_rng(seed)
    parts, count = [".INCLUDE        dene.doc", "", ".HIERARCHY      DIGIT", ""], 0
    for number in range(writers * each):
        digit, writer = str(number % 10), number % writers + 1
        drawn = strokes(digit, rng)
        named = str(count) if len(drawn) == 1 else f"{count}-{count + len(drawn) - 1}"
        parts += [f'.SEGMENT DIGIT    {named} ? "{digit}"', f".COMMENT {digit} {writer}  {number}"]
        parts += [f"{component(one)}\n.DT 100" for one in drawn]
        count += len(drawn)
    return "\n".join(parts) + "\n"


def plain_file(people: list[str], seed: int = 1) -> str:
    """The plain form: ten digits by each of the people, "laboratory/number"."""
    rng = np.random.default_rng(seed)
    parts = []
    for person in people:
        laboratory, number = person.split("/")
        for digit in DISPLAY:
            parts += [f".COMMENT writer {number} donor {laboratory}", f'.SEGMENT CHARACTER "{digit}"']
            parts += [component(one) for one in strokes(digit, rng)]
    return "\n".join(parts) + "\n"


def write(path: Path, text: str) -> Path:
    """Puts a file of strokes where it belongs; its folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="latin-1")
    return path
