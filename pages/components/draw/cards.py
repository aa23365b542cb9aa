"""What the models said, as HTML: the verdict, one card per run, the average of all."""

from collections import Counter
from dataclasses import dataclass
from html import escape

import numpy as np

from core.charts.colours import GREY
from core.data.catalogue import DIGIT_NAMES
from core.words import confidence, joined, milliseconds
from pages.components.shell import style, text_beside

MOST_BARS = 10
STYLE = style(text_beside(__file__, "cards.css"))


@dataclass(frozen=True)
class Card:
    """One run on the page: probabilities (drawn, classes), or the words that stand in their place."""

    framework: str
    run: str
    title: str
    note: str
    colour: str
    probabilities: np.ndarray | None = None
    milliseconds: float = 0.0
    words: str = ""
    state: str = "ready"  # "ready", "waiting" or "failed"
    class_names: tuple[str, ...] = DIGIT_NAMES

    @property
    def reading(self) -> str:
        """What this model reads, such as "7", "2026" or "shirt"; empty without an answer."""
        if self.probabilities is None:
            return ""
        return joined([self.class_names[place] for place in self.probabilities.argmax(1)])

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
        "average",
        "average",
        "All together",
        f"mean of {len(answered)}",
        GREY,
        np.mean(answered, axis=0),
        class_names=next(card.class_names for card in cards if card.probabilities is not None),
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
        more = f"<span>Average of all: {escape(together.reading)}, {confidence(together.sure)}</span>"
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
        body = "".join(_digit(row, card.class_names) for row in card.probabilities)
        foot = "the mean of their probabilities"
        if card.run != "average":
            foot = milliseconds(card.milliseconds, 1)
        if len(card.probabilities) > 1:
            many = " guess-many"
    return (
        f'<div class="guess{many}" style="--of:{card.colour}" data-testid="guess-{escape(card.framework)}" '
        f'data-run="{escape(card.run)}" data-reading="{escape(card.reading)}" data-state="{card.state}">'
        f'<div class="guess-head"><b>{escape(card.title)}</b>'
        f'<span title="{escape(card.run)}">{escape(card.note)}</span></div>'
        f'<div class="guess-body">{body}</div><div class="guess-foot">{foot}</div></div>'
    )


def _shown(probabilities: np.ndarray) -> list[int]:
    """The classes whose bars are drawn, in their order: the likeliest where there are too many for a card."""
    return sorted(np.argsort(-probabilities, kind="stable")[:MOST_BARS].tolist())


def _digit(probabilities: np.ndarray, names: tuple[str, ...]) -> str:
    best = int(probabilities.argmax())
    order = _shown(probabilities)
    bars = "".join(
        f'<div class="guess-bar{" top" if place == best else ""}" '
        f'title="{escape(names[place])}: {confidence(probabilities[place])}">'
        f'<i><u style="height:{100 * probabilities[place]:.1f}%"></u></i><s>{escape(names[place])}</s></div>'
        for place in order
    )
    spoken = ", ".join(f"{escape(names[place])}: {confidence(probabilities[place])}" for place in order)
    long = "" if len(names[best]) == 1 else " guess-word"
    return (
        '<div class="guess-one"><div class="guess-said">'
        f'<span class="guess-digit{long}">{escape(names[best])}</span>'
        f'<span class="guess-sure">{confidence(probabilities[best])}</span></div>'
        f'<div class="guess-bars" role="img" aria-label="{spoken}">{bars}</div></div>'
    )
