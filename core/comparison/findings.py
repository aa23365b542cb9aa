"""What a comparison found, in a few plain words."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from core import frameworks
from core.comparison.compare import Comparison
from core.comparison.groups import differences
from core.comparison.significance import CLOSE_REPEATS, SIGNIFICANCE, PairTest, level_with_fastest, why_close
from core.scores import Calibration
from core.words import (
    counted,
    listed,
    megabytes,
    number_word,
    p_value,
    percent,
    points,
    seconds,
    span,
    whole,
)

NO_DIFFERENCE = "no real difference"
SAME_SIZE = 1.05  # formats differ by a few kilobytes of description


@dataclass(frozen=True)
class Finding:
    """The answer to one question."""

    question: str
    answer: str
    detail: str
    framework: str | None = None  # whose colour it may carry


def findings(comparison: Comparison) -> list[Finding]:
    """More accurate, faster, smaller, shorter: empty when the chosen runs cannot be ranked."""
    if comparison.group is None:
        return []
    ranking = comparison.ranking()
    return [
        accuracy_finding(comparison, ranking),
        time_finding(comparison, ranking),
        _least(ranking, "model_bytes", "Smallest model", megabytes, _size_detail(ranking)),
        _least(ranking, "effective_loc", "Shortest code", lambda lines: f"{lines:.0f} lines", ""),
    ]


def why_not_ranked(comparison: Comparison) -> list[str]:
    """What keeps the chosen runs from one ranking, a line each; empty when nothing does."""
    if comparison.group is not None:
        return []
    reasons = [f"{comparison.labels[run]}: {reason}" for run, reason in comparison.unranked.items()]
    ranked = comparison.frame[~comparison.frame.run.isin(list(comparison.unranked))]
    for setting, values in differences(ranked).items() if len(ranked) else ():
        counts = ", ".join(f"{value} ({counted(len(runs), 'run')})" for value, runs in values.items())
        reasons.append(f"{setting} differs: {counts}")
    return reasons


# ── accuracy and time ───────────────────────────────────────────────────────────────


def accuracy_finding(comparison: Comparison, ranking: pd.DataFrame) -> Finding:
    """Who is most accurate, and from whom that is a real difference."""
    question, best = "Most accurate", ranking.index[0]
    if comparison.frame.learned.eq(False).all():
        return Finding(question, "Nobody", "No run here learned.")
    answer = f"{frameworks.title(best)}, {percent(ranking.test_accuracy.iloc[0])}"
    if len(ranking) == 1:
        return Finding(question, answer, _alone(ranking), best)
    tests = framework_tests(comparison)
    if not tests:
        needed = "one run of each framework with its predictions, or three seeds that they share"
        return Finding(question, answer, f"Not tested: needs {needed}.", best)
    if _all_pairs(tests, ranking) and not any(test.real for test in tests.values()):
        low, high = ranking.test_accuracy.iloc[-1], ranking.test_accuracy.iloc[0]
        over = f"over {_fewest_seeds(tests)} seeds " if comparison.accuracy_tests else ""
        between = f"{percent(low)} to {percent(high)}: {over}no more than luck would make."
        if percent(low) == percent(high):
            between = f"{over}all reach {percent(low)}.".capitalize()
        return Finding(question, "No real difference", between)
    against: dict[str, list[str]] = {"beaten": [], "tied": [], "ahead": [], "untested": []}
    for name in ranking.index[1:]:
        against[_outcome(tests.get(frozenset((best, name))), best)].append(name)
    lead = "A real lead" if comparison.accuracy_tests else "In these single runs a real lead"
    said = {
        "beaten": f"{lead} over",
        "tied": f"{NO_DIFFERENCE.capitalize()} from",
        "ahead": "On the seeds that both have, really behind",
        "untested": "Not tested against",
    }
    words = [f"{said[outcome]} {_titles(names)}." for outcome, names in against.items() if names]
    return Finding(question, answer, " ".join(words), best)


def _outcome(test: PairTest | None, best: str) -> str:
    if test is None:
        return "untested"
    if not test.real:
        return "tied"
    return "beaten" if (test.difference > 0) == (test.first == best) else "ahead"


def _all_pairs(tests: dict[frozenset[str], PairTest], ranking: pd.DataFrame | pd.Series) -> bool:
    return len(tests) == len(ranking) * (len(ranking) - 1) / 2


def _fewest_seeds(tests: dict[frozenset[str], PairTest]) -> int:
    return min(test.seeds for test in tests.values() if test.seeds is not None)


def framework_tests(comparison: Comparison) -> dict[frozenset[str], PairTest]:
    """One test for each pair of frameworks: over seeds where they suffice, else between single runs.

    Of several runs a framework's accuracy is their mean, about which a test of two runs says nothing.
    """
    if comparison.accuracy_tests:
        return {frozenset((test.first, test.second)): test for test in comparison.accuracy_tests}
    names = comparison.frame.framework
    tests = [] if names.duplicated().any() else comparison.run_tests()
    named = [replace(test, first=names[test.first], second=names[test.second]) for test in tests]
    return {frozenset((test.first, test.second)): test for test in named}


def time_finding(comparison: Comparison, ranking: pd.DataFrame) -> Finding:
    """Who trains fastest, when the times may be compared."""
    question = "Fastest training"
    if not comparison.same_machine:
        return Finding(question, "Not ranked", "The times come from different or unknown machines.")
    times = ranking.train_time_sec.dropna().sort_values()
    left_out = _left_out(comparison.untimed)
    if times.empty:
        if left_out:
            return Finding(question, "Not ranked", left_out.replace("Not ranked by time", "No time counts"))
        return Finding(question, "–", "No run has a train time.")
    best = times.index[0]
    ranges = _ranges(ranking, times.index[:1])
    if len(times) == 1:
        alone = f"The only framework with times that count. {left_out}" if left_out else _alone(ranking)
        return Finding(question, f"{frameworks.title(best)}, {seconds(times.iloc[0])}", alone, best)
    level = level_with_fastest(comparison.time_tests, {str(name): time for name, time in times.items()})
    if len(level) > 1:
        return Finding(question, *_photo_finish(comparison, times, level, left_out))
    detail = " ".join(filter(None, (_slowest(times), ranges, left_out)))
    return Finding(question, f"{frameworks.title(best)}, {seconds(times.iloc[0])}", detail, best)


def _photo_finish(
    comparison: Comparison, times: pd.Series, close: list[str], left_out: str
) -> tuple[str, str]:
    """Answer and detail where the fastest cannot be told from others: nobody's name alone stands above."""
    who = f"all {number_word(len(close))}" if len(close) == len(times) > 3 else _titles(close)
    reason = why_close(comparison.time_tests, close)
    detail = [f"{span(times[close[0]], times[close].max())}: {reason}."]
    if len(close) < len(times):
        detail.append(_slowest(times))
    detail.append(left_out)
    return f"Photo finish: {who}, too close to call", " ".join(filter(None, detail))


