"""What was measured at a step of one exhibit, in a few words for the page."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.lessons.code import Code

MOST_VARIABLES = 4  # of a step, or nobody reads them
HIDDEN = "Its variables stay inside the framework."

# What is worth telling of a step's variables. A loop over layers tells nothing by its last round, and a
# counter nothing of a forward pass.
_SHAPES = frozenset({"shape", "shapes"})
_WORTH: dict[tuple[str, str], frozenset[str]] = {
    ("build", "weights"): _SHAPES,
    ("train", "optimizer"): frozenset({"type"}),
    ("train", "data"): _SHAPES,
    ("train", "forward"): _SHAPES,
    ("train", "loss"): _SHAPES | {"value"},
    ("train", "backward"): _SHAPES,
    ("train", "step"): _SHAPES,
    ("train", "metrics"): frozenset({"value", "values"}),
    ("predict", "data"): _SHAPES,
    ("predict", "forward"): _SHAPES,
}


def told(code: Code, function: str, step: str, measured: Mapping[str, Any]) -> list[str]:
    """Short sentences or figures on one step.

    Args:
        code: the exhibit.
        function: a key of `STEPS`.
        step: one of its steps.
        measured: of this exhibit, as `core.lessons.one_batch.read` gives it.
    """
    if "error" in measured:
        return [f"Not measured: {measured['error']}"]
    facts = _facts(function, step, measured)
    worth = _WORTH.get((function, step), frozenset())
    lines = code.steps[function].get(step, ())
    seen = _variables(lines, measured["lines"].get(function, {}), worth)
    hidden = not seen and step in ("forward", "backward", "step")
    return [*facts, *seen, *[HIDDEN] * hidden]


def shared_line(code: Code, function: str, step: str) -> list[str]:
    """The other steps that this step's lines do too, where they do no step alone."""
    lines = code.steps[function].get(step, ())
    together = [set(code.steps_at(function, line)) for line in lines]
    common = set.intersection(*together) - {step} if together else set()
    return [other for other in code.steps[function] if other in common]


# ── around the functions ────────────────────────────────────────────────────────────


def _facts(function: str, step: str, measured: Mapping[str, Any]) -> list[str]:
    shapes = measured["weights"]
    parameters = f"{sum(map(math.prod, shapes)):,} parameters in {len(shapes)} arrays"
    low, high = measured["first_range"]
    found = {
        ("build", "seed"): [f"seed {measured['seed']}"],
        ("build", "layers"): [parameters],
        ("build", "weights"): [f"first array {_shape(shapes[0])}: {_number(low)} to {_number(high)}"],
        ("train", "data"): [f"given: images {_shape(measured['batch'][0])}"],
        ("train", "loss"): [f"loss of this batch {_number(measured['loss'])}"],
        ("train", "backward"): [f"gradient norm {_number(measured['gradient_norm'])}"],
        ("train", "step"): [
            f"weights moved by {_number(measured['change_norm'])}",
            f"loss of the same batch {_number(measured['loss_before'])} → {_number(measured['loss_after'])}",
        ],
        ("train", "metrics"): [f"accuracy of this batch {_number(measured['accuracy'])}"],
        ("predict", "softmax"): [
            f"probabilities {_shape(measured['probabilities'])}",
            f"first image: {_number(measured['first_right'])} for the right class, "
            f"{_number(measured['first_sum'])} in all",
        ],
        ("save", "weights"): [parameters],
        ("save", "file"): [f"{measured['file_name']}, {measured['file_bytes'] / 1000:,.0f} kB"],
        ("load", "layers"): [f"a {measured['loaded_type']}"],
        ("load", "weights"): [_loaded(measured["loaded_differs"])],
    }
    return found.get((function, step), [])


def _loaded(differs: float | None) -> str:
    if differs == 0:
        return "same probabilities as before saving"
    return f"probabilities differ by up to {_number(differs)} from those before saving"


# ── inside them ─────────────────────────────────────────────────────────────────────


def _variables(
    lines: Sequence[int], seen: Mapping[str, Mapping[str, Any]], worth: Collection[str]
) -> list[str]:
    """The step's variables of these kinds, each as its last line left it."""
    last: dict[str, Mapping[str, Any]] = {}
    for line in lines:
        last |= seen.get(str(line), {})
    told = [f"{name} {_value(value)}" for name, value in last.items() if set(value) & set(worth)]
    return told[:MOST_VARIABLES]


def _value(value: Mapping[str, Any]) -> str:
    if "shape" in value:
        return _shape(value["shape"])
    if "shapes" in value:
        shapes = value["shapes"]
        return f"{len(shapes)} arrays, last {_shape(shapes[-1])}" if len(shapes) > 1 else _shape(shapes[0])
    if "values" in value:
        return ", ".join(map(_number, value["values"]))
    return str(value["type"]) if "type" in value else _number(value["value"])


def _shape(shape: Sequence[int]) -> str:
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def _number(value: float | None) -> str:
    """Four decimals, none where there is nothing behind the point; None is what JSON makes of NaN."""
    if value is None or not math.isfinite(value):
        return "not a number"
    if value == int(value) and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.4f}" if abs(value) >= 1e-3 else f"{value:.2e}"
