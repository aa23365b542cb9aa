"""A visitor's images become a dataset like the others, whole or not at all."""

import json
import os
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands.data import data as data_command
from core.config import RunConfig
from core.data.catalogue import DatasetError, find_dataset, known_datasets, own_names
from core.data.datasets import load_images, prepare_data
from core.data.files import overview
from core.data.import_process import DatasetImport, forget_upload, new_upload, uploaded
from core.data.importing.parts import Source
from core.data.own_datasets import (
    RESERVED,
    Split,
    check_name,
    delete_dataset,
    duplicates,
    import_dataset,
    pixel_statistics,
    runs_with,
    stratified_test,
)
from core.machine.processes import process_mark
from core.prediction.models import model_file
from core.races.setup import from_texts
from core.runs import records
from support.made_models import make_untrained_run
from support.own_files import HEADER, lines_of, shapes, table

IMAGES, LABELS = shapes(60)


@pytest.fixture
def source(tmp_path) -> Source:
    """A table of bars that stand and lie."""
    return Source(table(tmp_path / "bars.csv", [HEADER, *lines_of(IMAGES, LABELS.tolist())]))


def test_an_imported_dataset_is_found_read_and_trained_on_like_the_others(tmp_path, source):
    imported = import_dataset("bars", source, split=Split(0.2), data_dir=tmp_path)
    assert (imported.train, imported.test, imported.remarks) == (48, 12, ())
    info = find_dataset("bars", tmp_path)
    assert list(known_datasets(tmp_path))[-1] == "bars"
    assert overview([info], tmp_path)[0]["ok"]
    images = load_images(info, tmp_path)
    assert images.class_names == ("0", "1")
    assert np.bincount(images.y_test).tolist() == [6, 6]
    both = np.concatenate([images.x_train, images.x_test])
    assert sorted(image.tobytes() for image in both) == sorted(image.tobytes() for image in IMAGES)
    assert info.mean == pytest.approx((images.x_train / 255).mean())
    assert info.std == pytest.approx((images.x_train / 255).std())
    setup, problems = from_texts({"dataset": "bars", "frameworks": "pytorch"}, known_datasets(tmp_path))
    assert problems == []
    [config] = setup.configs()
    assert (config.classes, config.dataset_content) == (2, info.content)
    assert config.network.weight_shapes()[-1] == (2,)
    assert len(prepare_data(config, tmp_path).train.y_train) > 40
    assert "--classes" not in setup.arguments()


def test_the_test_part_may_come_from_a_file_of_its_own(tmp_path, source):
    lines = [HEADER, *lines_of(IMAGES[:10], LABELS[:10].tolist())]
    tested = Source(table(tmp_path / "test.csv", lines))
    imported = import_dataset("bars", source, tested, data_dir=tmp_path)
    assert (imported.train, imported.test, imported.duplicates) == (60, 10, 10)
    assert json.loads((tmp_path / "own/bars/dataset.json").read_text())["duplicates"] == 10


def test_content_tells_datasets_apart_and_the_name_does_not(tmp_path, source):
    first = import_dataset("bars", source, data_dir=tmp_path).info
    again = import_dataset("the-same", source, data_dir=tmp_path).info
    other = import_dataset("other", source, split=Split(seed=1), data_dir=tmp_path).info
    assert first.content == again.content != other.content


def test_another_dataset_under_a_runs_name_is_not_taken_for_its_own(tmp_path, source, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path))
    before = import_dataset("bars", source).info
    config = RunConfig(framework="pytorch", dataset="bars", classes=2, dataset_content=before.content)
    delete_dataset("bars", tmp_path / "artifacts")
    import_dataset("bars", source, split=Split(seed=1))
    with pytest.raises(DatasetError, match="bars is another dataset than the one of this name"):
        prepare_data(config)
    artifacts = tmp_path / "artifacts"
    run = make_untrained_run(
        artifacts, "run", "numpy_scratch", dataset="bars", classes=2, dataset_content=before.content
    )
    (artifacts / run / "model.npz").write_bytes(b"")
    with pytest.raises(records.RecordError, match="was trained on another dataset that was called bars"):
        model_file(artifacts, run)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Bars", "is no dataset's name; small letters"),
        ("", "is no dataset's name"),
        ("../up", "is no dataset's name"),
        ("x" * 65, "is no dataset's name"),
        ("mnist", "there is a dataset mnist already"),
        ("import", "is a word of the command"),
        ("delete", "is a word of the command"),
        ("show", "is a word of the command"),
        ("own", "is a word of the command or the data folder"),
        ("pen", "there is a dataset pen already"),
    ],
)
def test_names_that_cannot_be_used_are_refused(tmp_path, name, message):
    with pytest.raises(DatasetError, match=message):
        check_name(name, tmp_path)


def test_every_word_of_the_command_is_reserved():
    words = {command.name or command.callback.__name__ for command in data_command.registered_commands}
    assert words <= set(RESERVED)


def test_images_dark_on_light_are_turned_with_their_test_part(tmp_path):
    lines = [HEADER, *lines_of(255 - IMAGES, LABELS.tolist())]
    source = Source(table(tmp_path / "dark.csv", lines))
    imported = import_dataset("dark", source, source, data_dir=tmp_path)
    assert imported.remarks[0] == "Turned to light on dark, as the models see all their images."
    images = load_images(imported.info, tmp_path)
    np.testing.assert_array_equal(images.x_train, IMAGES)
    np.testing.assert_array_equal(images.x_test, IMAGES)


