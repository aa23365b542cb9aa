"""The verdict on made studies: values worked out by hand, or against a simulation."""

import json
from math import sqrt

import numpy as np
import pytest
from scipy.stats import ttest_rel

from core.tuning.luck import expected_best, standard_error, validation_images
from core.tuning.verdict import candidates, judge
from support.scored_studies import fit, fresh, spec, study, trial

TRIALS = [trial(1, 0.97), trial(2, 0.98), trial(3, 0.975)]
BEST = [0.9890, 0.9892, 0.9891, 0.9893, 0.9889]
PRESET = [0.9850, 0.9855, 0.9851, 0.9852, 0.9852]
RUNNER_UP = [0.9891, 0.9890, 0.9892, 0.9892, 0.9890]
FINAL = fresh("best", BEST) + fresh("preset", PRESET) + fresh("runner-up", RUNNER_UP)


def test_a_real_winner_is_said_to_be_better_with_the_figures_of_the_paired_test():
    verdict = judge(study(TRIALS, FINAL))
    raw = ttest_rel(BEST, PRESET).pvalue
    against_preset, against_runner_up = verdict["winners"][0]["tests"]
    assert against_preset["raw_p"] == pytest.approx(raw)
    assert against_preset["p"] == pytest.approx(2 * raw)  # Holm: the smaller of two
    assert against_preset["difference"] == pytest.approx(np.mean(BEST) - np.mean(PRESET))
    assert verdict["headline"] == (
        "The winner is better than the preset's recipe: 98.91 % against 98.52 % over 5 seeds "
        "(paired t, p < 0.001)."
    )
    assert not against_runner_up["real"]
    assert against_runner_up["sentence"].startswith("No real difference from the runner-up: 98.91 % against")
    assert verdict["notes"][0].startswith("p, the p value, says how often luck alone would make")
    assert verdict["notes"][1:] == [
        "Corrected over 2 tests as by Holm.",
        "With 5 seeds the paired test finds only clear differences.",
    ]


def test_no_real_difference_is_a_verdict():
    final = fresh("best", BEST) + fresh("preset", RUNNER_UP)
    headline = judge(study(TRIALS, final))["headline"]
    assert headline.startswith(
        "No real difference between the winner and the preset's recipe: 98.91 % against"
    )


def test_a_winner_that_is_really_worse_is_called_worse():
    headline = judge(study(TRIALS, fresh("best", PRESET) + fresh("preset", BEST)))["headline"]
    assert headline.startswith("The winner is worse than the preset's recipe: 98.52 % against 98.91 %")


def test_validation_and_test_score_stand_side_by_side_with_the_optimism():
    winner = judge(study([trial(1, 0.97), trial(2, 0.991)], FINAL))["winners"][0]
    assert winner["trial"] == 2
    assert winner["validation"] == 0.991
    assert winner["test"]["mean"] == pytest.approx(0.9891)
    assert (winner["test"]["low"], winner["test"]["high"]) == (0.9889, 0.9893)
    # Five numbers 0.0001 apart: standard deviation 0.000158, t with 4 degrees of freedom 2.776.
    half = 2.776 * 0.0001 * sqrt(2.5) / sqrt(5)
    assert winner["test"]["interval"] == pytest.approx([0.9891 - half, 0.9891 + half], abs=1e-7)
    assert winner["optimism"]["difference"] == pytest.approx(0.0019)
    assert (
        "99.10 % on validation images, 98.91 % on the test set: 0.19 points less"
        in (winner["optimism"]["sentence"])
    )


def test_a_test_score_above_the_validation_score_is_explained_by_the_larger_training():
    optimism = judge(study(TRIALS, FINAL))["winners"][0]["optimism"]
    assert "0.91 points more; its fresh runs learned from more images" in optimism["sentence"]


def test_a_winner_that_is_the_presets_recipe_is_not_tested_against_itself():
    final = fresh("best", BEST)
    verdict = judge(study(TRIALS, (*final, *({**run, "role": "preset"} for run in final))))
    assert verdict["headline"] == "The winner is the preset's recipe itself: the search found nothing better."
    assert verdict["winners"][0]["tests"] == []


