"""Studies as a search leaves them, at any moment: as `Study`, and written down in an artifacts folder.

Scores follow a smooth hill over the learning rate, so that there is something to find.
"""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.machine.processes import process_mark
from core.races.setup import preset_values
from core.runs import records
from core.tuning.finals import FinalRun, final_runs, result_of
from core.tuning.fits import Fit
from core.tuning.study import FitResult, Study, StudySpec, Trial
from core.tuning.verdict import judge
from support.made_events import dead_process

NAME = "20261120-100000-abcd"
BEGAN = time.time() - 60  # whoever reads a study that goes on counts from here
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
BATCHES = (32, 64, 128)


def made_spec(**changes: Any) -> StudySpec:
    """A search of learning rate and batch size of `tiny-mlp` on the built-in digits."""
    fixed = preset_values("tiny-mlp") | {"dataset": "digits", "epochs": 3, "device": "cpu", "threads": 1}
    values: dict[str, Any] = {
        "name": NAME,
        "created": "2026-11-20T10:00:00+00:00",
        "frameworks": ("pytorch",),
        "fixed": {
            name: value for name, value in fixed.items() if name not in ("learning_rate", "batch_size")
        },
        "search": {"learning_rate": "log:0.0001..0.1", "batch_size": "32,64,128"},
        "trials": 12,
    }
    return StudySpec(**values | changes)


def made_study(spec: StudySpec | None = None, done: int | None = None, state: str = "finished") -> Study:
    """The study after `done` of its trials; while it is searching, the next one trains.

    Every seventh trial failed, and with folds every fifth was dismissed after two of them.
    """
    spec = spec or made_spec()
    planned = spec.trials or 12
    done = planned if done is None else done
    trials = [_trial(spec, number, number > done) for number in range(1, done + 1)]
    if state == "searching" and done < planned:
        trials.append(_trial(spec, done + 1, True))
    best: dict[str, int] = {}
    for trial in trials:
        key = "all" if spec.common else trial.settings["framework"]
        if trial.status == "finished" and trial.score > trials[best.get(key, trial.number) - 1].score - 1e-9:
            best[key] = trial.number
    left = 2.5 * (planned - done) if state == "searching" else None
    return Study(spec, state, tuple(trials), planned, seconds=4.0 * done, seconds_left=left, best=best)


