"""CSV: one image a line, its label in a column of its own, every pixel a number."""

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core.data.catalogue import DatasetError
from core.data.importing.arrays import as_bytes, as_prepared, scale_of
from core.data.importing.limits import LARGEST_SIDE, LONGEST_LINE, MOST_IMAGES
from core.data.importing.parts import Part, Progress, Source
from core.words import counted

BLOCK = 4 * 2**20  # bytes read at a time
KINDS = ("uint8", "float32")  # of pixels, tried in this order
LABEL_NAMES = ("label", "labels", "class", "target", "digit", "letter", "character", "y")


@dataclass(frozen=True)
class Layout:
    """How a table is written: `label` is the position of its column, `first` the line where images begin."""

    delimiter: str
    columns: int
    label: int
    size: tuple[int, int]
    first: int


def read_table(source: Source, progress: Progress) -> Part:
    """The images of a CSV file.

    Args:
        source: a file in UTF-8; separated by comma, semicolon or tab; with a header or without.
        progress: hears of every block.

    Raises:
        DatasetError: it cannot be read; the message names file and line.
    """
    layout = find_layout(source)
    for kind in KINDS:
        blocks = _blocks(source, layout, kind, progress)
        if blocks is not None:
            labels = [label for found, _ in blocks for label in found]
            images = np.concatenate([part for _, part in blocks])
            return Part(images, labels, lambda position: _place(source.path, layout, position))
    raise _fault(source.path, layout)


# ── the first line ──────────────────────────────────────────────────────────────────


def find_layout(source: Source) -> Layout:
    """Delimiter, header, label and size from the first line.

    Raises:
        DatasetError: as `read_table`.
    """
    name = source.path.name
    number, line = _first_line(source.path)
    delimiter = max(";\t,", key=line.count)
    fields = _fields(line, delimiter, f"{name}, line {number}")
    header = _is_header(fields)
    label = _label_position(source, fields, header, number)
    pixels = len(fields) - 1
    size = source.size or _size(pixels, fields[-1] if header and label < pixels else fields[0])
    if not size or math.prod(size) != pixels or max(size) > LARGEST_SIDE:
        raise DatasetError(
            f"{name}, line {number}: {counted(pixels, 'column')} of pixels beside the label make no picture; "
            f"784 do (28 × 28), any square up to {LARGEST_SIDE} × {LARGEST_SIDE}, or what --size says, such "
            "as 20x16"
        )
    return Layout(delimiter, len(fields), label, size, number + header)


def _first_line(path: Path) -> tuple[int, str]:
    """Number and text of the first line that is not empty."""
    with open(path, "rb") as file:
        begin = file.read(4)
        if begin[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise DatasetError(f"{path.name} is written in UTF-16; save it as CSV in UTF-8")
        file.seek(0)
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), start=1):
            if len(line) > LONGEST_LINE:
                raise DatasetError(f"{path.name}, line {number}: longer than {LONGEST_LINE:,} bytes")
            text = _decoded(path, number, line)
            if "\0" in text:
                raise DatasetError(f"{path.name}, line {number}: this is no text, and so no CSV file")
            if "\r" in text:
                raise DatasetError(
                    f"{path.name}, line {number}: a line end of old Macs (CR alone); save it with those of "
                    "Windows or Unix"
                )
            if text.strip():
                return number, text
    raise DatasetError(f"{path.name} is empty")


def _decoded(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name}, line {number}: not in UTF-8 ({error.reason})") from None


