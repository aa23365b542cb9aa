"""A source with what is known written in: branches chosen, loops over layers unrolled, unused lines gone.

Everything is a replacement in the text at the places that `ast` names, so comments and line breaks of
what stays are those of the source.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.export.edits import Edit, Places


class UnknownValue(Exception):
    """An expression holds a name whose value is not known."""


@dataclass(frozen=True)
class Known:
    """What is known of a source's names.

    `values`: name → its value, which decides branches; `texts`: an expression as `ast.unparse` writes it
    → what stands there instead; `dropped`: names that are passed from function to function no more.
    """

    values: dict[str, Any]
    texts: dict[str, str]
    dropped: frozenset[str]


def fold(source: str, known: Known) -> str:
    """The source, specialised to what is known.

    Args:
        source: functions and classes, without imports that matter.
        known: what to write in.
    """
    source = re.sub(r"  # type: ignore\[[^\n]*", "", source)
    while edit := next(_edits(source, known), None):
        source = edit.applied(source)
    return re.sub(r"\n{3,}(?= )", "\n\n", source)


def value_of(node: ast.expr, values: dict[str, Any]) -> Any:
    """What an expression over known names comes to.

    Raises:
        UnknownValue: it holds another name, or none at all.
    """
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    if not names or not names <= values.keys():
        raise UnknownValue
    return eval(compile(ast.Expression(node), "<exhibit>", "eval"), {}, values)


def chosen_case(match: ast.Match, values: dict[str, Any]) -> tuple[ast.match_case, dict[str, Any]]:
    """The case that a match over known names takes, and what its pattern captures.

    Raises:
        UnknownValue: the subject is not known, or no case takes it.
    """
    subject = value_of(match.subject, values)
    for case in match.cases:
        captured: dict[str, Any] = {}
        taken = ast.match_case(case.pattern, case.guard, [ast.parse("taken_ = True").body[0]])
        tried = ast.Match(ast.Name("subject_", ast.Load()), [taken])
        module = ast.fix_missing_locations(ast.Module([tried], []))
        exec(compile(module, "<exhibit>", "exec"), {**values, "subject_": subject}, captured)
        if captured.pop("taken_", False):
            return case, captured
    raise UnknownValue


# ── what is folded ──────────────────────────────────────────────────────────────────


def _edits(source: str, known: Known) -> Iterator[Edit]:
    """What can still be folded; only the first may be applied, then the places have moved."""
    tree, places = ast.parse(source), Places(source)
    for node in ast.walk(tree):
        yield from _unreachable(node, places)
        match node:
            case ast.If() | ast.IfExp() | ast.Match():
                yield from _branches(node, places, known)
            case ast.For(body=[ast.Match()]):
                yield from _unrolled(node, tree, places, known)
            case ast.FunctionDef():
                yield from _signature(node, places, known)
                yield from _unused(node, places, known)
                yield from _gathered(node, places)
            case ast.Assign():
                yield from _assignments(node, places, known)
            case ast.Call():
                yield from _arguments(node, places, known)
                yield from _expressions(node, places, known)
            case ast.Attribute(ctx=ast.Load()):
                yield from _expressions(node, places, known)


def _unreachable(node: ast.AST, places: Places) -> Iterator[Edit]:
    body = getattr(node, "body", None)
    if isinstance(body, list):
        yield from (
            places.removed(after) for before, after in pairwise(body) if isinstance(before, ast.Return)
        )


def _branches(node: ast.If | ast.IfExp | ast.Match, places: Places, known: Known) -> Iterator[Edit]:
    try:
        if isinstance(node, ast.Match):
            yield places.block_replaced(node, places.block(node, chosen_case(node, known.values)[0].body))
            return
        holds = value_of(node.test, known.values)
    except UnknownValue:
        return
    if isinstance(node, ast.IfExp):
        yield places.replaced(node, places.text(node.body if holds else node.orelse))
    elif taken := node.body if holds else node.orelse:
        yield places.block_replaced(node, places.block(node, taken))
    else:
        yield places.removed(node)


def _expressions(node: ast.expr, places: Places, known: Known) -> Iterator[Edit]:
    if (text := known.texts.get(ast.unparse(node))) is not None:
        yield places.replaced(node, text)
    elif isinstance(node, ast.Call) and (text := known.texts.get(ast.unparse(node.func))) is not None:
        yield places.replaced(node.func, text)


def _signature(node: ast.FunctionDef, places: Places, known: Known) -> Iterator[Edit]:
    """Parameters that are dropped, and those that always or never get a value."""
    arguments = node.args.args
    weights = next((one for one in arguments if one.arg == "weights" and "weights" in known.values), None)
    if not any(one.arg in known.dropped for one in arguments) and not (weights and node.args.defaults):
        return
    defaults = [None] * (len(arguments) - len(node.args.defaults)) + list(node.args.defaults)
    kept = [
        _parameter(one, default if one.arg not in known.values else None, places)
        for one, default in zip(arguments, defaults, strict=True)
        if one.arg not in known.dropped and not (one is weights and known.values["weights"] is None)
    ]
    if node.name == "build":  # the seed has no default behind weights that have none
        kept = [text.partition(" = ")[0] for text in kept]
    returned = f" -> {places.text(node.returns)}" if node.returns else ""
    last = node.returns or max([*arguments, *node.args.defaults], key=places.end)
    colon = places.raw.index(b":", places.end(last))
    new = f"def {node.name}({', '.join(kept)}){returned}:"
    start = places.start(node)
    if places.raw[start : colon + 1].decode() != new:
        yield Edit(start, colon + 1, new)


def _parameter(argument: ast.arg, default: ast.expr | None, places: Places) -> str:
    text = places.text(argument)
    if argument.arg == "weights":
        text = text.removesuffix(" | None")
    return text if default is None else f"{text} = {places.text(default)}"


def _arguments(node: ast.Call, places: Places, known: Known) -> Iterator[Edit]:
    parts: list[Any] = sorted([*node.args, *node.keywords], key=places.start)
    for position, part in enumerate(parts):
        if not (isinstance(part, ast.Name) and part.id in known.dropped):
            continue
        if position + 1 < len(parts):
            yield Edit(places.start(part), places.start(parts[position + 1]), "")
        elif position:
            yield Edit(places.end(parts[position - 1]), places.end(part), "")
        else:
            yield places.replaced(part, "")


def _assignments(node: ast.Assign, places: Places, known: Known) -> Iterator[Edit]:
    """Drops what is kept of a dropped name: `a.x = x`, or its part of `a.x, a.y = x, y`."""
    target, value = node.targets[0], node.value
    if isinstance(value, ast.Name) and value.id in known.dropped:
        yield places.removed(node)
    if not (isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)):
        return
    pairs = list(zip(target.elts, value.elts, strict=True))
    kept = [pair for pair in pairs if not (isinstance(pair[1], ast.Name) and pair[1].id in known.dropped)]
    if len(kept) < len(pairs):
        sides = (", ".join(places.text(one) for one in side) for side in zip(*kept, strict=True))
        yield places.replaced(node, " = ".join(sides))


def _unused(node: ast.FunctionDef, places: Places, known: Known) -> Iterator[Edit]:
    """Assignments of what is known to a name that nobody reads any more."""
    read = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value) if name not in read:
                used = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
                if used & {*known.dropped, *known.texts.values(), "data", "seed"}:
                    yield places.removed(statement)


def _gathered(node: ast.FunctionDef, places: Places) -> Iterator[Edit]:
    """An empty list and the lines that append to it, as one list."""
    for position, statement in enumerate(node.body):
        match statement:
            case ast.AnnAssign(target=ast.Name(name), value=ast.List([])):
                pass
            case ast.Assign(targets=[ast.Name(name)], value=ast.List([])):
                pass
            case _:
                continue
        appended: list[ast.Call] = []
        for following in node.body[position + 1 :]:
            match following:
                case ast.Expr(ast.Call(ast.Attribute(ast.Name(owner), "append")) as call) if owner == name:
                    appended.append(call)
                case _:
                    break
        if appended:
            items = "".join(f"        {places.text(call.args[0])},\n" for call in appended)
            end = places.end(appended[-1])
            yield Edit(places.start(statement), end, f"{name} = [\n{items}    ]")


# ── layers ──────────────────────────────────────────────────────────────────────────


def _unrolled(node: ast.For, tree: ast.Module, places: Places, known: Known) -> Iterator[Edit]:
    """A loop that matches each layer: the taken case of every round, one after another."""
    function = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and node in one.body)
    values = dict(known.values)
    for statement in function.body[: function.body.index(node)]:
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value) if name not in values:
                try:
                    values[name] = value_of(value, values)
                except UnknownValue:
                    continue
    names = [one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)]
    rounds = eval(compile(ast.Expression(node.iter), "<exhibit>", "eval"), {}, values)
    lines = []
    for each in rounds:
        bound = dict(zip(names, each if len(names) > 1 else [each], strict=True))
        match = node.body[0]
        assert isinstance(match, ast.Match)
        case, captured = chosen_case(match, {**values, **bound})
        literal = places.block(node, case.body)
        lines.append(_with_values(literal, {**bound, **captured}))
    yield places.block_replaced(node, "".join(lines))


def _with_values(lines: str, values: dict[str, Any]) -> str:
    """Names, and parts of what they name, replaced by their values, in indented lines."""
    indent = lines[: len(lines) - len(lines.lstrip())]
    source = "".join(line.removeprefix(indent) for line in lines.splitlines(keepends=True))
    while True:
        places = Places(source)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Subscript | ast.Name) and isinstance(node.ctx, ast.Load):
                try:
                    source = places.replaced(node, _literal(value_of(node, values))).applied(source)
                except UnknownValue:
                    continue
                break
        else:
            return "".join(f"{indent}{line}" for line in source.splitlines(keepends=True))


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
