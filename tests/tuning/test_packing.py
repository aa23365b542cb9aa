"""Records and datasets on their way to another machine: only what belongs there is taken."""

import io
import json
import zipfile

import pytest

from core.config import RunConfig
from core.data.catalogue import DatasetError
from core.runs import records
from core.tuning import data_files
from core.tuning.fits import Fit
from core.tuning.packing import METRICS, BadRecord, pack, unpack

FIT = Fit("cloud", 7, RunConfig.from_preset("numpy_scratch", "tiny-mlp", dataset="digits"))
ENDED = b'{"event": "ended", "status": "finished", "reason": ""}\n'
RESULT = json.dumps({"run": FIT.run, **FIT.mark(), "val_accuracy": 0.5}).encode()


def packed(**contents: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def prepared(artifacts):
    FIT.prepare(artifacts)
    return artifacts


def test_a_record_arrives_as_it_was_sent(prepared, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    FIT.prepare(there)
    records.metrics_path(there, FIT.run).write_bytes(RESULT)
    (records.run_dir(there, FIT.run) / "events.jsonl").write_bytes(ENDED)
    assert unpack(pack(there, FIT), prepared, FIT)["status"] == "finished"
    assert records.metrics_path(prepared, FIT.run).read_bytes() == RESULT
    assert records.read_events(prepared, FIT.run)[0][-1]["event"] == "ended"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no archive",
        packed(**{"events.jsonl": ENDED}),
        packed(**{"events.jsonl": b"[]\n", METRICS: RESULT}),
        packed(**{"events.jsonl": ENDED, METRICS: RESULT.replace(b"00007", b"00008")}),
        packed(**{"events.jsonl": ENDED, METRICS: RESULT, "../reference-pytorch_metrics.json": b"{}"}),
        packed(**{"events.jsonl": ENDED, METRICS: RESULT, "model.npz": b"of a fit that keeps none"}),
        packed(**{"events.jsonl": ENDED, METRICS: RESULT})[:-30],
    ],
)
def test_what_is_no_record_of_the_fit_is_refused_and_leaves_nothing(prepared, sent):
    before = sorted(prepared.rglob("*"))
    with pytest.raises(BadRecord, match="the record"):
        unpack(sent, prepared, FIT)
    assert sorted(prepared.rglob("*")) == before


def test_a_dataset_arrives_whole_or_not_at_all(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "images").write_bytes(b"ink")
    files = {"images": data_files.sha256(tmp_path / "data" / "images")}
    arriving, target = tmp_path / "arriving", tmp_path / "target"
    data_files.receive(arriving, "images", b"ink, altered on the way")
    with pytest.raises(DatasetError, match="images arrived with the wrong checksum"):
        data_files.complete(arriving, files, target)
    assert not arriving.exists()
    for path, content in data_files.parts(files, tmp_path / "data"):
        data_files.receive(arriving, path, content)
    data_files.complete(arriving, files, target)
    assert (target / "images").read_bytes() == b"ink"
    with pytest.raises(DatasetError, match="does not lie below"):
        data_files.receive(arriving, "../outside", b"")


def test_a_dataset_is_known_by_what_its_files_hold(tmp_path):
    assert data_files.files_of("digits") == {}
    with pytest.raises(DatasetError):
        data_files.files_of("mnist", tmp_path)
    assert data_files.name_of({"a": "1"}) != data_files.name_of({"a": "2"}) != data_files.name_of({})
