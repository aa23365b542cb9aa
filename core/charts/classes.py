"""How many images each class of a dataset has."""

from collections.abc import Sequence
from typing import Any

from core.charts.colours import INK, TEST_IMAGES, TRAINING_IMAGES
from core.charts.figure import LEGEND, axis


def class_counts(class_names: Sequence[str], train: Sequence[int], test: Sequence[int]) -> dict[str, Any]:
    """Images of every class, training and test stacked, as plain JSON for Plotly."""
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": list(class_names),
            "y": list(counts),
            "marker": {"color": shade},
            "hovertemplate": f"%{{y:,}} {name} images<extra>%{{x}}</extra>",
        }
        for name, counts, shade in (("training", train, TRAINING_IMAGES), ("test", test, TEST_IMAGES))
    ]
    each = [sum(counts) for counts in zip(train, test, strict=True)]
    layout = {
        "meta": {"alt": f"{len(each)} classes with {min(each):,} to {max(each):,} images each."},
        "barmode": "stack",
        "bargap": 0.25,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": axis("class") | {"type": "category"},
        "yaxis": axis("images") | {"tickformat": ","},
        "legend": {**LEGEND, "font": {"color": INK}},
    }
    return {"data": traces, "layout": layout}
