"""The stations of Learn: their texts, from `stations.toml` beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).with_name("stations.toml")


@dataclass(frozen=True)
class Question:
    """A question with choices; `right` is the place of the right one, `why` what is told afterwards."""

    words: str
    choices: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True)
class Lesson:
    """What a teacher wants to know: goals, minutes, further questions with their answers."""

    goals: tuple[str, ...]
    minutes: int
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Station:
    """A station: `name` stands in its address, `opening` before the first thing to touch.

    In `opening` and in a question's `why`, words in [brackets] are terms of the glossary.
    """

    name: str
    title: str
    tagline: str
    opening: str
    question: Question
    lesson: Lesson


@cache
def stations() -> dict[str, Station]:
    """Every station by its name, in the order of the lesson."""
    return {one["name"]: _station(one) for one in _texts()["station"]}


@cache
def glossary() -> dict[str, str]:
    """What each term means, by the term in lower case."""
    return {term.lower(): words for term, words in _texts()["glossary"].items()}


@cache
def _texts() -> dict:
    return tomllib.loads(TEXTS.read_text(encoding="utf-8"))


def _station(one: dict) -> Station:
    question = Question(one["question"], tuple(one["choices"]), one["right"], one["why"])
    asked = tuple((words, answer) for words, answer in one["teacher"])
    lesson = Lesson(tuple(one["goals"]), one["minutes"], asked)
    return Station(one["name"], one["title"], one["tagline"], one["opening"], question, lesson)