def _slowest(times: pd.Series) -> str:
    return f"{frameworks.title(times.index[-1])} takes {times.iloc[-1] / times.iloc[0]:.1f} times as long."


def _ranges(ranking: pd.DataFrame, names: pd.Index) -> str:
    """The range of the repeats, where there are any."""
    rows = ranking.loc[names]
    rows = rows[rows.timed_runs > 1]
    figures = zip(rows.timed_runs, rows.train_time_sec, rows.train_time_max, strict=True)
    return " ".join(f"The fastest of {runs} runs, {span(low, high)}." for runs, low, high in figures)


def _left_out(untimed: dict[str, str]) -> str:
    """Which runs no ranking of times takes, in a sentence; empty when all are in it."""
    counts = Counter(untimed.values())
    words = [f"{counted(number, 'run')} ({mark})" for mark, number in counts.items()]
    return f"Not ranked by time: {listed(words)}." if words else ""


# ── size and lines ──────────────────────────────────────────────────────────────────


def _least(
    ranking: pd.DataFrame, column: str, question: str, show: Callable[[float], str], detail: str
) -> Finding:
    values = ranking[column].dropna().sort_values()
    if values.empty:
        return Finding(question, "–", "Not recorded.")
    slack = SAME_SIZE if column == "model_bytes" else 1
    equal = values.index[values <= slack * values.iloc[0]]
    if len(equal) == len(values) > 1:
        return Finding(question, f"All alike, {show(values.iloc[0])}", detail)
    who = frameworks.title(equal[0]) if len(equal) == 1 else f"{len(equal)} alike"
    if len(values) > len(equal):
        longest = f"Most: {frameworks.title(values.index[-1])}, {show(values.iloc[-1])}."
        detail = f"{longest} {detail}".strip()
    return Finding(question, f"{who}, {show(values.iloc[0])}", detail, equal[0] if len(equal) == 1 else None)


