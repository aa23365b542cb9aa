"""The Tune page without a browser: the form, its address, a study in each of its states."""

from dataclasses import replace
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from core.data.catalogue import known_datasets
from core.places import PROJECT
from core.races import setup, turns
from core.tuning import asked, studies
from core.tuning.study import StudySpec
from pages.components.tune import cells, curves, grid, head, setup_state, start, ways
from support.app_test import broken_off_once, open_page
from support.made_events import queue_run
from support.made_runs import make_finished_run
from support.made_studies import NAME, made_spec, made_study, write_study


def texts_of(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.get("html"))
    told = (getattr(one, "value", None) or one.proto.body for kind in kinds for one in kind)
    return unescape(" ".join(told))


def button(app: AppTest, *labels: str):
    return next(button for button in app.button if button.label in labels)


def started_with(app: AppTest, monkeypatch) -> StudySpec:
    """Clicks Start and returns the study that would have been launched."""
    launched = []

    def launch(artifacts, spec):
        launched.append(spec)
        return spec.name

    monkeypatch.setattr(studies, "launch", launch)
    button(app, "Start search").click().run()
    assert not app.exception
    return launched[0]


def as_asked(spec: StudySpec) -> dict:
    return spec.model_dump(exclude={"name", "created"})


# ── the form ────────────────────────────────────────────────────────────────────────


def test_first_visitor_meets_a_search_that_can_be_started_as_it_is(artifacts, monkeypatch):
    app = open_page("tune.py")
    assert not app.error
    assert not app.query_params  # the page's own default needs no word
    assert "20 trainings in the search; then 9 fresh runs" in texts_of(app)
    spec = started_with(app, monkeypatch)
    assert spec.search == {"batch_size": "32,64,128", "learning_rate": "log:0.0001..0.1"}
    assert (spec.strategy, spec.trials, spec.frameworks) == ("random", 20, ("pytorch",))
    assert app.query_params["study"] == spec.name


def test_a_first_run_that_is_broken_off_leaves_no_form_half_filled(artifacts, monkeypatch):
    monkeypatch.setattr(setup_state, "fill_fixed", broken_off_once(setup_state.fill_fixed))
    app = open_page("tune.py")
    assert not app.query_params
    assert app.number_input(key="tune-trials").value == 20


def test_link_reproduces_the_study(artifacts, monkeypatch):
    link = {
        "dataset": "digits", "architecture": "tiny-mlp", "frameworks": "pytorch,numpy_scratch", "epochs": "2",
        "search-dropout": "lin:0..0.5", "search-optimizer": "sgd,adam", "search-augment": "false,true",
        "strategy": "tpe", "minutes": "5", "folds": "3", "seeds": "1,2", "workers": "2", "common": "true",
        "name": "Dropout or not",
    }  # fmt: skip
    app = open_page("tune.py", **link)
    assert not app.warning
    asked_for, _ = asked.from_texts(link, known_datasets())
    assert as_asked(started_with(app, monkeypatch)) == as_asked(asked_for)


def test_every_study_comes_back_from_the_address_that_the_page_writes(artifacts, monkeypatch):
    app = open_page("tune.py", dataset="digits", frameworks="all", strategy="grid", search_epochs="2,3")
    written = dict(app.query_params)
    first = started_with(app, monkeypatch)
    again = started_with(open_page("tune.py", **written), monkeypatch)
    assert as_asked(again) == as_asked(first)
    assert len(first.frameworks) == 5
    assert first.trials is None


def test_bad_values_in_the_address_are_named_and_the_rest_stays(artifacts):
    app = open_page("tune.py", dataset="digits", search_learning_rate="log:0..1", trials="many", epochs="7")
    said = " ".join(warning.value for warning in app.warning).replace("\\", "")
    assert all(word in said for word in ("learning-rate", "log scale", "trials"))
    assert app.number_input(key="tune-epochs").value == 7
    assert app.text_input(key="tune-learning_rate-least").value == "0.0001"


