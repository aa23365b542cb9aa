"""Keeping order: `python -m core delete`, and how reference runs and the README's made parts are renewed."""

from pathlib import Path
from typing import Annotated

import typer

from core.commands.terminal import ArtifactsOption, console, fail
from core.places import PROJECT, artifacts_dir


def delete(
    run: Annotated[str, typer.Argument(help="Its name, as `runs` shows it")],
    artifacts: ArtifactsOption = None,
) -> None:
    """Delete a run of your own."""
    from core.runs import records
    from core.runs.status import run_status

    folder = artifacts_dir(artifacts)
    try:
        if run_status(folder, run).active:
            raise fail(f"{run} is still in a race; stop it first")
        records.delete_run(folder, run)
    except records.RecordError as error:
        raise fail(str(error)) from error
    console.print(f"deleted {run}")


def reference(
    source: Annotated[Path, typer.Argument(help="Artifacts folder of a race")],
    artifacts: ArtifactsOption = None,
) -> None:
    """Make the finished runs of a folder the reference runs that ship with the project."""
    from core.runs import records
    from core.runs.reference import adopt

    try:
        for run in records.run_names(source):
            console.print(adopt(source, run, artifacts_dir(artifacts)), highlight=False)
    except records.RecordError as error:
        raise fail(str(error)) from error


def readme() -> None:
    """Write the made parts of the README again: the reference runs' table and the tree."""
    from core.commands.readme import made_anew

    path = PROJECT / "README.md"
    path.write_text(made_anew(path.read_text(encoding="utf-8"), artifacts_dir()), encoding="utf-8")
