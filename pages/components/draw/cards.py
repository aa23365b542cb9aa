"""What the models said, as HTML: the verdict, one card per run, the average of all."""

from dataclasses import dataclass
from html import escape

import numpy as np

from core.data.catalogue import DIGIT_NAMES
from core.words import confidence, joined, milliseconds, number_word
from pages.components.canvas.verdict import verdict
from pages.components.shell import style, text_beside
from pages.components.silks import disc, silk_css

STYLE = style(silk_css() + text_beside(__file__, "cards.css"))
AVERAGE = "average"
MOST_BARS = 10  # of one digit or sign; more would be too thin to read their names


@dataclass(frozen=True)
class Card:
    """One run on the page: probabilities (drawn, classes), or the words that stand in their place.

    `truth` is what was written, where that is known.
    """

    framework: str
    run: str
    title: str
    note: str
    probabilities: np.ndarray | None = None
    milliseconds: float = 0.0
    words: str = ""
    state: str = "ready"  # "ready", "waiting" or "failed"
    truth: str = ""
    class_names: tuple[str, ...] = DIGIT_NAMES

    @property
    def right(self) -> bool | None:
        """Whether this model reads what was written; None without an answer or a truth."""
        return self.reading == self.truth if self.reading and self.truth else None

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
    known = (AVERAGE, AVERAGE, "All together", f"mean of {len(answered)}")
    first = cards[0]
    return Card(*known, np.mean(answered, axis=0), truth=first.truth, class_names=first.class_names)


def verdict_html(cards: list[Card], hint: str = "", truth: str = "") -> str:
    """The verdict as one line, or what to do first."""
    said = verdict(card.reading for card in cards)
    together = average(cards)
    if together is None:
        sentence, more = hint or "The models are loading", ""
    else:
        sentence = said.sentence
        more = f"<span>Average of all: {escape(together.reading)}, {confidence(together.sure)}</span>"
        if truth:
            more = f"<span>{_how_many_right(cards, truth)}</span>"
    return (
        f'<div class="verdict" data-testid="verdict" data-state="{said.state}" role="status">'
        f"<b>{escape(sentence)}</b>{more}</div>"
    )


def _how_many_right(cards: list[Card], truth: str) -> str:
    marks = [card.right for card in cards if card.right is not None]
    told = f"Somebody wrote {truth}" if cards[0].class_names == DIGIT_NAMES else f"It is {escape(truth)}"
    return f"{told}: {number_word(sum(marks))} of {number_word(len(marks))} right"


def cards_html(cards: list[Card]) -> str:
    """One card per run, side by side where there is room, and the average of all as the last one."""
    together = average(cards) if len(cards) > 1 else None
    shown = [*cards, together] if together else cards
    one_each = " guess-one-each" if len({card.framework for card in shown}) == len(shown) else ""
    return f'{STYLE}<div class="guess-cards{one_each}">{"".join(map(_card, shown))}</div>'


def _card(card: Card) -> str:
    many = ""
    if card.probabilities is None:
        body, foot = f'<div class="guess-wait">{escape(card.words)}</div>', ""
    else:
        body = "".join(_digit(row, card.class_names) for row in card.probabilities)
        foot = "the mean of their probabilities"
        if card.run != AVERAGE:
            foot = milliseconds(card.milliseconds, 1)
        if len(card.probabilities) > 1:
            many = " guess-many"
    return (
        f'<div class="guess{many}" style="--of:{_paint(card)};--sure:{100 * card.sure:.1f}%" '
        f'data-testid="guess-{escape(card.framework)}" '
        f'data-run="{escape(card.run)}" data-reading="{escape(card.reading)}" data-state="{card.state}">'
        f'<div class="guess-head">{"" if card.run == AVERAGE else disc(card.framework)}'
        f'<b>{escape(card.title)}</b><span title="{escape(card.run)}">{escape(card.note)}</span>'
        f"{_mark(card)}</div>"
        f'<div class="guess-body">{body}</div><div class="guess-foot">{foot}</div></div>'
    )


def _paint(card: Card) -> str:
    return "var(--soft)" if card.run == AVERAGE else f"var(--silk-{escape(card.framework)})"


def _mark(card: Card) -> str:
    """A tick or a cross where the truth is known, spoken as well."""
    if card.right is None:
        return ""
    word, sign = ("right", "✓") if card.right else ("wrong", "✗")
    return f'<i class="guess-mark" data-mark="{word}" role="img" aria-label="{word}">{sign}</i>'


def _digit(probabilities: np.ndarray, names: tuple[str, ...]) -> str:
    best = int(probabilities.argmax())
    said = {
        place: f"{escape(names[place])}: {confidence(probabilities[place])}"
        for place in _shown(probabilities)
    }
    bars = "".join(
        f'<div class="guess-bar{" top" if place == best else ""}" title="{words}">'
        f'<i><u style="height:{100 * probabilities[place]:.1f}%"></u></i><s>{escape(names[place])}</s></div>'
        for place, words in said.items()
    )
    word = "" if len(names[best]) == 1 else " guess-word"
    return (
        '<div class="guess-one"><div class="guess-said">'
        f'<span class="guess-digit{word}">{escape(names[best])}</span>'
        f'<span class="guess-sure">{confidence(probabilities[best])}</span></div>'
        f'<div class="guess-bars" role="img" aria-label="{", ".join(said.values())}">{bars}</div></div>'
    )


def _shown(probabilities: np.ndarray) -> list[int]:
    """The classes that have a bar, in their order: the likeliest where there are too many for a card."""
    return sorted(np.argsort(-probabilities, kind="stable")[:MOST_BARS].tolist())
