"""Whether a study's winner is real: what it was chosen by beside what it then did, and tests.

`final`, the fresh runs, are dictionaries with `run`, `role` ("best", "runner-up" or "preset"), `framework`,
`seed` and `test_accuracy`. For a time objective they also have `score`, their seconds to it (None where they
never reached it), and `busy`: such a time does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from core import frameworks
from core.charts.colours import order
from core.comparison.findings import explain_p
from core.comparison.significance import MIN_SEEDS, PairTest, compare_seeds, compare_times, holm
from core.tuning.luck import expected_best, standard_error
from core.tuning.study import Study, Trial
from core.words import counted, listed, p_value, percent, points, seconds

COMMON = "all"  # whose best is that of all frameworks together
RIVALS = {"preset": "the preset's recipe", "runner-up": "the runner-up"}
PRESET_WON = "The winner is the preset's recipe itself: the search found nothing better."
NO_CHOICE = "The preset's recipe, with nothing else to choose from."
Values = dict[str, dict[Any, float]]  # role → seed → test accuracy, or seconds


def judge(study: Study) -> dict[str, Any]:
    """The verdict as plain JSON types: `headline`, one of `winners` for each best, and `notes`.

    A winner has `framework` ("all" for a common best), `trial`, `name`, `settings`, `validation` (what it
    was chosen by), `test` (of its fresh runs), `optimism`, `luck`, `tests`, `headline`. `tests` hold both
    rivals of each winner that were tested; p values of accuracies are corrected over all of them (Holm),
    those of times over the pairs of one winner (Tukey).
    """
    trials = {trial.number: trial for trial in study.trials}
    chosen = {name: trials[study.best[name]] for name in order(list(study.best))}
    found = {name: _tests(study, name) for name in chosen}
    if study.spec.objective == "accuracy":
        found = _corrected(found)
    winners = [_winner(study, name, trial, found[name]) for name, trial in chosen.items()]
    return {
        "objective": study.spec.objective,
        "headline": _headline(study, winners),
        "winners": winners,
        "notes": _notes(study, found),
    }


def _winner(study: Study, name: str, trial: Trial, tests: Mapping[str, PairTest]) -> dict[str, Any]:
    values = _values(study, name)
    said = [_test(study, values, rival, test) for rival, test in tests.items()]
    test = _fresh(study, name)
    return {
        "framework": name,
        "title": winner_title(name),
        "trial": trial.number,
        "name": trial.name,
        "settings": dict(trial.settings),
        "validation": trial.score,
        "test": test,
        "optimism": _optimism(study, trial, test),
        "luck": _luck(study, name),
        "tests": said,
        "headline": _winner_headline(study, name, values, said),
    }


def winner_title(name: str) -> str:
    """What a winner is the best of: a framework, or all together."""
    return "All frameworks" if name == COMMON else frameworks.title(name)


# ── validation beside test ──────────────────────────────────────────────────────────


def _fresh(study: Study, name: str) -> dict[str, Any]:
    """Test accuracy of the winner's fresh runs: mean, range, and from three runs on a 95 % interval (t)."""
    accuracies = list(_by_seed(study, name, "best", "test_accuracy").values())
    found: dict[str, Any] = {"runs": len(accuracies), "mean": None, "low": None, "high": None}
    if not accuracies:
        return {**found, "interval": None}
    mean = float(np.mean(accuracies))
    found |= {"mean": mean, "low": min(accuracies), "high": max(accuracies)}
    return {**found, "interval": _interval(accuracies, mean) if len(accuracies) >= MIN_SEEDS else None}


def _interval(values: Sequence[float], mean: float) -> list[float]:
    from scipy.stats import sem, t

    half = float(t.ppf(0.975, len(values) - 1) * sem(values))
    return [mean - half, mean + half]


def _optimism(study: Study, trial: Trial, test: Mapping[str, Any]) -> dict[str, Any]:
    """How much better the winner looked when it was chosen than on the test images."""
    if study.spec.objective != "accuracy":
        return {"difference": None, "sentence": "It was chosen by seconds, which the test set cannot check."}
    if trial.score is None or test["mean"] is None:
        return {"difference": None, "sentence": "Not tested yet: no fresh run is done."}
    difference = trial.score - test["mean"]
    both = f"Chosen with {percent(trial.score)} on validation images, {percent(test['mean'])} on the test set"
    if abs(difference) < 5e-5:
        return {"difference": difference, "sentence": f"{both}: no optimism to see."}
    if difference > 0:
        why = "the best of many always looks a little better than it is"
        return {"difference": difference, "sentence": f"{both}: {points(difference)} points less; {why}."}
    why = "its fresh runs learned from more images than those of the search, which hides any optimism"
    return {"difference": difference, "sentence": f"{both}: {points(-difference)} points more; {why}."}