def test_one_set_up_that_is_cross_validated_is_no_winner_of_a_search():
    final = fresh("best", BEST)
    both = (*final, *({**run, "role": "preset"} for run in final))
    headline = judge(study(TRIALS, both, search={}))["headline"]
    assert headline == "The preset's recipe, with nothing else to choose from."


@pytest.mark.parametrize("runs", [0, 1, 2])
def test_too_few_fresh_runs_are_said_to_be_too_few(runs):
    final = fresh("best", BEST[:runs]) + fresh("preset", PRESET[:runs])
    verdict = judge(study(TRIALS, final))
    assert verdict["winners"][0]["tests"] == []
    assert verdict["headline"].startswith("Whether the winner is real is not known: ")
    assert verdict["winners"][0]["test"]["runs"] == runs
    assert verdict["winners"][0]["test"]["interval"] is None


def test_a_study_without_a_score_has_no_winner():
    verdict = judge(study([trial(1, None, status="failed", reason="diverged")]))
    assert verdict["winners"] == []
    assert verdict["headline"] == "There is no winner: no trial has a score."


def test_each_framework_has_its_winner_and_holm_corrects_over_all_tests():
    trials = [trial(1, 0.98), trial(2, 0.97, "numpy_scratch"), trial(3, 0.96, "numpy_scratch")]
    final = FINAL + fresh("best", RUNNER_UP, "numpy_scratch") + fresh("preset", BEST, "numpy_scratch")
    made = study(trials, final, {"numpy_scratch": 2, "pytorch": 1}, frameworks=("pytorch", "numpy_scratch"))
    verdict = judge(made)
    assert [winner["framework"] for winner in verdict["winners"]] == ["pytorch", "numpy_scratch"]
    first = verdict["winners"][0]["tests"][0]
    assert first["p"] == pytest.approx(3 * first["raw_p"])
    assert verdict["headline"] == (
        "Better than the preset's recipe: PyTorch. No real difference from the preset's recipe: NumPy."
    )
    assert [one.number for one in candidates(made, "numpy_scratch")] == [2, 3]


def test_a_common_best_is_paired_by_the_mean_over_its_frameworks():
    final = FINAL + fresh("best", PRESET, "numpy_scratch") + fresh("preset", PRESET[:4], "numpy_scratch")
    trials = [trial(1, 0.98, None), trial(2, 0.97, None)]
    made = study(trials, final, {"all": 1}, common=True, frameworks=("pytorch", "numpy_scratch"))
    test = judge(made)["winners"][0]["tests"][0]
    assert test["seeds"] == 4  # the fifth seed's preset is not there in both frameworks
    assert test["difference"] == pytest.approx((np.mean(BEST[:4]) - np.mean(PRESET[:4])) / 2)


def test_the_verdict_is_plain_json():
    verdict = judge(study(TRIALS, FINAL))
    assert json.loads(json.dumps(verdict, allow_nan=False)) == verdict


# ── times ───────────────────────────────────────────────────────────────────────────


def timed(best: list[float], preset: list[float], **more):
    final = fresh("best", best, key="score", **more) + fresh("preset", preset, key="score")
    trials = [trial(1, 9.0), trial(2, 7.0)]
    return study(trials, final, {"pytorch": 2}, objective="time-to-98")


def test_times_are_told_in_seconds_and_less_is_better():
    verdict = judge(timed([5.0, 5.1, 5.2], [9.0, 9.1, 9.3]))
    assert verdict["headline"].startswith(
        "The winner is faster than the preset's recipe: 5.1 s against 9.1 s over 3 runs (Tukey, p"
    )
    assert "points" not in json.dumps(verdict)


def test_times_that_lie_closer_than_a_machine_drifts_are_no_real_difference():
    headline = judge(timed([9.0, 9.01, 9.02], [9.5, 9.51, 9.52]))["headline"]
    assert headline.startswith("No real difference between the winner and the preset's recipe: 9.0 s")


def test_times_of_a_busy_machine_do_not_count():
    verdict = judge(timed([5.0, 5.1, 5.2], [9.0, 9.1, 9.3], busy=True))
    assert verdict["headline"].endswith("too few times that count: 0 of one of the two, and a test needs 3.")


def test_the_luck_of_a_time_that_was_measured_once_is_not_known():
    luck = judge(timed([5.0], [9.0]))["winners"][0]["luck"]
    assert luck["gain"] is None
    assert "timed once" in luck["sentence"]


