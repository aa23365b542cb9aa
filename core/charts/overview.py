"""Small figures of the start page: what the newest runs reached, how many images a class has."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from core.charts.colours import INK, PAPER, TEST_IMAGES, TRAINING_IMAGES, order, paint, silk
from core.charts.figure import LEGEND, axis, named, numbered
from core.words import percent, seconds


def accuracy_and_time(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> dict[str, Any]:
    """Test accuracy (dots and intervals) and mean training time (bar) side by side, one line per framework.

    Args:
        rows: framework, train_time_sec, test_accuracy of each run, and accuracy_low and accuracy_high,
            its 95 % interval, which may be NaN. Those with `marks` have no time that counts.
        titles: framework → name of its line.
    """
    traces, said = [], []
    for framework in order(list({row["framework"] for row in rows})):
        runs = [row for row in rows if row["framework"] == framework]
        title, colour = numbered(titles.get(framework, framework), framework), {"color": paint(framework)}
        times = [row["train_time_sec"] for row in runs if not row.get("marks")]
        said.append(_in_words(titles.get(framework, framework), runs, times))
        traces += [
            {
                "type": "scatter", "mode": "markers+text", "marker": {**colour, "size": 20},
                "text": [f"<b>{silk(framework).number}</b>"] * len(runs), "textfont": {"color": PAPER},
                "x": [100 * row["test_accuracy"] for row in runs], "y": [title] * len(runs),
                "error_x": _intervals(runs), "hovertemplate": "%{x:.2f} %<extra>%{y}</extra>",
            },
            {
                "type": "bar", "orientation": "h", "marker": colour, "xaxis": "x2",
                "x": [fmean(times) if times else None], "y": [title],
                "hovertemplate": "%{x:,.1f} s<extra>%{y}</extra>",
            },
        ]  # fmt: skip
    mean = "mean " if len(traces) < 2 * len(rows) else ""
    layout = {
        "meta": {"alt": f"Test accuracy and training time: {named(said)}."},
        "showlegend": False,
        "bargap": 0.55,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": {
            **axis("test accuracy (%)"),
            "tickformat": ".1f",
            "nticks": 5,
            "domain": [0, 0.55],
        },
        "xaxis2": {
            **axis(f"{mean}time (s)"),
            "anchor": "y",
            "rangemode": "tozero",
            "nticks": 5,
            "domain": [0.62, 1],
        },
        "yaxis": axis("") | {"type": "category", "autorange": "reversed", "ticksuffix": "  "},
    }
    return {"data": traces, "layout": layout}


def _in_words(title: str, runs: Sequence[Mapping[str, Any]], times: Sequence[float]) -> str:
    accuracy = percent(fmean(row["test_accuracy"] for row in runs))
    return f"{title} {accuracy} in {seconds(fmean(times))}" if times else f"{title} {accuracy}"


def _intervals(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        # NaN: no interval is drawn
        "array": [100 * (row["accuracy_high"] - row["test_accuracy"]) for row in rows],
        "arrayminus": [100 * (row["test_accuracy"] - row["accuracy_low"]) for row in rows],
        "thickness": 1.2,
    }


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