# ── luck ────────────────────────────────────────────────────────────────────────────


def _luck(study: Study, name: str) -> dict[str, Any]:
    """What the best of as many equal candidates would seem to be ahead of them by luck alone."""
    scored = candidates(study, name)
    error, source = standard_error(study.spec, scored)
    gain = None if error is None else expected_best(len(scored)) * error
    found = {"candidates": len(scored), "standard_error": error, "source": source, "gain": gain}
    return {**found, "sentence": _luck_in_words(study, len(scored), gain, source)}


def _luck_in_words(study: Study, count: int, gain: float | None, source: str) -> str:
    if count < 2:
        return "There was one candidate to choose from: no luck of choosing."
    if gain is None:
        return "How much luck there is in choosing the best is not known: each candidate was timed once."
    ahead = f"{points(gain)} points" if study.spec.objective == "accuracy" else seconds(gain)
    if source == "fits":
        reason = "judged by how much a candidate's fits differ"
    else:
        reason = "judged by how few validation images there are; rather less, since all saw the same images"
    seem = "better" if study.spec.objective == "accuracy" else "faster"
    return (
        f"Of {count} equally good candidates the best would seem {ahead} {seem} than their mean by luck "
        f"alone ({reason})."
    )


def candidates(study: Study, name: str) -> list[Trial]:
    """The trials with a score among which this winner was chosen, the best first."""
    own = [
        trial
        for trial in study.trials
        if trial.score is not None and (name == COMMON or trial.settings.get("framework", name) == name)
    ]
    sign = -1 if study.spec.objective == "accuracy" else 1
    return sorted(own, key=lambda trial: (sign * (trial.score or 0.0), trial.number))


# ── tests ───────────────────────────────────────────────────────────────────────────


def _by_seed(study: Study, name: str, role: str, key: str) -> dict[int, float]:
    """Seed → value of the fresh runs of a role; of a common best the mean, where all frameworks have one."""
    wanted = set(study.spec.frameworks) if name == COMMON else {name}
    found: dict[int, dict[str, float]] = {}
    for run in study.final:
        left_out = key == "score" and run.get("busy") is True
        if run["role"] == role and run["framework"] in wanted and run.get(key) is not None and not left_out:
            found.setdefault(int(run["seed"]), {})[run["framework"]] = float(run[key])
    return {
        seed: float(np.mean(list(values.values())))
        for seed, values in sorted(found.items())
        if values.keys() == wanted
    }


def _values(study: Study, name: str) -> Values:
    key = "test_accuracy" if study.spec.objective == "accuracy" else "score"
    return {role: _by_seed(study, name, role, key) for role in ("best", *RIVALS)}


def _tests(study: Study, name: str) -> dict[str, PairTest]:
    """Rival → test of the best against it, where there are enough fresh runs."""
    values = _values(study, name)
    if _is_preset(study, name):
        del values["preset"]
    if study.spec.objective != "accuracy":
        tests = compare_times(values)
        return {test.second: test for test in tests if test.first == "best"}
    found = {
        rival: compare_seeds({"best": values["best"], rival: values[rival]})
        for rival in RIVALS
        if rival in values
    }
    return {rival: tests[0] for rival, tests in found.items() if tests}


def _is_preset(study: Study, name: str) -> bool:
    """Whether the winner is the preset's recipe, whose runs then stand for both."""
    wanted = set(study.spec.frameworks) if name == COMMON else {name}
    runs: dict[str, set[str]] = {"best": set(), "preset": set()}
    for run in study.final:
        if run["role"] in runs and run["framework"] in wanted:
            runs[run["role"]].add(str(run["run"]))
    return bool(runs["best"]) and runs["best"] == runs["preset"]


def _corrected(found: dict[str, dict[str, PairTest]]) -> dict[str, dict[str, PairTest]]:
    flat = [(name, rival) for name, tests in found.items() for rival in tests]
    corrected = holm([found[name][rival] for name, rival in flat])
    tests: dict[str, dict[str, PairTest]] = {name: {} for name in found}
    for (name, rival), test in zip(flat, corrected, strict=True):
        tests[name][rival] = replace(test, second=rival)
    return tests


def _test(study: Study, values: Values, rival: str, test: PairTest) -> dict[str, Any]:
    """A test as plain types, with its sentence."""
    means = _means(study, values, rival)
    found = {key: value for key, value in asdict(test).items() if value is not None}
    outcome = _outcome(study, test)
    figures = _figures(study, means, test)
    sentence = {
        "better": f"{_comparative(study, True)} than {RIVALS[rival]}: {figures}.",
        "worse": f"{_comparative(study, False)} than {RIVALS[rival]}: {figures}.",
        "level": f"No real difference from {RIVALS[rival]}: {figures}.",
    }[outcome]
    found |= {"against": rival, "real": test.real, "outcome": outcome, "figures": figures}
    return {**found, "best_mean": means[0], "rival_mean": means[1], "sentence": sentence}


