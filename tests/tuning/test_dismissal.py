"""When a candidate is given up in mid-way."""

import pytest

from core.tuning.dismissal import dismissal
from core.tuning.study import Trial
from support.made_specs import made_fits, made_spec

BEST = [0.980, 0.984, 0.979, 0.986, 0.981]
BEHIND = [0.962, 0.969, 0.960, 0.972]


def trial(spec, number, scores, framework="pytorch", epochs=5):
    """A trial with its first fits done; finished where all are."""
    settings = {"framework": framework, "learning_rate": number / 100}
    done = len(scores) == (spec.folds or 1) * len(spec.seeds)
    score = sum(scores) / len(scores) if done else None
    fits = made_fits(spec, settings, epochs, scores)
    return Trial(number, f"t{number}", settings, "finished" if done else "running", score, "", fits)


def considered(scores, spec=None, best=BEST, **own):
    spec = spec or made_spec({"learning_rate": "log:1e-3..1"}, folds=5)
    late = trial(spec, 2, scores, **own)
    return dismissal(spec, [trial(spec, 1, best), late], late)


def test_candidate_that_loses_every_one_of_four_folds_is_dismissed_with_the_figures():
    assert considered(BEHIND) == (
        "clearly behind trial 1, worse in 4 of 4 fits: 96.58 % against 98.22 % on the same ones "
        "(Wilcoxon signed-rank test, p < 0.1)"
    )


@pytest.mark.parametrize(
    "scores",
    [
        [],
        BEHIND[:3],  # too few to say
        [0.979, 0.985, 0.978, 0.987],  # as good
        [0.981, 0.985, 0.980, 0.987],  # the best so far
        [*BEHIND, 0.961],  # all done: nothing to save
    ],
)
def test_candidate_goes_on_while_it_is_not_clearly_behind(scores):
    assert considered(scores) == ""


def test_folds_are_paired_though_they_end_in_another_order():
    spec = made_spec({"learning_rate": "log:1e-3..1"}, folds=6)
    first = trial(spec, 1, [0.99, 0.98, 0.97, 0.96, 0.95, 0.94])
    later = made_fits(spec, first.settings, 5, [None, None, 0.969, 0.959, 0.948, 0.938])
    one = Trial(2, "t2", first.settings, "running", None, "", later)
    assert "worse in 4 of 4 fits: 95.35 % against 95.50 %" in dismissal(spec, [first, one], one)


def test_only_candidates_of_the_same_framework_and_epochs_are_compared():
    assert considered(BEHIND, framework="keras_fit") == ""
    assert considered(BEHIND, epochs=2) == ""


def test_seeds_count_as_folds_do():
    spec = made_spec({"learning_rate": "log:1e-3..1"}, seeds=(0, 1, 2, 3, 4))
    assert "trial 1" in considered(BEHIND, spec)


def test_nothing_is_dismissed_where_times_are_compared_or_fits_are_few():
    timed = made_spec({"learning_rate": "log:1e-3..1"}, folds=5, objective="time-to-98")
    assert considered(BEHIND, timed) == ""
    few = made_spec({"learning_rate": "log:1e-3..1"}, folds=4)
    assert considered(BEHIND[:3], few, BEST[:4]) == ""
