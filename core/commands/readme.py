"""The parts of the README that are made: the table of the reference runs and the tree of folders."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import frameworks
from core.data.catalogue import DATASETS
from core.places import PROJECT
from core.runs import records
from core.words import percent


def made_anew(readme: str, artifacts: Path) -> str:
    """The README's text with its made parts written again.

    Raises:
        ValueError: a part's marks are missing.
    """
    for name, text in (("results", results_table(artifacts)), ("tree", tree())):
        part = re.compile(rf"(<!-- {name}[^\n]*-->\n).*?(<!-- end {name} -->)", re.DOTALL)
        found = part.search(readme)
        if not found:
            raise ValueError(f"the README has lost its marks <!-- {name} --> and <!-- end {name} -->")
        readme = readme[: found.end(1)] + text + readme[found.start(2) :]
    return readme


# ── the reference runs ──────────────────────────────────────────────────────────────


def results_table(artifacts: Path) -> str:
    """The reference runs as a Markdown table, the plain recipe first, best accuracy first."""
    rows = []
    for run in records.run_names(artifacts):
        if records.is_reference(run):
            rows.append(records.read_object(records.metrics_path(artifacts, run)))
    datasets = list(DATASETS)
    rows.sort(
        key=lambda row: (
            datasets.index(row["dataset"]),
            row["config"]["augment"],
            -row["test_accuracy"],
            row["framework"],
        )
    )
    lines = [
        "| framework | recipe | test accuracy (95 % interval) | training | first step | import | images/s "
        "| lines |",
        "|---|---|---|---:|---:|---:|---:|---:|",
        *map(_table_row, rows),
    ]
    return "\n".join(lines) + "\n"


def _table_row(row: dict[str, Any]) -> str:
    from core.scores import accuracy_interval

    images = sum(map(sum, row["confusion"]))
    low, high = accuracy_interval(row["test_accuracy"], images)
    timing = row["timing"]
    cells = [
        frameworks.title(row["framework"]),
        _recipe(row),
        f"{percent(row['test_accuracy'])} ({percent(float(low))} to {percent(float(high))})",
        f"{row['train_time_sec']:.1f} s",
        f"{timing['first_step_s']:.2f} s",
        f"{timing['import_s']:.1f} s",
        f"{row['images_per_second']:,.0f}",
        str(row["effective_loc"]),
    ]
    return f"| {' | '.join(cells)} |"


def _recipe(row: dict[str, Any]) -> str:
    parts = [] if row["dataset"] == "mnist" else [DATASETS[row["dataset"]].title]
    parts += ["augmented"] if row["config"]["augment"] else []
    return ", ".join([*parts, f"{row['epochs']} epochs"])


# ── the tree ────────────────────────────────────────────────────────────────────────


def tree() -> str:
    """Every package with its own words, the floors of core from the top down, as a Markdown code block."""
    shown = [PROJECT / "app.py", *_rooms(PROJECT / "pages"), *_rooms(PROJECT / "core")]
    return "\n".join(["```", *map(_line, shown), "```"]) + "\n"


def _rooms(folder: Path) -> Iterator[Path]:
    """The package and those below it; in core also the modules on the ground."""
    yield folder
    below = [path.parent for path in folder.glob("*/__init__.py")]
    if folder == PROJECT / "core":
        below += folder.glob("[!_]*.py")
    floors = _floors()
    for path in sorted(below, key=lambda path: (floors.index(path.stem) if path.stem in floors else 0, path)):
        yield from _rooms(path) if path.is_dir() else (path,)


def _floors() -> list[str]:
    """The names in core, the top floor first, as the contract for imports has them."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(item["layers"] for item in contracts if item.get("containers") == ["core"])
    return [name for layer in layers for name in re.findall(r"\w+", layer)]


def _line(path: Path) -> str:
    depth = len(path.relative_to(PROJECT).parts) - 1
    name = "  " * depth + path.name + "/" * path.is_dir()
    return f"{name:<22}{_first_line(path / '__init__.py' if path.is_dir() else path)}"


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].rstrip(".")
