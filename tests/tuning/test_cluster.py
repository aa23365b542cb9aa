"""Fits on a real Dask scheduler with real workers: results, data, stops, kills, and what is refused."""

import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from core.config import RunConfig
from core.data.catalogue import find_dataset
from core.data.importing.parts import Source
from core.data.own_datasets import import_dataset
from core.places import PROJECT
from core.runs import records
from core.runs.status import run_status
from core.tuning import cluster_connection
from core.tuning.cluster import Cluster, ClusterError, Tls, cluster_address
from core.tuning.fits import Fit
from core.tuning.workers import MOST_DEATHS, LocalWorkers
from support.browser import free_port, wait_for
from support.dask_cluster import DaskCluster, children, kill, who_trains
from support.own_files import HEADER, lines_of, shapes, table

pytestmark = pytest.mark.frameworks
LONG = {"architecture": "small-cnn", "epochs": 200}  # minutes, which no test waits for


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    cluster = DaskCluster(tmp_path_factory.mktemp("dask") / "cluster")
    cluster.workers = [cluster.add_worker(), cluster.add_worker()]
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(dask, artifacts):
    executor = Cluster(dask.address, artifacts)
    wait_for(lambda: executor.wait(0.2) == [] and executor.width == 2)
    yield executor
    executor.close()


def fit(seed: int = 0, role: str = "", **changes) -> Fit:
    recipe = {"architecture": "tiny-mlp", "dataset": "digits", "epochs": 1, "seed": seed, "threads": 1}
    return Fit("cloud", 1, RunConfig.from_preset("numpy_scratch", **recipe | changes), role)


def all_done(executor, count: int) -> list:
    done: list = []
    wait_for(lambda: done.extend(executor.wait(1)) or len(done) >= count)
    return done


def learned(artifacts: Path, run: str) -> dict:
    """What a run's result says but times and machines."""
    metrics = records.read_object(records.metrics_path(artifacts, run))
    history = {key: value for key, value in metrics["history"].items() if key != "seconds"}
    return {"history": history, **{key: metrics[key] for key in ("study", "trial", "role", "val_accuracy")}}


def test_fits_come_back_as_a_process_of_this_machine_would_train_them(cluster, artifacts, tmp_path):
    fits = [fit(seed) for seed in range(3)]
    for one in fits:
        cluster.submit(one)
    done = all_done(cluster, 3)
    assert {(one.fit.run, one.status) for one in done} == {(one.run, "finished") for one in fits}
    here = LocalWorkers(tmp_path / "here", None, 1)
    (tmp_path / "here").mkdir()
    here.submit(fits[1])
    all_done(here, 1)
    here.close()
    assert learned(artifacts, fits[1].run) == learned(tmp_path / "here", fits[1].run)
    assert run_status(artifacts, fits[1].run).state == "finished"


def test_a_run_with_a_role_brings_its_model_and_a_failed_fit_its_reason(cluster, artifacts):
    best, blind = fit(role="best", validation_size=0), fit(validation_size=0)
    cluster.submit(best)
    cluster.submit(blind)
    how = {one.fit.run: one for one in all_done(cluster, 2)}
    assert how[best.run].status == "finished"
    assert {path.name for path in records.run_dir(artifacts, best.run).iterdir()} >= {
        "config.json", "events.jsonl", "model.npz", "test_probabilities.npy", "test_labels.npy"
    }  # fmt: skip
    assert how[blind.run].status == "failed"
    assert "choose a validation size above 0" in how[blind.run].reason
    assert run_status(artifacts, blind.run).reason == how[blind.run].reason
    assert not records.metrics_path(artifacts, blind.run).exists()


