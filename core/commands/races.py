"""`python -m core race`, `train` and `runs`: set up a race, train, list what became of it."""

import inspect
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
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
    from core.data.catalogue import DatasetInfo


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


def with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for every field of a run in place of its `**fields`."""
    options = [_option(field) for field in FIELDS.values() if field.place != "follows"]
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(command).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    command.__dict__["__signature__"] = inspect.Signature([*options, *own])  # what Typer looks at
    return command


def field_defaults() -> dict[str, str | bool]:
    """What the options of `with_fields` hold where nobody said anything; the others hold None."""
    fields = (field for field in FIELDS.values() if field.place != "follows")
    held = {
        field.key.replace("-", "_"): False if field.kind == "switch" else field.default for field in fields
    }
    return {key: value for key, value in held.items() if value is not None}


@with_fields
def race(
    data_dir: DataDirOption = None,
    artifacts: ArtifactsOption = None,
    name: Annotated[str | None, typer.Option(help="A name of your own for the race and its runs")] = None,
    race: Annotated[str | None, typer.Option(hidden=True)] = None,
    repeats: Annotated[
        int, typer.Option("--repeats", min=1, max=20, help="Train every run so many times, in turns")
    ] = 1,
    again: Annotated[
        str | None,
        typer.Option("--again", help="Train these runs once more, as they were; commas between them"),
    ] = None,
    **fields: Any,
) -> None:
    """Train the same network in several frameworks, one after another, and compare the results."""
    from core.commands import progress, waiting
    from core.data.catalogue import DatasetError
    from core.races.launch import new_race_name
    from core.races.race import enter_runs, train_in_turn
    from core.races.turns import take_place
    from core.runs.records import RecordError

    console = lasting_console()
    folder, race = artifacts_dir(artifacts), race or new_race_name()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as cleanly as Ctrl-C
    with refusing(RecordError), take_place(race, folder) as place:
        once, title = _asked_for(folder, {**fields, "name": name}, again, data_dir)
        configs = repeats * once
        with refusing(DatasetError):
            lacking = lacking_datasets((config.dataset for config in configs), data_dir)
        runs = enter_runs(configs, folder, race, title)
        wanted = True
        if lacking:
            from core.commands.fetching import FirstPhase

            wanted = FirstPhase(race, title, configs, runs, folder, data_dir).fetch(lacking, place, console)
        if wanted and waiting.POSSIBLE and place.ahead():
            waiting.wait_lightly(runs, folder, place, data_dir)
        train_in_turn(runs, folder, place, data_dir, progress.ProgressWatcher(console))
    if progress.print_results(console, folder, runs):
        raise typer.Exit(1)


def _asked_for(
    artifacts: Path, fields: dict[str, Any], again: str | None, data_dir: Path | None
) -> tuple[list["RunConfig"], str]:
    """What the options ask for, or what the named runs were, and the name for the race."""
    from core.data.catalogue import known_datasets
    from core.races.again import configs_again
    from core.races.setup import from_texts
    from core.runs.records import RecordError

    texts = {key.replace("_", "-"): as_text(value) for key, value in fields.items() if value is not None}
    setup, problems = from_texts(texts, known_datasets(data_dir))
    if problems:
        raise fail("; ".join(f"--{problem}" for problem in problems))
    if again is None:
        return setup.configs(), setup.name
    if changed := replace(setup, name="").arguments():
        raise fail(f"--again trains the runs as they were; leave out {' '.join(changed)}")
    with refusing(RecordError, flag="--again"):
        return configs_again(artifacts, [run for run in again.split(",") if run]), setup.name


def lacking_datasets(names: Iterable[str], data_dir: Path | None) -> "list[DatasetInfo]":
    """The datasets that have to be fetched first.

    Raises:
        core.data.catalogue.DatasetError: one cannot be had; it is named now, not run by run.
    """
    from core.data.catalogue import find_dataset
    from core.data.files import is_whole, whole_files

    lacking = []
    for name in dict.fromkeys(names):
        dataset = find_dataset(name, data_dir)
        if not dataset.fetchable:
            whole_files(dataset, data_dir)
        elif not is_whole(dataset, data_dir):
            lacking.append(dataset)
    return lacking


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
