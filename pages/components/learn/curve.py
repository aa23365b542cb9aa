"""Curves as HTML: the lines are masks, so that the page's colours, light or dark, shine through."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "curve.css"))
WIDTH, HEIGHT = 600, 200  # units of the drawing, which is stretched to the frame


@dataclass(frozen=True)
class Line:
    """Points (x, y) within the axes; `colour` is CSS; `label` stands beside the frame, in that order."""

    points: Sequence[tuple[float, float]]
    colour: str
    label: str
    dash: str = ""


def curve_html(
    lines: Sequence[Line],
    x: tuple[float, float],
    y: tuple[float, float],
    titles: tuple[str, str],
    ends: tuple[str, str],
    said: str,
    dot: tuple[float, float] | None = None,
) -> str:
    """Lines in a frame.

    Args:
        lines: what is drawn; points outside the axes are moved to their edge.
        x: from and to.
        y: likewise.
        titles: of the axes.
        ends: the lowest and the highest value of y in words.
        said: what is to be seen, for those who cannot.
        dot: a point that is marked.
    """
    drawn = "".join(
        f'<i style="background:{line.colour};mask-image:url({_mask(line, x, y)})"></i>' for line in lines
    )
    if dot:
        left, top = _placed(dot, x, y)
        drawn += f'<u style="left:{100 * left / WIDTH:.2f}%;top:{100 * top / HEIGHT:.2f}%"></u>'
    key = "".join(map(_key, lines))
    return (
        f'{STYLE}<figure class="curve" role="img" aria-label="{escape(said)}">'
        f'<ul class="curve-key">{key}</ul><div class="curve-row"><div class="curve-scale figures">'
        f"<span>{escape(ends[1])}</span><span>{escape(titles[1])}</span><span>{escape(ends[0])}</span></div>"
        f'<div class="curve-frame">{drawn}</div></div><figcaption>{escape(titles[0])}</figcaption></figure>'
    )


def _key(line: Line) -> str:
    kind = ' class="curve-dashed"' if line.dash else ""
    return f'<li><i{kind} style="background:{line.colour}"></i>{escape(line.label)}</li>'


def _mask(line: Line, x: tuple[float, float], y: tuple[float, float]) -> str:
    points = " ".join("{:.1f},{:.1f}".format(*_placed(point, x, y)) for point in line.points)
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">'
        f'<polyline points="{points}" fill="none" stroke="#000" stroke-width="3" stroke-linejoin="round"'
        f'{dash} vector-effect="non-scaling-stroke"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _placed(
    point: tuple[float, float], x: tuple[float, float], y: tuple[float, float]
) -> tuple[float, float]:
    """In units of the drawing, with room for the line's width; what is no number is as high as can be."""
    across, up = ((value - low) / (high - low) for value, (low, high) in zip(point, (x, y), strict=True))
    up = min(max(up, 0.0), 1.0) if up == up else 1.0
    return WIDTH * min(max(across, 0.0), 1.0), 3 + (HEIGHT - 6) * (1 - up)
