"""Which setting matters: PED-ANOVA on made trials whose answer is known."""

import numpy as np
import pytest

from core.tuning.importance import FEWEST_TRIALS, importances
from support.scored_studies import SEARCH, study, trial

LISTED = SEARCH | {"batch_size": "32,64,128"}


def made_trials(
    count: int, framework: str = "pytorch", first: int = 1, by: str = "learning_rate", seed: int = 0
):
    """Trials whose score is decided by one setting alone: the middle of its range is best."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(first, first + count):
        settings = {
            "learning_rate": float(10 ** random.uniform(-4, -1)),
            "dropout": float(random.uniform(0, 0.5)),
            "batch_size": int(random.choice([32, 64, 128])),
        }
        off = {
            "learning_rate": (np.log10(settings["learning_rate"]) + 2.5) / 3,
            "dropout": 2 * settings["dropout"] - 0.5,
            "batch_size": np.log2(settings["batch_size"] / 32),
        }[by]
        score = float(0.99 - 0.05 * off**2 + 1e-6 * random.normal())
        made.append(trial(number, score, framework, settings=settings))
    return made


@pytest.mark.parametrize("by", ["learning_rate", "dropout", "batch_size"])
def test_the_setting_that_decides_gets_the_largest_share(by):
    found = importances(study(made_trials(80, by=by), search=LISTED))["pytorch"]
    assert next(iter(found["shares"])) == by
    assert found["shares"][by] > 0.6
    assert sum(found["shares"].values()) == pytest.approx(1)
    assert "PED-ANOVA" in found["sentence"]


def test_less_is_better_where_seconds_are_the_score():
    trials = [
        trial(one.number, 10 - one.score, settings=one.settings) for one in made_trials(80, by="dropout")
    ]
    found = importances(study(trials, search=LISTED, objective="time-to-98"))["pytorch"]
    assert next(iter(found["shares"])) == "dropout"


def test_too_few_trials_say_nothing():
    found = importances(study(made_trials(FEWEST_TRIALS - 1)))["pytorch"]
    assert found["shares"] == {}
    assert found["sentence"] == ("Too few trials to say which settings matter: 19 trials, 20 are needed.")


def test_each_framework_has_shares_of_its_own():
    trials = made_trials(40) + made_trials(40, "numpy_scratch", first=41, by="dropout")
    found = importances(study(trials, frameworks=("numpy_scratch", "pytorch")))
    assert list(found) == ["pytorch", "numpy_scratch"]
    assert next(iter(found["pytorch"]["shares"])) == "learning_rate"
    assert next(iter(found["numpy_scratch"]["shares"])) == "dropout"


def test_trials_that_failed_count_as_the_worst_and_running_ones_not_at_all():
    trials = made_trials(60)
    failed = [
        trial(60 + number, None, status="failed", settings={"learning_rate": 0.09, "dropout": 0.01 * number})
        for number in range(1, 21)
    ]
    running = [trial(90, None, status="running")]
    found = importances(study(trials + failed + running))["pytorch"]
    assert found["trials"] == 80
    assert next(iter(found["shares"])) == "learning_rate"


def test_a_setting_with_one_value_is_named_and_not_weighed():
    trials = [
        trial(one.number, one.score, settings=one.settings | {"momentum": 0.9}) for one in made_trials(40)
    ]
    found = importances(study(trials, search=LISTED | {"momentum": "0.9"}))["pytorch"]
    assert "momentum" not in found["shares"]
    assert "Not weighed, because one value was tried: momentum." in found["sentence"]


def test_a_setting_that_only_some_trials_have_is_weighed_among_them():
    trials = [
        trial(
            one.number,
            one.score,
            settings=one.settings | ({"momentum": 0.01 * one.number} if one.number % 2 else {}),
        )
        for one in made_trials(60)
    ]
    found = importances(study(trials, search=SEARCH | {"momentum": "lin:0..0.9"}))["pytorch"]
    assert set(found["shares"]) == {"learning_rate", "dropout", "momentum"}


def test_nothing_is_weighed_where_one_setting_varies_or_all_scores_are_alike():
    alone = importances(study(made_trials(40), search={"dropout": "lin:0..0.5"}))["pytorch"]
    assert alone["shares"] == {}
    alike = [trial(one.number, 0.5, settings=one.settings) for one in made_trials(40)]
    assert importances(study(alike))["pytorch"]["sentence"] == (
        "All trials have the same score: no setting mattered."
    )
