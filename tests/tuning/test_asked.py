"""What is asked for, as address and command line."""

import json
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.catalogue import DATASETS
from core.races.setup import default_threads
from core.tuning import asked
from core.tuning.strategies import searcher
from core.tuning.study import StudySpec

RATE = {"search-learning-rate": "log:1e-4..1e-1"}


def read(texts, searches=()):
    spec, problems = asked.from_texts(texts, DATASETS, searches)
    assert not problems
    return spec


def problems_of(texts, searches=()):
    spec, problems = asked.from_texts(texts, DATASETS, searches)
    assert spec is None
    return problems


def test_little_needs_to_be_said():
    spec = read(RATE)
    assert spec.search == {"learning_rate": "log:1e-4..1e-1"}
    assert (spec.strategy, spec.trials, spec.folds, spec.seeds) == ("random", 30, None, (0,))
    assert "learning_rate" not in spec.fixed
    assert spec.fixed["batch_size"] == 64
    assert asked.command(spec) == "python -m core tune --search learning-rate=log:1e-4..1e-1"


def test_command_and_address_make_the_same_study():
    texts = {"name": "Small steps!", "epochs": "3", "frameworks": "pytorch,keras_fit", "common": "true"}
    typed = read(texts, ["optimizer=sgd,adam", "learning_rate=log:1e-4..1e-1"])
    address = read({**texts, "search-optimizer": "sgd,adam", **RATE})
    assert typed.model_copy(update={"created": ""}) == address.model_copy(update={"created": ""})
    assert (typed.name, typed.title) == ("small-steps", "Small steps!")
    assert list(typed.search) == ["optimizer", "learning_rate"]
    assert asked.arguments(typed)[:2] == ["--frameworks", "pytorch,keras_fit"]
    assert "--common" in asked.arguments(typed)


@pytest.mark.parametrize(
    ("texts", "trials"),
    [
        ({"strategy": "grid"}, None), ({"strategy": "random"}, 30), ({"strategy": "tpe"}, 30),
        ({"strategy": "tpe", "minutes": "20"}, None), ({"strategy": "halving", "minutes": "20"}, 30),
        ({"strategy": "random", "minutes": "20", "trials": "30"}, 30),
    ],
)  # fmt: skip
def test_search_that_needs_an_end_has_thirty_trials_unless_somebody_says(texts, trials):
    spec = read({**RATE, **texts})
    assert spec.trials == trials
    assert {key: asked.changes(spec).get(key) for key in texts} == {
        key: None if text == "random" else text for key, text in texts.items()
    }


