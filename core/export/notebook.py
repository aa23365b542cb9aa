"""A run as a notebook: the script's parts as short cells, with the story between them and a plot."""

import json
from typing import Any

from core.export.recorded import Recorded
from core.export.script import about, headline
from core.export.sections import sections

NBFORMAT = (4, 5)  # the first minor version whose cells have ids


def build_notebook(recorded: Recorded) -> str:
    """The notebook's JSON, nbformat 4.5.

    Raises:
        core.export.recorded.ExportError: as `core.export.script.sections`.
    """
    parts = sections(recorded, notebook=True)
    cells = [_markdown(f"# {headline(recorded)}\n\n{about(recorded)}")]
    for part in parts:
        cells += [_markdown(f"## {part.title}\n\n{part.story}"), *map(_code, part.cells)]
    numbered = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    notebook = {
        "cells": numbered,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": NBFORMAT[0],
        "nbformat_minor": NBFORMAT[1],
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": _lines(text),
    }  # fmt: skip


def _lines(text: str) -> list[str]:
    return text.strip("\n").splitlines(keepends=True)
