"""Tests between runs and frameworks against libraries, published values and simulation."""

import gc
import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, chi2
from statsmodels.stats.multicomp import pairwise_tukeyhsd

from core.comparison import significance


def right(first_only: int, second_only: int, both: int = 50, neither: int = 20):
    first = np.repeat([True, True, False, False], [both, first_only, second_only, neither])
    second = np.repeat([True, False, True, False], [both, first_only, second_only, neither])
    return first, second


def test_mcnemar_has_the_published_value():
    # Agresti 2002, Categorical Data Analysis, section 10.1: ratings of a prime minister in two polls,
    # 794 approve twice, 150 only first, 86 only second, 570 never; z² = 64² / 236 = 17.36.
    p, exact = significance.mcnemar_test(*right(150, 86, both=794, neither=570))
    assert not exact
    assert p == pytest.approx(chi2.sf(64**2 / 236, 1), rel=1e-9)
    assert p == pytest.approx(3.1e-5, rel=0.01)


@pytest.mark.parametrize(("first", "second"), [(1, 9), (5, 5), (0, 24), (3, 11)])
def test_few_disagreements_are_tested_exactly(first, second):
    p, exact = significance.mcnemar_test(*right(first, second))
    assert exact
    tail = sum(math.comb(first + second, k) for k in range(min(first, second) + 1)) / 2 ** (first + second)
    assert p == pytest.approx(min(1.0, 2 * tail))


def test_equal_runs_are_not_different():
    p, _ = significance.mcnemar_test(*right(0, 0))
    assert p == 1.0


def test_equal_classifiers_are_called_different_in_about_five_per_cent():
    rng = np.random.default_rng(7)
    differences = rng.binomial(100, 0.5, size=2000)  # 100 images that one of two equal models gets right
    found = [significance.mcnemar_test(*right(count, 100 - count))[0] < 0.05 for count in differences]
    # The test steps from one count to the next: its exact level for 100 images, not 5 % itself.
    level = sum(
        binom.pmf(count, 100, 0.5) for count in range(101) if chi2.sf((2 * count - 100) ** 2 / 100, 1) < 0.05
    )
    assert 0.03 < level < 0.07
    assert np.mean(found) == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / 2000))


def test_equal_frameworks_are_called_different_over_seeds_in_five_per_cent():
    rng = np.random.default_rng(8)
    found = []
    for _ in range(1000):
        a, b = rng.normal(0.99, 0.001, (2, 4))
        (test,) = significance.compare_seeds({"a": dict(enumerate(a)), "b": dict(enumerate(b))})
        found.append(test.real)
    assert np.mean(found) == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 1000))


@pytest.fixture
def cheap_collection():
    """statsmodels collects garbage at every correction; what is there already need not be searched."""
    gc.freeze()
    yield
    gc.unfreeze()


def test_holm_keeps_a_family_of_equal_runs_below_five_per_cent(cheap_collection):
    rng = np.random.default_rng(9)
    alarms = 0
    for _ in range(300):
        runs = {name: rng.random(1500) < 0.9 for name in "abcde"}
        alarms += any(test.real for test in significance.compare_predictions(runs))
    assert alarms / 300 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)


def test_holm_is_applied_over_all_pairs():
    rng = np.random.default_rng(1)
    runs = {
        name: rng.random(2000) < level for name, level in zip("abcd", (0.9, 0.91, 0.93, 0.95), strict=True)
    }
    tests = significance.compare_predictions(runs)
    assert [(test.first, test.second) for test in tests] == list(itertools.combinations("abcd", 2))
    raw = sorted(test.raw_p for test in tests)
    expected = np.maximum.accumulate([min(1, (6 - place) * p) for place, p in enumerate(raw)])
    assert sorted(test.p for test in tests) == pytest.approx(list(expected))


def test_the_paired_t_test_over_seeds_by_hand():
    # Differences 1, 2, 3 thousandths: t = 2 / (1 / √3) = 3.464 with 2 degrees of freedom, p = 0.0742.
    (test,) = significance.compare_seeds(
        {"a": {0: 0.991, 1: 0.992, 2: 0.993, 7: 0.5}, "b": {0: 0.990, 1: 0.990, 2: 0.990, 8: 0.6}}
    )
    assert test.seeds == 3
    assert test.difference == pytest.approx(0.002)
    assert test.raw_p == pytest.approx(0.0742, abs=5e-5)
    assert not test.real


def test_fewer_than_three_shared_seeds_are_not_tested():
    assert significance.compare_seeds({"a": {0: 0.9, 1: 0.8}, "b": {0: 0.9, 1: 0.8}}) == []


def test_seeds_without_spread_do_not_make_certainty():
    (test,) = significance.compare_seeds({"a": {0: 0.98, 1: 0.97, 2: 0.96}, "b": {0: 0.97, 1: 0.96, 2: 0.95}})
    assert (test.method, test.raw_p) == ("sign", 0.25)
    (same,) = significance.compare_seeds({"a": {0: 0.98, 1: 0.97, 2: 0.96}, "b": {0: 0.98, 1: 0.97, 2: 0.96}})
    assert same.p == 1.0


# Seconds over three seeds, as a real race took on two cores.
TIMES = {
    "pytorch": {0: 21.7, 1: 24.0, 2: 24.6},
    "tensorflow_tape": {0: 24.9, 1: 25.2, 2: 26.8},
    "numpy_scratch": {0: 58.4, 1: 48.2, 2: 63.8},
}


def test_three_runs_suffice_to_call_twice_the_time_real():
    tests = {(test.first, test.second): test for test in significance.compare_times(TIMES)}
    assert len(tests) == 3
    assert not tests["pytorch", "tensorflow_tape"].real
    slow = tests["pytorch", "numpy_scratch"]
    assert slow.real
    assert slow.seeds == 3
    assert slow.difference == pytest.approx(np.mean([21.7, 24.0, 24.6]) - np.mean([58.4, 48.2, 63.8]))


def test_tukeys_test_is_that_of_statsmodels_on_logarithms():
    flat = [(name, np.log(time)) for name, times in TIMES.items() for time in times.values()]
    names, logs = zip(*flat, strict=True)
    expected = pairwise_tukeyhsd(np.array(logs), np.array(names))
    by_pair = dict(zip(itertools.combinations(expected.groupsunique, 2), expected.pvalues, strict=True))
    for test in significance.compare_times(TIMES):
        assert test.p == pytest.approx(by_pair[tuple(sorted((test.first, test.second)))], abs=1e-6)


def test_equal_frameworks_are_called_faster_in_about_5_percent_of_races():
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        times = {name: dict(enumerate(np.exp(rng.normal(3, 0.1, 3)))) for name in "abc"}
        alarms += any(test.real for test in significance.compare_times(times))
    assert alarms / 100 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 100)


def test_times_without_spread_or_runs_are_not_tested():
    assert significance.compare_times({"a": {0: 5.0, 1: 5.0, 2: 5.0}, "b": {0: 7.0, 1: 7.0, 2: 7.0}}) == []
    assert significance.compare_times({"a": {0: 5.0, 1: 5.2, 2: 5.1}, "b": {0: 7.0, 1: 7.1}}) == []