def test_a_dataset_is_sent_once_to_a_worker_that_lacks_it_and_checked(dask, artifacts, tmp_path):
    images, labels = shapes(60)
    source = Source(table(tmp_path / "bars.csv", [HEADER, *lines_of(images, labels.tolist())]))
    import_dataset("bars", source)
    info = find_dataset("bars")
    of_bars = {"dataset": "bars", "dataset_content": info.content, "classes": 2}
    executor = Cluster(dask.address, artifacts)
    for seed in range(4):
        executor.submit(fit(seed, **of_bars))
    assert [one.status for one in all_done(executor, 4)] == ["finished"] * 4
    executor.close()
    for worker in dask.workers:
        received = list(worker.scratch.glob("dask-scratch-space/*/digit-derby/*/own/bars"))
        assert len(received) == 1
        for file in info.files:
            assert (received[0] / file.name).read_bytes() == (info.folder() / file.name).read_bytes()
        assert not list(worker.scratch.glob("dask-scratch-space/*/digit-derby/.*"))


def test_closing_kills_what_trains_within_three_seconds(dask, artifacts):
    executor = Cluster(dask.address, artifacts)
    long = fit(**LONG)
    executor.submit(long)
    worker = who_trains(dask.workers, long.run)
    training = children(worker)
    assert training
    began = time.monotonic()
    executor.close()
    wait_for(lambda: not any(map(children, dask.workers)), timeout=10)
    assert time.monotonic() - began < 3
    assert not records.metrics_path(artifacts, long.run).exists()


def test_a_worker_that_is_killed_loses_nothing(dask, cluster, artifacts):
    long, short = fit(epochs=30), fit(seed=1)
    cluster.submit(long)
    worker = who_trains(dask.workers, long.run)
    cluster.submit(short)
    left = kill(worker)
    dask.workers.remove(worker)
    dask.workers.append(dask.add_worker())
    done = all_done(cluster, 2)
    assert sorted((one.fit.run, one.status) for one in done) == [
        (one.run, "finished") for one in (short, long)
    ]
    assert cluster.wait(1) == []
    metrics = records.read_object(records.metrics_path(artifacts, long.run))
    assert len(metrics["history"]["epoch"]) == 30
    wait_for(lambda: not any(map(psutil.Process.is_running, left)))


def test_a_fit_whose_third_worker_dies_is_failed(dask, cluster, artifacts):
    deadly = fit(seed=2, **LONG)
    cluster.submit(deadly)
    for death in range(MOST_DEATHS):
        worker = who_trains(dask.workers, deadly.run, cluster)
        kill(worker)
        dask.workers.remove(worker)
        if death < 2:
            dask.workers.append(dask.add_worker())
    (done,) = all_done(cluster, 1)
    assert done.status == "failed"
    assert "its worker died three times" in done.reason
    assert run_status(artifacts, deadly.run).state == "failed"
    dask.workers.append(dask.add_worker())


def test_when_the_one_who_asked_is_killed_its_fits_end_and_can_be_trained_by_the_next(dask, artifacts):
    long = fit(seed=3, **LONG)
    script = f"""
from pathlib import Path
from core.tuning.cluster import Cluster
from core.tuning.fits import Fit
cluster = Cluster({dask.address!r}, Path({str(artifacts)!r}))
cluster.submit(Fit.from_json({long.to_json()!r}))
while True:
    cluster.wait(60)
"""
    asking = subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT)
    try:
        worker = who_trains(dask.workers, long.run)
        assert run_status(artifacts, long.run).state == "running"
        training = children(worker)
    finally:
        asking.send_signal(signal.SIGKILL)
        asking.wait()
    wait_for(lambda: not any(map(psutil.Process.is_running, training)), timeout=10)
    assert run_status(artifacts, long.run).state == "interrupted"
    executor = Cluster(dask.address, artifacts)
    executor.submit(fit(seed=3))
    assert [one.status for one in all_done(executor, 1)] == ["finished"]
    executor.close()


def test_what_only_this_machine_has_is_refused_in_a_sentence(cluster, artifacts):
    own = fit(own_digits=True)
    cluster.submit(own)
    (done,) = cluster.wait(1)
    assert (done.status, run_status(artifacts, own.run).state) == ("failed", "failed")
    assert "your own digits" in done.reason


