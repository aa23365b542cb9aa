"""A study from beginning to end with real workers, and what stops it on the way."""

import json
import os
import random
import signal
import time

import pytest

from core.races.race_list import RaceList
from core.races.setup import preset_values
from core.races.turns import take_place, waiting
from core.runs import records
from core.tuning import studies
from core.tuning.finals import final_runs
from core.tuning.plan import GOALS
from core.tuning.search import Watcher
from support.browser import wait_for
from support.real_studies import (
    check_each_once,
    found,
    run_study,
    search_only,
    start,
    start_study,
    tiny_spec,
    work,
    workers_of,
)
from support.small_disk import fill, small_disk

pytestmark = pytest.mark.frameworks  # exhibits train in it

LONG = {
    "epochs": "40",
    "search-learning-rate": "0.0003,0.001,0.003,0.01,0.03",
    "search-batch-size": "8,16,32",
}
SLOW = {"epochs": "200", "search-batch-size": "1,2"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished study and its artifacts folder."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_DERBY_LINE", str(folder / "line"))
        return folder, run_study(folder, tiny_spec())


class Interrupt(Watcher):
    """Does something once, when so many trials have finished."""

    def __init__(self, trials, act):
        self.trials, self.act = trials, act

    def on_look(self, study):
        done = sum(trial.status == "finished" for trial in study.trials)
        if self.act and done >= self.trials:
            act, self.act = self.act, None
            act()


def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0)  # Python looks for signals between two steps


# ── undisturbed ─────────────────────────────────────────────────────────────────────


def test_study_tries_every_candidate_and_tests_its_winner_afresh(finished):
    folder, study = finished
    assert study.state == "finished"
    assert [trial.status for trial in study.trials] == ["finished"] * 4
    assert len({trial.name for trial in study.trials}) == 4
    best = max(study.trials, key=lambda trial: trial.score)
    assert study.best == {"numpy_scratch": best.number}
    assert sorted((run["role"], run["seed"]) for run in study.final) == sorted(
        (role, seed) for role in ("best", "runner-up", "preset") for seed in (100, 101, 102)
    )
    assert all(run["test_accuracy"] > 0.5 for run in study.final)
    assert study.verdict["winners"][0]["trial"] == best.number
    check_each_once(folder, study)


def test_fits_know_no_test_score_and_fresh_runs_are_ordinary_ones_on_all_images(finished):
    folder, study = finished
    for trial in study.trials:
        metrics = records.read_object(records.metrics_path(folder, trial.fits[0].run))
        assert metrics["study"] == "tiny"
        assert "test_accuracy" not in metrics
        assert metrics["val_accuracy"] == trial.score
    run = study.final[0]["run"]
    config, _ = records.read_config(folder, run)
    assert (config.validation_size, config.train_size) == (0, None)
    assert run in records.run_names(folder)
    assert records.read_notes(folder, run)["title"] == "tiny, best"
    assert not any(name.startswith("trial-") for name in records.run_names(folder))
    assert RaceList(folder).races() == []  # the study shows them


def test_finished_study_that_is_resumed_trains_nothing_again(finished):
    folder, study = finished
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*_metrics.json")}
    again = work(folder, "tiny")
    assert found(again) == found(study)
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*_metrics.json")} == before


def test_one_set_up_is_cross_validated_without_anything_to_search(artifacts):
    texts = {"search-learning-rate": "", "search-batch-size": "", "strategy": "", "folds": "3"}
    study = search_only(artifacts, tiny_spec(**texts))
    [trial] = study.trials
    assert sorted(fit.fold for fit in trial.fits) == [0, 1, 2]
    assert trial.score == pytest.approx(sum(fit.score for fit in trial.fits) / 3)


def test_winner_that_is_the_presets_recipe_is_trained_once_for_both(artifacts):
    rate = preset_values("tiny-mlp")["learning_rate"]
    texts = {"search-learning-rate": f"0.0000001,{rate}", "search-batch-size": ""}
    study = search_only(artifacts, tiny_spec(**texts))
    runs = {(one.role, one.fit.config.seed): one.fit.run for one in final_runs(study)}
    assert len(runs) == 9
    assert runs["preset", 100] == runs["best", 100] != runs["runner-up", 100]


