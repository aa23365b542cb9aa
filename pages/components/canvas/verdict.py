"""How far several models agree on what was drawn, in a sentence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.data.catalogue import DIGIT_NAMES
from core.words import listed, number_word


@dataclass(frozen=True)
class Verdict:
    """`state` is "none", "agree", "majority" or "split"; `reading` what most read: "7", "2026", "shirt"."""

    state: str
    reading: str
    sentence: str


def verdict(readings: Iterable[str]) -> Verdict:
    """What the models' readings come to; "" is a model that has not answered."""
    asked = list(readings)
    counts = Counter(reading for reading in asked if reading)
    total = counts.total()
    if not total:
        return Verdict("none", "", "")
    (reading, most), *others = counts.most_common()
    if not others:
        return Verdict("agree", reading, f"{_all(total, len(asked))} {_spoken(reading)}.")
    said = listed([_read(count, one) for one, count in counts.most_common()])
    state = "majority" if 2 * most > total else "split"
    return Verdict(state, reading, f"{said[:1].upper()}{said[1:]}.")


def _all(answers: int, asked: int) -> str:
    if answers < asked:  # the rest is loading, or cannot answer
        return (
            f"{number_word(answers).capitalize()} of {number_word(asked)} read{'s' if answers == 1 else ''}"
        )
    return {1: "It reads", 2: "Both read"}.get(asked, f"All {number_word(asked)} read")


def _spoken(reading: str) -> str:
    """One digit as a word, all else as it stands: "a seven", "an eight", "2026", "shirt"."""
    if reading not in DIGIT_NAMES:
        return reading
    return f"{'an' if reading == '8' else 'a'} {'zero' if reading == '0' else number_word(int(reading))}"


def _read(models: int, reading: str) -> str:
    return f"{number_word(models)} read{'s' if models == 1 else ''} {reading}"
