"""The order of trials."""

from dataclasses import replace

from core.tuning.ranking import best_trials, ranked, ranked_at
from core.tuning.strategies import Proposal
from support.made_specs import made_fits, made_spec, made_trial

BOTH = ("pytorch", "keras_fit")
SEARCH = {"dropout": "lin:0..0.9"}


def trained(spec, scores):
    """A trial for each score, in turns of the frameworks; None for one that failed."""
    return [
        made_trial(spec, number, Proposal(_settings(spec, number)), score)
        for number, score in enumerate(scores, 1)
    ]


def _settings(spec, number):
    own = {} if spec.common else {"framework": spec.frameworks[(number - 1) % len(spec.frameworks)]}
    return own | {"dropout": number / 100}


def numbers(trials):
    return [one.number for one in trials]


def test_best_is_the_highest_accuracy_of_each_framework_and_the_earlier_of_equals():
    spec = made_spec(SEARCH, frameworks=BOTH)
    trials = trained(spec, [0.91, 0.92, 0.95, None, 0.95])
    assert numbers(ranked(spec, trials)) == [3, 5, 2, 1]
    assert best_trials(spec, trials) == {"pytorch": 3, "keras_fit": 2}


def test_common_best_is_one_for_all():
    spec = made_spec(SEARCH, frameworks=BOTH, common=True)
    assert best_trials(spec, trained(spec, [0.91, 0.92])) == {"all": 2}


def test_shortest_time_is_best_and_what_never_got_there_comes_last_and_is_never_best():
    spec = made_spec(SEARCH, objective="time-to-98")
    never = replace(trained(spec, [9.0])[0], score=None)
    rest = [replace(one, number=one.number + 1) for one in trained(spec, [12.0, 8.0])]
    assert numbers(ranked(spec, [never, *rest])) == [3, 2, 1]
    assert best_trials(spec, [never]) == {}


def test_halving_puts_more_epochs_in_front_of_a_score_after_fewer():
    spec = made_spec(SEARCH, strategy="halving", trials=2, fixed={"epochs": 9})
    settings = {"framework": "pytorch", "dropout": 0.1}
    short = made_trial(spec, 1, Proposal(settings, 3), 0.97)
    long = made_trial(spec, 2, Proposal({**settings, "dropout": 0.2}, 9), 0.96)
    assert numbers(ranked(spec, [short, long])) == [2, 1]


def test_half_trained_trials_have_no_place_in_a_round():
    spec = made_spec(SEARCH, folds=3)
    half = made_trial(spec, 1, Proposal({"framework": "pytorch", "dropout": 0.1}), 0.9)
    half = replace(half, status="running", fits=made_fits(spec, half.settings, 5, [0.99, 0.99]))
    assert ranked_at(spec, [half], 5) == []
