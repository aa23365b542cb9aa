"""The exhibits as text: effective lines of code."""

import ast
import io
import tokenize
from functools import cache

from core import frameworks

_NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@cache
def effective_loc(framework: str) -> int:
    """Lines of the exhibit that hold code: no blank lines, comments or docstrings.

    Every exhibit has the same functions, so the whole file is counted in each; what else stands
    in a file (NumPy's layers, say) is what this framework leaves to its user.
    """
    return count_effective_lines(frameworks.source(framework))


def count_effective_lines(source: str) -> int:
    """Number of lines that hold a token other than comments and docstrings."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NOT_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            docstring = node.body[0]
            lines.difference_update(range(docstring.lineno, docstring.end_lineno + 1))
    return len(lines)
