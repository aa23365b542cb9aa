"""Who stands on which step of a race's podium: first past the post, as far as the times can tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from core import frameworks
from core.charts.colours import silk
from core.comparison.groups import comparable_groups, differences, unranked
from core.comparison.results import marks_in_words
from core.comparison.significance import (
    CLOSE_TIMES,
    MIN_SEEDS,
    PairTest,
    compare_times,
    level_with_fastest,
    why_close,
)
from core.words import listed, number_word, ordinal, seconds, span


@dataclass(frozen=True)
class Runner:
    """A framework on the podium."""

    framework: str
    run: str  # its fastest, of those whose times count
    seconds: float
    runs: int  # that it was the fastest of


@dataclass(frozen=True)
class Podium:
    """The steps from the first on: who shares one is too close to call by the clock.

    `headline` says who was first, `reason` whether that is real; without steps, why nobody is ranked.
    """

    steps: tuple[tuple[Runner, ...], ...] = ()
    unranked: dict[str, str] = field(default_factory=dict)  # run → why it has no place
    headline: str = ""
    reason: str = ""

    def place(self, framework: str) -> str:
        """In words, such as "1st" or "joint 2nd"; empty for who has none."""
        before = 0
        for step in self.steps:
            if any(runner.framework == framework for runner in step):
                return "joint " * (len(step) > 1) + ordinal(before + 1)
            before += len(step)
        return ""


def podium(frame: pd.DataFrame) -> Podium:
    """The podium of some runs (rows of `Results.frame`): by train time, a framework's fastest run.

    Runs have no place when the machine was busy, when they did not learn, were stopped, or their file
    does not say enough; and nobody has one when the rest were not alike or not on one machine.
    """
    reasons = unranked(frame)
    fair = frame[~frame.run.isin(list(reasons))]
    marks = marks_in_words(fair)
    reasons |= {str(run): mark for run, mark in marks.items() if mark}
    timed = fair[(marks == "") & (fair.train_time_sec > 0)]
    if problem := _not_alike(timed):
        return Podium((), reasons, "Nobody is ranked", problem)
    runners = [_runner(str(name), runs) for name, runs in timed.groupby("framework")]
    runners.sort(key=lambda runner: runner.seconds)
    tests = _time_tests(timed)
    steps = _steps(runners, tests)
    return Podium(steps, reasons, *_verdict(steps, tests))


def _not_alike(timed: pd.DataFrame) -> str:
    """Why these times cannot be held against each other; empty when they can."""
    if timed.empty:
        return "No run has a time that counts."
    if len(comparable_groups(timed)) > 1:
        return f"The runs are not alike: they differ in {listed(list(differences(timed)))}."
    if timed.machine.isna().any() or timed.machine.nunique() > 1:
        return "The times come from different or unknown machines."
    return ""


def _runner(name: str, runs: pd.DataFrame) -> Runner:
    fastest = runs.sort_values("train_time_sec").iloc[0]
    return Runner(name, str(fastest.run), float(fastest.train_time_sec), len(runs))


def _time_tests(timed: pd.DataFrame) -> list[PairTest]:
    times = {str(name): runs.train_time_sec.to_dict() for name, runs in timed.groupby("framework")}
    # Asked for only where it can say something: it imports scipy, and the first page shows a podium.
    return compare_times(times) if sum(len(runs) >= MIN_SEEDS for runs in times.values()) > 1 else []


def _steps(runners: Sequence[Runner], tests: list[PairTest]) -> tuple[tuple[Runner, ...], ...]:
    """On each step the fastest and all who cannot be told from it, in the order of the frameworks."""
    steps, left = [], list(runners)
    while left:
        level = level_with_fastest(tests, {runner.framework: runner.seconds for runner in left})
        step = [runner for runner in left if runner.framework in level]
        left = [runner for runner in left if runner not in step]
        steps.append(tuple(sorted(step, key=lambda runner: silk(runner.framework).number)))
    return tuple(steps)


def _verdict(steps: Sequence[Sequence[Runner]], tests: list[PairTest]) -> tuple[str, str]:
    """Who was first, and whether that is real."""
    tested = {name for test in tests for name in (test.first, test.second)}
    first = steps[0]
    if len(first) > 1:
        return _photo_finish(first, sum(map(len, steps)), tests)
    title = frameworks.title(first[0].framework)
    if len(steps) == 1:
        return f"{title}, {seconds(first[0].seconds)}", "Nobody else has a time that counts."
    second = min(steps[1], key=lambda runner: runner.seconds)
    ratio = second.seconds / first[0].seconds
    real = f"more than chance makes of single runs, {CLOSE_TIMES:g} times at most"
    if {first[0].framework, second.framework} <= tested:
        real = f"more than the same run varies, tested over {second.runs} runs"
    reason = f"{frameworks.title(second.framework)} takes {ratio:.1f} times as long: {real}."
    return f"{title} wins, {seconds(first[0].seconds)}", reason


def _photo_finish(first: Sequence[Runner], everybody: int, tests: list[PairTest]) -> tuple[str, str]:
    names = [frameworks.title(runner.framework) for runner in first]
    who = f"all {number_word(len(first))}" if len(first) == everybody > 2 else listed(names)
    reason = why_close(tests, [runner.framework for runner in first])
    times = span(min(one.seconds for one in first), max(one.seconds for one in first))
    return f"Photo finish: {who}, too close to call", f"{times}: {reason}."
