"""The workers of a Dask scheduler: who is there, who computes as this machine does, who has the data."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.tuning import cluster_worker, data_files
from core.tuning.cluster_connection import CONNECT, ClusterError
from core.tuning.data_files import Files

if TYPE_CHECKING:
    from distributed import Client

LOOK = 1.0  # seconds between looks at who is there
CARRIER = ("Python", "distributed", "Digit Derby")  # what a scheduler, which computes nothing, has to have
ALONE = 60.0  # seconds without any worker until a study stops


@dataclass(frozen=True)
class Place:
    """A worker process; one that starts again at the same address is another, with a folder of its own."""

    address: str
    folder: str


class Crew:
    """Those workers that may train, what they were sent, and why others are `refused`."""

    def __init__(self, client: "Client", address: str, name: str, data_dir: Path | None) -> None:
        """Waits until the first is there.

        Args:
            client: of the scheduler.
            address: the scheduler's.
            name: of whoever asks, different from any other's.
            data_dir: the data folder of this machine; None means `core.places.data_dir()`.

        Raises:
            ClusterError: none comes, or none that may take part.
        """
        self.places: set[Place] = set()
        self._client, self._address, self._name, self._data_dir = client, address, name, data_dir
        self.refused: dict[Place, str] = {}
        self._supplied: set[tuple[Place, str]] = set()
        self._files: dict[str, Files] = {}
        self._seen = self._looked = time.monotonic()
        self._check_scheduler()
        self._await_first()

    def _check_scheduler(self) -> None:
        """Dask's scheduler reads the names of what is called, so it needs this project as well."""
        answer: dict[str, str] | Exception
        try:
            answer = self._client.run_on_scheduler(cluster_worker.versions)
        except Exception as error:  # said in a sentence
            answer = error
        if problem := _problem(answer, CARRIER):
            raise ClusterError(f"the Dask scheduler at {self._address} {problem}")

    def _await_first(self) -> None:
        until = time.monotonic() + CONNECT
        self._look()
        while not self.places:
            if self.refused:
                raise self._nobody()
            if time.monotonic() > until:
                raise ClusterError(
                    f"the Dask scheduler at {self._address} has no workers; start one in the project's "
                    f"folder with `python -m dask worker {self._address}`"
                )
            time.sleep(LOOK / 5)
            self._look()

    # ── who is there ────────────────────────────────────────────────────────────────

    def look(self) -> None:
        """Notes who came and went, every LOOK seconds.

        Raises:
            ClusterError: the scheduler is gone, or has had no worker for a while.
        """
        if time.monotonic() < self._looked + LOOK:
            return
        self._look()
        if self.places:
            self._seen = self._looked
        elif self._looked > self._seen + ALONE:
            raise ClusterError("the cluster has lost all its workers; go on later with tune --resume")

    def _look(self) -> None:
        self._looked = time.monotonic()
        try:
            if self._client.status != "running":
                raise OSError("the connection broke")
            workers = self._client.scheduler_info()["workers"]
            there = {Place(address, told["local_directory"]) for address, told in workers.items()}
            known = self.places | self.refused.keys()
            self.places = (there & self.places) | self._examined(there - known)
        except OSError as error:
            raise ClusterError(
                f"the Dask scheduler is gone ({error}); nothing is lost: start it again, then go on with "
                "tune --resume"
            ) from error

    def _examined(self, new: set[Place]) -> set[Place]:
        """Those that compute as this machine does; the others are refused."""
        if not new:
            return set()
        addresses = [place.address for place in new]
        answers = self._client.run(cluster_worker.versions, workers=addresses, on_error="return")
        # One that does not answer has just gone, or is asked again the next time.
        told = {place: answers.get(place.address, OSError()) for place in new}
        problems = {
            place: _problem(answer) for place, answer in told.items() if not isinstance(answer, OSError)
        }
        for place, problem in problems.items():
            if problem:
                self.refused[place] = f"the Dask worker at {place.address} {problem}"
        return problems.keys() - self.refused.keys()

    def refuse(self, place: Place, problem: str) -> None:
        """Gives a worker nothing any more.

        Raises:
            ClusterError: it was the last one.
        """
        self.refused[place] = f"the Dask worker at {place.address} {problem}"
        self.places.discard(place)
        if not self.places:
            raise self._nobody()

    def _nobody(self) -> ClusterError:
        return ClusterError("; ".join(sorted(set(self.refused.values()))))

    # ── data ────────────────────────────────────────────────────────────────────────

    def files_of(self, dataset: str) -> Files:
        """The dataset's files, as this machine has them.

        Raises:
            core.data.catalogue.DatasetError: they are not whole.
        """
        if dataset not in self._files:
            self._files[dataset] = data_files.files_of(dataset, self._data_dir)
        return self._files[dataset]

    def supply(self, place: Place, dataset: str) -> bool:
        """Sends the worker the dataset, once, unless it has the very same files; whether it has it now.

        Raises:
            ClusterError: the last worker cannot take it.
        """
        if (place, dataset) in self._supplied:
            return True
        files, to = self.files_of(dataset), [place.address]
        try:
            if not self._client.run(cluster_worker.has_data, dataset, files, workers=to).get(place.address):
                for path, part in data_files.parts(files, self._data_dir):
                    self._client.run(cluster_worker.take_part, files, path, part, self._name, workers=to)
                self._client.run(cluster_worker.take_whole, files, self._name, workers=to)
        except OSError:  # it is gone, or the scheduler is: the next look tells
            self.places.discard(place)
            return False
        except Exception as error:  # whatever happened there
            self.refuse(place, f"cannot take {dataset}: {error}")
            return False
        self._supplied.add((place, dataset))
        return True


def _problem(answer: dict[str, str] | BaseException, names: Collection[str] = ()) -> str:
    """What keeps one that answered so from taking part; empty when nothing does.

    Args:
        answer: its `versions`, or why it has none.
        names: those that count; none means all.
    """
    if isinstance(answer, BaseException):
        if "ModuleNotFoundError" in repr(answer):  # the scheduler may have put it into another exception
            return "does not find Digit Derby: start it in the project's folder, with its Python"
        return f"cannot say what it runs ({type(answer).__name__}: {answer})"
    here = cluster_worker.versions()
    differ = [
        f"{name} {answer.get(name, 'missing')} instead of {own}"
        for name, own in here.items()
        if name in (names or here) and answer.get(name) != own
    ]
    return f"has other versions: {', '.join(differ)}; bring both machines to the same" if differ else ""
