"""The shrunk variants of the models that are asked: which of them answer too."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.places import artifacts_dir
from core.prediction.variants import variants_of
from core.runs.shrunk import VARIANTS, Shrunk
from core.words import counted
from pages.components.canvas.saved import SavedRun, SavedRuns

KINDS = "shrunk"  # in the session and in the address
MOST_CARDS = 24  # models and variants together; more is a wall


def choose_variants(saved: SavedRuns, chosen: list[str]) -> tuple[SavedRuns, list[str]]:
    """A choice of variants where there are some, and with those chosen the models to ask.

    Args:
        saved: the runs that can be asked.
        chosen: those that are.

    Returns:
        `saved` with the variants among what is known, and all names to ask, each variant after its model.
    """
    there = variants_of(artifacts_dir(), chosen)
    offered = [key for key in VARIANTS if any(shrunk.variant == key for shrunk in there.values())]
    if not offered:
        return saved, chosen
    with st.popover("Their shrunk variants", icon=":material/compress:"):
        kinds = st.pills(
            "Ask these beside the models that they were made of",
            offered,
            selection_mode="multi",
            format_func=lambda key: VARIANTS[key].title,
            key=KINDS,
            bind="query-params",
        )
    wanted = {name: shrunk for name, shrunk in there.items() if shrunk.variant in kinds}
    room = max(0, MOST_CARDS - len(chosen))
    if len(wanted) > room:
        st.caption(f"At most {MOST_CARDS} answer at once; {counted(len(wanted) - room, 'variant')} left out.")
        wanted = dict(list(wanted.items())[:room])
    known = saved.known | {name: _described(saved, chosen, shrunk) for name, shrunk in wanted.items()}
    asked = [name for run in chosen for name in (run, *_of(run, wanted))]
    return replace(saved, known=known), asked


def _of(run: str, wanted: dict[str, Shrunk]) -> list[str]:
    return [name for name, shrunk in wanted.items() if shrunk.run == run]


def _described(saved: SavedRuns, chosen: Sequence[str], shrunk: Shrunk) -> SavedRun:
    """Such as "PyTorch · ONNX, 8 bits", with the run's own note where several of its framework are asked."""
    model = saved.known[shrunk.run]
    title = VARIANTS[shrunk.variant].title
    alone = Counter(saved.known[run].framework for run in chosen)[model.framework] == 1
    return replace(model, note=title if alone else f"{title}, {model.note}")