def _outcome(study: Study, test: PairTest) -> str:
    if not test.real:
        return "level"
    return "better" if (test.difference > 0) == (study.spec.objective == "accuracy") else "worse"


def _comparative(study: Study, better: bool) -> str:
    words = ("Better", "Worse") if study.spec.objective == "accuracy" else ("Faster", "Slower")
    return words[0] if better else words[1]


def _means(study: Study, values: Values, rival: str) -> tuple[float, float]:
    """Of the best and of its rival: accuracies over the seeds that both have, times over all of each."""
    best, other = values["best"], values[rival]
    if study.spec.objective == "accuracy":
        shared = best.keys() & other.keys()
        best, other = ({seed: part[seed] for seed in shared} for part in (best, other))
    return float(np.mean(list(best.values()))), float(np.mean(list(other.values())))


def _figures(study: Study, means: tuple[float, float], test: PairTest) -> str:
    """Such as "98.91 % against 98.52 % over 5 seeds (paired t, p = 0.003)"."""
    shown = percent if study.spec.objective == "accuracy" else seconds
    p = p_value(test.p)
    p = f"p {p}" if p.startswith("<") else f"p = {p}"
    over = counted(test.seeds or 0, "seed" if study.spec.objective == "accuracy" else "run")
    return f"{shown(means[0])} against {shown(means[1])} over {over} ({test.method}, {p})"


# ── headlines ───────────────────────────────────────────────────────────────────────


def _winner_headline(study: Study, name: str, values: Values, said: Sequence[Mapping[str, Any]]) -> str:
    """Whether the winner is better than what anybody would have taken: the preset's recipe."""
    if _is_preset(study, name):
        return PRESET_WON if study.spec.search else NO_CHOICE
    test = next((test for test in said if test["against"] == "preset"), None)
    if test is None:
        return f"Whether the winner is real is not known: {_untested(study, values)}."
    if test["outcome"] == "level":
        return f"No real difference between the winner and the preset's recipe: {test['figures']}."
    word = _comparative(study, test["outcome"] == "better").lower()
    return f"The winner is {word} than the preset's recipe: {test['figures']}."


def _untested(study: Study, values: Values) -> str:
    """Why there is no test against the preset's recipe."""
    if not study.final:
        return "it was not trained afresh"
    best, preset = values["best"], values["preset"]
    if study.spec.objective == "accuracy":
        shared = counted(len(best.keys() & preset.keys()), "fresh seed")
        return f"too few runs: it shares {shared} with the preset's recipe, and a test needs {MIN_SEEDS}"
    count = min(len(best), len(preset))
    if count >= MIN_SEEDS:
        return "the times do not vary at all"
    return f"too few times that count: {count} of one of the two, and a test needs {MIN_SEEDS}"


def _headline(study: Study, winners: Sequence[Mapping[str, Any]]) -> str:
    if not winners:
        return "There is no winner: no trial has a score."
    if len(winners) == 1:
        return winners[0]["headline"]
    outcomes: dict[str, list[str]] = {"better": [], "worse": [], "level": [], "itself": [], "unknown": []}
    for winner in winners:
        tested = {test["against"]: test["outcome"] for test in winner["tests"]}
        itself = "itself" if winner["headline"] in (PRESET_WON, NO_CHOICE) else "unknown"
        outcomes[tested.get("preset", itself)].append(winner["title"])
    said = {
        "better": f"{_comparative(study, True)} than the preset's recipe",
        "worse": f"{_comparative(study, False)} than the preset's recipe",
        "level": "No real difference from the preset's recipe",
        "itself": "The preset's recipe itself",
        "unknown": "Not known",
    }
    return " ".join(f"{said[outcome]}: {listed(names)}." for outcome, names in outcomes.items() if names)


def _notes(study: Study, found: Mapping[str, Mapping[str, PairTest]]) -> list[str]:
    """What holds for all tests: how p values were corrected, which runs were left out."""
    every = [test for tests in found.values() for test in tests.values()]
    if not every:
        return []
    notes = [explain_p(every)]
    if study.spec.objective == "accuracy":
        seeds = counted(min(test.seeds or 0 for test in every), "seed")
        notes.append(f"Corrected over {counted(len(every), 'test')} as by Holm.")
        return [*notes, f"With {seeds} the paired test finds only clear differences."]
    notes.append("The times are tested as by Tukey, on their logarithms, over the pairs of one winner.")
    if busy := sum(run.get("busy") is True for run in study.final):
        notes.append(f"{counted(busy, 'fresh run')} not counted: the machine was busy.")
    return notes
