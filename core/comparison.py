"""Which runs may be ranked together, the ranking, and whether the differences in it are real.

The page, the command line and the report all call `compare`.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from core import frameworks
from core.evaluation import PairTest, compare_runs, compare_seeds
from core.results import in_words, show
from core.saved_predictions import TestSet, load_test_sets

# Everything beyond framework and seed that decides a result: runs are ranked together when all match.
SETTINGS = {
    "dataset": "dataset",
    "architecture": "architecture",
    "protocol": "protocol",
    "epochs": "epochs",
    "batch_size": "batch size",
    "device": "device",
    "threads": "threads",
    "optimizer": "optimizer",
    "learning_rate": "learning rate",
    "momentum": "momentum",
    "schedule": "schedule",
    "decay": "decay",
    "augment": "augmentation",
    "scaling": "scaling",
    "validation_size": "validation images",
    "train_size": "training images",
    "start_from": "start",
    "own_digits": "own digits",
}
NEEDED = ("framework", "test_accuracy", *list(SETTINGS)[:9], "schedule")  # unknown means not rankable
MOST_RUNS = 60  # compared at once; more would neither draw nor read well
MOST_PAIRED_RUNS = 12  # 66 pairs


# ── names ───────────────────────────────────────────────────────────────────────────


@cache
def framework_title(framework: Any) -> str:
    """What the app calls a framework; the name as written when it is none of ours; "unknown"."""
    if not isinstance(framework, str):
        return "unknown"
    return frameworks.title(framework) if framework in frameworks.names() else framework


def run_labels(frame: pd.DataFrame) -> dict[str, str]:
    """A short name for each run: its own title or its framework, and what tells it from the others."""
    named = frame.title != frame.run
    labels = frame.title.where(named, frame.framework.map(framework_title)).str.replace("unknown", "?")
    labels = labels.where(named | frame.framework.notna(), frame.run)
    plain = ("dataset", "architecture", "protocol", "created", "run")  # speak for themselves
    for column in dict.fromkeys([*SETTINGS, "seed", "created", "run"]):
        if frame[column].nunique(dropna=False) < 2:
            continue
        values = in_words(frame[column])
        clash = labels.duplicated(keep=False) & ~named & frame[column].notna()
        tells = clash & (values.groupby(labels).transform("nunique") > 1)
        word = "" if column in plain else f"{SETTINGS.get(column, column)} "
        labels = labels.where(~tells, labels + f", {word}" + values)
    labels = labels.where(~labels.duplicated(keep=False), labels + " · " + frame.run)
    return dict(zip(frame.run, labels, strict=True))


# ── groups ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Group:
    """Runs that may be ranked together."""

    settings: dict[str, str]  # in words, keys of SETTINGS
    runs: list[str]
    frameworks: list[str]
    seeds: int
    reference: bool  # holds nothing but reference runs
    newest: str
    machine: str = "–"

    @property
    def key(self) -> str:
        """A short name for links; the same as long as the settings are."""
        words = "\n".join(f"{name}={value}" for name, value in self.settings.items())
        words += f"\n{self.reference} {self.machine}"
        return hashlib.sha256(words.encode()).hexdigest()[:8]

    @property
    def title(self) -> str:
        """Such as "mnist · small-cnn · controlled · 5 epochs (5 frameworks, 3 seeds)"."""
        parts = [self.settings[name] for name in ("dataset", "architecture", "protocol")]
        parts.append(counted(int(float(self.settings["epochs"])), "epoch"))
        parts += ["augmented"] * (self.settings["augment"] == "yes")
        counts = [counted(len(self.frameworks), "framework"), counted(self.seeds, "seed")]
        whose = "Reference: " if self.reference else ""
        return f"{whose}{' · '.join(parts)} ({', '.join(counts)})"


def counted(number: int, noun: str) -> str:
    """Such as "1 seed", "3 seeds"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unranked(frame: pd.DataFrame) -> dict[str, str]:
    """Runs that no ranking takes, each with the reason."""
    reasons = {}
    for column in NEEDED:
        for run in frame.index[frame[column].isna()]:
            reasons.setdefault(run, []).append(SETTINGS.get(column, column).replace("_", " "))
    found = {run: f"the file does not say: {', '.join(missing)}" for run, missing in reasons.items()}
    for run in frame.index[frame.status == "stopped"]:
        found.setdefault(run, "it was stopped before its last epoch")
    return found


def comparable_groups(frame: pd.DataFrame, apart: bool = False) -> list[Group]:
    """The groups that can be ranked: two frameworks or more first, then a visitor's own, then the newest.

    Args:
        frame: rows of `Results.frame`.
        apart: keep reference runs, and runs of different machines, in groups of their own. They may be
            ranked together, but their times may not, and a reference run repeats what a seed says.
    """
    ranked = frame[frame[list(NEEDED)].notna().all(axis=1) & (frame.status != "stopped")]
    if ranked.empty:
        return []
    settings = _settings(ranked)
    keys = [settings[key] for key in SETTINGS]
    if apart:
        keys += [ranked.origin == "reference", in_words(ranked.machine)]
    groups = [
        _group(settings.loc[index[0]].to_dict(), ranked.loc[index])
        for index in settings.groupby(keys, sort=False).groups.values()
    ]
    groups.sort(key=lambda group: group.newest, reverse=True)
    return sorted(groups, key=lambda group: (-min(len(group.frameworks), 2), group.reference))


def _group(settings: dict[str, str], rows: pd.DataFrame) -> Group:
    return Group(
        settings=settings,
        runs=list(rows.run),
        frameworks=sorted(rows.framework.unique()),
        seeds=max(1, rows.seed.nunique()),
        reference=bool((rows.origin == "reference").all()),
        newest=max(rows.created.fillna("")),
        machine="+".join(sorted(set(rows.machine.map(show)))),
    )


