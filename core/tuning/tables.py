"""A study's trials as a table, for the page, its charts and a spreadsheet."""

import pandas as pd

from core.charts.candidates import Measure, Scale, Setting
from core.fields import FIELDS
from core.tuning.study import FitResult, Study, Trial, last_fits

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "'",
)  # how a cell begins that a spreadsheet would work out (OWASP)


def trials_table(study: Study) -> pd.DataFrame:
    """One row a trial, in the order in which they began.

    Columns: number, name, framework (where each has its own best), the searched fields, status, score (a
    fraction, or seconds), epochs (of its last fits, where trials differ), one `score …` for each framework,
    fold and seed (where a trial has several fits), seconds (of training, all fits together), reason.
    """
    rows = [_row(study, trial) for trial in study.trials]
    columns = dict.fromkeys(column for row in rows for column in row)
    frame = pd.DataFrame(rows, columns=list(columns) or ["number", "name", "status", "score"])
    fits = [column for column in columns if column.startswith("score ")]
    if len(fits) == 1:
        frame = frame.drop(columns=fits)
    if "epochs" in frame and "epochs" not in study.spec.search and frame.epochs.nunique() < 2:
        frame = frame.drop(columns="epochs")
    last = ["seconds", "reason"] if rows else []
    return frame[[column for column in frame if column not in last] + last]


def _row(study: Study, trial: Trial) -> dict[str, object]:
    own = {} if study.spec.common else {"framework": trial.settings.get("framework")}
    settings = {field: _cell(trial.settings.get(field)) for field in study.spec.search}
    fits = last_fits(trial)
    return {
        "number": trial.number,
        "name": trial.name,
        **own,
        **settings,
        "status": trial.status,
        "score": trial.score,
        "epochs": fits[0].epochs if fits else None,
        **{f"score {fit_label(study, fit)}".strip(): fit.score for fit in fits},
        "seconds": sum(fit.seconds or 0.0 for fit in trial.fits) if trial.fits else None,
        "reason": trial.reason,
    }


def _cell(value: object) -> object:
    return ",".join(map(str, value)) or "none" if isinstance(value, list | tuple) else value


def fit_label(study: Study, fit: FitResult) -> str:
    """What tells a fit from the others of its trial, such as "pytorch fold 2 seed 0"; folds count from 1."""
    parts = [fit.framework] if study.spec.common and len(study.spec.frameworks) > 1 else []
    parts += [] if fit.fold is None else [f"fold {fit.fold + 1}"]
    parts += [f"seed {fit.seed}"] if len(study.spec.seeds) > 1 or not parts else []
    return " ".join(parts)


def chart_settings(study: Study) -> list[Setting]:
    """The searched fields, in the order of the table of fields, as charts of `trials_table` show them."""
    found = []
    for name in [name for name in FIELDS if name in study.spec.search]:
        scale = study.spec.search[name].partition(":")[0].strip()
        kind: Scale = "log" if scale == "log" else "lin" if scale == "lin" else "list"
        found.append(Setting(name, FIELDS[name].word, kind))
    return found


def chart_measure(study: Study) -> Measure:
    """What the score is, as charts call it."""
    if study.spec.objective == "accuracy":
        return Measure("validation accuracy")
    return Measure(f"training to {study.spec.objective.removeprefix('time-to-')} %", by_time=True)


def trials_csv(study: Study) -> bytes:
    """The table as CSV that spreadsheets read as UTF-8, and where no text is taken for a formula."""
    frame = trials_table(study)
    text = frame.map(_harmless)
    return text.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    line = " ".join(value.splitlines())
    return f"'{line}" if line.startswith(_FORMULA) else line
