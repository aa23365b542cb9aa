"""A run's variants beside the model that they were made of: a table, on a phone a card a row."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from core.comparison.shrunk import changes, latency, on_drawn
from core.runs.shrunk import VARIANTS, Drawn, Shrunk
from core.scores import accuracy_interval
from core.words import UNKNOWN, file_size, interval, percent, points
from pages.components.shell import style, text_beside

_STYLE = style(text_beside(__file__, "shrink_table.css"))
HEAD = (
    "Variant", "File", "Weights", "Activations, at most", "Test accuracy", "Against the trained model",
    "One image", "1,000 images", "Digits that people drew",
)  # fmt: skip
DRAWN = {"my-digits": "Yours", "pen": "Many people’s"}


def show_table(title: str, variants: Sequence[Shrunk]) -> None:
    """One row for the trained model, then one a variant.

    Args:
        title: what the run is called.
        variants: of one run, at least one.
    """
    head = "".join(f'<th role="columnheader" scope="col">{word}</th>' for word in HEAD)
    rows = _original(title, variants[0]) + "".join(map(_variant, variants))
    st.html(
        f'{_STYLE}<div class="shrunk card" tabindex="0" role="region" aria-label="Variants">'
        f'<table role="table"><thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table></div>'
    )


def _original(title: str, shrunk: Shrunk) -> str:
    model = shrunk.original
    return _row(
        "original",
        f"<b>{escape(title)}</b><small>as trained</small>",
        file_size(model.bytes_on_disk),
        file_size(model.bytes_of_weights),
        file_size(model.peak_activation_bytes),
        _accuracy(model.correct, shrunk.images),
        UNKNOWN,
        latency(model.latency_one_ms),
        latency(model.latency_thousand_ms),
        _lines(_all_drawn(drawn) for drawn in shrunk.drawn),
    )


def _variant(shrunk: Shrunk) -> str:
    variant = VARIANTS[shrunk.variant]
    lost = (
        f'<strong class="loses">▼ loses {points(shrunk.lost / 100)} points</strong>' if shrunk.loses else ""
    )
    return _row(
        shrunk.variant,
        f"<b>{escape(variant.title)}</b><small>{escape(shrunk.scored_by)}</small>",
        file_size(shrunk.bytes_on_disk),
        file_size(shrunk.bytes_of_weights),
        file_size(shrunk.peak_activation_bytes),
        _accuracy(shrunk.correct, shrunk.images) + lost,
        f"<span>{escape(changes(shrunk))}</span>",
        latency(shrunk.latency_one_ms),
        latency(shrunk.latency_thousand_ms),
        _lines(f"{_whose(drawn)}: {on_drawn(drawn)}" for drawn in shrunk.drawn),
    )


def _row(key: str, name: str, *cells: str) -> str:
    named = zip(HEAD[1:], cells, strict=True)
    told = "".join(f'<td role="cell" data-head="{head}"><div>{cell}</div></td>' for head, cell in named)
    return f'<tr role="row" data-variant="{key}"><th role="rowheader" scope="row">{name}</th>{told}</tr>'


def _accuracy(correct: int, images: int) -> str:
    low, high = accuracy_interval(correct / images, images)
    return f"{percent(correct / images)}<small>{interval(float(low), float(high))}</small>"


def _whose(drawn: Drawn) -> str:
    return DRAWN.get(drawn.dataset, drawn.dataset)


def _all_drawn(drawn: Drawn) -> str:
    return f"{_whose(drawn)}: {percent(drawn.float_correct / drawn.images, 1)} of {drawn.images:,} right"


def _lines(texts: Iterable[str]) -> str:
    whole = (text.replace(" %", "\N{NO-BREAK SPACE}%") for text in texts)
    told = "".join(f"<span>{escape(text)}</span>" for text in whole)
    return told or UNKNOWN