def _settings(frame: pd.DataFrame) -> pd.DataFrame:
    settings = pd.DataFrame({key: in_words(frame[key]) for key in SETTINGS})
    # Constants of an optimizer or schedule that was not used decide nothing.
    settings.loc[frame.optimizer != "sgd", "momentum"] = "–"
    settings.loc[frame.schedule != "exponential", "decay"] = "–"
    # Each framework that goes on from its own reference run started from the same point.
    settings["start_from"] = [
        start.replace(f"-{name}-", "-…-", 1) if start.startswith("reference-") else start
        for start, name in zip(settings.start_from, frame.framework.astype(str), strict=True)
    ]
    return settings


def differences(frame: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """The settings in which the runs differ: setting in words → value in words → runs."""
    settings = _settings(frame)
    return {
        SETTINGS[key]: {value: list(index) for value, index in settings.groupby(key).groups.items()}
        for key in SETTINGS
        if settings[key].nunique() > 1
    }


# ── the comparison ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Comparison:
    """The chosen runs and everything that was found out about them."""

    frame: pd.DataFrame  # rows of the chosen runs
    labels: dict[str, str]  # run → short name
    groups: list[Group]  # comparable groups among the chosen runs
    unranked: dict[str, str]  # run → why no ranking takes it
    test_sets: list[TestSet]
    without_predictions: dict[str, str]  # run → reason
    accuracy_tests: list[PairTest] = field(default_factory=list)  # between frameworks, over seeds
    time_tests: list[PairTest] = field(default_factory=list)
    _run_tests: dict[float | None, list[PairTest]] = field(default_factory=dict, repr=False)

    @property
    def group(self) -> Group | None:
        """The one group that holds all chosen runs, or None: then nothing is ranked."""
        fits = len(self.groups) == 1 and not self.unranked
        return self.groups[0] if fits else None

    @property
    def same_machine(self) -> bool:
        """Whether all times come from one known machine."""
        return self.frame.machine.notna().all() and self.frame.machine.nunique() == 1

    @property
    def seeds(self) -> list[float]:
        """The seeds of the chosen runs."""
        return sorted(self.frame.seed.dropna().unique())

    def ranking(self) -> pd.DataFrame:
        """One row a framework, most accurate first: means over its runs and the spread (see RANKED)."""
        return rank(self.frame)

    def one_seed(self, seed: float | None = None) -> TestSet | None:
        """Single runs that answered the same test set, at most MOST_PAIRED_RUNS; None without predictions.

        With several seeds only runs of one (the lowest by default), and of repeated runs only the
        newest: the rest would ask the same question again.
        """
        if not self.test_sets:
            return None
        rows = self.frame.loc[list(self.test_sets[0].probabilities)]
        if seed is None:
            seed = rows.seed.min()
        rows = rows[rows.seed.isna() | (rows.seed == seed)]
        known = rows.framework.notna() & (rows.origin != "imported")
        repeated = _settings(rows).assign(framework=rows.framework, title=rows.title == rows.run).duplicated()
        return self.test_sets[0].choose(list(rows.run[~(known & repeated)])[:MOST_PAIRED_RUNS])

    def labels_of(self, test_set: TestSet) -> dict[str, str]:
        """Short names of these runs, which say only what tells them from one another."""
        return run_labels(self.frame.loc[list(test_set.probabilities)])

    def run_tests(self, seed: float | None = None) -> list[PairTest]:
        """McNemar's test for each pair of the runs of `one_seed`; worked out once."""
        if seed not in self._run_tests:  # statsmodels' correction takes 0.1 s: it collects garbage
            test_set = self.one_seed(seed)
            self._run_tests[seed] = compare_runs(test_set.right()) if test_set else []
        return self._run_tests[seed]


def compare(artifacts: Path, frame: pd.DataFrame) -> Comparison:
    """Compares the runs in `frame` (rows of `Results.frame`, at most MOST_RUNS are taken)."""
    frame = frame.head(MOST_RUNS)
    frame = frame.sort_values("created", ascending=False, kind="stable", na_position="last")
    frame = frame.sort_values(["framework", "seed"], kind="stable", na_position="last")
    test_sets, problems = load_test_sets(artifacts, list(frame.run))
    groups, left_out = comparable_groups(frame), unranked(frame)
    tests: dict[str, list[PairTest]] = {}
    if len(groups) == 1 and not left_out:
        tests["accuracy_tests"] = compare_seeds(_by_seed(frame, "test_accuracy"))
        tests["time_tests"] = compare_seeds(_by_seed(frame, "train_time_sec"))
    return Comparison(frame, run_labels(frame), groups, left_out, test_sets, problems, **tests)


def _by_seed(frame: pd.DataFrame, column: str) -> dict[str, dict[int, float]]:
    means = frame.dropna(subset=[column, "seed"]).groupby(["framework", "seed"])[column].mean()
    return {name: means[name].to_dict() for name in means.index.unique("framework")}


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


def rank(frame: pd.DataFrame) -> pd.DataFrame:
    """Means of RANKED a framework, most accurate first, with `runs` and the spread `accuracy_sd`."""
    by_framework = frame.groupby("framework")
    table = by_framework[list(RANKED)].mean()
    table["accuracy_sd"] = by_framework.test_accuracy.std()
    table["runs"] = by_framework.size()
    # One run has the interval of its test set; several have the spread of their accuracies.
    single = table.runs == 1
    for side in ("accuracy_low", "accuracy_high"):
        table[side] = by_framework[side].first().where(single)
    return table.sort_values(["test_accuracy", "train_time_sec"], ascending=[False, True])
