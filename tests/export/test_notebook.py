"""The notebook of a run: valid, executed from top to bottom by nobody, with a plot and the last line."""

import nbformat
import pytest
from nbclient import NotebookClient

from core.export.takehome import export_run
from support import taken_home

pytestmark = pytest.mark.frameworks


def test_a_notebook_runs_from_top_to_bottom_and_reaches_what_was_recorded(artifacts, tmp_path, monkeypatch):
    run = taken_home.train(artifacts, taken_home.small_config("numpy_scratch", "tiny-mlp", epochs=2))
    notebook_file, *others = export_run(artifacts, run, "notebook", tmp_path / "home")
    assert {path.name for path in others} == {"requirements.txt", "model-card.md"}
    notebook = nbformat.read(notebook_file, as_version=4)
    nbformat.validate(notebook)
    assert all(len(cell.source.splitlines()) <= 60 for cell in notebook.cells)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [
        output.data["image/svg+xml"] for output in outputs if "image/svg+xml" in output.get("data", {})
    ]
    assert len(pictures) == 1
    assert "polyline" in pictures[0]
    last = notebook.cells[-1].outputs[-1].text.splitlines()
    recorded, reached = last[-1].removeprefix("recorded ").split(", this file ")
    assert recorded == reached
    assert "may differ" in last[-2]
