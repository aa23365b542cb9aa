"""Models of a visitor's own classes on the Draw page: their names on the cards, never mixed with digits."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.catalogue import DIGIT_NAMES
from core.data.importing.parts import Source
from core.data.own_datasets import import_dataset
from core.places import PROJECT
from core.prediction.models import default_runs, models_by_classes, saved_models
from core.runs import records
from pages.components.draw.cards import Card, cards_html, verdict_html
from pages.components.draw.families import family_title
from support.made_models import make_saved_models, make_untrained_run, save_models
from support.own_files import packed, pictures

LETTERS = ("o", "long & <wide>")


def card(run: str, names: tuple[str, ...], probabilities: list[float] | None) -> Card:
    said = None if probabilities is None else np.array([probabilities], np.float32)
    return Card("pytorch", run, run, "", said, class_names=names)


def test_cards_and_verdict_say_the_names_of_the_classes():
    cards = [Card("keras_fit", "waiting", "", "", class_names=LETTERS), card("a", LETTERS, [0.1, 0.9])]
    html = cards_html(cards) + verdict_html(cards)
    assert "long &amp; &lt;wide&gt;" in html
    assert "<wide>" not in html
    assert "Average of all: long &" in html.replace("&amp;", "&")
    assert html.count("<u style") == 4  # two bars on the model's card and on that of all together


def test_of_many_classes_the_likeliest_have_bars():
    names = tuple("abcdefghijklmnopqrstuvwxyz")
    html = cards_html([card("a", names, [0.5, *[0.02] * 25])])
    assert html.count("<u style") == 10
    assert ">a</span>" in html


def test_a_choice_names_the_first_classes():
    assert family_title(DIGIT_NAMES) == "Digits"
    assert family_title(tuple("abc")) == "a, b, c"
    assert family_title(tuple("abcdefg")) == "a, b, c, d, e and 2 more"


@pytest.mark.frameworks
def test_own_classes_are_asked_apart_from_digits(artifacts, tmp_path):
    info = import_dataset("letters", Source(packed(tmp_path / "letters.zip", pictures()))).info
    make_saved_models(artifacts, ("numpy_scratch",), dataset="digits")
    own = {"dataset": "letters", "classes": 2, "dataset_content": info.content}
    save_models(artifacts, [make_untrained_run(artifacts, "own", "numpy_scratch", **own)])
    assert models_by_classes(artifacts) == {
        DIGIT_NAMES: {"made-numpy_scratch": "numpy_scratch"},
        ("o", "x"): {"own": "numpy_scratch"},
    }
    assert list(saved_models(artifacts)) == default_runs(artifacts) == ["made-numpy_scratch"]
    assert records.read_config(artifacts, "own")[0].network.parameter_count() == 205_890
    page = AppTest.from_file(str(PROJECT / "pages" / "draw.py"), default_timeout=60)
    page.query_params["runs"] = "own"
    page.run()
    assert not page.exception
    assert page.selectbox(key="draw-family").value == ("o", "x")
    assert page.multiselect(key="draw-runs").value == ["own"]
    assert "header" not in {element.type for element in page.main}, "own digits are of no use to letters"
    page.selectbox(key="draw-family").set_value(DIGIT_NAMES).run()
    assert not page.exception
    assert page.multiselect(key="draw-runs").value == ["made-numpy_scratch"]
    page.button_group(key="draw-way").set_value("test").run()
    page.selectbox(key="draw-family").set_value(("o", "x")).run()  # whose test images are no digits
    assert not page.exception
    assert page.multiselect(key="draw-runs").value == ["own"]
