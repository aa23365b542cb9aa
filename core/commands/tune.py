"""`python -m core tune`: search good settings, go on with a study, list, rename and delete studies."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands.races import lacking_datasets, with_fields
from core.commands.terminal import ArtifactsOption, DataDirOption, JsonOption, console, fail, refusing
from core.fields import as_text
from core.places import artifacts_dir

if TYPE_CHECKING:
    from core.races.turns import Place
    from core.tuning.executors import Executor
    from core.tuning.study import StudySpec

INTERRUPTED_EXIT = 130  # of a shell's command that a second Ctrl-C ended


@with_fields
def tune(
    search: Annotated[
        list[str] | None,
        typer.Option(
            "--search", help="A field and what to try: learning_rate=log:1e-4..1e-1, optimizer=sgd,adam"
        ),
    ] = None,
    strategy: Annotated[
        str | None, typer.Option(help="grid, random, tpe or halving [default: random]")
    ] = None,
    trials: Annotated[str | None, typer.Option(help="Candidates to try, of all frameworks together")] = None,
    minutes: Annotated[str | None, typer.Option(help="Begin no more trials after so many minutes")] = None,
    folds: Annotated[
        str | None, typer.Option(help="Cross-validate every candidate over so many folds")
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="accuracy, time-to-98 or time-to-99 [default: accuracy]")
    ] = None,
    common: Annotated[
        bool, typer.Option("--common", help="One best for all frameworks instead of each its own")
    ] = False,
    final_seeds: Annotated[
        str | None, typer.Option(help="Fresh runs of the winner on all training images [default: 3]")
    ] = None,
    workers: Annotated[str | None, typer.Option(help="Fits that train at once [default: 1]")] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            envvar="DIGIT_DERBY_CLUSTER", help="Address of a Dask scheduler, such as tcp://192.168.1.10:8786"
        ),
    ] = None,
    data_dir: DataDirOption = None,
    artifacts: ArtifactsOption = None,
    name: Annotated[str | None, typer.Option(help="A name of your own for the study")] = None,
    resume: Annotated[str | None, typer.Option(metavar="NAME", help="Go on with this study")] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List the studies")] = False,
    delete: Annotated[
        str | None, typer.Option(metavar="NAME", help="Delete this study and its fits; its fresh runs stay")
    ] = None,
    rename: Annotated[
        tuple[str, str] | None, typer.Option(metavar="NAME TITLE", help="Give this study another title")
    ] = None,
    as_json: JsonOption = False,
    **fields: Any,
) -> None:
    """Search good settings over frameworks, seeds and folds, and test whether the winner is real."""
    from core.runs.records import RecordError

    folder = artifacts_dir(artifacts)
    asked = {
        **fields, "strategy": strategy, "trials": trials, "minutes": minutes, "folds": folds,
        "objective": objective, "common": common or None, "final_seeds": final_seeds, "workers": workers,
        "cluster": cluster, "name": name,
    }  # fmt: skip
    with refusing(RecordError):
        if list_them or delete is not None or rename is not None:
            _keep_order(folder, list_them, delete, rename, as_json)
            return
        if resume is not None:
            _refuse_changes(asked, search)
            state = _work_on(folder, resume, data_dir, as_json)
        else:
            spec = _asked_for(asked, search or [], data_dir)
            state = _start(folder, spec, data_dir, as_json)
    if state != "finished":
        raise typer.Exit(1)


def _keep_order(
    folder: Path, list_them: bool, delete: str | None, rename: tuple[str, str] | None, as_json: bool
) -> None:
    from core.tuning import studies

    if delete is not None:
        studies.delete(folder, delete)
        console.print(f"deleted {delete}", highlight=False)
    if rename is not None:
        studies.rename(folder, *rename)
        console.print(f"{rename[0]} is now called {rename[1]}", highlight=False)
    if list_them:
        from core.commands.study_display import print_studies

        print_studies(console, studies.list_studies(folder), as_json)


def _texts(asked: dict[str, Any]) -> dict[str, str]:
    return {key.replace("_", "-"): as_text(value) for key, value in asked.items() if value is not None}


def _asked_for(asked: dict[str, Any], searches: list[str], data_dir: Path | None) -> "StudySpec":
    from core.data.catalogue import known_datasets
    from core.tuning.asked import from_texts

    spec, problems = from_texts(_texts(asked), known_datasets(data_dir), searches)
    if spec is None:
        raise fail("; ".join(f"--{problem}" for problem in problems))
    return spec


def _refuse_changes(asked: dict[str, Any], searches: list[str] | None) -> None:
    """A study that is resumed goes on as it was asked for."""
    from core.commands.races import field_defaults

    unasked = {**field_defaults(), "cluster": asked["cluster"]}  # which the environment may have set
    changed = [key.replace("_", "-") for key, value in asked.items() if value not in (None, unasked.get(key))]
    if given := [f"--{key}" for key in (*changed, *(["search"] if searches else []))]:
        raise fail(f"--resume goes on with the study as it was; leave out {' '.join(given)}")


def _start(folder: Path, spec: "StudySpec", data_dir: Path | None, as_json: bool) -> str:
    """Makes a study and works on it; one whose dataset cannot be had is not made."""
    from core.races import turns
    from core.runs.records import check_writable
    from core.tuning import studies

    lacking_datasets([spec.fixed["dataset"]], data_dir)
    turns.check_room()
    check_writable(folder)
    studies.create(folder, spec)
    return _work_on(folder, spec.name, data_dir, as_json)


def _work_on(folder: Path, name: str, data_dir: Path | None, as_json: bool) -> str:
    """Does what is left of a study, shows it, and returns how it stands then."""
    from core.commands import study_display
    from core.commands.terminal import lasting_console
    from core.races.turns import take_place
    from core.tuning import search, studies

    shown = lasting_console(errors=True)
    studies.begin(folder, name)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as cleanly as Ctrl-C
    with _at_once(), take_place(name, folder) as place, study_display.StudyProgress(shown) as watcher:
        study = search.work_on(
            folder,
            name,
            place,
            lambda spec: _open_executor(spec, folder, data_dir),
            watcher,
            lambda spec: _fetch_lacking(folder, spec, data_dir, place),
        )
    if as_json:
        study_display.print_json(study)
    else:
        study_display.print_study(lasting_console(), study)
    return study.state


@contextmanager
def _at_once() -> Iterator[None]:
    """A second Ctrl-C ends the process without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED_EXIT) from None


def _fetch_lacking(folder: Path, spec: "StudySpec", data_dir: Path | None, place: "Place") -> None:
    lacking = lacking_datasets([spec.fixed["dataset"]], data_dir)
    if lacking:
        from core.commands.fetching import fetch_for_study
        from core.commands.terminal import lasting_console

        fetch_for_study(spec.name, lacking, folder, data_dir, place, lasting_console(errors=True))


def _open_executor(spec: "StudySpec", folder: Path, data_dir: Path | None) -> "Executor":
    """What trains the study's fits: a cluster, or worker processes here."""
    if spec.cluster:
        from core.tuning.cluster import Cluster

        return Cluster(spec.cluster, folder, data_dir)
    from core.tuning.workers import LocalWorkers

    return LocalWorkers(folder, data_dir, spec.workers)