def test_workers_share_the_cores_unless_threads_are_asked_for():
    spec = read({**RATE, "workers": "2"})
    assert spec.fixed["threads"] == max(1, default_threads() // 2)
    assert "threads" not in asked.changes(spec)
    told = read({**RATE, "workers": "64", "threads": "2"})
    assert told.fixed["threads"] == 2
    assert asked.changes(told)["threads"] == "2"


def test_one_set_up_is_cross_validated_without_a_search():
    spec = read({"folds": "5", "seeds": "0,1", "frameworks": "pytorch,keras_fit"})
    assert searcher(spec).planned_fits == 2 * 5 * 2


@pytest.mark.parametrize(
    ("texts", "fits"),
    [
        ({"strategy": "grid"}, 5), ({"trials": "7", "seeds": "0,1"}, 14), ({"minutes": "3"}, None),
        ({"trials": "4", "frameworks": "pytorch,keras_fit"}, 4),
        ({"trials": "4", "frameworks": "pytorch,keras_fit", "common": "true"}, 8),
        ({"trials": "9", "strategy": "halving", "epochs": "9"}, 13),
    ],
)  # fmt: skip
def test_number_of_fits_is_known_before_the_start(texts, fits):
    assert searcher(read({"frameworks": "pytorch", **RATE, **texts})).planned_fits == fits


@pytest.mark.parametrize(
    ("texts", "searches", "sentence"),
    [
        ({}, [], "search: nothing is searched"),
        ({}, ["learning_rate"], "search: 'learning_rate' cannot be used (it is field=values)"),
        ({}, ["colour=red"], "search colour: cannot be searched (choose from filters, "),
        ({"search-colour": "red"}, [], "search colour: cannot be searched"),
        ({"learning-rate": "0.1", **RATE}, [], "search learning-rate: cannot be searched and fixed at once"),
        (RATE, ["learning_rate=1,2"], "search learning-rate: is there twice"),
        ({"augment": "true"}, ["augment=true,false"], "search augment: cannot be searched and fixed at once"),
        ({}, ["momentum=0.5,0.9"], "search momentum: only counts where optimizer is sgd"),
        ({**RATE, "strategy": "best"}, [], "strategy: 'best' cannot be used"),
        ({**RATE, "trials": "0"}, [], "trials: '0' cannot be used"),
        ({**RATE, "trials": "many"}, [], "trials: 'many' cannot be used"),
        ({**RATE, "minutes": "nan"}, [], "minutes: 'nan' cannot be used"),
        ({**RATE, "folds": "1"}, [], "folds: '1' cannot be used"),
        ({**RATE, "final-seeds": "2"}, [], "final-seeds: '2' cannot be used"),
        ({**RATE, "cluster": "here"}, [], "cluster: 'here' cannot be used (the address of a scheduler"),
        ({**RATE, "epochs": "0"}, [], "epochs: '0' cannot be used"),
        ({**RATE, "validation-size": "0"}, [], "validation-size: 0 cannot be used"),
        ({**RATE, "folds": "3", "start-from": "a"}, [], "start-from: cannot be used with folds"),
        ({**RATE, "cluster": "tcp://a:1", "own-digits": "true"}, [], "cluster: cannot be used with own"),
        ({**RATE, "objective": "time-to-98", "workers": "2"}, [], "workers: must be left out with"),
        ({**RATE, "objective": "time-to-99", "cluster": "tcp://a:1"}, [], "cluster: must be left out"),
        ({**RATE, "objective": "time-to-99", "strategy": "halving"}, [], "strategy: halving cannot search"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused_in_one_sentence(texts, searches, sentence):
    (problem,) = problems_of(texts, searches)
    assert problem.startswith(sentence)


def test_all_that_is_wrong_is_said_at_once():
    texts = {"epochs": "x", "trials": "x", "search-dropout": "9", "search-optimizer": "x"}
    assert len(problems_of(texts)) == 4


def test_option_that_is_off_fixes_nothing():
    assert read({"augment": "false"}, ["augment=true,false"]).search == {"augment": "true,false"}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Rates, first try", "rates-first-try"), ("x" * 60, "x" * 40), ("--Ä 1--", "1"), ("日本", ""),
        ("a" * 39 + " b", "a" * 39), ("", ""),
    ],
)  # fmt: skip
def test_folder_is_called_after_the_title_as_far_as_letters_can_stay(title, name):
    assert asked.slug(title) == name


def test_study_without_a_usable_title_is_called_after_date_and_time():
    assert read({**RATE, "name": "日本"}).name.startswith("20")


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "architecture": st.sampled_from(["small-cnn", "sprint", "wide-cnn-dropout", "tiny-mlp"]),
        "dataset": st.sampled_from(["mnist", "digits"]),
        "frameworks": st.sampled_from(["pytorch", "keras_fit,numpy_scratch"]),
        "seeds": st.sampled_from(["1", "0,1,2"]),
        "name": st.text(max_size=100),
        "threads": st.integers(1, 64).map(str),
        "weights": st.just("passed over"),
        "search-learning-rate": st.sampled_from(["log:1e-4..1e-1", " 0.1, 0.2", "lin:0.1..1"]),
        "search-optimizer": st.sampled_from(["sgd,adam", "adadelta"]),
        "search-filters": st.sampled_from(["8;8,16;none", "4"]),
        "search-batch-size": st.sampled_from(["log:8..512", "32,64"]),
        "strategy": st.sampled_from(["grid", "random", "tpe", "halving"]),
        "trials": st.integers(1, 10_000).map(str),
        "minutes": st.floats(0.001, 10_080).map(str),
        "folds": st.integers(2, 20).map(str),
        "workers": st.integers(1, 64).map(str),
        "cluster": st.sampled_from(["tcp://10.0.0.1:8786", "tls://box.local:1"]),
        "common": st.sampled_from(["true", "false"]),
        "final-seeds": st.integers(3, 20).map(str),
    },
)


@settings(max_examples=60, deadline=None)
@given(CHANGES)
def test_study_read_from_its_own_address_and_command_is_the_same(texts):
    texts = {**texts, "search-dropout": "lin:0..0.5"}
    spec = read(texts)
    same = {"created": "", **({} if asked.slug(spec.title) else {"name": "by-date"})}
    expected = spec.model_copy(update=same)
    assert read(asked.changes(spec)).model_copy(update=same) == expected
    assert read(*typed(shlex.split(asked.command(spec))[4:])).model_copy(update=same) == expected
    assert StudySpec.model_validate(json.loads(spec.model_dump_json())) == spec
    assert set(asked.changes(spec)) <= set(asked.ADDRESS_KEYS)


def typed(arguments):
    """The options of a command as its texts and its searches."""
    texts, searches, rest = {}, [], iter(arguments)
    for option in rest:
        key = option.removeprefix("--")
        if key == "search":
            searches.append(next(rest))
        else:
            texts[key] = "true" if key == "common" else next(rest)
    return texts, searches