def test_a_cluster_that_is_not_there_is_told_in_a_sentence(artifacts, monkeypatch):
    monkeypatch.setattr(cluster_connection, "CONNECT", 1.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        nobody = f"tcp://127.0.0.1:{free_port()}"
        for address in (
            nobody,
            f"tcp://127.0.0.1:{silent.getsockname()[1]}",
            "http://no",
            "tcp://no.invalid:1",
        ):
            with pytest.raises(ClusterError, match="no Dask scheduler answers at"):
                Cluster(address, artifacts)


def test_address_and_tls_come_from_options_or_the_environment(monkeypatch):
    monkeypatch.delenv("DIGIT_DERBY_CLUSTER", raising=False)
    assert cluster_address(None) is None
    monkeypatch.setenv("DIGIT_DERBY_CLUSTER", "tcp://there:8786")
    assert (cluster_address(None), cluster_address("tcp://here:1")) == ("tcp://there:8786", "tcp://here:1")
    assert Tls.of() is None
    monkeypatch.setenv("DIGIT_DERBY_CLUSTER_KEY", "key.pem")
    assert Tls.of("ca.pem", "cert.pem") == Tls("ca.pem", "cert.pem", "key.pem")
    with pytest.raises(ClusterError, match="DIGIT_DERBY_CLUSTER_CERT"):
        Tls.of("ca.pem")


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encrypted")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=derby -keyout {key} -out {cert}"
    subprocess.run(command.split(), check=True, capture_output=True)
    files = ["--tls-ca-file", str(cert), "--tls-cert", str(cert), "--tls-key", str(key)]
    cluster = DaskCluster(folder / "dask", *files, protocol="tls")
    cluster.tls = Tls(str(cert), str(cert), str(key))
    yield cluster
    cluster.close()


def test_workers_with_other_versions_or_without_the_project_are_told_and_not_used(
    encrypted, artifacts, tmp_path
):
    other = tmp_path / "other" / "numpy-9.9.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 9.9.9\n")
    encrypted.add_worker(variables={"PYTHONPATH": str(other.parent)})
    encrypted.add_worker(at=tmp_path)

    def refused() -> bool:
        with pytest.raises(ClusterError) as why:
            Cluster(encrypted.address, artifacts, tls=encrypted.tls)
        words = "has other versions: numpy 9.9.9 instead of", "does not find Digit Derby"
        return all(part in str(why.value) for part in words)

    wait_for(refused)


def test_a_scheduler_outside_the_project_is_told(artifacts, tmp_path):
    lonely = DaskCluster(tmp_path / "dask", at=tmp_path)
    try:
        with pytest.raises(ClusterError, match="does not find Digit Derby: start it in the project"):
            Cluster(lonely.address, artifacts)
    finally:
        lonely.close()


def test_an_encrypted_cluster_takes_those_who_have_the_certificate(encrypted, artifacts):
    encrypted.add_worker()

    def joined():
        with suppress(ClusterError):  # those before are refused
            return Cluster(encrypted.address, artifacts, tls=encrypted.tls)

    executor = wait_for(joined)
    assert (executor.width, len(executor.refused)) == (1, 2)
    executor.submit(fit())
    assert [one.status for one in all_done(executor, 1)] == ["finished"]
    executor.close()
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        Cluster(encrypted.address, artifacts)


def test_when_the_scheduler_is_gone_a_sentence_says_how_to_go_on_and_nothing_trains_on(dask, artifacts):
    executor = Cluster(dask.address, artifacts)
    long = fit(**LONG)
    executor.submit(long)
    training = children(who_trains(dask.workers, long.run))
    kill(dask.processes[0])
    with pytest.raises(ClusterError, match="nothing is lost: start it again"):
        wait_for(lambda: executor.wait(1))
    executor.close()
    wait_for(lambda: not any(map(psutil.Process.is_running, training)), timeout=10)
