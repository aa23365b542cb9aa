"""Fetching, against a real server on localhost that serves good, cut, wrong and stuck files."""

import gzip
import multiprocessing
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from core.data.catalogue import DATASETS, DatasetError
from core.data.datasets import load_images
from core.data.fetching import fetch
from core.data.files import status
from core.places import PROJECT
from support.file_server import FileServer, cut, endless, moved_to, stuck, whole
from support.real_data import datasets_here, real_data
from support.small_mnist import (
    NAMES,
    archives,
    fetch_small,
    ordinary_user,
    small_files,
    small_info,
    torchvision_file_names,
    write_files,
)

pytestmark = pytest.mark.frameworks

FILES = small_files()
ARCHIVES = archives(FILES)
INFO = small_info(FILES)


@pytest.fixture
def file_server() -> Iterator[FileServer]:
    server = FileServer()
    server.put(ARCHIVES)
    yield server
    server.close()


@pytest.fixture(scope="module")
def child() -> Iterator[ProcessPoolExecutor]:
    """Processes for torch, which must not meet TensorFlow in the process of the tests."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def fetch_from(child, file_server, tmp_path):
    """Runs `fetch` in the child, from the server unless told otherwise, into the test's folder."""

    def run(**options):
        options = {"mirror": file_server.url(), **options}
        return child.submit(fetch_small, INFO, tmp_path, **options).result(120)

    return run


@pytest.fixture
def raw(tmp_path) -> Path:
    """The folder that the files go to."""
    return tmp_path / "MNIST" / "raw"


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".download.lock"}


def test_missing_files_are_fetched_with_progress_and_can_be_read(fetch_from, raw, tmp_path):
    done, progress = fetch_from()

    assert done.downloaded == list(NAMES)
    assert not done.kept
    assert not done.removed
    assert contents(raw) == set(NAMES)
    for name in NAMES:
        counts = [count for file, count, _ in progress if file == name]
        assert counts == sorted(counts)
        assert counts[-1] == len(ARCHIVES[f"{name}.gz"])
        assert {total for file, _, total in progress if file == name} == {counts[-1]}
    assert len(load_images(INFO, tmp_path).x_train) == 200


def test_file_cut_in_the_middle_is_named_and_leaves_nothing_behind(fetch_from, file_server, raw):
    data = ARCHIVES[f"{NAMES[0]}.gz"]
    file_server.answers[f"/{NAMES[0]}.gz"] = cut(data, 50_000)

    with pytest.raises(DatasetError) as error:
        fetch_from()

    assert f"{NAMES[0]} could not be downloaded to {raw}" in str(error.value)
    assert f"ended after 50,000 of {len(data):,} bytes" in str(error.value)
    assert "--data-dir" in str(error.value)
    assert "--dataset digits" in str(error.value)
    assert contents(raw) == set()


def test_interrupted_fetch_goes_on_with_the_file_that_is_missing(fetch_from, file_server, raw):
    good = file_server.answers[f"/{NAMES[2]}.gz"]
    file_server.answers[f"/{NAMES[2]}.gz"] = cut(ARCHIVES[f"{NAMES[2]}.gz"], 1000)
    with pytest.raises(DatasetError, match=NAMES[2]):
        fetch_from()
    assert contents(raw) == set(NAMES[:2])

    file_server.answers[f"/{NAMES[2]}.gz"] = good
    file_server.requests.clear()
    done, _ = fetch_from()

    assert done.kept == list(NAMES[:2])
    assert done.downloaded == list(NAMES[2:])
    assert set(file_server.requests) == {f"/{name}.gz" for name in NAMES[2:]}


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (gzip.compress(FILES[NAMES[1]][:-1] + b"\x00"), "wrong checksum"),
        (gzip.compress(FILES[NAMES[1]][:-1]), "holds 207 bytes instead of 208"),
        (gzip.compress(FILES[NAMES[1]] + bytes(10**7)), "holds more than 208 bytes instead of 208"),
        (b"<html>this is a hotel's login page</html>", "is not a whole gzip archive"),
        (ARCHIVES[f"{NAMES[1]}.gz"][:-20], "is not a whole gzip archive"),
        (b"", "holds 0 bytes instead of 208"),
    ],
    ids=["altered", "short", "bomb", "web page", "cut archive", "empty"],
)
def test_wrong_file_is_named_and_never_put_in_place(fetch_from, file_server, raw, served, reason):
    file_server.answers[f"/{NAMES[1]}.gz"] = whole(served)
    with pytest.raises(DatasetError, match=reason) as error:
        fetch_from()
    assert NAMES[1] in str(error.value)
    assert contents(raw) == {NAMES[0]}


