"""What a study searches: the values of each searched field, read from text, and the candidates they make.

learning_rate=log:1e-4..1e-1     a range, every factor as likely as the next
dropout=lin:0..0.5               a range, every value as likely as the next
optimizer=sgd,adam               a list
filters=16,32;32,64              a list for the one field that is itself a list: semicolons between candidates
"""

from collections.abc import Mapping
from itertools import product
from math import inf, isinf, prod
from typing import Any

from pydantic import ValidationError

from core import frameworks
from core.config import RunConfig
from core.fields import FIELDS, USED_WITH, as_text, has_effect
from core.races.setup import preset_values
from core.tuning.dimension import SEARCHABLE, Dimension, SpaceError, read_dimension
from core.tuning.study import StudySpec
from core.words import show, whole

__all__ = [
    "SEARCHABLE", "Dimension", "SpaceError", "check", "config_of", "dimensions", "effective",
    "fits_per_trial", "grid", "in_every_framework", "own_searches", "read_dimension", "size", "trial_name",
]  # fmt: skip
MOST_CANDIDATES = 10_000  # of a grid
_DECIDING = {other for other, _ in USED_WITH.values()}  # fields with choices: whether others are used


def dimensions(spec: StudySpec) -> list[Dimension]:
    """The searched fields with their values, in the order of the table of fields.

    Raises:
        SpaceError: a field that cannot be searched, or values that it cannot have.
    """
    found = [read_dimension(field, text) for field, text in spec.search.items()]
    return sorted(found, key=lambda one: SEARCHABLE.index(one.field))


def check(spec: StudySpec) -> None:
    """Whether every candidate could be trained; what only shows when the fields are looked at together.

    Raises:
        SpaceError: one sentence about the first thing that is wrong.
    """
    searched = dimensions(spec)
    for one in searched:
        _check_values(spec, one)
    for field, (other, needed) in USED_WITH.items():
        if field in spec.search and needed not in _possible(spec, searched, other):
            raise SpaceError(f"{FIELDS[field].key}: only counts where {other} is {needed}, which it never is")
    if spec.strategy == "halving" and "epochs" in spec.search:
        raise SpaceError("epochs: cannot be searched by halving, which gives good candidates more of them")
    if spec.strategy == "grid" and (candidates := _grid_size(spec, searched)) > MOST_CANDIDATES:
        raise SpaceError(
            f"grid: {whole(candidates)} candidates are too many (at most {whole(MOST_CANDIDATES)}; "
            "search fewer values, or let random or tpe choose among them)"
        )


def _check_values(spec: StudySpec, one: Dimension) -> None:
    """Each value, or the ends of a range, in a run as the study would train it."""
    for value in one.values or one.ends:
        try:
            config_of(spec, {one.field: value}, framework="any", seed=0)
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Value error, ")
            shown = as_text(value)
            raise SpaceError(f"{FIELDS[one.field].key}: {shown} cannot be trained ({reason})") from None


def _possible(spec: StudySpec, searched: list[Dimension], field: str) -> tuple[Any, ...]:
    return next((one.values for one in searched if one.field == field), (spec.fixed.get(field),))


def _grid_size(spec: StudySpec, searched: list[Dimension]) -> int:
    different = _different(spec, searched, {one.field: len(one.points()) for one in searched})
    return int(different) * own_searches(spec)


def _different(spec: StudySpec, searched: list[Dimension], sizes: Mapping[str, float]) -> float:
    """How many candidates `effective` leaves apart.

    Args:
        spec: of the study.
        searched: its dimensions.
        sizes: field → how many values it has; infinite where there is no end of them.
    """
    deciding = [one for one in searched if one.field in _DECIDING]
    others = {one.field: None for one in searched if one not in deciding}
    total: float = 0
    for values in product(*(one.values for one in deciding)):
        decided = dict(zip((one.field for one in deciding), values, strict=True))
        total += prod(sizes[field] for field in effective(spec, others | decided) if field in others)
    return total


def own_searches(spec: StudySpec) -> int:
    """How many searches go on side by side: one for each framework, or one for all."""
    return 1 if spec.common else len(spec.frameworks)


def fits_per_trial(spec: StudySpec) -> int:
    """How often a candidate is trained: folds × seeds, and in every framework where they share one best."""
    return len(spec.seeds) * (spec.folds or 1) * (len(spec.frameworks) if spec.common else 1)


def size(spec: StudySpec) -> int | None:
    """How many candidates the space holds, frameworks left aside; None where a range has no end of them."""
    searched = dimensions(spec)
    different = _different(spec, searched, {one.field: one.size or inf for one in searched})
    return None if isinf(different) else int(different)


def effective(spec: StudySpec, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings less those without effect beside the others: candidates that train alike become equal."""
    if not spec.distinct:
        return dict(settings)
    known = {**spec.fixed, **settings}
    return {field: value for field, value in settings.items() if has_effect(field, known)}


def grid(spec: StudySpec) -> list[dict[str, Any]]:
    """All candidates, of every range its five points: the last field changes first, then the framework."""
    searched = dimensions(spec)
    rows = product(*(one.points() for one in searched))
    settings = [effective(spec, dict(zip((one.field for one in searched), row, strict=True))) for row in rows]
    different = {str(one): one for one in settings}.values()
    return [each for one in different for each in in_every_framework(spec, one)]


def in_every_framework(spec: StudySpec, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A candidate once for each framework that looks for its own best, or once for all together."""
    if spec.common:
        return [dict(settings)]
    return [{"framework": framework, **settings} for framework in spec.frameworks]


def config_of(
    spec: StudySpec,
    settings: Mapping[str, Any],
    *,
    framework: str,
    seed: int,
    fold: int | None = None,
    epochs: int | None = None,
) -> RunConfig:
    """The run that trains a candidate.

    Args:
        spec: of the study.
        settings: the candidate's values; "framework" among them is passed over.
        framework: that trains it.
        seed: of the run.
        fold: the part that it validates on, from 0; None for the ordinary validation split.
        epochs: in place of the study's, where a strategy gives few of them first.

    Raises:
        pydantic.ValidationError: values that no run can have.
    """
    values = preset_values(spec.fixed["architecture"]) | spec.fixed
    values |= {field: value for field, value in settings.items() if field != "framework"}
    values |= {"folds": None if fold is None else spec.folds, "fold": fold}
    values |= {} if epochs is None else {"epochs": epochs}
    return RunConfig(framework=framework, seed=seed, **values)


def trial_name(settings: Mapping[str, Any]) -> str:
    """What a candidate is called, such as "PyTorch, learning rate 0.003, batch size 128"; one for each."""
    parts = [frameworks.title(settings["framework"])] if "framework" in settings else []
    for field, value in settings.items():
        if field != "framework":
            shown = as_text(value) if isinstance(value, list | tuple) else show(value)
            parts.append(f"{FIELDS[field].word} {shown}")
    return ", ".join(parts) or "the one set-up"
