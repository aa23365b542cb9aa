"""An exhibit's `_optimizer`, run on the recorded values: what is left is the one call that the run made."""

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.config import RunConfig
from core.export.edits import Places


class _Named(float):
    """A number that is written as the constant that holds it."""

    def __new__(cls, value: float, name: str) -> "_Named":
        number = super().__new__(cls, value)
        number.name = name
        return number

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class _Symbol:
    """Something of the exhibit, such as a function of its own, by its name."""

    name: str

    def __repr__(self) -> str:
        return self.name


class _Config:
    """The run's configuration as the exhibit meets it, its numbers under their constants' names."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self.learning_rate = _Named(config.learning_rate, "LEARNING_RATE")
        self.momentum = _Named(config.momentum, "MOMENTUM")
        self.optimizer = config.optimizer
        self.optimizer_constants = config.optimizer_constants


class _Names(dict[str, Any]):
    """Local names; what is unknown stands for itself, as far as it is no builtin."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        return _Symbol(name)


def optimizer_written_out(source: str, config: RunConfig) -> str:
    """The exhibit with `_optimizer`'s body replaced by what it returns for this run.

    Args:
        source: the exhibit.
        config: the run's.
    """
    places = Places(source)
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    function = next(node for node in functions if node.name == "_optimizer")
    names = _Names(config=_Config(config))
    returned = _run(function.body, names)
    if returned is None:
        raise ValueError("the exhibit has no optimizer of this name")
    text = f'    """The optimizer of this run."""\n    return {_written(returned, names)}\n'
    first, last = function.body[0], function.body[-1]
    start = places.start(first) - first.col_offset
    return (places.raw[:start] + text.encode() + places.raw[places.end(last) + 1 :]).decode()


def _run(body: list[ast.stmt], names: _Names) -> ast.expr | None:
    """Executes statements until one returns; the expression that it returns."""
    for statement in body:
        match statement:
            case ast.Return(value=value):
                return value
            case ast.Match(subject=subject, cases=cases):
                wanted = _evaluated(subject, names)
                for case in cases:
                    value = case.pattern.value if isinstance(case.pattern, ast.MatchValue) else None
                    if value is not None and _evaluated(value, names) == wanted:
                        return _run(case.body, names)
            case _:
                exec(compile(ast.Module([statement], []), "<exhibit>", "exec"), {}, names)
    return None


def _evaluated(node: ast.expr, names: Mapping[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<exhibit>", "eval"), {}, names)


def _written(node: ast.expr, names: _Names) -> str:
    """A call with its `**` written out, or the value of anything else."""
    if not isinstance(node, ast.Call):
        return _literal(_evaluated(node, names))
    arguments = [_argument(part, names) for part in node.args]
    for keyword in node.keywords:
        if keyword.arg:
            arguments.append(f"{keyword.arg}={_argument(keyword.value, names)}")
        else:
            unpacked = _evaluated(keyword.value, names)
            arguments += [f"{name}={_literal(value)}" for name, value in unpacked.items()]
    if ast.unparse(node.func) == "functools.partial" and len(arguments) == 1:
        return arguments[0]  # no constants: the function as it is
    return f"{ast.unparse(node.func)}({', '.join(arguments)})"


def _argument(node: ast.expr, names: _Names) -> str:
    if isinstance(node, ast.Name | ast.Attribute):
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value  # type: ignore[assignment]
        if isinstance(root, ast.Name) and root.id in names:
            return _literal(_evaluated(node, names))
    return ast.unparse(node)


def _literal(value: Any) -> str:
    match value:
        case str():
            return f'"{value}"'
        case tuple():
            return f"({', '.join(map(_literal, value))})"
        case dict():
            inner = "".join(f"        {_literal(key)}: {_literal(item)},\n" for key, item in value.items())
            return f"{{\n{inner}    }}"
        case _:
            return repr(value)
