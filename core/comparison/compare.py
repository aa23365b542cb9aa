"""The chosen runs side by side: the ranking, and whether the differences in it are real.

The page, the command line and the report all call `compare`.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from core import frameworks
from core.charts.colours import order
from core.comparison.groups import Group, comparable_groups, run_labels, settings_in_words, unranked
from core.comparison.results import marks_in_words
from core.comparison.significance import PairTest, compare_predictions, compare_seeds, compare_times
from core.runs.predictions import TestSet, load_test_sets
from core.scores import Calibration, calibration
from core.words import listed

MOST_RUNS = 60  # compared at once; more would neither draw nor read well
MOST_PAIRED_RUNS = 12  # 66 pairs


@dataclass(eq=False)
class Comparison:
    """The chosen runs and everything that was found out about them.

    The fields never change. What takes longer, calibration and the tests between single runs, is
    worked out when somebody first asks, and kept.
    """

    frame: pd.DataFrame  # rows of the chosen runs
    labels: dict[str, str]  # run → short name
    groups: list[Group]  # comparable groups among the chosen runs
    unranked: dict[str, str]  # run → why no ranking takes it
    test_sets: list[TestSet]
    without_predictions: dict[str, str]  # run → reason
    accuracy_tests: list[PairTest] = field(default_factory=list)  # between frameworks, over seeds
    time_tests: list[PairTest] = field(default_factory=list)
    _run_tests: dict[float | None, list[PairTest]] = field(default_factory=dict, init=False, repr=False)

    @property
    def group(self) -> Group | None:
        """The one group that holds all chosen runs, or None: then nothing is ranked."""
        fits = len(self.groups) == 1 and not self.unranked
        return self.groups[0] if fits else None

    @property
    def same_machine(self) -> bool:
        """Whether all times come from one known machine."""
        return bool(self.frame.machine.notna().all()) and self.frame.machine.nunique() == 1

    @property
    def times_rank(self) -> bool:
        """Whether the runs' times may be held against each other: a fair group on one machine."""
        return self.group is not None and self.same_machine

    @property
    def paired_seeds(self) -> list[float]:
        """The seeds of the runs that answered the same test set, for `one_seed`."""
        return sorted(self._paired().seed.dropna().unique())

    def _paired(self) -> pd.DataFrame:
        return self.frame.loc[list(self.test_sets[0].probabilities) if self.test_sets else []]

    @cached_property
    def untimed(self) -> dict[str, str]:
        """Run → why its times are shown but not ranked: the machine was busy, or it did not learn."""
        marks = marks_in_words(self.frame)
        return {str(run): mark for run, mark in marks.items() if mark}

    @cached_property
    def timed(self) -> pd.DataFrame:
        """The rows whose times count."""
        return _timed(self.frame)

    def untimed_note(self) -> str:
        """Which runs are left out wherever times stand, and why, in a sentence; empty when none is."""
        told = [f"{self.labels[run]} ({mark})" for run, mark in self.untimed.items()]
        return f"Not ranked by time: {listed(told)}." if told else ""

    def rows(self) -> dict[str, str]:
        """Run → the line that it is drawn on: its framework where runs are ranked, else its own."""
        if self.group is None:
            return self.labels
        return dict(zip(self.frame.run, self.frame.framework.map(frameworks.title), strict=True))

    def ranking(self) -> pd.DataFrame:
        """One row a framework, most accurate first, over its runs (see `rank`).

        What the machine decides is NaN when the runs come from several.
        """
        table = rank(self.frame)
        return table if self.same_machine else table.assign(**dict.fromkeys(MACHINE_DECIDES, float("nan")))

    def one_seed(self, seed: float | None = None) -> TestSet | None:
        """Single runs that answered the same test set, at most MOST_PAIRED_RUNS; None without predictions.

        With several seeds only runs of one (the lowest by default), and of repeated runs only the
        newest: the rest would ask the same question again.
        """
        if not self.test_sets:
            return None
        rows = self._paired()
        if seed is None:
            seed = rows.seed.min()
        rows = rows[rows.seed.isna() | (rows.seed == seed)]
        if rows.empty:
            return None
        known = rows.framework.notna() & (rows.origin != "imported")
        settings = settings_in_words(rows)
        titles = rows.title.where(rows.title != rows.run, "")  # the visitor's own tell runs apart
        repeated = settings.assign(framework=rows.framework, title=titles, machine=rows.machine).duplicated()
        return self.test_sets[0].choose(list(rows.run[~(known & repeated)])[:MOST_PAIRED_RUNS])

    def labels_of(self, test_set: TestSet) -> dict[str, str]:
        """Short names of these runs, which say only what tells them from one another."""
        return run_labels(self.frame.loc[list(test_set.probabilities)])

    def frameworks_of(self, names: dict[str, str]) -> dict[str, str]:
        """Name on a chart → framework, which decides its colour, from run → name on the chart."""
        return {name: str(self.frame.framework[run]) for run, name in names.items()}

    @cached_property
    def calibrations(self) -> dict[str, Calibration]:
        """How sure each run of `one_seed` is against how often it is right, by its short name."""
        test_set = self.one_seed()
        if test_set is None:
            return {}
        labels, tables = self.labels_of(test_set), test_set.probabilities
        return {labels[run]: calibration(table, test_set.labels) for run, table in tables.items()}

    def run_tests(self, seed: float | None = None) -> list[PairTest]:
        """McNemar's test for each pair of the runs of `one_seed`; worked out once."""
        if seed not in self._run_tests:  # statsmodels' correction takes 0.1 s: it collects garbage
            test_set = self.one_seed(seed)
            self._run_tests[seed] = compare_predictions(test_set.right()) if test_set else []
        return self._run_tests[seed]


