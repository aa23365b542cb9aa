"""Downloads in processes of their own, from a real server: followed, stopped, waited for, given up."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.data.catalogue import DATASETS
from core.data.fetch_process import DatasetDownload, Received
from core.data.files import is_whole
from support.browser import wait_for
from support.file_server import FileServer, stuck
from support.small_mnist import NAMES, archives, small_files, small_info, taken_for_mnist, write_files

pytestmark = pytest.mark.frameworks

FILES = small_files()
ARCHIVES = archives(FILES)
FIRST = f"{NAMES[0]}.gz"


@pytest.fixture
def server(monkeypatch) -> Iterator[FileServer]:
    """A mirror with small files, which this process and its children take for MNIST's."""
    server = FileServer()
    server.put(ARCHIVES)
    monkeypatch.setenv("DIGIT_DERBY_MIRROR", server.url())
    for name, value in taken_for_mnist(FILES).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(DATASETS, "mnist", small_info(FILES))
    yield server
    server.close()


def end_of(download: DatasetDownload) -> Received:
    received = download.look()  # it may have ended already
    while download.running:
        download.wait(0.05)
        received = download.look()
    return received


def contents(folder: Path) -> set[str]:
    return {path.name for path in (folder / "MNIST" / "raw").iterdir()} - {".download.lock"}


def test_what_has_arrived_is_counted_whoever_fetches_it_and_nothing_is_fetched_twice(server, tmp_path):
    server.answers[f"/{FIRST}"] = stuck(ARCHIVES[FIRST], 100_000)
    with DatasetDownload("mnist", tmp_path) as first:
        wait_for(lambda: first.look().bytes)
        with DatasetDownload("mnist", tmp_path) as second:
            second.look()
            seen = second.look()
            assert (seen.files, seen.of_files, seen.of_bytes) == (0, 4, sum(map(len, FILES.values())))
            assert seen.bytes > 0
            assert seen.words == "file 1 of 4 · 0.0 of 0.2 MB"
            assert first.failure() == second.failure() == ""
            server.put(ARCHIVES)
            first.stop()  # the second goes on where the first held the files
            assert first.failure() == "the download was stopped"
            end_of(second)
            assert second.failure() == ""
            assert second.look().words == "checking the files"
    assert contents(tmp_path) == set(NAMES)


def test_two_at_once_ask_for_every_file_once(server, tmp_path):
    with DatasetDownload("mnist", tmp_path) as first, DatasetDownload("mnist", tmp_path) as second:
        end_of(first)
        end_of(second)
        assert first.failure() == second.failure() == ""
    # torchvision asks twice: where the file is, then for the file
    assert sorted(server.requests) == sorted(2 * [f"/{name}.gz" for name in NAMES])


def test_stopped_in_the_middle_it_leaves_nothing_behind(server, tmp_path):
    server.answers[f"/{FIRST}"] = stuck(ARCHIVES[FIRST], 100_000)
    with DatasetDownload("mnist", tmp_path) as download:
        wait_for(lambda: download.look().bytes)
        child = psutil.Process(download.process.pid)
    assert not child.is_running()
    assert contents(tmp_path) == set()


def test_server_that_sends_nothing_more_is_given_up(server, tmp_path):
    server.answers[f"/{FIRST}"] = stuck(ARCHIVES[FIRST], 100_000)
    with DatasetDownload("mnist", tmp_path, patience=20) as download:
        wait_for(lambda: download.look().bytes)
        download._patience = 0.5
        end_of(download)
        assert download.failure().startswith("nothing has arrived for 0")
    assert contents(tmp_path) == set()


def test_files_that_somebody_else_brought_are_enough(server, tmp_path):
    server.answers.clear()
    with DatasetDownload("mnist", tmp_path) as download:
        end_of(download)
        assert "404" in download.failure()
        write_files(tmp_path / "MNIST" / "raw", FILES)
        assert is_whole(DATASETS["mnist"], tmp_path)
        assert download.failure() == ""


def test_without_a_network_it_says_so_in_a_few_words(server, tmp_path):
    server.close()
    with DatasetDownload("mnist", tmp_path) as download:
        assert download.running
        assert end_of(download).bytes == 0
        assert download.failure() == "no server can be reached from here (Connection refused)"
