"""Whether what was drawn is a digit at all: being sure is not being right."""

import numpy as np

from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "unlike.css"))
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def unlike_html(images: np.ndarray, models: int) -> str:
    """One line when a drawing is unlike any digit, else nothing.

    Args:
        images: (N, 28, 28) uint8, the digits of the drawing from left to right, at most eight.
        models: how many were asked.
    """
    from core.prediction.likeness import judge

    unlike = judge().unlike(images)
    if not unlike.any():
        return ""
    return (
        f'{STYLE}<div class="unlike" data-testid="unlike" role="status">'
        f"<b>{sentence(unlike, models)}</b> <span>Being sure is not being right.</span></div>"
    )


def sentence(unlike: np.ndarray, models: int) -> str:
    """Which of the digits (N,) booleans are unlike any that the models learned."""
    learned = "any digit they learned" if models > 1 else "any digit it learned"
    count = len(unlike)
    if count == 1:
        return f"Unlike {learned}."
    if unlike.all():
        return f"{'Both' if count == 2 else f'All {count}'} are unlike {learned}."
    *others, last = [ORDINALS[position] for position in np.flatnonzero(unlike)]
    which = f"{', '.join(others)} and {last}" if others else last
    return f"The {which} of {count} {'are' if others else 'is'} unlike {learned}."
