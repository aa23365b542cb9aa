"""`python -m core export`: one run as a script, a notebook or a model card."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.commands.terminal import ArtifactsOption, DataDirOption, console, refusing
from core.places import artifacts_dir


class Form(StrEnum):
    """What a run is taken home as."""

    SCRIPT = "script"
    NOTEBOOK = "notebook"
    CARD = "card"


def export(
    run: Annotated[str, typer.Argument(help="Its name, as `runs` shows it")],
    form: Annotated[Form, typer.Option("--as", help="script, notebook or card")],
    out: Annotated[Path, typer.Option("--out", help="The new folder to write")],
    artifacts: ArtifactsOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Take a run home: code for its framework alone that trains it again, or its model card."""
    from core.export.recorded import ExportError
    from core.export.takehome import export_run

    with refusing(ExportError):
        paths = export_run(artifacts_dir(artifacts), run, form.value, out, data_dir)
    for path in paths:
        console.print(f"wrote {path}", highlight=False, soft_wrap=True)
