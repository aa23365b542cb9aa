"""The Draw page: one drawing, read by models that know MNIST alone and by those that met many hands."""

import pytest
from streamlit.testing.v1 import AppTest


def both(mnist_only: list[str], many_hands: list[str]) -> None:

    import numpy as np

    from pages.components.draw.cards import Card
    from pages.components.draw.hands import show_hands

    def cards(readings):
        rows = [np.eye(10)[[int(reading)]] if reading else None for reading in readings]
        return [Card("pytorch", f"run-{place}", "PyTorch", "", row) for place, row in enumerate(rows)]

    show_hands(cards(mnist_only), cards(many_hands))


def said(mnist_only: list[str], many_hands: list[str]) -> str:
    page = AppTest.from_function(both, args=(mnist_only, many_hands), default_timeout=60).run()
    assert not page.exception
    return " ".join(element.proto.body for element in page.get("html"))


def test_both_answers_stand_side_by_side_with_the_reason_why_they_differ():
    text = said(["7", "7", "2"], ["1", "1", "1"])
    for part in ('data-reading="7"', 'data-reading="1"', "1990", "hundred people", "domain shift"):
        assert part in text


def test_where_they_agree_the_page_says_what_to_try():
    text = said(["3", "3"], ["3", "3"])
    assert "domain shift" not in text
    assert "upstroke" in text


@pytest.mark.parametrize("mnist_only", [["", ""], []])
def test_nothing_is_held_against_models_that_have_not_answered(mnist_only):
    assert said(mnist_only, ["1"]) == ""