def test_presets_recipe_is_the_presets_whatever_the_study_fixes(artifacts):
    texts = {"optimizer": "sgd", "batch-size": "64", "scaling": "standardize", "search-batch-size": ""}
    study = search_only(artifacts, tiny_spec(**texts))
    [preset, *_] = [one.fit.config for one in final_runs(study) if one.role == "preset"]
    recipe = preset_values("tiny-mlp")
    told = ("optimizer", "batch_size", "scaling", "learning_rate")
    assert {name: getattr(preset, name) for name in told} == {name: recipe[name] for name in told}
    assert (preset.epochs, preset.dataset, preset.threads) == (2, "digits", 1)  # the study's own


def test_folds_seeds_and_a_common_best_make_a_trials_fits(artifacts):
    study = search_only(artifacts, tiny_spec(folds="2", seeds="0,1", common="true"))
    assert [len(trial.fits) for trial in study.trials] == [4] * 4
    assert list(study.best) == ["all"]
    for trial in study.trials:
        assert trial.score == pytest.approx(sum(fit.score for fit in trial.fits) / 4)


def test_settings_that_diverge_are_a_failed_trial_and_the_search_goes_on(artifacts):
    texts = {"search-learning-rate": "10,0.01", "search-batch-size": "", "epochs": "1", "optimizer": "sgd"}
    study = search_only(artifacts, tiny_spec(**texts, architecture="small-cnn"))
    assert [trial.status for trial in study.trials] == ["failed", "finished"]
    assert study.trials[0].score is None
    assert "learning rate of 10 is far too high" in study.trials[0].reason
    assert study.best == {"numpy_scratch": 2}


def test_seconds_to_an_accuracy_are_the_score_and_never_getting_there_comes_last(artifacts, monkeypatch):
    monkeypatch.setitem(GOALS, "time-to-98", 0.6)  # which these tiny trials can reach
    texts = {"search-learning-rate": "0.0000001,0.01", "search-batch-size": "", "epochs": "10"}
    study = search_only(artifacts, tiny_spec(**texts, objective="time-to-98"))
    never, there = study.trials
    assert (never.status, never.score) == ("finished", None)
    assert 0 < there.score < there.fits[0].seconds + 0.01
    assert study.best == {"numpy_scratch": 2}
    assert {one.fit.config.validation_size for one in final_runs(study)} == {5000}  # to see it by


def test_study_in_pytorch_on_two_workers_is_that_of_one(artifacts, tmp_path):
    spec = tiny_spec(frameworks="pytorch,numpy_scratch", strategy="random", trials="4")
    two = search_only(artifacts, spec.model_copy(update={"workers": 2}))
    assert {trial.settings["framework"] for trial in two.trials} == {"pytorch", "numpy_scratch"}
    assert list(two.best) == ["pytorch", "numpy_scratch"]
    assert found(two) == found(search_only(tmp_path / "one", spec))


def test_minutes_begin_no_more_trials(artifacts):
    spec = tiny_spec(**LONG, strategy="random", minutes="0.01")
    study = search_only(artifacts, spec)
    assert 1 <= len(study.trials) < 15
    assert all(trial.status == "finished" for trial in study.trials)


# ── stopped on the way ──────────────────────────────────────────────────────────────


def test_ctrl_c_keeps_what_is_there_and_resume_completes_it(artifacts, finished):
    spec = tiny_spec()
    stopped = run_study(artifacts, spec, Interrupt(2, ctrl_c))
    assert (stopped.state, stopped.reason) == ("stopped", "stopped by Ctrl-C")
    assert sum(trial.status == "finished" for trial in stopped.trials) >= 2
    assert stopped.final == ()
    assert found(work(artifacts, "tiny")) == found(finished[1])


def test_request_to_stop_kills_what_trains_within_three_seconds(artifacts):
    spec = tiny_spec(**SLOW)
    process = start_study(artifacts, spec)
    wait_for(lambda: workers_of(process) and any(artifacts.glob("trial-tiny-*/events.jsonl")))
    workers = workers_of(process)
    asked = time.monotonic()
    studies.request_stop(artifacts, "tiny")
    wait_for(lambda: studies.read(artifacts, "tiny").state == "stopped")
    assert time.monotonic() - asked < 3
    process.communicate(timeout=30)
    assert process.returncode == 1
    assert not any(one.is_running() for one in workers)


def test_second_process_does_not_work_on_the_same_study(artifacts):
    spec = tiny_spec(**SLOW)
    process = start_study(artifacts, spec)
    wait_for(lambda: "tiny" in studies.names(artifacts) and studies.is_active(artifacts, "tiny"))
    second = start(artifacts, "--resume", "tiny")
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "tiny runs already" in errors
    with pytest.raises(records.RecordError, match="still runs"):
        studies.delete(artifacts, "tiny")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert studies.read(artifacts, "tiny").state == "stopped"


