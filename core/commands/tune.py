"""`python -m core tune`: search good settings, go on with a study, list, rename and delete studies."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands.races import lacking_datasets, with_fields
from core.commands.terminal import ArtifactsOption, DataDirOption, JsonOption, console, fail, refusing
from core.fields import as_text
from core.places import artifacts_dir

if TYPE_CHECKING:
    from core.data.catalogue import DatasetInfo
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
        str | None, typer.Option(help="grid, random, tpe or halving (default: random)")
    ] = None,
    trials: Annotated[
        str | None,
        typer.Option(help="Candidates to try, of all frameworks together (default: 30, or a whole grid)"),
    ] = None,
    minutes: Annotated[str | None, typer.Option(help="Begin no more trials after so many minutes")] = None,
    folds: Annotated[
        str | None, typer.Option(help="Cross-validate every candidate over so many folds")
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="accuracy, time-to-98 or time-to-99 (default: accuracy)")
    ] = None,
    common: Annotated[
        bool, typer.Option("--common", help="One best for all frameworks instead of each its own")
    ] = False,
    final_seeds: Annotated[
        str | None, typer.Option(help="Fresh runs of the winner on all training images (default: 3)")
    ] = None,
    workers: Annotated[str | None, typer.Option(help="Fits that train at once (default: 1)")] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            envvar="DIGIT_DERBY_CLUSTER", help="Address of a Dask scheduler, such as tcp://192.168.1.10:8786"
        ),
    ] = None,
    cluster_ca: Annotated[
        Path | None, typer.Option(help="TLS: certificate of the authority (DIGIT_DERBY_CLUSTER_CA)")
    ] = None,
    cluster_cert: Annotated[
        Path | None, typer.Option(help="TLS: certificate of your own (DIGIT_DERBY_CLUSTER_CERT)")
    ] = None,
    cluster_key: Annotated[Path | None, typer.Option(help="TLS: its key (DIGIT_DERBY_CLUSTER_KEY)")] = None,
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
    from core.tuning import studies
    from core.tuning.cluster_connection import ClusterError

    folder = artifacts_dir(artifacts)
    asked = {
        **fields, "strategy": strategy, "trials": trials, "minutes": minutes, "folds": folds,
        "objective": objective, "common": common or None, "final_seeds": final_seeds, "workers": workers,
        "cluster": cluster, "name": name,
    }  # fmt: skip
    with refusing(RecordError, ClusterError):
        if list_them or delete is not None or rename is not None:
            _keep_order(folder, list_them, delete, rename, as_json)
            return
        work = _Work(folder, data_dir, _tls_files(cluster_ca, cluster_cert, cluster_key), as_json)
        if resume is not None:
            _refuse_changes(asked, search)
            state = work.go_on(studies.called(folder, resume))
        else:
            state = work.start(_asked_for(asked, search or [], data_dir))
    if state != "finished":
        raise typer.Exit(1)


def _tls_files(*files: Path | None) -> tuple[str | None, ...]:
    return tuple(str(file.absolute()) if file else None for file in files)


def _keep_order(
    folder: Path, list_them: bool, delete: str | None, rename: tuple[str, str] | None, as_json: bool
) -> None:
    from core.tuning import studies

    if delete is not None:
        studies.delete(folder, studies.called(folder, delete))
        console.print(f"deleted {delete}", highlight=False, markup=False)
    if rename is not None:
        studies.rename(folder, studies.called(folder, rename[0]), rename[1])
        console.print(f"{rename[0]} is now called {rename[1]}", highlight=False, markup=False)
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


@dataclass(frozen=True)
class _Work:
    """Works on studies as the command's options say."""

    folder: Path
    data_dir: Path | None
    tls_files: tuple[str | None, ...]
    as_json: bool

    def start(self, spec: "StudySpec") -> str:
        """Makes a study and works on it; none is left of one that cannot begin. Returns as `go_on`."""
        from core.races import turns
        from core.runs.records import RecordError, check_writable
        from core.tuning import studies
        from core.tuning.cluster_connection import ClusterError

        self._lacking(spec)
        turns.check_room()
        check_writable(self.folder)
        studies.create(self.folder, spec)
        try:
            return self.go_on(spec.name)
        except (RecordError, ClusterError):
            studies.withdraw(self.folder, spec.name)
            raise

    def go_on(self, name: str) -> str:
        """Does what is left of a study, shows it, and returns how it stands then.

        Raises:
            RecordError, ClusterError: it cannot begin.
        """
        from core.commands import study_display
        from core.commands.terminal import lasting_console
        from core.races.turns import take_place
        from core.tuning import search, studies

        shown = lasting_console(errors=True)
        studies.begin(self.folder, name)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as cleanly as Ctrl-C
        with (
            _at_once(),
            take_place(name, self.folder) as place,
            study_display.StudyProgress(shown) as watcher,
        ):
            study = search.work_on(
                self.folder, name, place, self._executor, watcher, partial(self._fetch_lacking, place)
            )
        if self.as_json:
            study_display.print_json(study)
        else:
            study_display.print_study(lasting_console(), study)
        return study.state

    def _lacking(self, spec: "StudySpec") -> "list[DatasetInfo]":
        """The dataset where it has to be fetched first."""
        from core.data.catalogue import DatasetError
        from core.runs.records import RecordError

        try:
            return lacking_datasets([spec.fixed["dataset"]], self.data_dir)
        except DatasetError as error:
            raise RecordError(str(error)) from error

    def _fetch_lacking(self, place: "Place", spec: "StudySpec") -> None:
        if lacking := self._lacking(spec):
            from core.commands.fetching import fetch_for_study
            from core.commands.terminal import lasting_console

            shown = lasting_console(errors=True)
            fetch_for_study(spec.name, lacking, self.folder, self.data_dir, place, shown)

    def _executor(self, spec: "StudySpec") -> "Executor":
        """What trains the study's fits: a cluster, or worker processes here."""
        if spec.cluster:
            from core.tuning.cluster import Cluster
            from core.tuning.cluster_connection import Tls

            return Cluster(spec.cluster, self.folder, self.data_dir, Tls.of(*self.tls_files))
        from core.tuning.workers import LocalWorkers

        return LocalWorkers(self.folder, self.data_dir, spec.workers)


@contextmanager
def _at_once() -> Iterator[None]:
    """A second Ctrl-C ends the process without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED_EXIT) from None
