"""What each strategy proposes; nothing is trained, a formula gives the scores."""

import math
import warnings
from dataclasses import replace
from statistics import median

import pytest

from core.tuning.space import SpaceError
from core.tuning.strategies import Proposal, searcher
from core.tuning.strategies.halving import budgets
from core.tuning.study import Trial
from support.made_specs import made_fits, made_spec, made_trial

SPACE = {"learning_rate": "log:1e-5..1", "dropout": "lin:0..0.9", "batch_size": "16,32,64,128"}


def bowl(settings):
    """A made accuracy: the best lies at a learning rate of 0.01 and a dropout of 0.3."""
    rate = (math.log10(settings["learning_rate"]) + 2) / 5
    return 0.99 - 0.2 * rate**2 - 0.2 * (settings["dropout"] - 0.3) ** 2


def searched(spec, score=bowl):
    """All trials of a study, one after another, with the search that proposed them."""
    search, trials = searcher(spec), []
    while (proposal := search.propose(trials)) is not None:
        trials = took(spec, trials, proposal, score(proposal.settings))
    assert search.exhausted(trials)
    return trials


def took(spec, trials, proposal, score):
    """The trials with what was proposed, trained."""
    if proposal.trial is None:
        return [*trials, made_trial(spec, len(trials) + 1, proposal, score)]
    old = trials[proposal.trial - 1]
    more = made_trial(spec, old.number, proposal, score)
    return [*trials[: old.number - 1], replace(more, fits=old.fits + more.fits), *trials[old.number :]]


def test_grid_proposes_its_candidates_in_order_and_no_more():
    spec = made_spec({"optimizer": "sgd,adam", "epochs": "1,2"}, strategy="grid")
    trials = searched(spec, lambda _: 0.9)
    assert [(one.settings["epochs"], one.settings["optimizer"]) for one in trials] == [
        (1, "sgd"), (1, "adam"), (2, "sgd"), (2, "adam"),
    ]  # fmt: skip
    assert searcher(spec).planned == 4
    assert len(searched(spec.model_copy(update={"trials": 3}), lambda _: 0.9)) == 3


@pytest.mark.parametrize("strategy", ["grid", "random", "tpe", "halving"])
def test_one_set_up_without_anything_searched_is_one_trial_in_each_framework(strategy):
    spec = made_spec({}, strategy=strategy, trials=30, folds=5, frameworks=("pytorch", "keras_fit"))
    trials = searched(spec, lambda _: 0.9)
    assert [one.settings for one in trials] == [{"framework": "pytorch"}, {"framework": "keras_fit"}]


def test_random_draws_the_same_for_every_framework_and_never_twice():
    spec = made_spec(SPACE, trials=20, frameworks=("pytorch", "keras_fit"))
    trials = searched(spec)
    without = [{key: value for key, value in one.settings.items() if key != "framework"} for one in trials]
    assert without[::2] == without[1::2]
    assert {one.settings["framework"] for one in trials[::2]} == {"pytorch"}
    assert len({one.name for one in trials}) == 20
    assert searched(spec.model_copy(update={"name": "other"}))[0].settings != trials[0].settings


@pytest.mark.parametrize("strategy", ["random", "tpe"])
def test_small_space_is_tried_whole_and_once(strategy):
    spec = made_spec({"optimizer": "sgd,adam", "batch_size": "lin:16..20"}, strategy=strategy, trials=30)
    trials = searched(spec, lambda settings: settings["batch_size"] / 100)
    assert len({one.name for one in trials}) == len(trials) == searcher(spec).planned == 10


@pytest.mark.parametrize("text", ["lin:1..1.3", "log:1..1.00001", "lin:0..1e-9"])
def test_narrow_range_has_as_many_different_draws_as_are_asked_for(text):
    spec = made_spec({"learning_rate" if text[-1] != "9" else "dropout": text}, trials=3000)
    proposed, search = set(), searcher(spec)
    for number in range(3000):
        (value,) = list(search.draws[number].values())
        proposed.add(value)
    assert len(proposed) == 3000


@pytest.mark.parametrize("strategy", ["random", "tpe"])
def test_without_a_number_of_trials_it_goes_on_until_told(strategy):
    spec = made_spec(SPACE, strategy=strategy, minutes=20)
    search = searcher(spec)
    trials = [made_trial(spec, 1, search.propose([]), 0.9)] * 40
    assert search.planned is None
    assert search.planned_fits is None
    assert not search.exhausted(trials)


@pytest.mark.parametrize("strategy", ["grid", "random", "tpe", "halving"])
@pytest.mark.parametrize("common", [False, True])
def test_study_that_is_resumed_anywhere_proposes_what_it_would_have_without(strategy, common):
    frameworks = ("pytorch", "keras_fit")
    spec = made_spec(SPACE, strategy=strategy, trials=16, frameworks=frameworks, common=common)
    search, trials = searcher(spec), []
    while (proposal := search.propose(trials)) is not None:
        assert searcher(spec).propose(trials) == proposal
        trials = took(spec, trials, proposal, None if len(trials) % 5 == 3 else bowl(proposal.settings))
    assert searcher(spec).exhausted(trials)


def test_tpe_finds_better_than_chance():
    def best(strategy, seed):
        spec = made_spec({"learning_rate": "log:1e-5..1", "dropout": "lin:0..0.9"}, strategy=strategy)
        return max(one.score for one in searched(spec.model_copy(update={"name": f"s{seed}", "trials": 30})))

    seeds = range(9)
    assert median(best("tpe", seed) for seed in seeds) > median(best("random", seed) for seed in seeds)