def disturb(artifacts, spec, chance, kills):
    """Kills the study's process, a worker or both, again and again; then lets it finish."""
    process = start_study(artifacts, spec)
    for _ in range(kills):
        time.sleep(chance.uniform(0.4, 3.5))  # the moment is what is tried
        victims = chance.choice(("study", "worker", "both"))
        workers = workers_of(process)
        if victims != "worker":
            process.kill()
        for one in workers if victims != "study" else ():
            one.kill()
        if victims != "worker" or process.poll() is not None:
            process.communicate()
            process = go_on(artifacts, spec)
    process.communicate(timeout=280)


def go_on(artifacts, spec):
    """Resumes the study, or makes it where the kill came before it was."""
    made = (artifacts / ".studies" / spec.name / "study.json").exists()
    return start(artifacts, "--resume", spec.name) if made else start_study(artifacts, spec)


@pytest.mark.timeout(900)  # twenty times a new process, on a machine that may be busy
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_study_that_is_killed_again_and_again_finds_what_an_undisturbed_one_finds(kills, artifacts, tmp_path):
    spec = tiny_spec(**LONG, trials="15" if kills > 3 else "6")
    disturb(artifacts, spec, random.Random(kills), kills)
    study = studies.read(artifacts, "tiny")
    assert study.state == "finished", study.reason
    check_each_once(artifacts, study)
    assert [run["status"] for run in study.final] == ["finished"] * 9
    assert found(study) == found(search_only(tmp_path / "undisturbed", spec))


# ── beside others ───────────────────────────────────────────────────────────────────


def test_studies_wait_in_one_line_with_races(artifacts):
    with take_place("a-race", artifacts):
        first, second = tiny_spec("first"), tiny_spec("second")
        processes = [start_study(artifacts, first)]
        wait_for(lambda: len(waiting()) == 2)
        processes.append(start_study(artifacts, second))
        wait_for(lambda: len(waiting()) == 3)
        assert [ticket["race"] for ticket in waiting()] == ["a-race", "first", "second"]
        wait_for(lambda: studies.read(artifacts, "second").state == "waiting")
        assert not list(artifacts.glob("trial-*"))
        studies.request_stop(artifacts, "second")
        processes[1].communicate(timeout=30)
    processes[0].communicate(timeout=120)
    assert studies.read(artifacts, "first").state == "finished"
    assert studies.read(artifacts, "second").reason == "stopped before it began"


def test_study_that_a_page_starts_is_a_process_of_its_own(artifacts):
    studies.launch(artifacts, tiny_spec())
    assert studies.read(artifacts, "tiny").state in ("waiting", "searching")
    wait_for(lambda: studies.read(artifacts, "tiny").state == "finished", timeout=120)
    log = (artifacts / ".studies" / "tiny" / "log.txt").read_text()
    assert "Fresh runs" in log


def test_object_for_machines_is_all_that_stands_on_the_output(artifacts):
    process = start_study(artifacts, tiny_spec(), "--json")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    found = json.loads(output)
    assert list(found) == ["study", "trials", "best", "final", "verdict"]
    assert found["study"] == "tiny"
    assert {trial["status"] for trial in found["trials"]} == {"finished"}
    assert found["best"]["name"] in {trial["name"] for trial in found["trials"]}
    assert {run["role"] for run in found["final"]} == {"best"}
    assert found["verdict"]["headline"]


# ── a disk that fills up ────────────────────────────────────────────────────────────


def test_full_disk_ends_the_study_with_a_sentence_and_resume_completes_it(tmp_path, artifacts):
    with small_disk(tmp_path / "disk", "80m") as disk:
        spec = tiny_spec(**LONG)
        process = start_study(disk, spec)
        wait_for(lambda: len(list(disk.glob("trial-*_metrics.json"))) >= 2)
        filler = fill(disk)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "is full" in output or "are free" in output
        study = studies.read(disk, "tiny")
        assert study.state == "failed"
        assert "full" in study.reason or "are free" in study.reason
        assert not any(trial.status == "failed" for trial in study.trials)
        filler.unlink()
        process = start(disk, "--resume", "tiny")
        wait_for(lambda: sum(one.status == "finished" for one in studies.read(disk, "tiny").trials) == 15)
        process.kill()
        process.communicate()
        check_each_once(disk, studies.read(disk, "tiny"))