def test_what_a_killed_import_left_is_taken_away_by_a_later_one(tmp_path, source):
    for name, age in ((".old.tmp", 4000), (".new.tmp", 10)):
        place = tmp_path / "own" / name / "bars"
        place.mkdir(parents=True)
        os.utime(place.parent, (time.time() - age,) * 2)
    import_dataset("bars", source, data_dir=tmp_path)
    assert sorted(os.listdir(tmp_path / "own")) == [".new.tmp", "bars"]


def test_a_name_is_taken_once(tmp_path, source):
    import_dataset("bars", source, data_dir=tmp_path)
    with pytest.raises(DatasetError, match="there is a dataset bars already"):
        import_dataset("bars", source, data_dir=tmp_path)


def test_a_refused_import_leaves_nothing(tmp_path, source):
    data = tmp_path / "data"
    refused = {
        table(tmp_path / "one.csv", lines_of(IMAGES, [1] * 60)): "of one class",
        table(tmp_path / "black.csv", lines_of(IMAGES * 0, LABELS.tolist())): "all pixels",
        tmp_path / "none.csv": "cannot be read: No such file",
    }
    for path, message in refused.items():
        with pytest.raises(DatasetError, match=message):
            import_dataset("bars", Source(path), data_dir=data)
    assert not data.exists()


def test_a_full_disk_leaves_nothing(tmp_path, source, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatasetError, match="cannot be written: No space left on device"):
        import_dataset("bars", source, data_dir=tmp_path / "data")
    assert list((tmp_path / "data" / "own").iterdir()) == []


def test_a_damaged_description_is_named_and_leaves_the_others(tmp_path, source):
    import_dataset("bars", source, data_dir=tmp_path)
    import_dataset("fine", source, data_dir=tmp_path)
    (tmp_path / "own/bars/dataset.json").write_text("{")
    with pytest.raises(DatasetError, match=r"dataset.json is damaged .* core data delete bars"):
        find_dataset("bars", tmp_path)
    assert own_names(tmp_path) == ["bars", "fine"]
    assert "bars" not in known_datasets(tmp_path)
    assert "fine" in known_datasets(tmp_path)
    delete_dataset("bars", tmp_path / "artifacts", tmp_path)
    assert own_names(tmp_path) == ["fine"]


def test_deleting_keeps_runs_and_is_refused_while_one_races(tmp_path, source):
    import_dataset("bars", source, data_dir=tmp_path)
    artifacts = tmp_path / "artifacts"
    artifacts.mkdir()
    run = records.create_run(artifacts, RunConfig(framework="pytorch", dataset="bars", classes=2), "race")
    assert runs_with(artifacts, "bars") == [run]
    records.append_event(artifacts, run, "queued", **process_mark(), time=0)
    with pytest.raises(DatasetError, match=f"bars is needed by {run}"):
        delete_dataset("bars", artifacts, tmp_path)
    records.append_event(artifacts, run, "ended", status="failed", reason="")
    delete_dataset("bars", artifacts, tmp_path)
    assert not (tmp_path / "own" / "bars").exists()
    assert runs_with(artifacts, "bars") == [run]
    with pytest.raises(DatasetError, match="mnist belongs to the project"):
        delete_dataset("mnist", artifacts, tmp_path)
    with pytest.raises(DatasetError, match="imported: none so far"):
        delete_dataset("bars", artifacts, tmp_path)


@given(
    counts=st.lists(st.integers(2, 40), min_size=2, max_size=6),
    share=st.floats(0.01, 0.9),
    seed=st.integers(0, 3),
)
def test_the_split_takes_its_share_of_every_class_and_leaves_some_of_each(counts, share, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    test = stratified_test(labels, Split(share, seed))
    np.testing.assert_array_equal(test, stratified_test(labels, Split(share, seed)))
    for label, count in enumerate(counts):
        taken = int(test[labels == label].sum())
        assert 1 <= taken < count
        assert abs(taken - share * count) <= 1


def test_duplicates_and_statistics_are_those_of_the_pixels():
    assert duplicates(IMAGES, np.concatenate([IMAGES[:3], 255 - IMAGES[:4]])) == 3
    mean, std = pixel_statistics(IMAGES)
    assert (mean, std) == pytest.approx(((IMAGES / 255).mean(), (IMAGES / 255).std()))


# ── through the browser ─────────────────────────────────────────────────────────────


def test_uploads_are_found_by_their_token_alone_and_the_oldest_make_room(tmp_path):
    tokens, now = [], time.time() - 100
    for number in range(8):
        token, path = new_upload("../../a:b\n/digits.csv", tmp_path)
        path.write_bytes(b"1")
        os.utime(path.parent, (now + number,) * 2)
        tokens.append(token)
    assert path.name == "ab digits.csv".replace(" ", "")
    assert path.parent.parent == tmp_path / "own" / ".uploads"
    assert [uploaded(token, tmp_path) is not None for token in tokens] == [False] * 2 + [True] * 6
    assert uploaded("../own", tmp_path) is None
    forget_upload(tokens[-1], tmp_path)
    assert uploaded(tokens[-1], tmp_path) is None
    os.utime(tmp_path / "own" / ".uploads" / tokens[-2], (now - 90_000,) * 2)
    new_upload("next.csv", tmp_path)
    assert [uploaded(token, tmp_path) is not None for token in tokens[-3:]] == [True, False, False]
    assert own_names(tmp_path) == []


def test_an_import_in_a_process_tells_how_far_it_is_and_how_it_ended(tmp_path, source, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path))
    first = DatasetImport("bars", source.path)
    assert first.stage().share <= 1
    first.process.wait(60)
    assert first.succeeded
    assert (first.stage().stage, first.stage().share) == ("writing", 1.0)
    assert first.said().startswith("imported bars: 52 training")
    second = DatasetImport("bars", source.path)
    second.process.wait(60)
    assert not second.running
    assert not second.succeeded
    assert second.said() == "there is a dataset bars already; choose another name"
