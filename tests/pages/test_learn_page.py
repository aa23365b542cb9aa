"""Learn without a browser: every station shows something to move, asks, and answers."""

import re

import pytest

from core.lessons.stations import stations
from pages.components.canvas.pad import KEPT
from pages.components.learn.matrix import map_html, matrix_html
from pages.components.learn.paint import is_light, paint
from support.app_test import open_page, words

each_station = pytest.mark.parametrize("name", stations())
STROKE = {"width": 22, "points": [160, 60, 160, 110, 160, 160, 160, 210, 160, 260]}


def shown(page) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def test_overview_shows_all_stations(artifacts):
    page = open_page("learn.py")
    assert not page.exception
    assert all(station.tagline in shown(page) for station in stations().values())
    assert not page.warning


def test_station_that_there_is_not_leads_to_all(artifacts):
    page = open_page("learn.py", station="magic[1]")
    assert not page.exception
    assert "There is no station" in page.warning[0].value
    assert stations()["relu"].tagline in shown(page)


@each_station
def test_station_asks_before_it_answers(name, artifacts):
    station = stations()[name]
    page = open_page("learn.py", station=name)
    assert not page.exception
    assert page.title[0].value == station.title
    assert station.question.why[:40] not in words(page)
    wrong = (station.question.right + 1) % len(station.question.choices)
    page.radio(key=f"learn-answer-{name}").set_value(wrong).run()
    assert "Not quite" in shown(page)
    page.radio(key=f"learn-answer-{name}").set_value(station.question.right).run()
    assert 'data-right="True"' in shown(page)
    assert not page.exception


@each_station
def test_station_shows_five_frameworks_and_something_for_teachers(name, artifacts):
    page = open_page("learn.py", station=name)
    for title in ("PyTorch", "TensorFlow", "Keras", "scikit-learn", "NumPy"):
        assert f"<b>{title}</b>" in shown(page)
    assert f"About {stations()[name].lesson.minutes} minutes" in words(page)


@each_station
def test_station_on_a_projector_gives_no_answers_away(name, artifacts):
    page = open_page("learn.py", station=name, present="1")
    assert not page.exception
    assert "<dt>" in shown(page)  # nobody can point at a term
    assert "About" not in words(page)


CONTROLS = {
    "numbers": ("toggle", "learn-scaled", True),
    "convolution": ("slider", "learn-direction", 90),
    "relu": ("slider", "learn-bias", 0.5),
    "pooling": ("slider", "learn-moved", 2),
    "softmax": ("slider", "learn-push", 9.0),
    "loss": ("slider", "learn-surer", -5.0),
    "step": ("slider", "learn-steps", 4),
    "rate": ("select_slider", "learn-rate", 10.0),
}


@each_station
def test_what_is_moved_changes_what_is_shown(name, artifacts):
    page = open_page("learn.py", station=name)
    kind, key, value = CONTROLS[name]
    before = shown(page)
    getattr(page, kind)(key=key).set_value(value).run()
    assert not page.exception
    assert shown(page) != before


def test_step_is_taken_with_a_button(artifacts):
    page = open_page("learn.py", station="step")
    page.button(key="learn-one-step").click().run()
    assert page.slider(key="learn-steps").value == 1


@pytest.mark.parametrize(("rate", "state"), [(1e-5, "crawls"), (0.1, "learns"), (10.0, "explodes")])
def test_learning_rate_is_seen_to_crawl_learn_and_explode(rate, state, artifacts):
    page = open_page("learn.py", station="rate")
    page.select_slider(key="learn-rate").set_value(rate).run()
    assert re.findall(r'data-state="(\w+)"', shown(page)) == [state]


def test_stations_take_the_drawing_of_the_session_until_another_digit_is_asked_for(artifacts):
    page = open_page("learn.py", station="numbers")
    assert "Test digit 42" in shown(page)
    page.session_state[KEPT] = [STROKE]
    page.run()
    assert "Your drawing" in shown(page)
    page.button(key="learn-another").click().run()
    assert "Test digit 43" in shown(page)


def test_numbers_on_colours_can_be_read():
    import numpy as np

    for signed in (False, True):
        for share in np.linspace(-1, 1, 41):
            colour = paint(np.array([[share]]), 1, signed)[0, 0]
            assert contrast(colour, 0 if is_light(colour) else 255) >= 4.5


def contrast(colour, ink: int) -> float:
    lights = [
        sum(
            weight * (c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4)
            for weight, c in zip((0.2126, 0.7152, 0.0722), map(float, one), strict=True)
        )
        for one in (colour, (ink, ink, ink))
    ]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_tables_and_pictures_say_what_they_are():
    import numpy as np

    numbers = np.array([[-0.5, 1.0]])
    table = matrix_html(numbers, "Two <numbers>", ".1f", signed=True)
    assert "<caption>Two &lt;numbers&gt;</caption>" in table
    assert "−0.5" in table
    assert 'alt="what"' in map_html(numbers, "caption", "what")
