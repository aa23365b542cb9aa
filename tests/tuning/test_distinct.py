"""No candidate trains what another one trained: settings that the others leave unused make no difference."""

import json
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fields import FIELDS, USED_WITH
from core.runs import records
from core.tuning import studies
from core.tuning.estimate import estimate
from core.tuning.folder import add_event
from core.tuning.space import check, config_of, grid, size
from core.tuning.strategies import searcher
from core.tuning.study import StudySpec
from support.made_specs import made_spec, made_trial
from support.real_studies import check_each_once, search, search_only, tiny_spec

TWICE = {"optimizer": "sgd,adam", "momentum": "0.5,0.9"}
TINY_TWICE = {
    "search-optimizer": "sgd,adam", "search-momentum": "0.5,0.9", "search-learning-rate": "0.01",
    "search-batch-size": "",
}  # fmt: skip


def searched(spec: StudySpec) -> list[dict]:
    """The settings of all trials, none of which is better than another."""
    chosen, trials = searcher(spec), []
    while (proposal := chosen.propose(trials)) is not None:
        trials.append(made_trial(spec, len(trials) + 1, proposal, 0.9))
    return [one.settings for one in trials]


def trained(spec: StudySpec, one: dict) -> tuple:
    """What a candidate's training follows from: the values that its run uses."""
    run = config_of(spec, one, framework="any", seed=0).model_dump()
    unused = [name for name, (other, needed) in USED_WITH.items() if run[other] != needed]
    return tuple(str(value) for name, value in run.items() if name not in unused)


def test_every_unused_field_is_used_with_a_choice_of_another():
    assert set(USED_WITH) == {"momentum", "decay"}
    for other, needed in USED_WITH.values():
        assert needed in FIELDS[other].choices


def test_grid_holds_each_different_training_once():
    spec = made_spec(TWICE, strategy="grid")
    assert grid(spec) == [
        {"framework": "pytorch", "optimizer": "sgd", "momentum": 0.5},
        {"framework": "pytorch", "optimizer": "sgd", "momentum": 0.9},
        {"framework": "pytorch", "optimizer": "adam"},
    ]
    assert (searcher(spec).planned, len(searched(spec))) == (3, 3)
    both = spec.model_copy(update={"frameworks": ("pytorch", "keras_fit"), "folds": 5})
    assert (searcher(both).planned, searcher(both).planned_fits) == (6, 30)


def test_grid_is_only_too_large_by_what_it_trains():
    many = ",".join(f"0.{number:03d}" for number in range(1, 600))
    wide = {"optimizer": "sgd,adam,rmsprop,adadelta", "momentum": many, "schedule": "exponential,constant"}
    spec = made_spec({**wide, "decay": "0.5,0.6,0.7,0.8"}, strategy="grid")
    check(spec)  # 4 × 599 × 2 × 4 would be 19,168
    assert searcher(spec).planned == (599 + 3) * (4 + 1)


@st.composite
def spaces(draw):
    """Lists of the fields that are used with others, and of one that always is."""
    found = {"optimizer": "sgd"}
    for name, values in (
        ("optimizer", FIELDS["optimizer"].choices), ("schedule", FIELDS["schedule"].choices),
        ("batch_size", ("16", "32")), ("momentum", ("0.0", "0.5", "0.9")), ("decay", ("0.5", "0.7", "1.0")),
    ):  # fmt: skip
        if chosen := draw(st.lists(st.sampled_from(values), unique=True)):
            found[name] = ",".join(chosen)
    return found


@settings(deadline=None, max_examples=40)
@given(asked=spaces())
def test_whatever_is_searched_the_grid_trains_all_of_it_and_nothing_twice(asked):
    spec = made_spec(asked, strategy="grid")
    all_of_it = grid(spec.model_copy(update={"distinct": False}))
    once = [trained(spec, one) for one in grid(spec)]
    assert len(set(once)) == len(once) == size(spec) == searcher(spec).planned
    assert set(once) == {trained(spec, one) for one in all_of_it}


