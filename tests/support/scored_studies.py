"""Studies made up for tests: what their trials scored and their fresh runs reached."""

from typing import Any

from core.tuning.study import FitResult, Study, StudySpec, Trial

SEARCH = {"learning_rate": "log:1e-4..1e-1", "dropout": "lin:0..0.5"}


def spec(**changes: Any) -> StudySpec:
    """A study of PyTorch on MNIST with 5,000 validation images."""
    values: dict[str, Any] = {
        "name": "made",
        "created": "2026-01-01T00:00:00+00:00",
        "frameworks": ("pytorch",),
        "fixed": {"dataset": "mnist", "validation_size": 5000, "epochs": 3},
        "search": SEARCH,
    }
    return StudySpec(**values | changes)


def fit(score: float | None, framework: str = "pytorch", seed: int = 0, **more: Any) -> FitResult:
    """A finished fit."""
    values = {"fold": None, "epochs": 3, "seconds": 2.0} | more
    run = f"trial-made-{framework}-{values['fold']}-{seed}-{score}"
    return FitResult(run, framework, seed, status="finished", score=score, **values)


def trial(number: int, score: float | None, framework: str | None = "pytorch", **more: Any) -> Trial:
    """A finished trial of one fit, unless `more` says otherwise."""
    own = {} if framework is None else {"framework": framework}
    settings = own | {"learning_rate": 0.001 * number, "dropout": 0.1} | more.pop("settings", {})
    values = {"status": "finished", "fits": (fit(score, framework or "pytorch"),)} | more
    return Trial(number, f"learning rate {settings['learning_rate']:g}", settings, score=score, **values)


def fresh(
    role: str, values: list[float], framework: str = "pytorch", key: str = "test_accuracy", **more: Any
):
    """Fresh runs of a role, with seeds from 100 on."""
    return tuple(
        {"run": f"{role}-{framework}-{place}", "role": role, "framework": framework, "seed": 100 + place}
        | {key: value, **more}
        for place, value in enumerate(values)
    )


def study(
    trials: list[Trial], final: tuple = (), best: dict[str, int] | None = None, **changes: Any
) -> Study:
    """A finished study; the best is the highest score of PyTorch unless `best` says otherwise."""
    scored = [one for one in trials if one.score is not None]
    if best is None:
        best = {"pytorch": max(scored, key=lambda one: one.score or 0.0).number} if scored else {}
    return Study(spec(**changes), "finished", tuple(trials), len(trials), best=best, final=final)
