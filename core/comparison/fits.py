"""The fits of a study side by side: its candidates, ranked by accuracy on validation images.

A fit was never scored on the test images and keeps no predictions. Fits of one trial share their settings;
trials differ in those that were searched, so it is trials that are ranked, each by the mean over its fits.
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from core import frameworks
from core.charts.colours import order, silk
from core.comparison.findings import Finding
from core.comparison.groups import SETTINGS, differences, settings_in_words
from core.words import UNKNOWN, counted, listed, number_word, percent, points, seconds, show, whole

SCORED_ON = "Scored on validation images: the test set was not read."
OPTIMISM = "the best of many looks better than it is; its fresh runs on the test set say what it is worth"
NOT_PAIRED = (
    "Fits keep no predictions, so that McNemar's test between single runs cannot be made; and a test between "
    "the best of many and the rest would take the luck of having been chosen for a difference."
)
NO_CLOCK = "Fits may have trained beside one another: their seconds are shown, not ranked."
DRAWN = 12  # candidates in a figure: more do not read well
MOST_FITS = 120  # in a figure, whose histories are read


@dataclass(eq=False)
class FitComparison:
    """A study's fits and its candidates; worked out when somebody first asks, and kept."""

    frame: pd.DataFrame  # rows of `Results.frame`, all of one study

    @cached_property
    def last(self) -> pd.DataFrame:
        """The fits that count: of a candidate that was trained again for longer, the longest."""
        longest = self.frame.groupby("trial").epochs.transform("max")
        return self.frame[self.frame.epochs == longest]

    @cached_property
    def labels(self) -> dict[int, str]:
        """Trial → what tells it from the others: "PyTorch, learning rate 0.003, dropout 0.2"."""
        one_each = self.last.drop_duplicates("trial").set_index("trial")
        searched = self._searched(one_each)
        settings = settings_in_words(one_each)
        kinds = self.last.groupby("trial").framework.nunique()
        found = {}
        for trial in one_each.index:
            own = [frameworks.title(one_each.framework[trial])] if kinds[trial] == 1 else []
            told = [f"{SETTINGS[name]} {settings[name][trial]}" for name in searched]
            told = [part for part in told if not part.endswith(f" {UNKNOWN}")]
            found[int(trial)] = ", ".join([*own, *told]) or f"trial {trial:.0f}"
        return found

    def _searched(self, one_each: pd.DataFrame) -> list[str]:
        """The settings in which candidates differ; the network's name says what its layers say."""
        names = {word: name for name, word in SETTINGS.items()}
        found = [names[word] for word in differences(one_each)]
        if {"filters", "dense_units", "dropout"} & set(found):
            found = [name for name in found if name != "architecture"]
        halved = self.frame.groupby("trial").epochs.nunique().max() > 1
        return [name for name in found if name != "epochs"] if halved else found

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """One row a trial, the best first, those that no ranking takes last.

        Columns: label, framework (None where a trial has several), fits, val_accuracy (mean), accuracy_low,
        accuracy_high (of its fits), accuracy_sd, seconds (all fits together), params, epochs, reason (why
        it is not ranked, else empty). Indexed by trial.
        """
        by_trial = self.last.groupby("trial")
        accuracy = by_trial.val_accuracy
        table = pd.DataFrame({
            "label": pd.Series(self.labels, dtype=object),
            "framework": by_trial.framework.first().where(by_trial.framework.nunique() == 1),
            "fits": by_trial.size(),
            "val_accuracy": accuracy.mean(),
            "accuracy_low": accuracy.min(),
            "accuracy_high": accuracy.max(),
            "accuracy_sd": accuracy.std(),
            "seconds": self.frame.groupby("trial").train_time_sec.sum(),
            "params": by_trial.params.mean(),
            "epochs": by_trial.epochs.max(),
        })  # fmt: skip
        table.index = table.index.astype(int)
        table["reason"] = self._reasons(table)
        numbers = table.framework.map(lambda name: silk(name).number)
        shown = -table.val_accuracy.round(4)  # who shares a step stands in the order of the frameworks
        keys = table.assign(last=table.reason != "", shown=shown, number=numbers, exact=-table.val_accuracy)
        return table.loc[keys.sort_values(["last", "shown", "number", "exact"], kind="stable").index]

    def _reasons(self, table: pd.DataFrame) -> list[str]:
        """Why no ranking takes a candidate: fewer fits than others, or given up after fewer epochs."""
        halved = self.frame.groupby("trial").epochs.nunique().max() > 1  # epochs were the budget
        most, longest = table.fits.max(), table.epochs.max()
        reasons = []
        for accuracy, fits, epochs in zip(table.val_accuracy, table.fits, table.epochs, strict=True):
            if pd.isna(accuracy):
                reasons.append("no validation accuracy")
            elif halved and epochs < longest:
                reasons.append(f"given up after {counted(int(epochs), 'epoch')}")
            else:
                reasons.append(f"only {counted(int(fits), 'fit')} of {most}" if fits < most else "")
        return reasons

    @property
    def ranked(self) -> pd.DataFrame:
        """The candidates that are ranked, the best first."""
        return self.candidates[self.candidates.reason == ""]

    @cached_property
    def drawn(self) -> pd.DataFrame:
        """The fits of the best candidates, the best first, as many as a figure takes."""
        ranked = self.ranked
        each = int(ranked.fits.max()) if len(ranked) else 1
        most = min(DRAWN, max(1, MOST_FITS // each))
        chosen = {trial: place for place, trial in enumerate(ranked.index[:most])}
        fits = self.last[self.last.trial.isin(list(chosen))]
        return fits.iloc[fits.trial.map(chosen).argsort(kind="stable")]

    def rows(self, runs: pd.DataFrame) -> dict[str, str]:
        """Fit → the line that it is drawn on: its trial, and its framework where a trial has several."""
        several = self.candidates.framework.isna()
        return {
            str(run): f"trial {trial:.0f}" + (f", {frameworks.title(name)}" if several[int(trial)] else "")
            for run, trial, name in zip(runs.run, runs.trial, runs.framework, strict=True)
        }


# ── in words ────────────────────────────────────────────────────────────────────────


def steps(comparison: FitComparison, most: int = 3) -> list[list[int]]:
    """The podium of the candidates by validation accuracy: trials of one accuracy share a step."""
    ranked = comparison.ranked
    shown = ranked.val_accuracy.map(percent)
    return [list(ranked.index[shown == accuracy]) for accuracy in dict.fromkeys(shown)][:most]


def headline(comparison: FitComparison) -> tuple[str, str]:
    """Who did best on the validation images, and what that is worth."""
    ranked = comparison.ranked
    if ranked.empty:
        return "No candidate is ranked", "None has a validation accuracy."
    best, level = ranked.iloc[0], len(steps(comparison)[0])
    who = best.label if level == 1 else f"{number_word(level)} candidates"
    title = f"Best on validation images: {who}, {percent(best.val_accuracy)}"
    return title, f"Of {counted(len(ranked), 'candidate')}: {OPTIMISM}."


def fit_findings(comparison: FitComparison) -> list[Finding]:
    """The best candidate of each framework on the validation images, and what is not ranked."""
    ranked = comparison.ranked
    if ranked.empty:
        return []
    own = order(list(ranked.framework.dropna().unique()))
    groups = [ranked[ranked.framework == name] for name in own] or [ranked]
    found = [_best(group) for group in groups]
    return [*found, Finding("Fastest training", "Not ranked", NO_CLOCK)]


def _best(ranked: pd.DataFrame) -> Finding:
    best = ranked.iloc[0]
    spread = f"Mean of {best.fits} fits, spread {points(best.accuracy_sd)} points. " if best.fits > 1 else ""
    detail = f"{spread}The only candidate."
    if len(ranked) > 1:
        after = ranked.iloc[1]
        detail = f"{spread}Next, {percent(after.val_accuracy)}: {after.label}."
    answer = f"{best.label}, {percent(best.val_accuracy)}"
    return Finding("Most accurate on validation images", answer, detail, best.framework)


def candidates_table(comparison: FitComparison) -> pd.DataFrame:
    """The candidates as text, the best first, for the page and the command line."""
    table = comparison.candidates
    several = bool((table.fits > 1).any())
    shown = pd.DataFrame({
        "place": [str(place) if not reason else UNKNOWN for place, reason in enumerate(table.reason, 1)],
        "trial": table.index.map(show),
        "candidate": table.label,
        "validation accuracy": table.val_accuracy.map(percent),
    })  # fmt: skip
    if several:
        shown["spread (points)"] = table.accuracy_sd.map(points)
        shown["fits"] = table.fits.map(show)
    shown["training (all fits)"] = table.seconds.map(seconds)
    shown["parameters"] = table.params.map(whole)
    if (table.reason != "").any():
        shown["not ranked"] = table.reason
    return shown.reset_index(drop=True)


def fits_table(comparison: FitComparison) -> pd.DataFrame:
    """Every fit as text, in the order of its candidate."""
    frame = comparison.frame
    place = {trial: number for number, trial in enumerate(comparison.candidates.index)}
    frame = frame.assign(place=frame.trial.map(place)).sort_values(["place", "epochs", "fold", "seed"])
    shown = pd.DataFrame({
        "trial": frame.trial.map(show),
        "candidate": frame.trial.astype(int).map(comparison.labels),
        "framework": frame.framework.map(frameworks.title),
        "fold": [UNKNOWN if pd.isna(fold) else f"{fold + 1:.0f}" for fold in frame.fold],
        "seed": frame.seed.map(show),
        "epochs": frame.epochs.map(show),
        "validation accuracy": frame.val_accuracy.map(percent),
        "validation loss": [f"{loss:.4f}" for loss in frame.val_loss],
        "train time": frame.train_time_sec.map(seconds),
        "fit": frame.run,
    })  # fmt: skip
    return shown.drop(columns="fold") if frame.fold.isna().all() else shown


def not_ranked(comparison: FitComparison) -> list[str]:
    """Which candidates no ranking takes, by reason, a sentence each."""
    left = comparison.candidates[comparison.candidates.reason != ""]
    return [
        f"Not ranked, {reason}: {listed([f'trial {trial}' for trial in trials])}."
        for reason, trials in left.groupby("reason", sort=False).groups.items()
    ]