# ── luck ────────────────────────────────────────────────────────────────────────────


def test_the_expected_best_of_normals_has_its_known_values():
    assert expected_best(1) == 0
    assert expected_best(2) == pytest.approx(1 / sqrt(np.pi))
    assert expected_best(3) == pytest.approx(3 / (2 * sqrt(np.pi)))
    assert expected_best(10) == pytest.approx(1.53875, abs=1e-5)  # Harter 1961, table 1
    assert expected_best(10_000) == pytest.approx(3.8516, abs=1e-4)


def test_single_fits_are_judged_by_their_validation_images():
    luck = judge(study(TRIALS, FINAL))["winners"][0]["luck"]
    error = sqrt(0.98 * 0.02 / 5000)
    assert luck["candidates"] == 3
    assert luck["standard_error"] == pytest.approx(error)
    assert luck["gain"] == pytest.approx(error * 3 / (2 * sqrt(np.pi)))
    assert luck["source"] == "images"
    assert "validation images" in luck["sentence"]


def test_the_digits_never_have_more_than_a_tenth_for_validation():
    assert validation_images(spec(fixed={"dataset": "digits", "validation_size": 5000})) == 149
    assert validation_images(spec(fixed={"dataset": "digits", "validation_size": 100})) == 100


def test_several_fits_are_judged_by_what_is_left_when_the_hard_folds_are_taken_out():
    folds = [0.90, 0.95, 0.99]  # how hard each is for everybody
    rows = [[0.001, -0.001, 0.0], [-0.001, 0.001, 0.0]]
    trials = [
        trial(number, 0.947, fits=tuple(fit(folds[k] + row[k], fold=k) for k in range(3)))
        for number, row in enumerate(rows, 1)
    ]
    # Residuals ±0.001, four of them; (2 - 1) × (3 - 1) degrees of freedom; a mean over three fits.
    error, source = standard_error(spec(folds=3), trials)
    assert source == "fits"
    assert error == pytest.approx(sqrt(4 * 0.001**2 / 2 / 3))


def test_a_trial_that_was_given_up_after_two_folds_does_not_decide_whose_fits_are_read():
    short = trial(3, 0.99, status="dismissed", fits=(fit(0.98, fold=0), fit(1.0, fold=1)))
    whole = [
        trial(number, 0.97, fits=tuple(fit(0.97 + step, fold=k) for k, step in enumerate(steps)))
        for number, steps in enumerate(((0.001, 0.0, -0.001), (-0.001, 0.0, 0.001)), 1)
    ]
    assert standard_error(spec(folds=3), [short, *whole]) == standard_error(spec(folds=3), whole)


def test_the_luck_is_what_a_simulation_of_equal_candidates_finds():
    random = np.random.default_rng(5)
    count, fits, spread = 20, 4, 0.002
    leads, told = [], []
    for _ in range(150):
        folds = random.normal(0, 0.01, fits)
        scores = 0.97 + folds + random.normal(0, spread, (count, fits))
        leads.append(scores.mean(axis=1).max() - scores.mean())
        trials = [
            trial(number, float(row.mean()), fits=tuple(fit(float(row[k]), fold=k) for k in range(fits)))
            for number, row in enumerate(scores, 1)
        ]
        made = study(trials, folds=fits)
        told.append(judge(made)["winners"][0]["luck"]["gain"])
    assert np.mean(told) == pytest.approx(np.mean(leads), rel=0.04)
    assert np.std(told) < 0.25 * np.mean(told)


def test_candidates_that_hardly_learned_do_not_blow_up_the_luck():
    random = np.random.default_rng(1)

    def one(number: int, mean: float, spread: float):
        values = random.normal(mean, spread, 3)
        fits = tuple(fit(float(value), fold=k) for k, value in enumerate(values))
        return trial(number, float(values.mean()), fits=fits)

    found = []
    for _ in range(30):
        good = [one(number, 0.98, 0.001) for number in range(1, 11)]
        bad = [one(number, 0.4, 0.1) for number in range(11, 19)]
        ranked = sorted(good + bad, key=lambda each: -(each.score or 0.0))
        found.append(standard_error(spec(folds=3), ranked)[0])
    assert np.mean(found) == pytest.approx(0.001 / sqrt(3), rel=0.1)
