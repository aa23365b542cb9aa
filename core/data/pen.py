"""Digits written with a pen, read from the UNIPEN family of files: characters as strokes of points.

Three forms of one format (I. Guyon and others, "UNIPEN project of on-line data exchange", ICPR 1994):
UCI's original pen digits, UNIPEN's own `.dat` files, and a plain form in which every character is followed
by its strokes. A line that begins with a dot and a capital is a keyword; it owns the lines up to the next.
A *component* is what the pen wrote between `.PEN_DOWN` and `.PEN_UP`; a `.SEGMENT` names a character and,
by their numbers, its components, or none where they follow it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.data.catalogue import DatasetError

Strokes = list[np.ndarray]  # arrays of points (points, 2), x to the right and y downwards, of any size

KEYWORD = re.compile(r"\.[A-Z_]+$")
LABEL = re.compile(r'"(.*)"\s*$')
COMPONENTS = re.compile(r"[\d:,-]+$")
CHARACTER_LEVELS = ("CHARACTER", "DIGIT")  # a segment of another level is a word, a line, a page
UCI = "pen-digits"  # the laboratory of UCI's writers
MOST_INCLUDED = 16  # files in files; UNIPEN's own are two deep


@dataclass(frozen=True, eq=False)
class Written:
    """One character as somebody wrote it; `writer` is laboratory/name, such as "syn/12"."""

    label: str
    writer: str
    strokes: Strokes


def read_strokes(path: Path, folder: Path | None = None) -> list[Written]:
    """All characters of a file, and of the files that it includes.

    Args:
        path: the file.
        folder: where included files may lie; None means beside the file.

    Raises:
        DatasetError: a line cannot be read, which is named with its file, or a component is not there.
    """
    reader = _Reader((folder or path.parent).resolve(), path.stem)
    reader.read(path.resolve())
    return reader.characters()


def unipen_files(folder: Path) -> list[Path]:
    """The files of digits in a folder of UNIPEN's: `digits.txt`, or the `.dat` files of section 1a."""
    plain = folder / "digits.txt"
    if plain.is_file():
        return [plain]
    return sorted(path for path in folder.rglob("*.dat") if "1a" in path.relative_to(folder).parts[:-1])


# ── reading ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Line:
    """One line and where it stands."""

    path: Path
    number: int
    words: list[str]
    text: str

    def error(self, message: str) -> DatasetError:
        return DatasetError(f"{self.path.name}, line {self.number}: {message}")


@dataclass(frozen=True, eq=False)
class _Component:
    """What was written without lifting the pen, and by whom."""

    writer: str
    points: list[tuple[float, float]]


@dataclass(frozen=True)
class _Segment:
    """A character: its label, the components it names, and where those begin that follow it."""

    line: _Line
    label: str
    named: str
    start: int
    level: str


