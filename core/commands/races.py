"""`python -m core race`, `train` and `runs`: set up a race, train, list what became of it."""

import inspect
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core import frameworks
from core.commands.terminal import (
    ArtifactsOption,
    DataDirOption,
    JsonOption,
    console,
    fail,
    lasting_console,
    refusing,
)
from core.fields import FIELDS, RunField, as_text
from core.places import artifacts_dir

if TYPE_CHECKING:
    from core.config import RunConfig


def _option(field: RunField) -> inspect.Parameter:
    """The command's option for a field of a run: as text, which is read as an address is read."""
    *most, last = field.choices or ("", "")
    text = field.option or (f"{', '.join(most)} or {last}" if last else None)
    name = field.key.replace("-", "_")
    if field.kind == "switch":
        option = typer.Option(False, f"--{field.key}", help=text)
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=bool)
    kind = ("int" if field.whole else "float") if field.kind == "number" and not field.several else "str"
    option = typer.Option(field.default, f"--{field.key}", help=text, metavar=f"<{kind}>")
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=str | None)


def _with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for every field of a run in place of its `**fields`."""
    options = [_option(field) for field in FIELDS.values()]
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(command).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    command.__dict__["__signature__"] = inspect.Signature([*options, *own])  # what Typer looks at
    return command


@_with_fields
def race(
    data_dir: DataDirOption = None,
    artifacts: ArtifactsOption = None,
    name: Annotated[str | None, typer.Option(hidden=True)] = None,
    **fields: Any,
) -> None:
    """Train the same network in several frameworks, one after another, and compare the results."""
    from core.commands import progress
    from core.races.launch import new_race_name
    from core.races.race import run_race, train_in_turn
    from core.races.turns import take_place
    from core.runs.records import RecordError

    console = lasting_console()
    folder, name = artifacts_dir(artifacts), name or new_race_name()
    texts = {key.replace("_", "-"): as_text(value) for key, value in fields.items() if value is not None}
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as cleanly as Ctrl-C
    watcher = progress.ProgressWatcher(console)
    with refusing(RecordError), take_place(name, folder) as place:
        if place.ahead():  # it may wait for hours: what is heavy is left to a process that ends
            runs = _entered_by_another(texts, data_dir, folder, name)
            train_in_turn(runs, folder, place, data_dir, watcher)
        else:
            runs = run_race(_configs(texts, data_dir), folder, data_dir, name, watcher, place)
    if progress.print_results(console, folder, runs):
        raise typer.Exit(1)


def enter(
    settings: Annotated[str, typer.Argument(help="The options of `race` as a JSON object of texts")],
    name: Annotated[str, typer.Option(help="The race's name")],
    process: Annotated[int, typer.Option(help="The number of its process")],
    artifacts: ArtifactsOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Record the runs of a race that waits for its turn, and print their names."""
    from core.machine.processes import process_mark
    from core.races.race import enter_runs
    from core.runs.records import RecordError

    configs = _configs(json.loads(settings), data_dir)
    with refusing(RecordError):
        print(*enter_runs(configs, artifacts_dir(artifacts), name, process_mark(process)), sep="\n")


def _configs(texts: dict[str, str], data_dir: Path | None) -> "list[RunConfig]":
    """The runs that these options ask for, once the settings and the dataset's files were checked."""
    from core.data.catalogue import DATASETS, DatasetError, find_dataset
    from core.data.files import whole_files
    from core.races.setup import from_texts

    setup, problems = from_texts(texts, DATASETS)
    if problems:
        raise fail("; ".join(f"--{problem}" for problem in problems))
    with refusing(DatasetError):  # a missing or damaged file is named now, not run by run
        whole_files(find_dataset(setup.values["dataset"]), data_dir)
    return setup.configs()


def _entered_by_another(
    texts: dict[str, str], data_dir: Path | None, artifacts: Path, name: str
) -> list[str]:
    """Has another process check the options and record the runs; returns their names."""
    from core.machine.processes import COMMAND_LINE, start

    options = ["--name", name, "--process", str(os.getpid()), "--artifacts", str(artifacts)]
    options += ["--data-dir", str(data_dir)] if data_dir else []
    child = start(
        COMMAND_LINE,
        *["enter", json.dumps(texts), *options],
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C does not leave half of the runs behind
    )
    output, _ = child.communicate()
    if child.returncode:
        raise typer.Exit(child.returncode)  # it said why
    return output.decode().split()


def train(
    config: Annotated[Path, typer.Argument(help="config.json of a run, inside its folder in artifacts")],
    data_dir: DataDirOption = None,
) -> None:
    """Train one run in this process: what a race starts for each of its runs."""
    from core.machine.environment import thread_environment

    try:
        settings = json.loads(config.read_text(encoding="utf-8"))["config"]
        threads, device = int(settings["threads"]), str(settings["device"])
        runtime = frameworks.runtime(settings["framework"])
        os.environ.update(thread_environment(threads, device, runtime))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise fail(f"{config} is not the config.json of a run: {error}") from error

    from core.data.catalogue import DatasetError
    from core.runs import records
    from core.runs.status import request_stop
    from core.training import run

    folder = config.absolute().parent
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: request_stop(folder.parent, folder.name))
    try:
        run.train_run(folder.parent, records.check_name(folder.name), data_dir)
    except (run.TrainingError, DatasetError, records.RecordError) as error:
        with suppress(OSError):  # its log may lie on the disk that is full
            print(error, file=sys.stderr, flush=True)
        raise typer.Exit(records.NO_ROOM_EXIT if isinstance(error, records.NoRoom) else 1) from error


def runs(
    artifacts: ArtifactsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the runs with their status."""
    from core.commands import progress

    progress.print_runs(console, artifacts_dir(artifacts), as_json)
