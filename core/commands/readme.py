"""The parts of the README that are made: the table of the reference runs and the tree of files."""

import ast
import re
from pathlib import Path

from core import frameworks
from core.places import PROJECT
from core.runs import records

SHOWN = (
    "app.py",
    "pages/*.py",
    "pages/components/*.py",
    "core/frameworks/[!_]*.py",
    "core/*.py",
    "tests/benchmarks/*.py",
)


def made_anew(readme: str, artifacts: Path) -> str:
    """The README's text with its made parts written again.

    Raises:
        ValueError: a part's marks are missing.
    """
    for name, text in (("results", results_table(artifacts)), ("tree", tree())):
        part = re.compile(rf"(<!-- {name}[^\n]*-->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if not part.search(readme):
            raise ValueError(f"the README has lost its marks <!-- {name} --> and <!-- end {name} -->")
        readme = part.sub(lambda found, text=text: found[1] + text + found[2], readme)
    return readme


# ── the reference runs ──────────────────────────────────────────────────────────────


def results_table(artifacts: Path) -> str:
    """The reference runs as a Markdown table, the plain recipe first, best accuracy first."""
    rows = []
    for run in records.run_names(artifacts):
        if records.is_reference(run):
            rows.append(records.read_object(records.metrics_path(artifacts, run)))
    rows.sort(key=lambda row: (row["config"]["augment"], -row["test_accuracy"], row["framework"]))
    lines = [
        "| framework | recipe | test accuracy (95 % interval) | training | first step | import | images/s "
        "| lines |",
        "|---|---|---|---:|---:|---:|---:|---:|",
        *map(_table_row, rows),
    ]
    return "\n".join(lines) + "\n"


def _table_row(row: dict) -> str:
    from core.scores import accuracy_interval

    images = sum(map(sum, row["confusion"]))
    low, high = accuracy_interval(row["test_accuracy"], images)
    timing = row["timing"]
    cells = [
        frameworks.title(row["framework"]),
        f"{'augmented, ' if row['config']['augment'] else ''}{row['epochs']} epochs",
        f"{row['test_accuracy']:.2%} ({low:.2%} to {high:.2%})",
        f"{row['train_time_sec']:.1f} s",
        f"{timing['first_step_s']:.2f} s",
        f"{timing['import_s']:.1f} s",
        f"{row['images_per_second']:,.0f}",
        str(row["effective_loc"]),
    ]
    return f"| {' | '.join(cells)} |"


# ── the tree ────────────────────────────────────────────────────────────────────────


def tree() -> str:
    """Every module with the first line of its docstring, by folder, as a Markdown code block."""
    lines = ["```"]
    for pattern in SHOWN:
        folder, _, _ = pattern.rpartition("/")
        lines += [f"{folder}/"] if folder else []
        for path in sorted(PROJECT.glob(pattern)):
            if not path.stem.startswith("__"):
                name = f"{'  ' if folder else ''}{path.name}"
                lines.append(f"{name:<26}{_first_line(path)}")
    return "\n".join([*lines, "```"]) + "\n"


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].rstrip(".")
