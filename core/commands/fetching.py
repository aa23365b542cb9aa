"""A race's first phase: fetching the data that is not there. Races and data, which never meet, meet here."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from core.commands.terminal import fail
from core.data.catalogue import DatasetInfo
from core.data.fetch_process import DatasetDownload
from core.races import first_phase
from core.races.race import any_wanted, stop_all, withdraw
from core.races.setup import Setup
from core.races.turns import Place
from core.runs.records import RecordError
from core.tuning.folder import stop_requested

if TYPE_CHECKING:
    from core.config import RunConfig

LOOK = 0.5  # seconds between looks at what has arrived
INSTEAD = "digits"  # the dataset that is always there


@dataclass(frozen=True)
class FirstPhase:
    """Fetches for a race whose runs are queued, and tells how far it is: in the terminal and on the page."""

    race: str
    title: str  # what the visitor calls it
    configs: "Sequence[RunConfig]"
    runs: list[str]
    artifacts: Path
    data_dir: Path | None

    def fetch(self, datasets: list[DatasetInfo], place: Place, console: Console) -> bool:
        """Fetches them while everybody else may pass; then takes a place behind those who wait.

        Ctrl-C and stopping every run on the page end it.

        Returns:
            Whether anybody still wants the race.

        Raises:
            typer.Exit: a dataset did not come, which is said; no run is left behind.
            RecordError: nothing can be written; likewise.
        """
        try:
            place.step_aside()
            for dataset in datasets:
                if problem := self._problem_with(dataset, console):
                    raise self._give_up(dataset, problem)
            first_phase.forget(self.artifacts, self.race)
            if self._wanted():
                place.come_back()
        except KeyboardInterrupt:
            stop_all(self.artifacts, self.runs)
            first_phase.forget(self.artifacts, self.race)
        except RecordError:
            withdraw(self.artifacts, self.runs)
            raise
        return self._wanted()

    def _wanted(self) -> bool:
        return any_wanted(self.artifacts, self.runs)

    def _problem_with(self, dataset: DatasetInfo, console: Console) -> str:
        """Fetches one; why it did not come, empty when it did and when nobody wants it any longer."""
        problem = _fetch(
            dataset,
            self.data_dir,
            console,
            self._wanted,
            partial(first_phase.tell, self.artifacts, self.race),
        )
        return problem if self._wanted() else ""

    def _give_up(self, dataset: DatasetInfo, problem: str) -> typer.Exit:
        withdraw(self.artifacts, self.runs)
        setup = Setup.of(self.configs)
        values = setup.values | {"dataset": INSTEAD}
        instead = replace(setup, values=values, name=self.title).arguments()
        told = first_phase.NotFetched(dataset.title, problem, tuple(instead))
        first_phase.tell(self.artifacts, self.race, told)
        return fail(f"{dataset.title} could not be fetched: {problem}. {dataset.ways_out('Try again later')}")


def fetch_for_study(
    study: str,
    datasets: list[DatasetInfo],
    artifacts: Path,
    data_dir: Path | None,
    place: Place,
    console: Console,
) -> None:
    """Fetches what a study lacks while everybody else may pass, and tells how far it is as a race does.

    Somebody who stops the study ends it. Then it takes a place behind those who wait.

    Raises:
        RecordError: a dataset did not come, or nothing can be written.
    """

    def wanted() -> bool:
        return not stop_requested(artifacts, study)

    place.step_aside()
    try:
        for dataset in datasets:
            problem = _fetch(dataset, data_dir, console, wanted, partial(first_phase.tell, artifacts, study))
            if problem and wanted():
                ways = dataset.ways_out(f"Try again later by --resume {study}")
                raise RecordError(f"{dataset.title} could not be fetched: {problem}. {ways}")
    finally:
        first_phase.forget(artifacts, study)
    if wanted():
        place.come_back()


def _fetch(
    dataset: DatasetInfo,
    data_dir: Path | None,
    console: Console,
    wanted: Callable[[], bool],
    tell: Callable[[first_phase.Fetching], None],
) -> str:
    """Fetches one dataset as long as somebody wants it; why it did not come, empty when it did."""
    with DatasetDownload(dataset.name, data_dir) as download, _bar(console, dataset) as show:
        while download.running and wanted():
            received = download.look()
            show(received.share, received.words)
            tell(first_phase.Fetching(dataset.title, received.share, received.words))
            download.wait(LOOK)
        problem = download.failure()
        if not problem and not download.running:
            show(1.0, "fetched")
    return problem


@contextmanager
def _bar(console: Console, dataset: DatasetInfo) -> Iterator[Callable[[float, str], None]]:
    """A progress bar, moved by a share and the words behind it."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(24), TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"fetching {dataset.title}", total=1.0, words="")
        yield lambda share, words: progress.update(task, completed=share, words=words)
