"""What the models read, as HTML: the verdict beside the canvas, and a line for each."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from core.words import confidence, number_word
from pages.components.canvas.reading import Drawing
from pages.components.canvas.saved import SavedRun
from pages.components.canvas.verdict import verdict
from pages.components.pictures import as_address, as_png
from pages.components.shell import style, text_beside
from pages.components.silks import disc, silk_css

if TYPE_CHECKING:
    from core.prediction.answers import Answer

STYLE = style(silk_css() + text_beside(__file__, "answers.css"))
WORDS = {"idle": "", "waiting": "loading …", "failed": "no answer"}


@dataclass(frozen=True)
class Row:
    """A framework's line: what its model reads, and how sure it is of the digit that it is least sure of."""

    framework: str
    title: str
    reading: str = ""
    sure: float = 0.0
    state: str = "idle"  # "idle", "waiting", "failed" or "ready"


def answer_row(saved: SavedRun, answer: "Answer | None") -> Row:
    """The line of a model that was asked."""
    from core.prediction.answers import Prediction

    if answer is None:
        return Row(saved.framework, saved.title, state="waiting")
    if not isinstance(answer, Prediction):
        return Row(saved.framework, saved.title, state="failed")
    sure = float(answer.probabilities.max(axis=1).min())
    reading = "".join(map(str, answer.digits))
    return Row(saved.framework, saved.title, reading, sure, "ready")


def said_html(rows: list[Row], drawing: Drawing | None, hint: str) -> str:
    """What most read, large; how far all agree; and the pixels that they see."""
    said = verdict(row.reading for row in rows)
    if drawing is None:
        more = "" if hint.endswith(".") else f" on the black field: {number_word(len(rows))} models answer."
        body = f"<p>{escape(hint)}{more}</p>"
    else:
        body = (
            f'<span class="said-digit condensed">{said.reading or "…"}</span>'
            f"<p>{escape(said.sentence or 'The models are loading.')}</p>{_seen(drawing)}"
        )
    many = " said-many" if len(said.reading) > 1 else ""
    return (
        f'{STYLE}<div class="said{many}" data-testid="verdict" data-state="{said.state}" '
        f'data-reading="{said.reading}" role="status">{body}</div>'
    )


def _seen(drawing: Drawing) -> str:
    pictures = "".join(
        f'<img src="{as_address(as_png(image, len(image)))}" alt="Digit {place} in 28 by 28 pixels">'
        for place, image in enumerate(drawing.images, 1)
    )
    return f'<figure class="said-seen"><figcaption>What they see</figcaption><div>{pictures}</div></figure>'


def rows_html(rows: list[Row]) -> str:
    """A line for each framework: its number, its name, what it reads and how sure it is."""
    return f'{STYLE}<div class="rows">{"".join(map(_row, rows))}</div>'


def _row(row: Row) -> str:
    sure = confidence(row.sure) if row.state == "ready" else WORDS[row.state]
    return (
        f'<div class="row" data-testid="answer-{escape(row.framework)}" data-state="{row.state}" '
        f'data-reading="{row.reading}">{disc(row.framework)}<span class="row-name">{escape(row.title)}</span>'
        f'<b class="figures">{row.reading}</b><span class="row-bar" aria-hidden="true">'
        f'<i style="width:{100 * row.sure:.1f}%;background:var(--silk-{escape(row.framework)})"></i></span>'
        f'<span class="row-sure figures">{sure}</span></div>'
    )
