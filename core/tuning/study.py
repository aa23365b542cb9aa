"""A study on disk, and as everybody sees it: what is searched, its trials, how it stands.

artifacts/.studies/<study>/study.json     what was asked for, written once at the start
artifacts/.studies/<study>/events.jsonl   trials that began or were dismissed, who works on it, how it ended
artifacts/trial-<study>-…_metrics.json    the fits' results, as of every run; the memory of the study
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Strategy = Literal["grid", "random", "tpe", "halving"]
Objective = Literal["accuracy", "time-to-98", "time-to-99"]
CLUSTER = r"^(tcp|tls)://[^\s/]+:\d+$"
TrialStatus = Literal["running", "finished", "failed", "dismissed"]
StudyState = Literal["waiting", "searching", "testing", "finished", "stopped", "failed", "interrupted"]


class StudySpec(BaseModel):
    """What a study is asked to do; `fixed` and `search` together say every field of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title: str = ""  # what the visitor calls it
    created: str
    frameworks: Annotated[tuple[str, ...], Field(min_length=1)]
    common: bool = False  # one best for all frameworks together, instead of each its own
    fixed: dict[str, Any]  # values of `core.races.setup.SHARED`, the preset's recipe filled in
    search: dict[str, str]  # field → as it was typed: "log:1e-4..1e-1", "lin:0..0.5", "sgd,adam"
    strategy: Strategy = "random"
    trials: Annotated[int, Field(ge=1, le=10_000)] | None = None  # None: a whole grid, or while there is time
    minutes: Annotated[float, Field(gt=0, le=10_080)] | None = None
    folds: Annotated[int, Field(ge=2, le=20)] | None = None
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0,)
    objective: Objective = "accuracy"
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    cluster: Annotated[str, Field(pattern=CLUSTER)] | None = None  # address of a Dask scheduler
    # No two candidates differ only in what has no effect, such as momentum without sgd. Files of older
    # versions do not say it: theirs do, and go on as they began.
    distinct: bool = True
    final_seeds: Annotated[int, Field(ge=3, le=20)] = 3  # runs of the winner on all training images


@dataclass(frozen=True)
class FitResult:
    """One training of a trial, finished or not. `score` is in the study's objective (see `Trial`)."""

    run: str
    framework: str
    seed: int
    fold: int | None
    epochs: int
    status: Literal["waiting", "running", "finished", "failed"]
    score: float | None = None
    seconds: float | None = None  # of training steps
    reason: str = ""
    # As in the metrics file; while it trains the validation accuracy of the epochs so far.
    history: Mapping[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """A candidate, counted from 1.

    `score` is the mean over its fits: validation accuracy as a fraction (larger is better), or seconds of
    training until the objective's accuracy (less is better); None while none of its fits is done, or where
    one failed.
    """

    number: int
    name: str  # unique in its study, such as "learning rate 0.003, batch size 128"
    settings: dict[str, Any]  # the searched fields, and "framework" where each has its own best
    status: TrialStatus
    score: float | None
    reason: str = ""  # why it failed or was dismissed
    fits: tuple[FitResult, ...] = ()


def last_fits(trial: Trial) -> list[FitResult]:
    """The trial's fits with the most epochs, which its score is the mean of."""
    longest = max((fit.epochs for fit in trial.fits), default=0)
    return [fit for fit in trial.fits if fit.epochs == longest]


@dataclass(frozen=True)
class Study:
    """How a study stands at this moment."""

    spec: StudySpec
    state: StudyState
    trials: tuple[Trial, ...]
    planned: int | None  # trials in all; None where only the time decides
    reason: str = ""
    seconds: float = 0.0  # that it has been worked on
    seconds_left: float | None = None
    best: dict[str, int] = field(default_factory=dict)  # framework (or "all" for a common best) → trial
    final: tuple[dict[str, Any], ...] = ()  # fresh runs: run, role, framework, seed, test_accuracy, …
    verdict: dict[str, Any] = field(default_factory=dict)  # as `core.tuning.verdict` writes it