@pytest.mark.parametrize("strategy", ["random", "tpe", "halving"])
def test_small_space_is_tried_whole_and_once_by_chance_too(strategy):
    spec = made_spec({**TWICE, "batch_size": "16,32"}, strategy=strategy, trials=30, fixed={"epochs": 1})
    found = searched(spec)
    assert len(found) == size(spec) == 6
    assert len({trained(spec, one) for one in found}) == 6


@pytest.mark.parametrize("strategy", ["random", "tpe"])
def test_range_without_an_end_is_searched_on_where_one_candidate_does_not_use_it(strategy, capfd):
    spec = made_spec({"optimizer": "sgd,adam", "momentum": "lin:0..0.9"}, strategy=strategy, trials=25)
    found = searched(spec)
    assert size(spec) is None
    assert [one for one in found if one["optimizer"] == "adam"] == [
        {"framework": "pytorch", "optimizer": "adam"}
    ]
    assert len({trained(spec, one) for one in found}) == 25
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("strategy", ["grid", "random", "tpe", "halving"])
def test_study_that_is_resumed_proposes_what_it_would_have_without(strategy):
    spec = made_spec({**TWICE, "dropout": "lin:0..0.5"}, strategy=strategy, trials=15, fixed={"epochs": 1})
    chosen, trials = searcher(spec), []
    while (proposal := chosen.propose(trials)) is not None:
        assert searcher(spec).propose(trials) == proposal
        trials.append(made_trial(spec, len(trials) + 1, proposal, 0.9))
    assert len(trials) == 15


def test_number_of_runs_is_told_without_what_would_be_trained_twice(artifacts):
    spec = tiny_spec(**TINY_TWICE, folds="3")
    assert (estimate(spec, {}).trials, estimate(spec, {}).fits) == (3, 9)


# ── trained ─────────────────────────────────────────────────────────────────────────


@pytest.mark.frameworks
def test_search_trains_each_once_with_the_usual_value_of_what_is_not_used(artifacts):
    spec = tiny_spec(**TINY_TWICE)
    study = search_only(artifacts, spec)
    assert [one.name for one in study.trials][-1] == "NumPy, optimizer adam, learning rate 0.01"
    assert len({one.score for one in study.trials}) == len(study.trials) == study.planned == 3
    config, _ = records.read_config(artifacts, study.trials[-1].fits[0].run)
    assert config.momentum == 0.9
    check_each_once(artifacts, study)


def as_of_old(artifacts, name: str) -> None:
    """Makes the files of a study those of a version that knew nothing of distinct candidates."""
    folder = artifacts / ".studies" / name
    spec = json.loads((folder / "study.json").read_text())
    assert spec.pop("distinct") is False
    (folder / "study.json").write_text(json.dumps(spec))
    created = json.loads((folder / "events.jsonl").read_text())
    assert created["kept"].pop("distinct") is False
    (folder / "events.jsonl").write_text(json.dumps(created) + "\n")


@pytest.mark.frameworks
def test_study_of_an_older_version_goes_on_with_the_candidates_that_it_has(artifacts):
    old = tiny_spec(**TINY_TWICE).model_copy(update={"distinct": False})
    candidates = [
        {"framework": "numpy_scratch", "optimizer": optimizer, "learning_rate": 0.01, "momentum": momentum}
        for optimizer, momentum in product(("sgd", "adam"), (0.5, 0.9))
    ]
    studies.create(artifacts, old)
    as_of_old(artifacts, old.name)
    for number in (1, 2, 3):
        add_event(artifacts, old.name, "trial", number=number, settings=candidates[number - 1], epochs=None)
    assert studies.begin(artifacts, old.name) == old
    assert studies.read(artifacts, old.name).planned == 4
    study = search(artifacts, old.name)
    assert [one.settings for one in study.trials] == candidates
    assert study.trials[2].score == study.trials[3].score
    check_each_once(artifacts, study)
