"""A run's model card in Markdown: what its record says, and nothing that it does not say."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import frameworks
from core.data.catalogue import DatasetError, find_dataset, names_of_classes
from core.export.recorded import Recorded
from core.fields import FIELDS, as_text
from core.runs.metrics import confusion_matrix
from core.runs.predictions import load_predictions
from core.runs.records import RecordError
from core.scores import accuracy_interval, calibration, class_scores, confused_pairs
from core.words import interval, listed, megabytes, percent, points, seconds


def build_card(artifacts: Path, recorded: Recorded, data_dir: Path | None = None) -> str:
    """The card's text.

    Args:
        artifacts: the folder of the runs.
        recorded: the run.
        data_dir: for the description of an imported dataset.
    """
    config = recorded.config
    title = f"{config.network.name} in {frameworks.title(config.framework)}"
    parts = {
        f"# Model card: {title}": _summary(recorded),
        "## Data": _data(recorded, data_dir),
        "## Architecture": _architecture(recorded),
        "## Recipe": _recipe(recorded),
        "## Environment": _environment(recorded),
        "## Accuracy": _accuracy(recorded),
        "## Each class": _classes(recorded),
        "## Calibration": _calibration(artifacts, recorded),
        "## Drawn digits": _drawn(recorded),
        "## Limits": _limits(recorded),
    }
    return "\n\n".join(f"{heading}\n\n{text}" for heading, text in parts.items()) + "\n"


def _summary(recorded: Recorded) -> str:
    metrics = recorded.metrics
    created = metrics.get("created")
    told = f"Run `{recorded.run}`" + (f", recorded {created}" if created else "")
    stopped = " It was stopped before its end." if metrics.get("status") == "stopped" else ""
    return f"{told}.{stopped} Every figure below is from its record."


def _data(recorded: Recorded, data_dir: Path | None) -> str:
    config = recorded.config
    try:
        dataset = find_dataset(config.dataset, data_dir)
        same = dataset.content == (config.dataset_content or "")
    except DatasetError:
        same = False
    name = dataset.title if same else config.dataset
    lines = [f"{name}, {config.classes} classes."]
    if same and dataset.attribution:
        lines.append(dataset.attribution)
    if config.train_size is not None:
        lines.append(f"At most {config.train_size:,} training images.")
    if config.validation_size:
        lines.append(f"Held out for validation: up to {config.validation_size:,} of the training images.")
    scaled = "zero mean and unit spread" if config.scaling == "standardize" else "the range from 0 to 1"
    lines.append(f"Pixels were brought to {scaled}.")
    if config.augment:
        lines.append("The training images were turned, shifted and warped at random in every epoch.")
    return " ".join(lines)


def _architecture(recorded: Recorded) -> str:
    network = recorded.config.network
    rows = [
        (type(layer).__name__, ", ".join(f"{key} {value}" for key, value in vars(layer).items()),
         " × ".join(map(str, shape)))
        for layer, shape in zip(network.layers, network.shapes(), strict=True)
    ]  # fmt: skip
    size = recorded.metrics.get("model_bytes")
    saved = f"; saved model {megabytes(size)}" if isinstance(size, int | float) else ""
    shape = " × ".join(map(str, network.input_shape))
    text = f"Images {shape}, {network.parameter_count():,} parameters{saved}."
    return f"{text}\n\n{_table(('layer', 'settings', 'output'), rows)}"


def _recipe(recorded: Recorded) -> str:
    config = recorded.config
    shown = ("optimizer", "learning_rate", "schedule", "batch_size", "epochs", "seed", "protocol")
    rows = [(FIELDS[name].word, as_text(getattr(config, name))) for name in shown]
    if config.optimizer == "sgd":
        rows.append(("momentum", as_text(config.momentum)))
    if config.schedule == "exponential":
        rows.append(("decay an epoch", as_text(config.decay)))
    rows += [(name, as_text(value)) for name, value in config.optimizer_constants().items()]
    if config.start_from:
        rows.append(("went on from", config.start_from))
    return _table(("setting", "value"), rows)


def _environment(recorded: Recorded) -> str:
    about = recorded.environment
    rows = [(name, str(about[name])) for name in ("python", "platform", "cpu", "cores") if about.get(name)]
    versions = about.get("versions")
    rows += [(name, str(value)) for name, value in sorted((versions or {}).items())]
    rows += [("device", recorded.config.device), ("threads", str(recorded.config.threads))]
    trained = recorded.metrics.get("train_time_sec")
    if isinstance(trained, int | float):
        busy = " (while something else used the machine)" if recorded.metrics.get("busy") else ""
        rows.append(("training steps took", seconds(trained) + busy))
    return _table(("", "recorded"), rows)


def _accuracy(recorded: Recorded) -> str:
    confusion, metrics = _confusion(recorded), recorded.metrics
    rows = [("test accuracy", percent(recorded.accuracy))]
    if confusion is not None:
        images = int(confusion.sum())
        low, high = accuracy_interval(recorded.accuracy, images)
        rows += [("95 % interval, in %", interval(float(low), float(high))), ("test images", f"{images:,}")]
    if isinstance(metrics.get("test_loss"), int | float):
        rows.append(("test loss (cross-entropy)", f"{metrics['test_loss']:.4f}"))
    history = metrics.get("history")
    held = [value for value in (history or {}).get("val_accuracy") or () if value is not None]
    if held:
        rows.append(("validation accuracy, last epoch", percent(held[-1])))
    return _table(("", "value"), rows)


def _confusion(recorded: Recorded) -> np.ndarray | None:
    try:
        return np.array(confusion_matrix(recorded.metrics.get("confusion")))
    except RecordError:
        return None  # the card says so where the matrix would count


def _class_names(recorded: Recorded, count: int) -> list[str]:
    return names_of_classes(recorded.config.dataset, recorded.config.dataset_content, count)


def _classes(recorded: Recorded) -> str:
    confusion = _confusion(recorded)
    if confusion is None:
        return "The record holds no confusion matrix."
    scores, names = class_scores(confusion), _class_names(recorded, len(confusion))
    rows = [
        (
            name,
            *(percent(scores[key][place]) for key in ("precision", "recall", "f1")),
            str(scores["images"][place]),
        )
        for place, name in enumerate(names)
    ]
    pairs = [
        f"{names[true]} taken for {names[guess]} ({times})"
        for true, guess, times in confused_pairs(confusion)
    ]
    table = _table(("class", "precision", "recall", "F1", "test images"), rows)
    return f"{table}\n\nMost confused: {listed(pairs) if pairs else 'nothing'}."


def _calibration(artifacts: Path, recorded: Recorded) -> str:
    try:
        probabilities, labels = load_predictions(artifacts, recorded.run)
    except RecordError as error:
        return f"Not known: {error}."
    curve = calibration(probabilities, labels)
    rows = [
        (percent(sure, 1), percent(right, 1), str(images))
        for sure, right, images in zip(curve.confidence, curve.accuracy, curve.images, strict=True)
    ]
    text = f"Expected calibration error: {points(curve.error)} points, over the test images."
    return f"{text}\n\n{_table(('says that it is sure', 'is right', 'test images'), rows)}"


def _drawn(recorded: Recorded) -> str:
    if recorded.config.own_digits:
        return "Drawings of the visitor's own joined the training images. None was kept apart to test on."
    return "None joined the training, and the record holds no test on drawings."


def _limits(recorded: Recorded) -> str:
    lines = [
        f"The network answers every picture with one of its {recorded.config.classes} classes, "
        "also one that shows none of them.",
        "Its accuracy was counted on the test images of its dataset alone.",
        "This is one run with one seed; the interval counts the chance in the test images, not in training.",
    ]
    confusion = _confusion(recorded)
    if confusion is not None:
        recall = class_scores(confusion)["recall"]
        if not np.isnan(recall).all():
            worst = int(np.nanargmin(recall))
            name = _class_names(recorded, len(confusion))[worst]
            lines.append(
                f"Its weakest class is {name}: {percent(recall[worst])} of its test images are found."
            )
    diagnosis = recorded.metrics.get("diagnosis")
    if isinstance(diagnosis, str) and diagnosis:
        lines.append(diagnosis)
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
