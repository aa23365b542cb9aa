"""The lines of a source that hold code."""

import ast
import io
import tokenize
from collections.abc import Collection

_NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def count_effective_lines(source: str, leaving_out: Collection[str] = ()) -> int:
    """Number of lines that `effective_lines` gives."""
    return len(effective_lines(source, leaving_out))


def effective_lines(source: str, leaving_out: Collection[str] = ()) -> set[int]:
    """The lines, from 1, that hold a token other than comments and docstrings.

    Args:
        source: a module's text.
        leaving_out: names of constants at its top level whose assignment does not count.
    """
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NOT_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            lines.difference_update(_lines_of(node.body[0]))
    for statement in tree.body:
        if assigned_names(statement) & set(leaving_out):
            lines.difference_update(_lines_of(statement))
    return lines


def assigned_names(statement: ast.stmt) -> set[str]:
    """The plain names that a statement assigns to; empty for anything but an assignment to names."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _lines_of(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
