"""Busy machines and runs in trouble, on every page that shows runs; the way on beside them."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.config import RunConfig
from core.machine.processes import process_mark
from core.places import PROJECT
from core.runs import records
from core.training.memory import OUT_OF_MEMORY
from support.made_runs import make_finished_run

RACE = "20260102-030405-abcd"
WHY = "The loss rose to 8.1e9 in the first epoch: the learning rate of 10 is far too high. Try 0.01."
LOST = {"learned": False, "diagnosis": WHY, "remedy": {"learning_rate": 0.01}}


@pytest.fixture
def artifacts(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))
    return tmp_path / "artifacts"


def finish(artifacts, framework: str, **told) -> str:
    """A finished run of the race, with what its record tells."""
    changes = {"learning_rate": 10.0, "optimizer": "sgd"} if "remedy" in told else {}
    changes["seed"] = told.pop("seed", 0)
    config = RunConfig(framework=framework, dataset="digits", device="cpu", **changes)
    run = records.create_run(artifacts, config, RACE)
    made = make_finished_run(artifacts / "made", run, framework, dataset="digits", **changes)
    if "remedy" in told:
        made["history"]["loss"][0] = 8.1e9
    records.write_json(records.metrics_path(artifacts, run), {**made, "race": RACE, **told})
    records.append_event(artifacts, run, "queued", time=0, **process_mark())
    records.append_event(artifacts, run, "ended", status="finished", reason="", time=1)
    return run


def open_page(name: str, **query: str) -> AppTest:
    """A page as the app shows it: links lead nowhere on a page that stands alone."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120).run()
    app.switch_page(f"pages/{name}.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def links(app: AppTest) -> dict[str, str]:
    """Label of each link → its query."""
    return {element.proto.label: element.proto.query_string for element in app.get("page_link")}


def words(app: AppTest) -> str:
    texts = [element.value for kind in (app.markdown, app.info, app.caption) for element in kind]
    return "\n".join(texts + [element.proto.body for element in app.get("html")]).replace("\\", "")


def test_train_shows_the_diagnosis_with_the_mended_set_up(artifacts):
    finish(artifacts, "pytorch", **LOST)
    finish(artifacts, "keras_fit", **LOST)
    finish(artifacts, "numpy_scratch", busy=False, learned=True, diagnosis=None)
    app = open_page("train", race=RACE)
    assert "**PyTorch and Keras did not learn.**" in words(app)
    assert WHY in words(app)
    query = links(app)["Race with learning rate 0.01"]
    assert "frameworks=pytorch%2Ckeras_fit" in query
    assert "learning-rate=0.01" in query
    assert app.dataframe[0].value["Status"].tolist() == [
        "finished, did not learn", "finished, did not learn", "finished",
    ]  # fmt: skip
    assert "did not learn" in words(app)


def test_a_run_that_broke_off_has_its_card_too(artifacts):
    config = RunConfig(framework="pytorch", dataset="digits", learning_rate=10.0, optimizer="sgd")
    run = records.create_run(artifacts, config, RACE)
    records.append_event(artifacts, run, "queued", time=0, **process_mark())
    records.append_event(artifacts, run, "ended", status="failed", reason=WHY, time=1, **LOST)
    app = open_page("train", race=RACE)
    assert "**PyTorch did not learn.**" in words(app)
    assert "Race with learning rate 0.01" in links(app)


def break_off(artifacts, framework: str, **changes) -> str:
    """A run of the race that ran out of memory in its first step."""
    config = RunConfig(framework=framework, dataset="digits", batch_size=1024, **changes)
    run = records.create_run(artifacts, config, RACE)
    records.append_event(artifacts, run, "queued", time=0, **process_mark())
    records.append_event(artifacts, run, "started", time=1, train_images=1348)
    records.append_event(artifacts, run, "ended", time=2, status="failed", reason=OUT_OF_MEMORY)
    return run


@pytest.mark.parametrize("page", ["train", "compare"])
def test_a_run_without_a_result_has_its_card_on_both_pages(page, artifacts):
    break_off(artifacts, "pytorch")
    for beside in (False, True):
        if beside:
            finish(artifacts, "numpy_scratch")
        app = open_page(page, race=RACE)
        assert "**PyTorch ran out of memory.**" in words(app)
        assert "A step with 1,024 images at once makes 365 MB of numbers" in words(app)
        query = links(app)["Race with batch size 128"]
        assert "frameworks=pytorch" in query
        assert "batch-size=128" in query


def test_a_named_run_without_a_result_is_told_from_one_that_is_gone(artifacts):
    broken, kept = break_off(artifacts, "pytorch"), finish(artifacts, "numpy_scratch")
    app = open_page("compare", runs=f"{kept},{broken},deleted")
    told = [warning.value.replace("\\", "") for warning in app.warning]
    assert f"Without a result, so far or for good: {broken}" in told
    assert "Not here any more: deleted" in told


def test_healthy_runs_have_no_card(artifacts):
    finish(artifacts, "pytorch")
    for page in ("train", "compare"):
        assert not [label for label in links(open_page(page, race=RACE)) if label.startswith("Race with")]


def test_runs_that_learned_by_heart_share_a_card_that_names_them(artifacts):
    for seed in (0, 1):
        run = finish(artifacts, "pytorch", seed=seed)
        path = records.metrics_path(artifacts, run)
        made = records.read_object(path)
        made["history"]["val_accuracy"][-1] = 0.7 + 0.1 * seed
        records.write_json(path, {**made, "test_accuracy": 0.7})
    app = open_page("train", race=RACE)
    assert words(app).count("**PyTorch learned too much by heart.**") == 1
    assert "PyTorch, seed 0: In the last epoch 98.8 % of its training images were right" in words(app)
    assert "PyTorch, seed 1: In the last epoch" in words(app)
    assert "overfitting" in words(app)
    query = links(app)["Race with augmentation"]
    assert "augment=true" in query
    assert "seeds=0%2C1" in query


def test_a_busy_run_is_marked_on_every_page_with_race_again_beside_it(artifacts):
    finish(artifacts, "pytorch", busy=True, learned=True)
    finish(artifacts, "numpy_scratch", busy=False, learned=True)
    for page, query in (("train", {"race": RACE}), ("start", {}), ("compare", {"race": RACE})):
        app = open_page(page, **query)
        assert "**The machine was busy** during PyTorch: shown, not ranked by time." in words(app), page
        assert "frameworks=pytorch" in links(app)["Race again"], page
    assert re.search(r"Not ranked by time: .*PyTorch.* \(the machine was busy\)\.", words(app))


def test_compare_shows_the_diagnosis_and_leaves_the_run_out_of_the_times(artifacts):
    finish(artifacts, "pytorch", **LOST)
    app = open_page("compare", race=RACE)
    assert "**PyTorch did not learn.**" in words(app)
    assert WHY in words(app)
    assert "learning-rate=0.01" in links(app)["Race with learning rate 0.01"]
    assert "did not learn" in app.dataframe[0].value["note"].tolist()


def test_the_clock_is_offered_again_for_two_kinds_of_runs(artifacts):
    finish(artifacts, "pytorch")
    app = open_page("compare", race=RACE)
    assert "Race the clock again" not in [button.label for button in app.button]
    finish(artifacts, "numpy_scratch")
    app = open_page("compare", race=RACE)
    assert "Race the clock again" in [button.label for button in app.button]


def test_older_records_are_marked_nowhere(artifacts):
    finish(artifacts, "pytorch")
    for page, query in (("train", {"race": RACE}), ("start", {}), ("compare", {"race": RACE})):
        app = open_page(page, **query)
        assert "busy" not in words(app)
        assert "did not learn" not in words(app)
