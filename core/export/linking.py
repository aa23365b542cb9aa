"""Definitions of several modules put into one file: what is used, and what that uses in its turn."""

import ast
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.export.edits import Edit, Places


@dataclass(frozen=True)
class Piece:
    """A function, class or constant of a module."""

    name: str
    text: str  # with the comment above it
    used: frozenset[str]  # names that it reads


@dataclass(frozen=True)
class Source:
    """A module's pieces in their order, and where its other names come from."""

    pieces: dict[str, Piece]
    imports: dict[str, str]  # name → the line that brings it
    core: dict[str, str]  # name → the module of core that defines it


@dataclass
class Linked:
    """What goes into the file: pieces of each module in their order, import lines."""

    pieces: dict[str, Piece] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)

    def link(self, names: Iterable[str], source: Source) -> list[Piece]:
        """Adds the pieces of `source` that `names` reach, those of other modules of core before them.

        Names that the module does not define are somebody else's and passed over.

        Returns:
            The pieces added, in the order in which they have to stand.

        Raises:
            ValueError: two modules define the same name.
        """
        wanted, before = _reached(names, source), []
        for name in sorted({used for piece in wanted for used in piece.used} | set(names)):
            if name in source.imports:
                self.imports.add(source.imports[name])
            if name in source.core and name not in self.pieces:
                before += self.link([name], module_source(source.core[name]))
        new = [piece for piece in wanted if self._is_new(piece)]
        self.pieces |= {piece.name: piece for piece in new}
        return before + new

    def _is_new(self, piece: Piece) -> bool:
        known = self.pieces.get(piece.name)
        if known is not None and known.text != piece.text:
            raise ValueError(f"two modules define {piece.name}")
        return known is None


def _reached(names: Iterable[str], source: Source) -> list[Piece]:
    reached: set[str] = set()
    waiting = [name for name in names if name in source.pieces]
    while waiting:
        reached.add(name := waiting.pop())
        waiting += [used for used in source.pieces[name].used - reached if used in source.pieces]
    return [piece for name, piece in source.pieces.items() if name in reached]


@cache
def module_source(module: str) -> Source:
    """The pieces of a module, which is read and not imported."""
    return read_source(module_text(module))


def module_text(module: str) -> str:
    """The text of a module, found without importing it."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ValueError(f"there is no module {module}")
    return Path(spec.origin).read_text(encoding="utf-8")


def read_source(text: str) -> Source:
    """A module's text in pieces."""
    places, pieces = Places(text), {}
    imports: dict[str, str] = {}
    core: dict[str, str] = {}
    for statement in ast.parse(text).body:
        match statement:
            case ast.Import(names=names):
                imports |= {one.asname or one.name.partition(".")[0]: ast.unparse(statement) for one in names}
            case ast.ImportFrom(module=module, names=names) if module and module.partition(".")[0] == "core":
                core |= {one.asname or one.name: module for one in names}
            case ast.ImportFrom(module=module, names=names):
                imports |= {
                    one.asname or one.name: ast.unparse(ast.ImportFrom(module, [one], 0)) for one in names
                }
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                pieces[name] = _piece(name, statement, places)
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
                pieces[name] = _piece(name, statement, places)
    return Source(pieces, imports, core)


def _piece(name: str, statement: ast.stmt, places: Places) -> Piece:
    first = places.comment_above(statement)
    lines = places.lines[first : statement.end_lineno]
    used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return Piece(name, b"".join(lines).decode().rstrip() + "\n", frozenset(used - {name}))


def without_unused_methods(piece: Piece, elsewhere: str) -> Piece:
    """A class without the methods that neither it nor `elsewhere` calls."""
    text = piece.text
    while True:
        places = Places(text)
        (defined,) = (one for one in ast.parse(text).body if isinstance(one, ast.ClassDef))
        for method in defined.body:
            if not isinstance(method, ast.FunctionDef) or method.name.startswith("__"):
                continue
            if f".{method.name}(" not in text + elsewhere:
                edit = places.removed(method)
                text = Edit(edit.start - 1, edit.end, "").applied(text)  # with the blank line above
                break
        else:
            return Piece(piece.name, text.rstrip() + "\n", piece.used)


def sorted_imports(lines: Iterable[str]) -> str:
    """Import lines as they are usually put: the standard library first, names of one module together."""
    together: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("from "):
            module, _, names = line.removeprefix("from ").partition(" import ")
            together.setdefault(module, []).append(names)
        else:
            together.setdefault(line, [])
    whole = [
        f"from {key} import {', '.join(sorted(names))}" if names else key for key, names in together.items()
    ]
    ordered = sorted(whole, key=lambda line: (line.startswith("from"), line.split()[1].lower()))
    standard = [line for line in ordered if _root(line) in sys.stdlib_module_names]
    others = [line for line in ordered if line not in standard]
    return "\n\n".join("\n".join(group) for group in (standard, others) if group)


def _root(line: str) -> str:
    return line.split()[1].partition(".")[0]