def _trial(spec: StudySpec, number: int, running: bool) -> Trial:
    settings: dict[str, Any] = {
        "learning_rate": RATES[number % len(RATES)],
        "batch_size": BATCHES[(number // len(RATES) + number) % len(BATCHES)],
    }
    if not spec.common:
        settings["framework"] = spec.frameworks[number % len(spec.frameworks)]
    status = "running" if running else "failed" if number % 7 == 0 else "finished"
    if spec.folds and not running and number % 5 == 0:
        status = "dismissed"
    fits = tuple(_fits(spec, number, settings, status))
    scores = [fit.score for fit in fits if fit.score is not None]
    score = sum(scores) / len(scores) if scores and status != "failed" else None
    reason = {
        "failed": "the loss became infinite in epoch 2",
        "dismissed": "clearly behind the best after 2 folds",
    }
    name = f"learning rate {settings['learning_rate']:g}, batch size {settings['batch_size']}"
    return Trial(number, name, settings, status, score, reason.get(status, ""), fits)


def _fits(spec: StudySpec, number: int, settings: dict[str, Any], status: str) -> Iterator[FitResult]:
    chosen = spec.frameworks if spec.common else (settings["framework"],)
    folds = range(spec.folds) if spec.folds else (None,)
    places = [(framework, fold, seed) for fold in folds for seed in spec.seeds for framework in chosen]
    for position, (framework, fold, seed) in enumerate(places):
        config = _config(spec, settings, framework, seed, fold)
        ended = {"finished": "finished", "dismissed": "finished" if position < 2 else "waiting"}
        state = ended.get(status, status if not position else "waiting")
        fit = FitResult(Fit(spec.name, number, config).run, framework, seed, fold, config.epochs, state)
        yield _scored(fit, _accuracy(settings, position)) if state == "finished" else fit


def _config(
    spec: StudySpec, settings: dict[str, Any], framework: str, seed: int, fold: int | None
) -> RunConfig:
    searched = {name: value for name, value in settings.items() if name != "framework"}
    values = spec.fixed | searched | {"framework": framework, "seed": seed}
    if fold is not None:
        values |= {"folds": spec.folds, "fold": fold}
    return RunConfig(**values)


def _accuracy(settings: dict[str, Any], position: int) -> float:
    away = abs(math.log10(settings["learning_rate"] / 0.003))
    return 0.975 - 0.05 * away**2 - 0.00005 * settings["batch_size"] - 0.002 * math.sin(7 * position)


def _scored(fit: FitResult, accuracy: float) -> FitResult:
    epochs = range(1, fit.epochs + 1)
    history = {
        "epoch": [number - 1 for number in epochs],
        "val_accuracy": [accuracy - 0.2 / number**2 + 0.2 / fit.epochs**2 for number in epochs],
        "val_loss": [0.3 / number for number in epochs],
        "seconds": [0.4 * number for number in epochs],
    }
    return replace(fit, score=accuracy, seconds=0.4 * fit.epochs, history=history)


# ── on disk ─────────────────────────────────────────────────────────────────────────


def write_study(artifacts: Path, study: Study) -> None:
    """Writes the study down as its search would have, by this process, which lives; one
    that was interrupted by a process that is gone.

    A finished one has its fresh runs, in which the winner is better than the preset's recipe, and a verdict.
    """
    folder = artifacts / ".studies" / study.spec.name
    folder.mkdir(parents=True)
    (folder / "study.json").write_text(study.spec.model_dump_json(indent=1), encoding="utf-8")
    began = "queued" if study.state == "waiting" else "working"
    mark = dead_process() if study.state == "interrupted" else process_mark()
    events: list[dict[str, Any]] = [{"event": began, **mark, "time": BEGAN}]
    for trial in study.trials:
        events.append({"event": "trial", "number": trial.number, "settings": trial.settings, "epochs": None})
        for fit in trial.fits:
            _write_fit(artifacts, study.spec, trial, fit)
        if trial.status == "dismissed":
            events.append({"event": "dismissed", "number": trial.number, "reason": trial.reason})
    if study.state == "finished":
        finals = final_runs(study)
        for one in finals:
            _write_final(artifacts, one)
        results = tuple(result_of(artifacts, study.spec, one) for one in finals)
        events.append({"event": "verdict", "verdict": judge(replace(study, final=results))})
    if study.state in ("finished", "stopped", "failed"):
        ended = {"status": study.state, "reason": study.reason, "time": BEGAN + study.seconds}
        events.append({"event": "ended", **ended})
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "events.jsonl").write_text(lines, encoding="utf-8")


def _write_fit(artifacts: Path, spec: StudySpec, trial: Trial, result: FitResult) -> None:
    if result.status == "waiting":
        return
    config = _config(spec, trial.settings, result.framework, result.seed, result.fold)
    fit = Fit(spec.name, trial.number, config)
    fit.prepare(artifacts)
    if result.status == "running":
        records.append_event(artifacts, fit.run, "launched", **process_mark())
    if result.status == "failed":
        records.append_event(artifacts, fit.run, "ended", status="failed", reason=trial.reason)
    if result.status != "finished":
        return
    metrics = {
        "schema": records.SCHEMA, "run": fit.run, "race": spec.name, **fit.mark(), "status": "finished",
        "framework": config.framework, "dataset": config.dataset, "architecture": config.network.name,
        "protocol": config.protocol, "seed": config.seed, "epochs": config.epochs, "device": "cpu",
        "config": config.model_dump(mode="json"), "history": dict(result.history),
        "train_time_sec": result.seconds, "val_accuracy": result.score, "val_loss": 0.1,
    }  # fmt: skip
    records.write_json(records.metrics_path(artifacts, fit.run), metrics)


def _write_final(artifacts: Path, one: FinalRun) -> None:
    reached = {"best": 0.971, "runner-up": 0.9695, "preset": 0.955}[one.role]
    one.fit.prepare(artifacts)
    config = one.fit.config
    accuracy = reached + 0.001 * (config.seed % 3) + 0.0004 * (len(one.role) + config.seed) % 0.001
    metrics = {
        "schema": records.SCHEMA, "run": one.fit.run, "race": one.fit.study, **one.fit.mark(),
        "status": "finished", "framework": config.framework, "dataset": config.dataset,
        "architecture": config.network.name, "protocol": config.protocol, "seed": config.seed,
        "epochs": config.epochs, "device": "cpu", "config": config.model_dump(mode="json"),
        "train_time_sec": 2.0, "test_accuracy": accuracy, "test_loss": 0.1,
        "created": "2026-11-20T10:05:00+00:00",
    }  # fmt: skip
    records.write_json(records.metrics_path(artifacts, one.fit.run), metrics)
    records.append_event(artifacts, one.fit.run, "ended", status="finished", reason="")