def _size_detail(ranking: pd.DataFrame) -> str:
    counts = ranking.params.dropna().unique()
    return f"All have {whole(counts[0])} parameters." if len(counts) == 1 and len(ranking) > 1 else ""


def _titles(names: list[str]) -> str:
    return listed([frameworks.title(name) for name in names])


def _alone(ranking: pd.DataFrame) -> str:
    row = ranking.iloc[0]
    spread = f", spread {points(row.accuracy_sd)} points" if row.runs > 1 else ""
    return f"The only framework here ({counted(int(row.runs), 'run')}{spread})."


# ── tests in words ──────────────────────────────────────────────────────────────────


def explain_p(tests: list[PairTest]) -> str:
    """What a p value is, for the place where the first one stands."""
    return (
        "p, the p value, says how often luck alone would make a difference at least this large. Below "
        f"{SIGNIFICANCE:g}, {100 * SIGNIFICANCE:.0f} times in 100, a difference counts as real. Who tests "
        f"{counted(len(tests), 'pair')} at once finds more by luck; the p values allow for that."
    )


def explain_runs(tests: list[PairTest]) -> str:
    """Two lines on what was tested between single runs."""
    pairs = counted(len(tests), "pair")
    return (
        "Tested: of the test images that only one of two runs gets right, does one run have more than half? "
        f"McNemar's test (exact below 25 such images), corrected over {pairs} as by Holm; "
        f"real means p < {SIGNIFICANCE:g}. It speaks about these trained models, not about the frameworks."
    )


def explain_seeds(tests: list[PairTest]) -> str:
    """Two lines on what was tested over seeds."""
    pairs = counted(len(tests), "pair")
    return (
        "Tested: trained again with other seeds, is one framework better on average? "
        f"Paired t-test over the seeds that both share, corrected over {pairs} as by Holm; "
        f"real means p < {SIGNIFICANCE:g}. With so few seeds it finds only clear differences."
    )


def explain_times(tests: list[PairTest]) -> str:
    """Two lines on what was tested between train times."""
    return (
        "Tested: trained again, does one framework take longer by more than the same run varies? "
        f"Tukey's test on the logarithms of the times, over {counted(len(tests), 'pair')} together; real "
        f"means p < {SIGNIFICANCE:g} and {CLOSE_REPEATS:g} times as long: the machine itself drifts by less."
    )


def explain_calibration(curves: dict[str, Calibration]) -> str:
    """What a reliability curve shows, and each run's expected calibration error."""
    errors = ", ".join(f"{name} {points(curve.error)}" for name, curve in curves.items())
    return (
        "Does a run that claims to be 90 % sure get 90 of 100 right? On the dotted line it does; below, "
        f"it is too sure. Expected calibration error, the mean distance from the line, in points: {errors}."
    )


def verdict(test: PairTest, names: dict[str, str]) -> str:
    """Who is better, or "no real difference"."""
    if not test.real:
        return NO_DIFFERENCE
    return f"{names[test.first if test.difference > 0 else test.second]} is better"


def pair_table(tests: list[PairTest], names: dict[str, str], unit: str = "points") -> pd.DataFrame:
    """One line a pair, for page, report and command line.

    Args:
        tests: from `Comparison`.
        names: what to call `first` and `second`.
        unit: "points" (accuracies as percentage points) or "s" (seconds).
    """
    lines = []
    for test in tests:
        scale = 100 if unit == "points" else 1
        line = {"pair": f"{names[test.first]} – {names[test.second]}", "finding": verdict(test, names)}
        if unit == "s" and test.real:
            line["finding"] = f"{names[test.first if test.difference < 0 else test.second]} is faster"
        line[f"difference ({unit})"] = f"{scale * test.difference:+.2f}"
        line["p"] = p_value(test.p)
        if test.seeds is None:
            line["right where the other is wrong"] = f"first {test.first_only}, second {test.second_only}"
        else:
            line["runs" if unit == "s" else "seeds"] = str(test.seeds)
        line["test"] = test.method
        lines.append(line)
    return pd.DataFrame(lines)
