"""The button that takes a run home: on Compare and on a finished race, built once somebody opens it."""

from support.app_test import open_page, words
from support.made_events import make_ended_race
from support.made_runs import make_finished_race


def opened(page, key):
    page.session_state[f"take-home-{key}"] = True
    page.run()
    assert not page.exception, page.exception
    return page


def test_compare_offers_script_notebook_and_card_of_each_chosen_run(artifacts, monkeypatch):
    runs = make_finished_race(artifacts, dataset="digits")
    page = open_page("compare.py", tab="Download")
    assert not [box for box in page.selectbox if box.label == "Run"]  # nothing is built while it is closed
    opened(page, "compare")
    (box,) = [box for box in page.selectbox if box.label == "Run"]
    assert len(box.options) == len(runs)
    assert page.code[-1].value.startswith('"""small-cnn on Digits')
    assert "requirements" in words(page)
    page.session_state["take-home-form-compare"] = "card"
    page.run()
    assert page.code[-1].value.startswith("# Model card: small-cnn")


def test_a_run_that_no_file_can_repeat_says_why(artifacts):
    make_finished_race(artifacts, augment=True)
    page = opened(open_page("compare.py", tab="Download"), "compare")
    assert "OpenCV" in " ".join(box.value for box in page.info)


def test_a_finished_race_offers_its_runs(artifacts):
    race = make_ended_race(artifacts, "finished")
    page = opened(open_page("train.py", race=race), "race")
    assert [box.label for box in page.selectbox if box.key == "take-home-run-race"] == ["Run"]