def _fields(line: str, delimiter: str, where: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise DatasetError(f"{where}: cannot be read as CSV ({error})") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_header(fields: list[str]) -> bool:
    """Whether these are names of columns, and no image, be it one with a mistake in it."""
    if any(len(field.strip()) > 1 and field.strip().casefold() in LABEL_NAMES for field in fields):
        return True  # pandas calls the others 0, 1, 2 …
    return 2 * sum(map(_is_number, fields[1:])) < len(fields) - 1


def _label_position(source: Source, fields: list[str], header: bool, number: int) -> int:
    where = f"{source.path.name}, line {number}"
    names = [field.strip().casefold() for field in fields] if header else []
    if source.label_column is not None:
        return _chosen_column(source.label_column.strip(), names, len(fields), where)
    found = [names.index(name) for name in LABEL_NAMES if name in names]
    if not found and _size(len(fields), "") and not _size(len(fields) - 1, ""):
        raise DatasetError(
            f"{where}: {len(fields):,} columns of pixels and none with labels (Kaggle's test.csv has none)"
        )
    return found[0] if found else 0


def _chosen_column(text: str, names: list[str], columns: int, where: str) -> int:
    """The position of the column that is called so, or counted so from 1 where none is."""
    if text.casefold() in names:
        return names.index(text.casefold())
    if text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= columns:
        return int(text) - 1
    raise DatasetError(f"{where}: no column is called {text!r}, nor is it a number from 1 to {columns:,}")


def _size(pixels: int, last: str) -> tuple[int, int] | None:
    """Height and width: a square, or what the last pixel's name says, such as "28x20"."""
    named = re.fullmatch(r"(\d{1,3})x(\d{1,3})", last.strip())
    if named and int(named[1]) * int(named[2]) == pixels:
        return int(named[1]), int(named[2])
    side = math.isqrt(pixels)
    return (side, side) if side > 1 and side * side == pixels else None


# ── the images ──────────────────────────────────────────────────────────────────────


def first_images(source: Source) -> tuple[list[str], np.ndarray]:
    """Labels and images (N, height, width) uint8 of the first block of lines, as they stand there.

    Raises:
        DatasetError: as `read_table`.
    """
    import pyarrow as arrow

    layout = find_layout(source)
    for kind in KINDS:
        try:
            labels, pixels = next(_pixels(source.path, layout, kind))
        except arrow.ArrowInvalid:
            continue
        except StopIteration:
            raise DatasetError(f"{source.path.name} holds no image, only a header") from None
        top = scale_of(pixels)
        _check_range(source.path, layout, pixels, top)
        return labels, as_bytes(pixels.reshape(-1, *layout.size), top)
    raise _fault(source.path, layout)


def _blocks(
    source: Source, layout: Layout, kind: str, progress: Progress
) -> list[tuple[list[str], np.ndarray]] | None:
    """Labels and images (N, 28, 28) uint8, block by block; None where the numbers are not of this kind."""
    import pyarrow as arrow

    found: list[tuple[list[str], np.ndarray]] = []
    top, images = 0.0, 0
    total = source.path.stat().st_size

    def place(position: int) -> str:
        return _place(source.path, layout, images - len(labels) + position)

    try:
        for done, (labels, pixels) in enumerate(_pixels(source.path, layout, kind), start=1):
            top = top or scale_of(pixels)
            _check_range(source.path, layout, pixels, top)
            images += len(labels)
            if images > MOST_IMAGES:
                raise DatasetError(f"{source.path.name} holds more than {MOST_IMAGES:,} images")
            shaped = pixels.reshape(-1, *layout.size)
            found.append((labels, as_prepared(shaped, top, source.prepare, place)))
            progress("reading", min(1.0, done * BLOCK / total))
    except arrow.ArrowInvalid:
        return None
    if not images:
        raise DatasetError(f"{source.path.name} holds no image, only a header")
    return found


def _pixels(path: Path, layout: Layout, kind: str) -> Iterator[tuple[list[str], np.ndarray]]:
    """Labels and pixels (N, height × width) of each block; ArrowInvalid where they are not of this kind."""
    for block in _opened(path, layout, kind):
        columns = [column.to_numpy(zero_copy_only=False) for column in block.columns]
        labels = columns.pop(layout.label)
        pixels = np.empty((len(labels), len(columns)), kind)
        for position, column in enumerate(columns):
            pixels[:, position] = column
        yield labels.tolist(), pixels


def _check_range(path: Path, layout: Layout, pixels: np.ndarray, top: float) -> None:
    if not ((pixels >= 0) & (pixels <= top)).all():
        raise _fault(path, layout, top)


def _opened(path: Path, layout: Layout, kind: str) -> Iterator[Any]:
    """The table's record batches; every column named by its position."""
    import pyarrow as arrow
    from pyarrow import csv as arrow_csv

    names = [str(position) for position in range(layout.columns)]
    types = dict.fromkeys(names, arrow.type_for_alias(kind)) | {str(layout.label): arrow.string()}
    return arrow_csv.open_csv(
        path,
        arrow_csv.ReadOptions(block_size=BLOCK, column_names=names, skip_rows=layout.first - 1),
        arrow_csv.ParseOptions(delimiter=layout.delimiter),
        arrow_csv.ConvertOptions(column_types=types, null_values=[], strings_can_be_null=False),
    )


# ── where it is wrong ───────────────────────────────────────────────────────────────


def _lines(path: Path, layout: Layout) -> Iterator[tuple[int, str]]:
    """Number and text of every line with an image."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if number >= layout.first and line.strip():
                yield number, _decoded(path, number, line)


def _place(path: Path, layout: Layout, position: int) -> str:
    number, _ = next(islice(_lines(path, layout), position, None))
    return f"{path.name}, line {number}"


def _fault(path: Path, layout: Layout, top: float = 255.0) -> DatasetError:
    """The first line that is no image of numbers from 0 to `top`, and why."""
    for number, line in _lines(path, layout):
        where = f"{path.name}, line {number}"
        fields = _fields(line, layout.delimiter, where)
        if len(fields) != layout.columns:
            return DatasetError(f"{where}: {counted(len(fields), 'column')} where {layout.columns:,} belong")
        del fields[layout.label]
        for position, text in enumerate(fields):
            if not _is_number(text):
                return DatasetError(f"{where}: {text[:20]!r} where a pixel belongs (number {position + 1})")
            if not 0 <= float(text) <= top:
                limits = "pixels are from 0 to 255" if top == 255 else "the lines before have 0 to 1"
                return DatasetError(f"{where}: {text[:20]} is no pixel (number {position + 1}); {limits}")
    return DatasetError(f"{path.name} cannot be read as CSV; are its quotation marks closed?")
