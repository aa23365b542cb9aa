"""The code side by side without a browser: its address, its choices, its table of lines."""

import pytest
from streamlit.testing.v1 import AppTest

from core import frameworks
from core.lessons import code
from core.lessons.steps import STEPS
from core.races import turns
from pages.components.learn import code_lines
from pages.components.learn.code_picture import picture
from support.app_test import words

PAGE = "from pages.components.learn import code_view; code_view.show()"


@pytest.fixture
def busy(artifacts, monkeypatch):
    """A race trains, so that nothing is measured beside it."""
    monkeypatch.setattr(turns, "waiting", lambda: [{"race": "somebody's"}])


def opened(**query: str) -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def address(app: AppTest) -> dict[str, str]:
    return {
        key: ",".join(value) if isinstance(value, list) else value for key, value in app.query_params.items()
    }


def test_first_visit_shows_three_ways_to_train_and_has_an_address(busy):
    app = opened(code="")
    assert address(app) == {"code": "pytorch,keras_fit,numpy_scratch", "function": "train"}
    assert "once no race trains here" in words(app)


def test_link_opens_what_it_names_in_any_words(busy):
    app = opened(code="keras,torch", function="load")
    assert address(app) == {"code": "pytorch,keras_fit", "function": "load"}
    assert not app.warning


def test_unknown_words_in_the_address_are_told_and_filled_up(busy):
    app = opened(code="numpy,jax<b>", function="fly")
    assert "jax" in app.warning[0].value
    assert address(app) == {"code": "pytorch,numpy_scratch", "function": "train"}


def test_choice_of_one_or_four_leaves_what_was_shown(busy):
    app = opened(code="pytorch,keras_fit")
    pills = app.pills("code-exhibits") if hasattr(app, "pills") else app.button_group("code-exhibits")
    pills.set_value(["pytorch"]).run()
    assert "until then these stay" in words(app)
    assert address(app)["code"] == "pytorch,keras_fit"


def test_picture_holds_the_files_as_they_are():
    for function in STEPS:
        drawn = picture(function, ["pytorch", "keras_fit"], {})
        assert [one["name"] for one in drawn["exhibits"] if one["chosen"]] == ["pytorch", "keras_fit"]
        assert {one["name"] for one in drawn["exhibits"]} == set(frameworks.names())  # a phone shows them all
        for one in drawn["exhibits"]:
            lines = [
                "".join(text for _, text in line["pieces"]) for b in one["blocks"] for line in b["lines"]
            ]
            assert "\n".join(lines) + "\n" == one["text"]
            assert one["text"] in frameworks.source(one["name"])


def test_call_that_does_several_steps_says_so():
    drawn = picture("train", ["pytorch", "keras_fit"], {}, missing="Measuring …")
    assert drawn["values"]["keras_fit"]["forward"] == {
        "facts": ["Measuring …"],
        "shared": "The same call also does: loss, backward, optimizer's step, metrics.",
    }
    assert drawn["values"]["pytorch"]["forward"]["shared"] == ""


def test_table_of_lines_adds_up_to_compares_figure():
    html = code_lines._table(frameworks.names(), ["pytorch"])
    for name in frameworks.names():
        assert f"<td>{frameworks.effective_loc(name)}</td>" in html.partition("together")[2]
        assert f"<td>{code.read(name).effective_by_part()['train']}</td>" in html
