"""Python's own tokenizer as a highlighter: kinds of words, line by line, for a page that colours them."""

import io
import keyword
import tokenize
from collections.abc import Iterator
from functools import cache

Piece = tuple[str, str]  # kind, "" for what has no colour, and text

_KINDS = {tokenize.COMMENT: "comment", tokenize.STRING: "string", tokenize.NUMBER: "number"}


@cache
def highlighted(source: str) -> tuple[tuple[Piece, ...], ...]:
    """Each line of a source as pieces that together are the line.

    Kinds: "keyword", "string", "comment", "number", "defined" (by a def or class).
    """
    lines = source.splitlines()
    found: list[list[Piece]] = [[] for _ in lines]
    done = [0] * len(lines)

    def add(row: int, start: int, end: int, kind: str) -> None:
        if start > done[row]:
            found[row].append(("", lines[row][done[row] : start]))
        if end > start:
            found[row].append((kind, lines[row][start:end]))
        done[row] = max(done[row], end)

    for kind, token in _coloured(source):
        (first, start), (last, end) = token.start, token.end
        for row in range(first, last + 1):
            left = start if row == first else 0
            add(row - 1, left, end if row == last else len(lines[row - 1]), kind)
    for row, line in enumerate(lines):
        add(row, len(line), len(line), "")
    return tuple(tuple(pieces) for pieces in found)


def _coloured(source: str) -> Iterator[tuple[str, tokenize.TokenInfo]]:
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if kind := _KINDS.get(token.type) or (_kind(token, before) if token.type == tokenize.NAME else ""):
            yield kind, token
        before = token.string


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    if keyword.iskeyword(token.string) or _is_soft_keyword(token):
        return "keyword"
    return "defined" if before in ("def", "class") else ""


def _is_soft_keyword(token: tokenize.TokenInfo) -> bool:
    """Whether `match` or `case` opens a block here, and is no name."""
    opens = token.line.lstrip().startswith(f"{token.string} ") and token.line.rstrip().endswith(":")
    return token.string in ("match", "case") and opens and token.line[: token.start[1]].isspace()
