"""Following a download through a real child process."""

import pytest

from core.data.fetch_process import DatasetDownload

pytestmark = pytest.mark.frameworks


def test_download_that_cannot_reach_its_mirror_says_so_and_counts_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_MIRROR", "http://127.0.0.1:9/")  # the discard port: nobody listens
    download = DatasetDownload("mnist", tmp_path)
    assert download.running
    assert download.failure() == ""
    download.process.wait(120)
    assert not download.running
    assert "MNIST" in download.failure()
    assert download.received().files == 0

    (download.folder / "t10k-labels-idx1-ubyte").write_bytes(b"0" * 10_008)
    (download.folder / "train-labels-idx1-ubyte").write_bytes(b"0" * 5)
    (download.folder / ".partial").mkdir(exist_ok=True)
    (download.folder / ".partial" / "train-images-idx3-ubyte.gz").write_bytes(b"0" * 1234)
    received = download.received()
    assert (received.files, received.of, received.partial_bytes) == (1, 4, 1234)
