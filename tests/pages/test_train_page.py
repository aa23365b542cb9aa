"""The Train page without a browser: set-up, address, results."""

import pytest
from streamlit.testing.v1 import AppTest

from core.races import first_phase, launch
from pages.components.train import race_view, setup_form
from support.app_test import broken_off_once, open_page
from support.made_events import begin_run, make_ended_race, queue_run


def number(app: AppTest, field: str):
    return app.number_input(key=f"setup-{field}")


def test_choosing_a_preset_fills_in_its_recipe_and_the_address(artifacts):
    app = open_page("train.py", dataset="digits")
    app.selectbox(key="setup-architecture").select("wide-cnn-dropout").run()
    assert app.selectbox(key="setup-optimizer").value == "adadelta"
    assert app.selectbox(key="setup-schedule").value == "exponential"
    assert number(app, "learning_rate").value == 1.0
    assert number(app, "epochs").value == 10
    assert number(app, "dropout").value == 0.5
    assert app.selectbox(key="setup-dataset").value == "digits"  # not part of a recipe
    assert app.query_params["architecture"] == "wide-cnn-dropout"
    assert "optimizer" not in app.query_params  # the preset says it already


def test_a_first_run_that_is_broken_off_leaves_no_form_half_filled(artifacts, monkeypatch):
    monkeypatch.setattr(setup_form, "_fill", broken_off_once(setup_form._fill))
    app = open_page("train.py")
    assert number(app, "epochs").value == 5
    assert not app.query_params  # the preset says it all


def test_link_reproduces_the_setup(artifacts):
    app = open_page("train.py", dataset="digits", epochs="7", frameworks="pytorch,keras_fit", seeds="3,4")
    assert number(app, "epochs").value == 7
    assert app.text_input(key="setup-seeds").value == "3, 4"
    assert app.button_group(key="setup-frameworks").value == ["pytorch", "keras_fit"]
    app.session_state["as-command"] = True  # as a click does
    number(app, "epochs").set_value(9).run()
    assert app.query_params["epochs"] == "9"
    assert "--epochs 9" in app.code[0].value
    number(app, "epochs").set_value(5).run()
    assert "epochs" not in app.query_params  # the default needs no word


def test_bad_values_in_the_address_are_named(artifacts):
    app = open_page("train.py", dataset="digits", epochs="soon", learning_rate="-1", frameworks="caffe")
    assert not app.exception
    text = " ".join(warning.value for warning in app.warning).replace("\\", "")  # which stand before marks
    assert all(key in text for key in ("epochs", "learning-rate", "frameworks"))
    assert number(app, "epochs").value == 5


@pytest.mark.parametrize(("threads", "seconds"), [(1, 4.0), (2, 3.0)])
def test_race_on_one_thread_is_looked_at_less_often(artifacts, threads, seconds):
    begin_run(artifacts, queue_run(artifacts, race="20260102-030405-abcd", threads=threads))
    app = open_page("train.py", race="20260102-030405-abcd")
    assert not app.exception
    assert app.session_state[race_view.WHOLE][-1] == seconds


def test_a_race_that_the_last_look_has_not_met_yet_is_followed(artifacts):
    """Else its page stands still for good: a look is as old as half a second, a race may begin meanwhile."""
    with race_view.races.cache.timer:  # stands still: no look grows too old
        assert race_view.races(str(artifacts)) == []
        queue_run(artifacts, race="20260102-030405-abcd")
        assert race_view.races(str(artifacts)) == []
        assert race_view.going_on("20260102-030405-abcd")


def start_button(app: AppTest):
    return next(button for button in app.button if button.label in ("Start race", "Queue race"))


def test_start_waits_for_a_framework(artifacts):
    app = open_page("train.py", dataset="digits")
    assert not start_button(app).disabled
    app.button_group(key="setup-frameworks").set_value([]).run()
    assert start_button(app).disabled
    assert "at least one framework" in app.error[0].value


def test_network_that_cannot_be_built_is_refused_in_words(artifacts):
    app = open_page("train.py", dataset="digits", architecture="small-cnn")
    app.text_input(key="setup-filters").set_value("8, eight").run()
    assert start_button(app).disabled
    assert "whole numbers" in app.error[0].value


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist", "pen", "mnist-pen", "digits"])
def test_start_does_not_wait_for_data_that_is_not_there(artifacts, dataset):
    app = open_page("train.py", dataset=dataset)
    assert not start_button(app).disabled
    said = [element.value for kind in (app.markdown, app.info, app.warning, app.error) for element in kind]
    assert not [text for text in said if "not on this machine" in text]


def test_race_whose_data_did_not_come_leads_to_the_digits_with_everything_else_kept(artifacts, monkeypatch):
    monkeypatch.setattr(launch, "launch", lambda arguments, _: started.append(arguments) or "20260102-0304-b")
    started = []
    asked = ["--frameworks", "numpy_scratch", "--epochs", "7", "--dataset", "digits"]
    problem = "no server can be reached from here (Connection refused)"
    first_phase.tell(artifacts, "20260102-0304-a", first_phase.NotFetched("MNIST", problem, tuple(asked)))
    app = open_page("train.py", race="20260102-0304-a")
    said = [warning.value.replace("\\", "") for warning in app.warning]  # others have the machine, perhaps
    assert f"MNIST could not be fetched: {problem}." in said
    app.button(key="race-instead").click().run()
    assert not app.exception
    assert started == [asked]
    assert app.query_params["race"] == "20260102-0304-b"
    assert app.selectbox(key="setup-dataset").value == "digits"


def pictures(app):
    return [element.proto.body for element in app.get("html") if "<img" in element.proto.body]


def test_augmentation_shows_what_it_does_to_the_images(artifacts):
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    app = open_page("train.py", dataset="digits")
    assert not pictures(app)
    app.toggle(key="setup-augment").set_value(True).run()
    assert not app.exception
    assert len(pictures(app)) == 1


def test_race_in_the_address_is_shown_with_its_result_and_its_failures(artifacts):
    app = open_page(
        "train.py", dataset="digits", race=make_ended_race(artifacts, "finished", "failed", "killed")
    )
    assert not app.exception
    cards = " ".join(element.proto.body for element in app.get("html"))
    assert 'data-framework="numpy_scratch" data-state="finished"' in cards
    assert 'data-framework="keras_fit" data-state="interrupted"' in cards
    assert "last words" in cards
    assert "&lt;b&gt;no data" in cards  # files cannot put markup on the page
    assert "<b>no data" not in cards
    table = app.dataframe[0].value
    assert table["Test accuracy"].tolist() == ["97.00 %", "–", "–"]
    assert table["Status"].tolist() == ["finished", "failed", "interrupted"]


@pytest.mark.parametrize("name", ["20200101-000000-gone", "../../etc/passwd", "<script>"])
def test_unknown_race_in_the_address_is_said_to_be_unknown(artifacts, name):
    app = open_page("train.py", dataset="digits", race=name)
    assert not app.exception
    assert "no race" in app.warning[0].value


def test_folder_that_cannot_be_written_is_reported_on_start(artifacts, monkeypatch):
    target = artifacts.parent / "a-file"
    target.write_text("")
    monkeypatch.setenv("DIGIT_DERBY_ARTIFACTS", str(target))
    app = open_page("train.py", dataset="digits")
    start_button(app).click().run()
    assert not app.exception
    assert "cannot write results" in app.error[0].value