def test_any_number_of_folds_comes_back_from_a_link(artifacts, monkeypatch):
    app = open_page("tune.py", dataset="digits", architecture="tiny-mlp", folds="4")
    assert "5 trainings" not in texts_of(app)
    assert "4 trainings in the search (1 trial × 4)" in texts_of(app)
    assert started_with(app, monkeypatch).folds == 4


def test_search_for_nothing_is_refused_in_words(artifacts):
    app = open_page("tune.py")
    for name in ("batch_size", "learning_rate"):
        next(one for one in app.button if one.key == f"tune-fix-{name}").click().run()
    assert "choose a setting to search" in app.error[0].value
    assert button(app, "Start search").disabled


def test_setting_is_added_to_the_search_and_taken_out_again(artifacts):
    app = open_page("tune.py", dataset="digits")
    app.selectbox(key="tune-added").select("dropout").run()
    assert app.text_input(key="tune-dropout-largest").value == "0.5"
    assert app.query_params["search-dropout"] == "lin:0..0.5"
    assert not [one for one in app.number_input if one.key == "tune-dropout"]
    app.button(key="tune-fix-dropout").click().run()
    assert app.number_input(key="tune-dropout").value == 0.0
    assert "search-dropout" not in app.query_params
    assert not app.exception


def test_range_becomes_a_list_and_a_range_again(artifacts):
    app = open_page("tune.py", dataset="digits")
    app.selectbox(key="tune-learning_rate-scale").select("list").run()
    assert app.text_input(key="tune-learning_rate-list").value == "0.0001, 0.1"
    app.text_input(key="tune-learning_rate-list").set_value("0.003, 0.001, 0.03").run()
    app.selectbox(key="tune-learning_rate-scale").select("log").run()
    assert app.text_input(key="tune-learning_rate-least").value == "0.001"
    assert app.text_input(key="tune-learning_rate-largest").value == "0.03"


def test_space_that_cannot_be_searched_is_refused_in_words(artifacts):
    app = open_page("tune.py", dataset="digits")
    app.text_input(key="tune-learning_rate-least").set_value("0").run()
    assert "log scale has no zero" in app.error[0].value
    assert button(app, "Start search").disabled
    app.button_group(key="tune-frameworks").set_value([]).run()
    assert "at least one framework" in app.error[0].value


def test_how_long_it_takes_is_said_once_a_run_of_this_machine_tells(artifacts):
    app = open_page("tune.py", dataset="digits", architecture="tiny-mlp")
    assert "How long is unknown yet: no run of PyTorch" in texts_of(app)
    from core.machine.environment import describe

    make_finished_run(
        artifacts, "known", machine=describe(1)["machine"], architecture="tiny-mlp", dataset="digits"
    )
    assert "Roughly" in texts_of(open_page("tune.py", dataset="digits", architecture="tiny-mlp"))


@pytest.mark.parametrize(("seconds", "words"), [(3, "10 s"), (62, "60 s"), (372, "6 min"), (9000, "2.5 h")])
def test_rough_times_are_round(seconds, words):
    assert start.roughly(seconds) == words


def test_command_is_shown_for_what_the_form_says(artifacts):
    app = open_page("tune.py", dataset="digits", epochs="3")
    app.session_state["as-command"] = True  # as a click does
    app.run()
    assert "core tune" in app.code[0].value
    assert "--epochs 3" in app.code[0].value
    assert "--search learning-rate=log:0.0001..0.1" in app.code[0].value


# ── a study ─────────────────────────────────────────────────────────────────────────


def opened(artifacts, study) -> AppTest:
    write_study(artifacts, study)
    app = open_page("tune.py", study=study.spec.name)
    assert not app.exception
    return app