def compare_runs(artifacts: Path, frame: pd.DataFrame) -> Comparison:
    """Compares the runs in `frame` (rows of `Results.frame`, at most MOST_RUNS are taken, see `evenly`)."""
    frame = evenly(frame)
    frame = frame.sort_values("created", ascending=False, kind="stable", na_position="last")
    frame = frame.sort_values("seed", kind="stable", na_position="last")
    place = {name: number for number, name in enumerate(order(list(frame.framework.dropna().unique())))}
    frame = frame.iloc[frame.framework.map(place).argsort(kind="stable")]  # those without one last
    test_sets, problems = load_test_sets(artifacts, list(frame.run))
    groups, left_out = comparable_groups(frame), unranked(frame)
    comparison = Comparison(frame, run_labels(frame), groups, left_out, test_sets, problems)
    if comparison.group is None:
        return comparison
    accuracies = _by_seed(frame, "test_accuracy")
    timed = comparison.timed[comparison.timed.train_time_sec > 0]
    by_framework = timed.groupby("framework", sort=False)
    times = {str(name): runs.train_time_sec.to_dict() for name, runs in by_framework}
    return replace(comparison, accuracy_tests=compare_seeds(accuracies), time_tests=compare_times(times))


def evenly(frame: pd.DataFrame) -> pd.DataFrame:
    """At most MOST_RUNS rows, in their order: of each framework as many as of the others, the first ones."""
    if len(frame) <= MOST_RUNS:
        return frame
    turn = frame.groupby("framework", dropna=False).cumcount()
    return frame[frame.index.isin(turn.sort_values(kind="stable").index[:MOST_RUNS])]


def cut_note(offered: int) -> str:
    """What to say when `evenly` had to leave runs out of so many; empty when it had not."""
    if offered <= MOST_RUNS:
        return ""
    return f"{MOST_RUNS} of these {offered:,} runs are compared: of each framework as many, the newest."


def _by_seed(frame: pd.DataFrame, column: str) -> dict[str, dict[int, float]]:
    means = frame.dropna(subset=[column, "seed"]).groupby(["framework", "seed"], sort=False)[column].mean()
    return {name: means[name].to_dict() for name in means.index.unique("framework")}


def _timed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[marks_in_words(frame) == ""]


RANKED = {
    "test_accuracy": "accuracy",
    "train_time_sec": "train time",
    "images_per_second": "images a second",
    "params": "parameters",
    "effective_loc": "effective lines",
    "model_bytes": "model size",
    "predict_ms": "prediction",
    "peak_memory_mb": "peak memory",
}

# Of several runs the fastest: what disturbs a clock only ever makes it slower.
FASTEST = {"train_time_sec": "min", "images_per_second": "max", "predict_ms": "min"}
MACHINE_DECIDES = (*FASTEST, "train_time_max", "peak_memory_mb")


def rank(frame: pd.DataFrame) -> pd.DataFrame:
    """RANKED of each framework, most accurate first, with `runs` and the spread `accuracy_sd`.

    Means over its runs; of times the fastest (FASTEST) and the slowest (`train_time_max`) of the
    `timed_runs`, those whose times count.
    """
    by_framework = frame.groupby("framework")
    table = by_framework[list(RANKED)].mean()
    timed = _timed(frame).groupby("framework")
    for column, of_several in FASTEST.items():
        table[column] = timed[column].agg(of_several)
    table["train_time_max"] = timed.train_time_sec.max()
    table["timed_runs"] = timed.train_time_sec.count()
    table["timed_runs"] = table.timed_runs.fillna(0).astype(int)
    table["accuracy_sd"] = by_framework.test_accuracy.std()
    table["runs"] = by_framework.size()
    # One run has the interval of its test set; several have the spread of their accuracies.
    single = table.runs == 1
    for side in ("accuracy_low", "accuracy_high"):
        table[side] = by_framework[side].first().where(single)
    return table.sort_values(["test_accuracy", "train_time_sec"], ascending=[False, True])
