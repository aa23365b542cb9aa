"""Places in a source's text, as `ast` names them, and replacements at them."""

import ast
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Edit:
    """Replaces the bytes from `start` to `end` of a source by `text`."""

    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """The source after the replacement."""
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()


class Places:
    """Where the nodes of a source stand, in bytes."""

    def __init__(self, source: str) -> None:
        self.raw = source.encode()
        self.lines = self.raw.splitlines(keepends=True)
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: Any) -> int:
        """The first byte of a node."""
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: Any) -> int:
        """The byte behind a node."""
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: Any) -> str:
        """The node as it is written."""
        return self.raw[self.start(node) : self.end(node)].decode()

    def whole_lines(self, first: ast.stmt, last: ast.stmt) -> list[str]:
        """The lines from one statement to another."""
        return [line.decode() for line in self.lines[first.lineno - 1 : last.end_lineno]]

    def replaced(self, node: Any, text: str) -> Edit:
        """Puts `text` where the node stands."""
        return Edit(self.start(node), self.end(node), text)

    def removed(self, statement: ast.stmt) -> Edit:
        """Takes a statement's lines away, with the comment right above it."""
        first = self.comment_above(statement)
        return Edit(self._starts[first], self._starts[statement.end_lineno or statement.lineno], "")

    def comment_above(self, statement: ast.stmt) -> int:
        """Index of the first line of the comment right above a statement, or of its own first line."""
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(node.lineno for node in decorators)]) - 1
        while first > 0 and self.lines[first - 1].lstrip().startswith(b"#"):
            first -= 1
        return first

    def block(self, outer: ast.stmt, body: list[ast.stmt]) -> str:
        """The lines of a body, comments too, moved left to where the outer statement begins."""
        first = self.comment_above(body[0])
        last = body[-1].end_lineno or body[-1].lineno
        shift = body[0].col_offset - outer.col_offset
        return "".join(line.decode()[shift:] or "\n" for line in self.lines[first:last])

    def block_replaced(self, outer: ast.stmt, text: str) -> Edit:
        """Puts whole lines where a statement's lines stand; the comment above it stays."""
        first, last = outer.lineno - 1, outer.end_lineno or outer.lineno
        return Edit(self._starts[first], self._starts[last], text)
