"""The statistics that tell two runs, or two frameworks over several runs, apart.

Every function imports its library when it is called: statsmodels takes a second.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

SIGNIFICANCE = 0.05
SMALL_COUNT = 25  # below this many disagreements McNemar's test is taken exactly
MIN_SEEDS = 3  # below this a paired test says nothing
# How far two train times must lie apart to mean anything (`tests/benchmarks/times.py`). Ten runs in turns on
# two cores: one pair in twenty of the same run differs by 1.17 times, of the fastest of three by 1.09. Single
# runs need more: an idle machine of the cloud drifts by a third within minutes, which turns even out.
CLOSE_TIMES = 1.4  # single runs
CLOSE_REPEATS = 1.15  # three runs each, in turns


@dataclass(frozen=True)
class PairTest:
    """Whether `first` and `second` differ; `p` is corrected over all pairs that were tested with it."""

    first: str
    second: str
    difference: float  # first minus second
    p: float
    raw_p: float
    method: str  # "exact McNemar", "McNemar", "paired t", "sign" or "Tukey"
    first_only: int | None = None  # images (McNemar) that only the first gets right
    second_only: int | None = None
    seeds: int | None = None  # compared (paired t, sign), or runs (Tukey)
    ratio: float | None = None  # of times: how many times as long the slower takes

    @property
    def real(self) -> bool:
        """Whether the difference is more than chance explains, at 5 % over all pairs.

        Of times it also has to be large: a machine drifts, which a test of a few runs takes for a difference.
        """
        return self.p < SIGNIFICANCE and (self.ratio is None or self.ratio >= CLOSE_REPEATS)


def mcnemar_test(first_right: np.ndarray, second_right: np.ndarray) -> tuple[float, bool]:
    """McNemar's test for two classifiers on the same images.

    Args:
        first_right: (N,) bool, where the first is right.
        second_right: the same for the second.

    Returns:
        The two-sided p value and whether it is exact (binomial). It is where fewer than 25 images
        separate the two; otherwise chi-squared without continuity correction, which keeps the level
        (Fagerland, Lydersen and Laake 2013).
    """
    from statsmodels.stats.contingency_tables import mcnemar

    both = np.sum(first_right & second_right)
    first_only, second_only = np.sum(first_right & ~second_right), np.sum(second_right & ~first_right)
    neither = len(first_right) - both - first_only - second_only
    exact = bool(first_only + second_only < SMALL_COUNT)
    result = mcnemar([[both, first_only], [second_only, neither]], exact=exact, correction=False)
    return min(float(result.pvalue), 1.0), exact


def compare_predictions(right: dict[str, np.ndarray]) -> list[PairTest]:
    """McNemar's test for every pair of runs on one test set, Holm-corrected over the pairs.

    Args:
        right: for each run (N,) bool, where it is right; the same images in the same order.
    """
    found = []
    for first, second in combinations(right, 2):
        a, b = right[first], right[second]
        p, exact = mcnemar_test(a, b)
        method = "exact McNemar" if exact else "McNemar"
        counts = {"first_only": int(np.sum(a & ~b)), "second_only": int(np.sum(b & ~a))}
        found.append(PairTest(first, second, float(a.mean() - b.mean()), p, p, method, **counts))
    return holm(found)


def compare_seeds(values: dict[str, dict[int, float]]) -> list[PairTest]:
    """Paired test over the seeds that two frameworks share, Holm-corrected over the pairs.

    The t-test, or where all differences are the same number, so that there is no spread to judge
    them by, the sign test.

    Args:
        values: for each framework one accuracy a seed. Pairs with fewer than three seeds in common are
            left out.
    """
    from scipy.stats import binomtest, ttest_rel

    found = []
    for first, second in combinations(values, 2):
        seeds = sorted(values[first].keys() & values[second].keys())
        if len(seeds) < MIN_SEEDS:
            continue
        a = np.array([values[first][seed] for seed in seeds])
        b = np.array([values[second][seed] for seed in seeds])
        apart, method = a - b, "paired t"
        if np.ptp(apart) > 1e-9 * np.abs(a).max():
            p = float(ttest_rel(a, b).pvalue)
        elif np.allclose(a, b, rtol=1e-9, atol=0):
            p = 1.0
        else:
            p, method = float(binomtest(len(seeds), len(seeds)).pvalue), "sign"
        found.append(PairTest(first, second, float(apart.mean()), p, p, method, seeds=len(seeds)))
    return holm(found)


def compare_times(seconds: Mapping[str, Mapping[Any, float]]) -> list[PairTest]:
    """Tukey's honestly significant difference for every pair of frameworks, on the logarithm of train times.

    A machine that slows down multiplies a time, whatever the seed: there is nothing to pair, and all
    frameworks together tell how much the same run varies (the test takes it to be alike for all).
    Judged pair by pair, three runs would call twice the time chance.

    Args:
        seconds: for each framework the time of each of its runs, other seeds and repeats alike.
            Frameworks with fewer than three are left out, and everything where no framework's times vary
            at all.
    """
    logs = {name: np.log(list(times.values())) for name, times in seconds.items() if len(times) >= MIN_SEEDS}
    if len(logs) < 2 or not any(np.ptp(values) > 1e-9 for values in logs.values()):
        return []
    from scipy.stats import tukey_hsd

    p_values = tukey_hsd(*logs.values()).pvalue
    found = []
    for (row, first), (column, second) in combinations(enumerate(logs), 2):
        difference = float(np.exp(logs[first]).mean() - np.exp(logs[second]).mean())
        p = float(p_values[row, column])  # already speaks for all pairs together
        runs = min(len(logs[first]), len(logs[second]))
        ratio = float(np.exp(abs(logs[first].mean() - logs[second].mean())))
        found.append(PairTest(first, second, difference, p, p, "Tukey", seeds=runs, ratio=ratio))
    return found


def level_with_fastest(tests: Sequence[PairTest], times: Mapping[str, float]) -> list[str]:
    """The fastest, and behind it those that cannot be told from it, in the order of their times.

    A pair that was tested is told apart by its test, single runs by CLOSE_TIMES.

    Args:
        tests: from `compare_times`.
        times: framework → seconds; at least one.
    """
    fastest, *others = sorted(times, key=lambda name: times[name])
    return [fastest, *(name for name in others if not _apart(tests, fastest, name, times))]


def _apart(tests: Sequence[PairTest], fast: str, slow: str, times: Mapping[str, float]) -> bool:
    for test in tests:
        if {test.first, test.second} == {fast, slow}:
            return test.real and (test.difference < 0) == (test.first == fast)
    return times[slow] >= CLOSE_TIMES * times[fast]


def why_close(tests: Sequence[PairTest], names: Iterable[str]) -> str:
    """Why times that are level (see `level_with_fastest`) say nothing, as the end of a sentence."""
    tested = {name for test in tests for name in (test.first, test.second)}
    if tested.issuperset(names):
        return "over their runs that may be luck"
    return f"the same run, trained again, can take up to {CLOSE_TIMES:g} times as long"


def holm(tests: Sequence[PairTest]) -> list[PairTest]:
    """The tests with `p` corrected over all of them, from their `raw_p` (Holm 1979)."""
    if len(tests) < 2:
        return list(tests)
    from statsmodels.stats.multitest import multipletests

    corrected = multipletests([test.raw_p for test in tests], alpha=SIGNIFICANCE, method="holm")[1]
    return [replace(test, p=float(p)) for test, p in zip(tests, corrected, strict=True)]
