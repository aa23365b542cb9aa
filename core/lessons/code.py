"""The exhibits' own text, cut into functions and steps.

A step is told by a comment in the exhibit whose first words are names of steps:

    # Layers: …                     the lines below it, up to a blank line or a less indented one
    loss = …  # loss                the statement whose first line ends in it; one line inside a statement
    fit(  # forward, loss, step     these lines belong to all of these steps

A comment in a definition that belongs to another function's part counts for every function with such a step.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from core import frameworks
from core.lessons.steps import STEPS, WORDS, functions_with

# The functions of every exhibit, in its order; a definition in between belongs to the one before it.
CONTRACT = ("devices", "build", "train", "predict", "get_weights", "save", "load")
HEAD = "head"  # imports and constants, before the first function

_NAMED = re.compile(r"#\s*(\w+(?:, \w+)*)(?:[.:].*)?")


@dataclass(frozen=True)
class Definition:
    """A function or class at the top of a file: its lines from 1, and whose part it belongs to."""

    name: str
    first: int
    last: int
    part: str


@dataclass(frozen=True)
class Code:
    """One exhibit: its lines, its definitions, and the lines of each step of each function."""

    name: str
    lines: tuple[str, ...]
    definitions: tuple[Definition, ...]
    steps: dict[str, dict[str, tuple[int, ...]]]  # function → step → line numbers
    effective: frozenset[int]

    def function(self, name: str) -> Definition:
        """One of the functions of the contract.

        Raises:
            KeyError: the exhibit has none of this name.
        """
        for definition in self.definitions:
            if definition.name == name:
                return definition
        raise KeyError(name)

    def helpers(self, function: str) -> list[Definition]:
        """What else belongs to a function: its part's definitions, and those elsewhere with steps of it."""
        lit = {line for lines in self.steps[function].values() for line in lines}
        return [
            one
            for one in self.definitions
            if one.name != function
            and (one.part == function or (one.name not in STEPS and lit & {*range(one.first, one.last + 1)}))
        ]

    def text(self, definition: Definition) -> str:
        """The definition as it stands in the file."""
        return "\n".join(self.lines[definition.first - 1 : definition.last]) + "\n"

    def steps_at(self, function: str, line: int) -> list[str]:
        """The steps of a function that this line belongs to."""
        return [step for step, lines in self.steps[function].items() if line in lines]

    def effective_by_part(self) -> dict[str, int]:
        """Effective lines of the head and of each function with its helpers; together Compare's count."""
        counts = dict.fromkeys((HEAD, *CONTRACT), 0)
        for line in self.effective:
            inside = (one.part for one in self.definitions if one.first <= line <= one.last)
            counts[next(inside, HEAD)] += 1
        return counts


def read(name: str) -> Code:
    """The exhibit as it is on disk now.

    Raises:
        ValueError: no framework of this name.
    """
    return _parse(name, frameworks.source(name))


@cache
def _parse(name: str, source: str) -> Code:
    definitions = tuple(_definitions(ast.parse(source)))
    steps: dict[str, dict[str, set[int]]] = {
        function: {step: set() for step in known} for function, known in STEPS.items()
    }
    for words, lines in _named_lines(source):
        inside = next((one.part for one in definitions if one.first <= min(lines) <= one.last), HEAD)
        for word in words:
            own = [inside] if word in STEPS.get(inside, {}) else functions_with(word)
            for function in own:
                steps[function][word] |= lines
    ordered = {
        function: {step: tuple(sorted(lines)) for step, lines in found.items() if lines}
        for function, found in steps.items()
    }
    effective = frozenset(frameworks.effective_line_numbers(name))
    return Code(name, tuple(source.splitlines()), definitions, ordered, effective)


def _definitions(tree: ast.Module) -> Iterator[Definition]:
    part = HEAD
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            part = node.name if node.name in CONTRACT else part
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield Definition(node.name, first, node.end_lineno or node.lineno, part)


# ── step comments ───────────────────────────────────────────────────────────────────


def _named_lines(source: str) -> Iterator[tuple[list[str], set[int]]]:
    """For each step comment its words and its lines."""
    lines = source.splitlines()
    comments = {
        token.start[0]: (words, token.line.lstrip().startswith("#"))
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and (words := _words(token.string))
    }
    statements = _statements(source)
    for line, (words, alone) in comments.items():
        if not alone:
            yield words, set(statements.get(line, [line]))
            continue
        below = _paragraph(lines, line)
        others = {
            inside
            for other in below
            if other in comments and not comments[other][1]
            for inside in statements.get(other, [other])
        }
        until = next((other for other in below if other in comments and comments[other][1]), below.stop)
        yield words, {number for number in range(line, until) if number not in others}


def _words(comment: str) -> list[str]:
    match = _NAMED.fullmatch(comment)
    words = match[1].lower().split(", ") if match else []
    return words if words and WORDS.issuperset(words) else []


def _paragraph(lines: list[str], heading: int) -> range:
    """The lines below a heading, which has this number, up to a blank line or a less indented one."""
    indent = _indent(lines[heading - 1])
    end = heading
    while end < len(lines) and lines[end].strip() and _indent(lines[end]) >= indent:
        end += 1
    return range(heading + 1, end + 1)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _statements(source: str) -> dict[int, range]:
    """The first line of every statement (of a block, its head) → all lines of it."""
    found: dict[int, range] = {}
    first = None
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NEWLINE:
            if first is not None:
                found[first] = range(first, token.start[0] + 1)
            first = None
        elif token.type not in _BETWEEN and first is None:
            first = token.start[0]
    return found


_BETWEEN = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