def test_file_that_the_mirror_lacks_is_named(fetch_from, file_server):
    del file_server.answers[f"/{NAMES[3]}.gz"]
    with pytest.raises(DatasetError, match=rf"{NAMES[3]} could not be downloaded.*404"):
        fetch_from()


def test_mirror_that_nobody_answers_is_named(fetch_from, file_server):
    address = file_server.url()
    file_server.close()
    with pytest.raises(DatasetError, match=rf"{address} failed"):
        fetch_from(mirror=address)


def test_server_that_stops_sending_is_given_up(fetch_from, file_server):
    file_server.answers[f"/{NAMES[0]}.gz"] = stuck(ARCHIVES[f"{NAMES[0]}.gz"], 40_000)
    with pytest.raises(DatasetError, match=r"sent nothing for 0\.5 s"):
        fetch_from(stall_seconds=0.5)


def test_server_that_never_stops_sending_is_given_up(fetch_from, file_server, raw):
    file_server.answers[f"/{NAMES[0]}.gz"] = endless
    with pytest.raises(DatasetError, match="sent more than the file can hold"):
        fetch_from()
    assert contents(raw) == set()


def test_moved_file_is_followed(fetch_from, file_server):
    file_server.answers["/elsewhere"] = file_server.answers[f"/{NAMES[0]}.gz"]
    file_server.answers[f"/{NAMES[0]}.gz"] = moved_to("/elsewhere")
    assert fetch_from()[0].downloaded == list(NAMES)


def test_next_of_torchvisions_mirrors_is_asked_when_one_fails(fetch_from, file_server):
    file_server.put({name: data[:100] for name, data in ARCHIVES.items()}, "broken/")
    done, _ = fetch_from(mirror=None, mirrors=[file_server.url("broken/"), file_server.url()])
    assert done.downloaded == list(NAMES)
    assert f"/broken/{NAMES[0]}.gz" in file_server.requests


def test_half_extracted_file_is_removed_named_and_replaced(fetch_from, raw, tmp_path):
    write_files(raw, {**FILES, NAMES[0]: FILES[NAMES[0]][:1000]})
    done, _ = fetch_from()
    assert done.removed == [f"{NAMES[0]} has 1,000 bytes instead of {len(FILES[NAMES[0]]):,}"]
    assert done.downloaded == [NAMES[0]]
    assert all(file.ok for file in status(INFO, tmp_path))


def test_bad_file_does_not_stay_when_the_new_one_does_not_come(fetch_from, file_server, raw):
    write_files(raw, {**FILES, NAMES[3]: bytes(len(FILES[NAMES[3]]))})
    file_server.answers.clear()
    with pytest.raises(DatasetError, match=f"was removed: {NAMES[3]} has the wrong checksum"):
        fetch_from()
    assert contents(raw) == set(NAMES[:3])


def test_whole_archive_of_an_earlier_download_is_used_without_the_network(fetch_from, file_server, raw):
    write_files(raw, ARCHIVES)
    done, _ = fetch_from()
    assert not file_server.requests
    assert not done.downloaded
    assert set(NAMES) <= contents(raw)


def test_half_finished_archive_is_removed_and_fetched_anew(fetch_from, raw):
    name = f"{NAMES[0]}.gz"
    write_files(raw, {name: ARCHIVES[name][:70_000]})
    done, _ = fetch_from()
    assert len(done.removed) == 1
    assert done.removed[0].startswith(f"{name} is not a whole gzip archive")
    assert contents(raw) == set(NAMES)