@dataclass
class _Reader:
    """Goes through the lines of one file and of those that it includes, in order."""

    folder: Path
    writer: str  # who writes now; until somebody is named, the file stands for one
    laboratory: str = ""
    axes: tuple[int, int] = (0, 1)  # which numbers of a point are x and y
    components: list[_Component] = field(default_factory=list)
    segments: list[_Segment] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # included files that are not there

    def read(self, path: Path) -> None:
        """Takes in every line."""
        self.laboratory = self.laboratory or _laboratory(path, self.folder)
        keyword = ""
        for line in self._lines(path, ()):
            if KEYWORD.match(line.words[0]) and line.text[0] == ".":
                keyword = line.words[0]
                self._begin(keyword, line)
            elif keyword == ".PEN_DOWN":
                self.components[-1].points.append(self._point(line))

    def _lines(self, path: Path, within: tuple[Path, ...]) -> Iterator[_Line]:
        try:
            text = path.read_text(encoding="latin-1")
        except OSError as error:
            raise DatasetError(f"{path} cannot be read ({error.strerror})") from error
        for number, content in enumerate(text.splitlines(), 1):
            if not (words := content.split()):
                continue
            line = _Line(path, number, words, content)
            if words[0] == ".INCLUDE":
                yield line  # it ends what the keyword before it owned
                yield from self._included(line, (*within, path))
            else:
                yield line

    def _included(self, line: _Line, within: tuple[Path, ...]) -> Iterator[_Line]:
        if len(line.words) != 2:
            raise line.error(".INCLUDE takes the name of one file")
        found = self._find(line)
        if found is None:
            self.missing.append(line.words[1])
        elif found in within or len(within) >= MOST_INCLUDED:
            raise line.error(f"{line.words[1]} is included in itself")
        else:
            yield from self._lines(found, within)

    def _find(self, line: _Line) -> Path | None:
        """An included file: beside the one that names it, or below a folder above, or its `include`."""
        above = [line.path.parent, *line.path.parent.parents]
        inside = [folder for folder in above if folder == self.folder or self.folder in folder.parents]
        places = [place for folder in inside for place in (folder, folder / "include")]
        for place in places:
            found = (place / line.words[1]).resolve()
            if not found.is_relative_to(self.folder):
                raise line.error(f"{line.words[1]} lies outside {self.folder.name}")
            if found.is_file() and found != line.path:
                return found
        return None

    def _begin(self, keyword: str, line: _Line) -> None:
        """What a keyword's first line says."""
        match keyword, line.words[1:]:
            case ".SEGMENT", [level, *rest]:
                named = rest[0] if rest and COMPONENTS.match(rest[0]) else ""
                label = LABEL.search(line.text)
                if label:
                    text = re.sub(r"\\([\"\\])", r"\1", label[1])
                    self.segments.append(_Segment(line, text, named, len(self.components), level))
            case ".PEN_DOWN", _:
                self.components.append(_Component(f"{self.laboratory}/{self.writer}", []))
            case ".WRITER_ID", [name, *_]:
                self.writer = name
            case ".COMMENT", ["writer", name, "donor", laboratory]:
                self.writer, self.laboratory = name, laboratory
            case ".COMMENT", [digit, name, _] if self._in_a_digit(digit):
                self.writer, self.laboratory = name, UCI
            case ".COORD", names:
                self.axes = self._order(names, line)

    def _in_a_digit(self, digit: str) -> bool:
        """Whether a comment repeats the label of UCI's segment before it; its second number is the writer."""
        return bool(self.segments) and self.segments[-1].level == "DIGIT" and digit.isdigit()

    def _order(self, names: list[str], line: _Line) -> tuple[int, int]:
        if "X" not in names or "Y" not in names:
            raise line.error(".COORD names no X and Y")
        return names.index("X"), names.index("Y")

    def _point(self, line: _Line) -> tuple[float, float]:
        try:
            numbers = [float(word) for word in line.words]
            x, y = (numbers[axis] for axis in self.axes)
        except (ValueError, IndexError) as error:
            raise line.error(f"{line.text.strip()[:40]!r} is no point of two numbers") from error
        if not (abs(x) < 1e9 and abs(y) < 1e9):  # also what is no number
            raise line.error(f"{line.text.strip()[:40]!r} is no place on paper")
        return x, -y

    def characters(self) -> list[Written]:
        """The segments that are characters, each with its strokes; one without any ink is left out."""
        ends = [segment.start for segment in self.segments[1:]] + [len(self.components)]
        found = []
        for segment, end in zip(self.segments, ends, strict=True):
            if segment.level not in CHARACTER_LEVELS:
                continue
            if segment.named:
                parts = self._named(segment)
            else:
                parts = [(part, part.points) for part in self.components[segment.start : end]]
            strokes = [np.array(points) for _, points in parts if points]
            if strokes:
                found.append(Written(segment.label, parts[0][0].writer, strokes))
        return found

    def _named(self, segment: _Segment) -> list[tuple[_Component, list[tuple[float, float]]]]:
        """The components of "4", "0-2", "3,7-8" or "0:5-1:20", where a colon begins a point's number."""
        parts = []
        for span in segment.named.split(","):
            first, _, last = span.partition("-")
            try:
                (start, from_point), (stop, to_point) = _place(first), _place(last or first)
            except ValueError as error:
                raise segment.line.error(f"{segment.named!r} names no components") from error
            for number in range(start, stop + 1):
                points = self._component(number, segment).points
                cut = slice(
                    from_point if number == start else None,
                    to_point + 1 if last and number == stop and to_point is not None else None,
                )
                parts.append((self.components[number], points[cut]))
        return parts

    def _component(self, number: int, segment: _Segment) -> _Component:
        if number < len(self.components):
            return self.components[number]
        absent = f"; included, but not there: {', '.join(self.missing)}" if self.missing else ""
        raise segment.line.error(
            f"component {number} is not there, the pen was put down {len(self.components)} times{absent}"
        )


def _place(text: str) -> tuple[int, int | None]:
    """A component's number and, where it is given, a point's."""
    number, colon, point = text.partition(":")
    return int(number), int(point) if colon else None


def _laboratory(path: Path, folder: Path) -> str:
    """The folder below "1a" in UNIPEN's own layout, else the one that holds the file."""
    parts = path.parent.parts
    below = parts.index("1a") + 1 if "1a" in parts else len(parts)
    return parts[below] if below < len(parts) else path.parent.name
