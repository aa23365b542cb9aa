"""The Start page without a browser: nothing yet, the last race, the data."""

from streamlit.testing.v1 import AppTest

from core.data.catalogue import DATASETS
from core.races import turns
from core.runs import records
from pages.components.newest import newest_results
from pages.components.shared import results_reader
from support.app_test import open_page
from support.browser import wait_for
from support.made_runs import make_finished_race, make_finished_run
from support.made_studies import made_spec, made_study, write_study
from support.small_mnist import small_files, small_info, write_files


def words(app: AppTest) -> str:
    """Everything that the page says, as one text."""
    kinds = (app.title, app.header, app.caption, app.markdown, app.info)
    texts = [element.value for kind in kinds for element in kind]
    return "\n".join(texts + [element.proto.body for element in app.get("html")])


def open_start() -> AppTest:
    app = open_page("start.py")
    assert not app.exception, app.exception
    return app


def with_findings(app: AppTest) -> str:
    """What the page says once the findings are worked out."""

    def found() -> str:
        app.run()
        text = words(app)
        return text if 'data-state="ready"' in text else ""

    return wait_for(found)


def test_start_page_leads_on_when_there_is_nothing_yet(artifacts):
    app = open_start()
    assert "no model has been trained" in words(app)
    [race] = [button for button in app.button if button.proto.type == "primary"]
    assert race.label == "Race them now (about a minute)"
    assert not race.disabled
    assert "MNIST" not in words(app)  # which is not there: nobody has to know


def test_findings_of_the_last_race_stand_in_sentences(artifacts):
    make_finished_run(artifacts, "reference-pytorch-small-cnn", "pytorch")
    make_finished_race(artifacts)
    said = with_findings(open_start())
    assert "Nobody reads better" in said
    assert "Keras says it shortest" in said
    assert "came with Digit Derby" not in said


def test_a_race_stopped_before_its_first_epoch_is_not_the_newest_result(artifacts):
    make_finished_run(artifacts, "reference-pytorch-small-cnn")
    metrics = make_finished_run(artifacts, "20261120-100000-keras_fit-small-cnn-s0", "keras_fit")
    stopped = {**metrics, "status": "stopped", "epochs": 0, "train_time_sec": 0.1}
    records.write_json(records.metrics_path(artifacts, metrics["run"]), stopped)
    newest = newest_results()
    assert newest is not None
    assert list(newest.runs) == ["reference-pytorch-small-cnn"]


def test_a_race_that_still_trains_is_not_the_newest_result(artifacts):
    make_finished_run(artifacts, "reference-pytorch-small-cnn")
    make_finished_race(artifacts)
    race = records.read_config(artifacts, newest_results().runs[0])[1]
    with turns.take_place(race, artifacts):
        assert list(newest_results().runs) == ["reference-pytorch-small-cnn"]
    assert len(newest_results().runs) > 1


def test_the_fresh_runs_of_a_study_are_not_the_last_race(artifacts):
    make_finished_race(artifacts)
    raced = newest_results().runs
    write_study(artifacts, made_study(made_spec(frameworks=("pytorch", "keras_fit"))))
    assert len(results_reader().read().frame) > len(raced)
    assert newest_results().runs == raced


def test_findings_are_those_of_the_reference_runs_before_the_first_race(artifacts):
    for framework in ("pytorch", "keras_fit"):
        make_finished_run(artifacts, f"reference-{framework}-small-cnn", framework)
        make_finished_run(artifacts, f"reference-{framework}-small-cnn-augmented", framework, augment=True)
    make_finished_run(artifacts, "alone", "pytorch")  # a race of one says nothing of others
    assert "The runs that came with Digit Derby" in with_findings(open_start())
    assert set(newest_results().runs) == {"reference-pytorch-small-cnn", "reference-keras_fit-small-cnn"}


def test_start_page_shows_mnist_when_it_is_there(artifacts, monkeypatch):
    files = small_files()
    monkeypatch.setitem(DATASETS, "mnist", small_info(files))
    write_files(DATASETS["mnist"].folder(), files)
    app = open_start()
    assert "The data: MNIST" in words(app)
    assert "200 handwritten pictures" in words(app)
    [race] = [button for button in app.button if button.proto.type == "primary"]
    assert race.label == "Race them now (about a minute)"
