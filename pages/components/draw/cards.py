"""What the models said, as HTML: the verdict, one card per run, the average of all."""

from collections import Counter
from dataclasses import dataclass
from html import escape

import numpy as np

from core.charts.colours import GREY
from core.words import confidence, milliseconds
from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "cards.css"))


@dataclass(frozen=True)
class Card:
    """One run on the page: probabilities (digits drawn, 10), or the words that stand in their place."""

    framework: str
    run: str
    title: str
    note: str
    colour: str
    probabilities: np.ndarray | None = None
    milliseconds: float = 0.0
    words: str = ""
    state: str = "ready"  # "ready", "waiting" or "failed"

    @property
    def reading(self) -> str:
        """The digits that this model reads, such as "7" or "2026"; empty without an answer."""
        return "" if self.probabilities is None else "".join(map(str, self.probabilities.argmax(1)))

    @property
    def sure(self) -> float:
        """How sure this model is of the digit that it is least sure of, 0 to 1; 0 without an answer."""
        return 0.0 if self.probabilities is None else float(self.probabilities.max(axis=1).min())


def average(cards: list[Card]) -> Card | None:
    """All models as one: the mean of their probabilities (None while nobody has answered)."""
    answered = [card.probabilities for card in cards if card.probabilities is not None]
    if not answered:
        return None
    return Card(
        "average", "average", "All together", f"mean of {len(answered)}", GREY, np.mean(answered, axis=0)
    )


def verdict(cards: list[Card]) -> tuple[str, str]:
    """How far the models agree: "agree", "majority" or "split" ("" before any answer), and a sentence."""
    counts = Counter(card.reading for card in cards if card.reading)
    total = counts.total()
    if not total:
        return "", ""
    (reading, most), *others = counts.most_common()
    rest = ", ".join(_read(count, other) for other, count in others)
    if not others:
        return "agree", f"All {total} read {reading}" if total > 1 else f"The model reads {reading}"
    if 2 * most > total:
        return "majority", f"{most} of {total} read {reading}, {rest}"
    return "split", f"They disagree: {_read(most, reading)}, {rest}"


def _read(models: int, reading: str) -> str:
    return f"{models} read{'s' if models == 1 else ''} {reading}"


def verdict_html(cards: list[Card], hint: str = "") -> str:
    """The verdict as one line above the cards, or what to do first."""
    state, sentence = verdict(cards)
    together = average(cards)
    if together is None or together.probabilities is None:
        state, sentence, more = "none", hint or "The models are on their way", ""
    else:
        more = f"<span>Average of all: {together.reading}, {confidence(together.sure)}</span>"
    return (
        f'<div class="verdict" data-testid="verdict" data-state="{state}" role="status">'
        f"<b>{escape(sentence)}</b>{more}</div>"
    )


def cards_html(cards: list[Card]) -> str:
    """One card per run, side by side where there is room, and the average of all as the last one."""
    together = average(cards) if len(cards) > 1 else None
    shown = [*cards, together] if together else cards
    return f'{STYLE}<div class="guess-cards">{"".join(map(_card, shown))}</div>'


def _card(card: Card) -> str:
    many = ""
    if card.probabilities is None:
        body, foot = f'<div class="guess-wait">{escape(card.words)}</div>', ""
    else:
        body = "".join(map(_digit, card.probabilities))
        foot = "the mean of their probabilities"
        if card.run != "average":
            foot = milliseconds(card.milliseconds, 1)
        if len(card.probabilities) > 1:
            many = " guess-many"
    return (
        f'<div class="guess{many}" style="--of:{card.colour}" data-testid="guess-{escape(card.framework)}" '
        f'data-run="{escape(card.run)}" data-reading="{card.reading}" data-state="{card.state}">'
        f'<div class="guess-head"><b>{escape(card.title)}</b>'
        f'<span title="{escape(card.run)}">{escape(card.note)}</span></div>'
        f'<div class="guess-body">{body}</div><div class="guess-foot">{foot}</div></div>'
    )


def _digit(probabilities: np.ndarray) -> str:
    best = int(probabilities.argmax())
    bars = "".join(
        f'<div class="guess-bar{" top" if digit == best else ""}" title="{digit}: {confidence(share)}">'
        f'<i><u style="height:{100 * share:.1f}%"></u></i><s>{digit}</s></div>'
        for digit, share in enumerate(probabilities)
    )
    spoken = ", ".join(f"{digit}: {confidence(share)}" for digit, share in enumerate(probabilities))
    return (
        f'<div class="guess-one"><div class="guess-said"><span class="guess-digit">{best}</span>'
        f'<span class="guess-sure">{confidence(probabilities[best])}</span></div>'
        f'<div class="guess-bars" role="img" aria-label="{spoken}">{bars}</div></div>'
    )