def test_killed_fetch_leaves_nothing_that_looks_good(fetch_from, file_server, raw, tmp_path):
    good = file_server.answers[f"/{NAMES[0]}.gz"]
    file_server.answers[f"/{NAMES[0]}.gz"] = stuck(ARCHIVES[f"{NAMES[0]}.gz"], 70_000)
    code = (
        "import sys; from core.data.catalogue import find_dataset; from core.data.fetching import fetch; "
        "fetch(find_dataset('mnist'), sys.argv[1], sys.argv[2], lambda *step: print(*step, flush=True))"
    )
    command = [sys.executable, "-c", code, str(tmp_path), file_server.url()]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith(f"{NAMES[0]} 32768")
        process.send_signal(signal.SIGKILL)
    assert (raw / ".partial" / f"{NAMES[0]}.gz").stat().st_size > 0
    assert not any(file.present for file in status(INFO, tmp_path))

    file_server.answers[f"/{NAMES[0]}.gz"] = good
    assert fetch_from()[0].downloaded == list(NAMES)
    assert contents(raw) == set(NAMES)


def test_two_fetches_at_once_download_every_file_once(child, file_server, tmp_path):
    both = [child.submit(fetch_small, INFO, tmp_path, file_server.url()) for _ in range(2)]
    done = [future.result(120)[0] for future in both]
    assert sorted(done[0].downloaded + done[1].downloaded) == sorted(NAMES)
    # torchvision asks twice: where the file is, then for the file
    assert sorted(file_server.requests) == sorted(2 * [f"/{name}.gz" for name in NAMES])


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every account can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    (folder / "MNIST" / "raw").mkdir(parents=True)
    folder.chmod(0o755)
    yield folder
    (folder / "MNIST" / "raw").chmod(0o755)
    shutil.rmtree(folder)


def test_folder_that_cannot_be_written_is_named(public_folder):
    raw = public_folder / "MNIST" / "raw"
    raw.chmod(0o555)
    with pytest.raises(DatasetError) as error, ordinary_user():
        fetch(INFO, public_folder, "http://127.0.0.1:9/")
    assert f"{raw} cannot be written (Permission denied)" in str(error.value)
    assert "--data-dir" in str(error.value)


def test_whole_files_in_a_read_only_folder_are_enough(public_folder):
    raw = public_folder / "MNIST" / "raw"
    write_files(raw, FILES)
    raw.chmod(0o555)
    with ordinary_user():
        assert fetch(INFO, public_folder).kept == list(NAMES)
        assert len(load_images(INFO, public_folder).x_test) == 50
    assert contents(raw) == set(NAMES)


def test_file_that_must_not_be_read_is_named(public_folder):
    raw = public_folder / "MNIST" / "raw"
    write_files(raw, FILES)
    (raw / NAMES[0]).chmod(0)
    with (
        pytest.raises(DatasetError, match=rf"{NAMES[0]} cannot be read \(Permission denied\)"),
        ordinary_user(),
    ):
        load_images(INFO, public_folder)


def test_path_through_a_file_is_named(tmp_path):
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(DatasetError, match="cannot be written"):
        fetch(INFO, tmp_path / "data", "http://127.0.0.1:9/")


def test_mirror_from_the_environment_can_name_the_dataset(fetch_from, file_server):
    file_server.put(ARCHIVES, "copies/mnist/")
    done, _ = fetch_from(mirror=None, environment={"DIGIT_DERBY_MIRROR": file_server.url("copies/{dataset}")})
    assert done.downloaded == list(NAMES)
    assert all(path.startswith("/copies/mnist/") for path in file_server.requests)


def test_address_that_is_not_of_the_web_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="must start with http"):
        fetch(INFO, tmp_path, "file:///etc/")


def test_embedded_digits_need_no_fetching():
    assert fetch(DATASETS["digits"]).kept == ["digits.csv.gz"]


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_torchvision_offers_the_files_that_we_know(child, name):
    offered = child.submit(torchvision_file_names, DATASETS[name].torchvision_class).result(120)
    assert offered == [f"{file.name}.gz" for file in DATASETS[name].files]


def test_mnist_is_fetched_and_verified_as_it_is_where_there_is_one_to_serve(child, file_server, tmp_path):
    info, files = INFO, FILES
    if datasets_here("mnist"):
        info = DATASETS["mnist"]
        files = {path.name: path.read_bytes() for path in info.paths(real_data())}
    file_server.put(archives(files))
    done, _ = child.submit(fetch_small, info, tmp_path, file_server.url()).result(120)
    assert done.downloaded == list(NAMES)
    assert len(load_images(info, tmp_path).x_train) == info.files[1].size - 8
