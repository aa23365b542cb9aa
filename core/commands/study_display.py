"""Studies in the terminal: one progress bar, the table of trials, the object for machines."""

import json
from collections.abc import Sequence
from typing import Any, Self

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from core import frameworks
from core.tuning.plan import cost
from core.tuning.search import Watcher
from core.tuning.studies import Unreadable
from core.tuning.study import Objective, Study, Trial
from core.words import UNKNOWN, counted, duration, percent

SHOWN = 15  # trials of the table in the terminal; --json has them all


class StudyProgress(Watcher):
    """A bar with the trials done of those planned, the best so far and the time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description:<10}"), BarColumn(24), TextColumn("{task.fields[words]}"))
        self._progress = Progress(*columns, console=console)
        self._task = self._progress.add_task("starting", total=None, words="")
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def on_wait(self, ahead: list[str]) -> None:
        """Says who trains first."""
        self._console.print(f"waiting for {counted(len(ahead), 'earlier race')}: {', '.join(ahead)}")

    def on_look(self, study: Study) -> None:
        """Moves the bar."""
        if not self._shown:
            self._progress.start()
            self._shown = True
        if study.state == "testing":
            done = sum(run["status"] in ("finished", "failed") for run in study.final)
            words = f"{done} of {counted(len(study.final), 'fresh run')}"
            self._update("testing", done, len(study.final), words)
        else:
            self._update("searching", _ended(study), study.planned, _words(study))

    def _update(self, description: str, completed: int, total: int | None, words: str) -> None:
        self._progress.update(
            self._task, description=description, completed=completed, total=total, words=escape(words)
        )

    def on_full(self, reason: str) -> None:
        """Says why it does not end yet."""
        self._console.print(f"{reason}; waiting for room to write down how the study ended (Ctrl-C ends it)")


def _ended(study: Study) -> int:
    return sum(trial.status != "running" for trial in study.trials)


def _words(study: Study) -> str:
    planned = f" of {study.planned}" if study.planned else ""
    parts = [f"{_ended(study)}{planned} trials"]
    if best := _overall_best(study):
        parts.append(f"best {shown_score(study.spec.objective, best.score)}")
    if study.seconds_left is not None:
        parts.append(f"{duration(study.seconds_left)} left")
    return "  ".join(parts)


def _overall_best(study: Study) -> Trial | None:
    """The best of the winners, where each framework has its own."""
    found = [trial for trial in study.trials if trial.number in study.best.values()]
    return min(found, key=lambda one: cost(study.spec.objective, one.score), default=None)


def shown_score(objective: Objective, score: float | None) -> str:
    """A score in words: an accuracy, or seconds."""
    return percent(score) if objective == "accuracy" else duration(score)


# ── results ─────────────────────────────────────────────────────────────────────────


def print_study(console: Console, study: Study) -> None:
    """Prints the best trials, the fresh runs, what the verdict says and how to go on."""
    console.print(_trials_table(study))
    if study.final:
        console.print(_final_table(study))
    if headline := study.verdict.get("headline"):
        console.print(escape(str(headline)), highlight=False, soft_wrap=True)
    if study.state == "finished" and not study.reason:
        return
    reason = f": {study.reason}" if study.reason else ""
    console.print(f"The study is {study.state}{escape(reason)}", highlight=False, soft_wrap=True)
    if study.state != "finished":
        command = f"python -m core tune --resume {study.spec.name}"
        console.print(f"  Go on: {command}", highlight=False, markup=False, soft_wrap=True)


def _trials_table(study: Study) -> Table:
    ranked = sorted(study.trials, key=lambda one: (cost(study.spec.objective, one.score), one.number))
    left = f", the best {SHOWN} of {len(ranked)} trials" if len(ranked) > SHOWN else ""
    table = Table(title=f"{study.spec.name}{left}", title_justify="left", box=SIMPLE_HEAD)
    for column in ("trial", "score", "status", "settings"):
        table.add_column(column, justify="right" if column in ("trial", "score") else "left")
    for trial in ranked[:SHOWN]:
        mark = " *" if trial.number in study.best.values() else ""
        score = shown_score(study.spec.objective, trial.score)
        name = f"{trial.name} ({trial.reason})" if trial.reason else trial.name
        table.add_row(f"{trial.number}{mark}", score, trial.status, escape(name))
    return table


def _final_table(study: Study) -> Table:
    """Validation and test score side by side: the one that it was chosen by, the one that it earned."""
    table = Table(title="Fresh runs on all training images", title_justify="left", box=SIMPLE_HEAD)
    for column in ("framework", "role", "runs", "test accuracy"):
        table.add_column(column, justify="right" if column in ("runs", "test accuracy") else "left")
    accuracies: dict[tuple[str, str], list[float]] = {}
    for run in study.final:
        found = accuracies.setdefault((run["framework"], run["role"]), [])
        if run["test_accuracy"] is not None:
            found.append(run["test_accuracy"])
    for (framework, role), found in accuracies.items():
        mean = percent(sum(found) / len(found)) if found else UNKNOWN
        table.add_row(frameworks.title(framework), role, str(len(found)), mean)
    return table


def print_json(study: Study) -> None:
    """Prints one object: `study`, `trials`, `best`, `final` and `verdict`.

    `trials` are those that ended. `best` is the best of all, with those of each framework beside it.
    """
    best = _overall_best(study)
    numbers = {trial.number: trial for trial in study.trials}
    found = {
        "study": study.spec.name,
        "trials": [_trial(trial) for trial in study.trials if trial.status != "running"],
        "best": best and {
            **_trial(best),
            "by_framework": {name: _trial(numbers[number]) for name, number in study.best.items()},
        },
        "final": [run for run in study.final if run["role"] == "best"],
        "verdict": study.verdict or _no_verdict(study),
    }  # fmt: skip
    print(json.dumps(found, indent=1, allow_nan=False))


def _no_verdict(study: Study) -> dict[str, Any]:
    return {"headline": f"No verdict: {study.reason}"} if study.reason else {}


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "name": trial.name,
        "settings": trial.settings,
        "status": trial.status,
        "score": trial.score,
        "reason": trial.reason,
    }


def print_studies(console: Console, found: Sequence[Study | Unreadable], as_json: bool) -> None:
    """Prints every study with how it stands; one that cannot be read is named with the reason."""
    rows = [_row(one) for one in found]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        console.print("no studies yet; start with: python -m core tune --search learning_rate=log:1e-4..1e-1")
        return
    table = Table()
    for column in ("study", "title", "status", "trials", "best"):
        table.add_column(column, overflow="fold")
    for row in rows:
        title = "" if row["title"] == row["study"] else row["title"]
        table.add_row(row["study"], escape(title), row["status"], str(row["trials"]), escape(row["best"]))
    console.print(table)
    for row in rows:
        if row["reason"]:
            console.print(f"[bold red]{row['study']}[/]: {escape(row['reason'])}", highlight=False)


def _row(one: Study | Unreadable) -> dict[str, Any]:
    if isinstance(one, Unreadable):
        return {
            "study": one.name, "title": "", "status": "unreadable", "trials": 0, "best": "",
            "reason": one.reason,
        }  # fmt: skip
    best = [trial for trial in one.trials if trial.number in one.best.values()]
    shown = "; ".join(f"{shown_score(one.spec.objective, trial.score)}: {trial.name}" for trial in best)
    return {
        "study": one.spec.name, "title": one.spec.title, "status": one.state, "trials": len(one.trials),
        "best": shown, "reason": one.reason if one.state == "failed" else "",
    }  # fmt: skip
