"""Who stands on which step: only what the clocks can tell."""

from core.comparison.podium import podium
from core.runs import records
from support.made_runs import FRAMEWORKS, make_finished_run, read_results


def write_times(artifacts, framework, *times, **changes):
    """One finished run of the framework for each of these train times, in seconds."""
    for seed, seconds in enumerate(times):
        run = f"{framework}-{seed}"
        metrics = make_finished_run(artifacts, run, framework, seed=seed, predictions=False)
        metrics |= {"train_time_sec": seconds} | changes
        records.write_json(records.metrics_path(artifacts, run), metrics)


def steps(artifacts):
    ranked = podium(read_results(artifacts).frame)
    return ranked, [[runner.framework for runner in step] for step in ranked.steps]


def test_times_that_single_runs_cannot_tell_apart_share_a_step(tmp_path):
    write_times(tmp_path, "tensorflow_tape", 20.0)
    write_times(tmp_path, "pytorch", 24.0)
    write_times(tmp_path, "keras_fit", 30.0)
    write_times(tmp_path, "numpy_scratch", 100.0)
    ranked, found = steps(tmp_path)
    assert found == [["pytorch", "tensorflow_tape"], ["keras_fit"], ["numpy_scratch"]]
    assert ranked.headline == "Photo finish: PyTorch and TensorFlow, too close to call"
    assert ranked.reason.startswith("20.0 to 24.0 s: ")
    assert "1.4 times" in ranked.reason
    assert [ranked.place(name) for name in ("pytorch", "tensorflow_tape", "keras_fit", "numpy_scratch")] == [
        "joint 1st", "joint 1st", "3rd", "4th",
    ]  # fmt: skip


def test_a_clear_winner_is_named_with_the_reason(tmp_path):
    write_times(tmp_path, "pytorch", 10.0)
    write_times(tmp_path, "numpy_scratch", 25.0)
    ranked, found = steps(tmp_path)
    assert found == [["pytorch"], ["numpy_scratch"]]
    assert ranked.headline == "PyTorch wins, 10.0 s"
    assert "NumPy takes 2.5 times as long" in ranked.reason


def test_repeated_runs_tell_apart_what_single_ones_cannot(tmp_path):
    write_times(tmp_path, "pytorch", 10.0, 10.1, 10.2)
    write_times(tmp_path, "keras_fit", 12.0, 12.1, 12.2)
    ranked, found = steps(tmp_path)
    assert found == [["pytorch"], ["keras_fit"]]
    assert "over 3 runs" in ranked.reason
    assert ranked.steps[0][0].run == "pytorch-0"
    assert ranked.steps[0][0].runs == 3


def test_busy_and_unlearned_and_stopped_runs_take_no_step(tmp_path):
    write_times(tmp_path, "pytorch", 10.0)
    write_times(tmp_path, "tensorflow_tape", 5.0, busy=True)
    write_times(tmp_path, "keras_fit", 4.0, learned=False)
    write_times(tmp_path, "numpy_scratch", 3.0, status="stopped")
    ranked, found = steps(tmp_path)
    assert found == [["pytorch"]]
    assert ranked.headline == "PyTorch, 10.0 s"
    assert ranked.unranked == {
        "tensorflow_tape-0": "the machine was busy",
        "keras_fit-0": "did not learn",
        "numpy_scratch-0": "it was stopped before its last epoch",
    }
    assert ranked.place("tensorflow_tape") == ""


def test_runs_that_are_not_alike_or_not_on_one_machine_have_no_podium(tmp_path):
    make_finished_run(tmp_path, "five", "pytorch", predictions=False)
    make_finished_run(tmp_path, "nine", "keras_fit", predictions=False, epochs=9)
    ranked, found = steps(tmp_path)
    assert found == []
    assert "epochs" in ranked.reason
    make_finished_run(tmp_path, "other", "keras_fit", predictions=False, machine="ffffffff")
    frame = read_results(tmp_path).frame
    assert "machines" in podium(frame[frame.run.isin(["five", "other"])]).reason


def test_nobody_is_ranked_when_no_time_counts(tmp_path):
    write_times(tmp_path, "pytorch", 10.0, busy=True)
    ranked, found = steps(tmp_path)
    assert found == []
    assert ranked.headline == "Nobody is ranked"


def test_five_alike_are_called_all_five(tmp_path):
    for framework in FRAMEWORKS:
        write_times(tmp_path, framework, 10.0)
    assert steps(tmp_path)[0].headline == "Photo finish: all five, too close to call"