def test_study_that_searches_shows_how_far_it_is_and_can_be_stopped(artifacts):
    app = opened(artifacts, made_study(made_spec(), 5, "searching"))
    assert "5 of 12 trials done" in texts_of(app)
    assert "Best so far" in [header.value for header in app.header]
    button(app, "Stop").click().run()
    assert studies.stop_requested(artifacts, NAME)


def test_study_that_goes_on_is_shown_to_who_opens_the_page(artifacts):
    write_study(artifacts, made_study(made_spec(), 5, "searching"))
    assert open_page("tune.py").query_params["study"] == NAME


def test_study_that_waits_says_who_is_ahead_and_so_does_a_race(artifacts):
    write_study(artifacts, made_study(made_spec(), 0, "waiting"))
    race = "20260102-030405-abcd"
    queue_run(artifacts, "numpy_scratch", race)
    with turns.take_place(NAME, artifacts), turns.take_place(race, artifacts):
        assert "**this study** (trains)" in texts_of(open_page("tune.py", study=NAME))
        assert "Race of 2 Jan 03\\:04 (place 2)" in links("tune", study=NAME)
        assert "Study of 20 Nov 10\\:00 (trains)" in links("train", race=race)
        for page in ("train", "tune"):  # and so does the form of another one
            app = open_page(f"{page}.py", new="1")
            assert button(app, "Queue race", "Queue search")
            assert "Starts after" in texts_of(app)
            assert "and 1 other in line" in texts_of(app)
        assert "A search is going on; yours starts after it." in texts_of(open_page("start.py"))


