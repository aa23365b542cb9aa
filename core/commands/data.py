"""`python -m core data`: which datasets are there, and fetching them."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from core.commands.terminal import DataDirOption, JsonOption, console, fail


def data(
    names: Annotated[
        list[str] | None, typer.Argument(help="mnist, fashion-mnist, digits [default: all]")
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Download what is missing or damaged")] = False,
    mirror: Annotated[str | None, typer.Option(help="Address of a folder with the .gz files")] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which datasets are there and whether their files are whole; fetch them."""
    from core.data.catalogue import DATASETS, DatasetError, find_dataset
    from core.data.files import overview

    try:
        if fetch:
            _fetch(names or ["mnist", "fashion-mnist"], data_dir, mirror)
        chosen = [find_dataset(name) for name in names] if names else DATASETS.values()
        rows = overview(chosen, data_dir)
    except DatasetError as error:
        raise fail(str(error)) from error
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        state = "[green]ready[/]" if row["ok"] else "[yellow]not ready[/]"
        folder = escape(row["folder"])
        console.print(f"{row['dataset']:<14} {state}  {folder}", highlight=False, soft_wrap=True)
        for file in row["files"]:
            if file["problem"]:
                console.print(f"  {file['name']} {file['problem']}", highlight=False, soft_wrap=True)
    if not all(row["ok"] for row in rows):
        console.print("fetch them with: python -m core data --fetch", highlight=False)


def _fetch(names: list[str], data_dir: Path | None, mirror: str | None) -> None:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from core.data import fetching
    from core.data.catalogue import find_dataset

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, int] = {}

        def show(file: str, done: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = progress.add_task(file, total=total)
            progress.update(tasks[file], completed=done, total=total)

        for name in names:
            done = fetching.fetch(find_dataset(name), data_dir, mirror, show)
            for removed in done.removed:
                progress.console.print(f"removed {removed}", highlight=False, soft_wrap=True)
