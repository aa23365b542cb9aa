"""Numbers in rows and columns as HTML: a table of few that can be read, a picture of many."""

from html import escape

import numpy as np

from pages.components.learn.paint import is_light, largest, paint
from pages.components.pictures import as_address, as_png
from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "matrix.css"))


def matrix_html(
    numbers: np.ndarray,
    caption: str,
    form: str = ".0f",
    limit: float | None = None,
    signed: bool = False,
    marked: tuple[int, int] | None = None,
) -> str:
    """A table of numbers on their colours.

    Args:
        numbers: (H, W), few enough to read.
        caption: what they are.
        form: a format such as ".2f".
        limit: the number of full colour, by default the largest.
        signed: as for `paint`.
        marked: row and column of a number that is framed.
    """
    colours = paint(numbers, limit or largest(numbers), signed)
    cells = [
        [_cell(number, colour, form, (row, column) == marked) for column, (number, colour) in enumerate(both)]
        for row, both in enumerate(map(zip, numbers, colours))
    ]
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
    return f'<table class="matrix figures"><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table>'


def _cell(number: float, colour: np.ndarray, form: str, marked: bool) -> str:
    red, green, blue = colour
    ink = "#000" if is_light(colour) else "#fff"
    text = format(number + 0.0, form).replace("-", "−")
    kind = ' class="matrix-marked"' if marked else ""
    return f'<td{kind} style="background:rgb({red},{green},{blue});color:{ink}">{text}</td>'


def map_html(
    numbers: np.ndarray,
    caption: str,
    alt: str,
    limit: float | None = None,
    signed: bool = False,
    marked: tuple[int, int, int] | None = None,
) -> str:
    """A picture of many numbers.

    Args:
        numbers: (H, W).
        caption: stands below it.
        alt: what is to be seen, in words.
        limit: as for `matrix_html`.
        signed: likewise.
        marked: row, column and side of a square that is framed.
    """
    height, width = numbers.shape
    picture = as_address(as_png(paint(numbers, limit or largest(numbers), signed), max(height, width)))
    frame = _frame(marked, height, width) if marked else ""
    return (
        f'<figure class="map"><div><img src="{picture}" alt="{escape(alt)}">{frame}</div>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _frame(marked: tuple[int, int, int], height: int, width: int) -> str:
    row, column, side = marked
    place = (
        f"top:{100 * row / height:.2f}%;left:{100 * column / width:.2f}%;"
        f"width:{100 * side / width:.2f}%;height:{100 * side / height:.2f}%"
    )
    return f'<i class="map-frame" style="{place}" aria-hidden="true"></i>'


def side_by_side(*parts: str) -> str:
    """Tables, pictures and signs such as "×" in a line, or below each other where it is narrow."""
    shown = "".join(part if part.startswith("<") else f"<b>{escape(part)}</b>" for part in parts)
    return f'{STYLE}<div class="matrices">{shown}</div>'