def links(page: str, **query: str) -> list[str]:
    """The labels of the links on a page that is opened through the app."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return [link.proto.label for link in app.get("page_link")]


def test_finished_study_says_whether_its_winner_is_real(artifacts):
    app = opened(artifacts, made_study(made_spec(folds=2, frameworks=("pytorch", "keras_fit"))))
    said = texts_of(app)
    assert "Is the winner real?" in [header.value for header in app.header]
    assert all(word in said for word in ("preset's recipe", "by luck alone", "on the test set", "runner-up"))
    assert "never ranked as speed" in said


@pytest.mark.parametrize("state", ["stopped", "interrupted"])
def test_study_that_did_not_finish_can_be_resumed(artifacts, monkeypatch, state):
    resumed = []
    monkeypatch.setattr(studies, "resume", lambda _, name: resumed.append(name))
    app = opened(artifacts, made_study(made_spec(), 5, state))
    button(app, "Resume").click().run()
    assert resumed == [NAME]


def test_study_that_was_stopped_before_its_test_says_what_is_missing(artifacts):
    stopped = replace(made_study(made_spec(), 12, "stopped"), reason="stopped on request")
    said = texts_of(opened(artifacts, stopped))
    assert "12 of 12 trials done" in said
    assert "its winner is not tested yet" in said


def test_search_in_which_nobody_reached_the_goal_says_so():
    study = made_study(made_spec(objective="time-to-98"))
    lost = tuple(replace(trial, status="finished", score=None) for trial in study.trials)
    assert "no trial reached 98 %" in head.no_winner(replace(study, trials=lost, best={}))


def test_study_that_nobody_is_ahead_of_starts(artifacts):
    assert "Starting" in texts_of(opened(artifacts, made_study(made_spec(), 0, "waiting")))


def test_table_and_charts_are_there_once_a_study_is_over(artifacts):
    app = opened(artifacts, made_study(made_spec(trials=30)))
    for tab in ("All settings", "One setting", "Two settings", "What mattered", "Table"):
        app.session_state["study-tab"] = tab
        app.run()
        assert not app.exception, tab
    [table] = [element.value for element in app.dataframe]
    assert len(table) == 30
    assert 50 < table.score.max() <= 100  # in per cent, as on Compare


def test_study_that_is_not_here_is_named(artifacts):
    app = open_page("tune.py", study="gone")
    assert "there is no study gone" in app.warning[0].value
    assert not app.exception


def test_study_whose_file_is_broken_is_named_in_the_list(artifacts):
    folder = artifacts / ".studies" / "broken"
    folder.mkdir(parents=True)
    (folder / "study.json").write_text("{")
    app = open_page("tune.py")
    assert not app.exception
    assert "broken cannot be read" in texts_of(app)
    assert not button(app, "Delete…").disabled


def test_compare_opens_a_study(artifacts):
    write_study(artifacts, made_study())
    app = open_page("compare.py", study=NAME)
    assert not app.exception
    assert not app.warning


def test_trainings_that_go_on_have_a_curve_beside_those_that_ended():
    study = made_study(made_spec(folds=2), 1, "searching")
    *ended, trial = study.trials
    first, second = trial.fits
    begun = replace(trial, fits=(replace(first, history={"val_accuracy": [0.3, 0.4]}), second))
    found = curves.trial_curves(replace(study, trials=(*ended, begun)), None)
    assert [(one.number, one.training) for one in found] == [(1, ""), (2, "fold 1, seed 0")]
    assert found[1].accuracy == (0.3, 0.4)


def test_number_of_runs_leaves_out_what_would_train_the_same_twice(artifacts, monkeypatch):
    link = {"search_optimizer": "sgd,adam", "search_momentum": "0.5,0.9", "strategy": "grid"}
    app = open_page("tune.py", dataset="digits", architecture="tiny-mlp", **link)
    assert "3 trainings in the search" in texts_of(app)
    assert started_with(app, monkeypatch).distinct


# ── the grid ────────────────────────────────────────────────────────────────────────


def test_grid_has_a_square_for_every_fold_and_seed_and_says_what_became_of_each():
    study = made_study(made_spec(folds=3, seeds=(0, 1)), 8, "searching")
    data = grid.grid_data(study)
    [group] = data["groups"]
    assert [len(block["cells"]) for block in group["blocks"]] == [6] * 9
    states = {block["number"]: [cell["state"] for cell in block["cells"]] for block in group["blocks"]}
    assert states[1] == ["finished"] * 6
    assert set(states[5]) == {"finished", "dismissed"}
    assert states[7].count("failed") == 1
    assert states[9][0] == "running"
    assert data["to_come"] == 12 - 9
    assert "fold 1, seed 0: 9" in group["blocks"][0]["cells"][0]["text"]


def test_grid_is_as_full_of_colour_as_a_score_is_good():
    study = made_study(made_spec(trials=21))
    low, high = ends = cells.ends_of(study)
    assert cells.level(high, ends) == 1
    assert cells.level(low, ends) == 0
    assert cells.level(0.0, ends) == 0  # one hopeless trial does not take all the colour
    assert cells.level(None, ends) is None


def test_each_framework_has_its_own_part_of_the_grid_unless_they_share_a_best():
    both = ("keras_fit", "pytorch")
    own = grid.grid_data(made_study(made_spec(frameworks=both)))
    assert [group["title"] for group in own["groups"]] == ["PyTorch", "Keras"]
    [together] = grid.grid_data(made_study(made_spec(frameworks=both, common=True)))["groups"]
    assert len(together["blocks"][0]["cells"]) == 2


def test_shorter_time_is_the_better_score():
    spec = made_spec(objective="time-to-98")
    study = made_study(spec)
    ends = cells.ends_of(study)
    assert ends[1] < ends[0]
    assert cells.level(ends[1], ends) == 1


def test_race_with_a_trial_settings_is_the_fit_without_its_fold():
    spec = made_spec(folds=3)
    trial = made_study(spec).trials[2]
    race = ways.race_setup(spec, trial.settings)
    [config] = race.configs()
    assert config.learning_rate == trial.settings["learning_rate"]
    assert config.framework == trial.settings["framework"]
    assert (config.folds, config.fold) == (None, None)
    read, problems = setup.from_texts(race.changes(), known_datasets())
    assert not problems
    assert read == race