def test_tpe_searches_for_the_shortest_time():
    spec = made_spec({"dropout": "lin:0..0.9"}, strategy="tpe", trials=30, objective="time-to-98")
    trials = searched(spec, lambda settings: 5 + settings["dropout"])
    late = [one.settings["dropout"] for one in trials[15:]]
    assert median(late) < 0.2


def test_tpe_keeps_away_from_what_fails_or_never_gets_there():
    spec = made_spec({"learning_rate": "log:1e-5..1"}, strategy="tpe", trials=40, objective="time-to-98")
    search, trials = searcher(spec), []
    while (proposal := search.propose(trials)) is not None:
        rate = proposal.settings["learning_rate"]
        one = made_trial(
            spec, len(trials) + 1, proposal, None if rate > 0.01 else 5 + abs(math.log10(rate) + 4)
        )
        if len(trials) % 2 and rate > 0.01:
            one = replace(one, status="finished", reason="")  # trained well, and never reached it
        trials.append(one)
    share = [sum(one.score is None for one in half) / 20 for half in (trials[:20], trials[20:])]
    assert share[1] < 0.25
    assert share[1] < share[0]


def test_tpe_proposes_other_candidates_while_some_are_still_training():
    spec = made_spec(SPACE, strategy="tpe", trials=30)
    trials = searched(spec)[:14]
    for _ in range(6):
        proposal = searcher(spec).propose(trials)
        name = made_trial(spec, 1, proposal, 0.9).name
        assert name not in {one.name for one in trials}
        trials.append(Trial(len(trials) + 1, name, proposal.settings, "running", None))


def test_optuna_says_nothing(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        searched(made_spec(SPACE, strategy="tpe", trials=14))
    assert capfd.readouterr() == ("", "")


def test_tpe_refuses_a_trial_that_is_none_of_the_study():
    spec = made_spec({"optimizer": "sgd,adam", "dropout": "lin:0..0.9"}, strategy="tpe", trials=30)
    odd = Proposal({"framework": "pytorch", "optimizer": "rmsprop", "dropout": 0.1})
    with pytest.raises(SpaceError, match="optimizer: a trial has 'rmsprop'"):
        searcher(spec).propose([made_trial(spec, number, odd, 0.9) for number in range(1, 15)])


@pytest.mark.parametrize(
    ("epochs", "expected"), [(1, [1]), (2, [1, 2]), (5, [1, 2, 5]), (9, [1, 3, 9]), (27, [3, 9, 27])]
)
def test_budgets_of_halving_are_a_ninth_a_third_and_all_epochs(epochs, expected):
    assert budgets(epochs) == expected


def test_halving_gives_the_best_third_three_times_the_epochs():
    spec = made_spec(SPACE, strategy="halving", trials=9, fixed={"epochs": 9})
    trials = searched(spec)
    trained = [{fit.epochs for fit in one.fits} for one in trials]
    assert sorted(map(len, trained)) == [1] * 6 + [2] * 2 + [3]
    best = max(trials, key=lambda one: one.score)
    assert {fit.epochs for fit in best.fits} == {1, 3, 9}
    assert sum(len(one.fits) for one in trials) == searcher(spec).planned_fits == 9 + 3 + 1


def test_halving_in_two_frameworks_with_folds_makes_as_many_fits_as_it_says():
    spec = made_spec(
        SPACE, strategy="halving", trials=13, folds=3, seeds=(0, 1), frameworks=("pytorch", "keras_fit")
    )
    trials = searched(spec)
    assert (
        sum(len(one.fits) for one in trials) == searcher(spec).planned_fits == 6 * ((7 + 2 + 1) + (6 + 2 + 1))
    )


def test_halving_waits_for_a_round_to_end():
    spec = made_spec(SPACE, strategy="halving", trials=3, fixed={"epochs": 9})
    search, trials = searcher(spec), []
    for number in (1, 2, 3):
        trials.append(made_trial(spec, number, search.propose(trials), 0.9 + number / 100))
    waiting = made_fits(spec, trials[2].settings, 1, [])
    late = replace(trials[2], status="running", score=None, fits=waiting)
    assert search.propose([*trials[:2], late]) is None
    assert not search.exhausted([*trials[:2], late])
    assert search.propose(trials) == Proposal(trials[2].settings, 3, 3)
    begun = replace(trials[2], fits=trials[2].fits + made_fits(spec, trials[2].settings, 3, []))
    assert search.propose([*trials[:2], begun]) is None


def test_halving_ends_where_everything_fails():
    spec = made_spec(SPACE, strategy="halving", trials=4)
    assert len(searched(spec, lambda _: None)) == 4


def test_candidate_that_fails_in_its_second_round_is_not_replaced():
    spec = made_spec(SPACE, strategy="halving", trials=3, fixed={"epochs": 9})
    trials = []
    for number in (1, 2, 3):
        trials.append(made_trial(spec, number, searcher(spec).propose(trials), 0.9 + number / 100))
    more = made_fits(spec, trials[2].settings, 3, [])
    failed = replace(trials[2], status="failed", score=None, fits=trials[2].fits + more)
    assert searcher(spec).propose([*trials[:2], failed]) is None
    assert searcher(spec).exhausted([*trials[:2], failed])
