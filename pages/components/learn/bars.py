"""Logits and probabilities, a row for each digit."""

import numpy as np

from core.words import percent


def bars_html(logits: np.ndarray, probabilities: np.ndarray, marked: int) -> str:
    """A table: digit, logit, probability with a bar; the pushed one is marked.

    Args:
        logits: (10,).
        probabilities: (10,).
        marked: the digit that is pushed.
    """
    rows = "".join(
        f'<tr{" data-marked" if place == marked else ""}><th scope="row">{place}</th>'
        f"<td>{f'{logit:.1f}'.replace('-', '−')}</td>"
        f'<td class="bars-bar"><i style="width:{100 * share:.1f}%" aria-hidden="true"></i></td>'
        f"<td>{percent(float(share), 1)}</td></tr>"
        for place, (logit, share) in enumerate(zip(logits, probabilities, strict=True))
    )
    total = f'<tr><td colspan="3">Together</td><td>{percent(float(probabilities.sum()), 0)}</td></tr>'
    return (
        '<table class="bars figures"><thead><tr><th scope="col">Digit</th><th scope="col">Logit</th><td></td>'
        f'<th scope="col">Probability</th></tr></thead><tbody>{rows}</tbody><tfoot>{total}</tfoot></table>'
    )
