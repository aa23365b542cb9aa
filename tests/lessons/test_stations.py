"""The stations' texts: short, with every term explained; and the lines of the exhibits beside them."""

import re
from html import escape

import pytest

from core import frameworks
from core.lessons.source_lines import PLACES, excerpts
from core.lessons.stations import glossary, stations
from pages.components.learn.station_view import EXHIBITS
from pages.components.learn.words import TERM, with_terms

MOST_WORDS = 80  # before the first thing to touch
each_station = pytest.mark.parametrize("name", stations())


def test_there_are_eight_stations_each_with_an_exhibit_and_lines():
    assert list(stations()) == list(EXHIBITS) == list(PLACES)
    assert len(stations()) == 8


@each_station
def test_there_is_little_to_read_before_the_first_thing_to_touch(name):
    station = stations()[name]
    words = f"{station.title} {station.tagline} {station.opening}".split()
    assert len(words) <= MOST_WORDS


@each_station
def test_every_term_of_a_station_is_explained(name):
    terms = TERM.findall(stations()[name].opening)
    assert terms
    shown = with_terms(stations()[name].opening)
    for term in terms:
        assert escape(glossary()[term.lower()]) in shown
    assert "[" not in shown


def test_no_term_of_the_glossary_is_left_unused():
    texts = " ".join(station.opening + station.question.why for station in stations().values())
    assert {term.lower() for term in TERM.findall(texts)} == glossary().keys()


@each_station
def test_question_has_one_right_answer_and_says_why(name):
    question = stations()[name].question
    assert 0 <= question.right < len(question.choices)
    assert len(set(question.choices)) == len(question.choices) >= 2
    assert question.why.endswith(".")


@each_station
def test_teachers_get_goals_minutes_and_answers(name):
    lesson = stations()[name].lesson
    assert lesson.goals
    assert 1 <= lesson.minutes <= 20
    assert all(question.endswith(("?", ".")) and answer for question, answer in lesson.questions)


def test_right_answers_do_not_all_stand_at_the_same_place():
    assert len({station.question.right for station in stations().values()}) > 1


@each_station
def test_the_lines_stand_in_all_five_exhibits_as_they_are_shown(name):
    shown = {excerpt.framework: excerpt for excerpt in excerpts(name)}
    assert sorted(shown) == frameworks.names()
    for framework, excerpt in shown.items():
        written = [line.strip() for line in frameworks.source(framework).splitlines()]
        lines = [line.strip() for line in excerpt.code.splitlines()]
        assert written[excerpt.first - 1] == lines[0]
        assert set(lines) <= set(written)
        assert len(lines) <= 12


def test_a_lost_line_is_named(monkeypatch):
    monkeypatch.setitem(PLACES["relu"], "pytorch", (("build", "nn.Sigmoid("),))
    with pytest.raises(LookupError, match=re.escape("build has no line with 'nn.Sigmoid('")):
        excerpts("relu")
    monkeypatch.setitem(PLACES["relu"], "pytorch", (("built", "nn.ReLU("),))
    with pytest.raises(LookupError, match="there is no built"):
        excerpts("relu")
