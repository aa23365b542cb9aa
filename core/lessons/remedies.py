"""What would mend a run: the fields of its set-up to change, and what to call that."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.architectures import with_preset
from core.config import RunConfig
from core.fields import FIELDS, as_text
from core.lessons.case import Case
from core.races.setup import default_threads
from core.words import listed

USUAL_DROPOUT = 0.5  # Srivastava and others 2014, "Dropout", section 7.3: near the best for hidden layers
USUAL_BATCH = 64  # of small-cnn and of the guides' loops
SMALLER = 8  # of a batch: what ran short of memory once shall have room to spare
FEWER_IMAGES = 10_000
CLEARLY = 2  # times as fast: then it is worth doing as that run did


def against_overfitting(case: Case) -> dict[str, Any]:
    """More pictures first, then pictures that change, then neurons switched off, then an earlier end."""
    config = case.config
    if config is None:
        return {}
    if config.train_size is not None:
        return {"train_size": None}
    if not config.augment:
        return {"augment": True}
    if _network(config)[2] < USUAL_DROPOUT:
        return {"dropout": USUAL_DROPOUT}
    return to_the_best_epoch(case)


def to_the_best_epoch(case: Case) -> dict[str, Any]:
    """As many epochs as there were when the validation loss was lowest."""
    if case.config is None or case.history is None or np.isnan(case.history["val_loss"]).all():
        return {}
    best = int(np.nanargmin(case.history["val_loss"])) + 1
    return {"epochs": best} if best < case.config.epochs else {}


def less_at_once(case: Case) -> dict[str, Any]:
    """Less of what filled the memory: images of a step, or of the dataset, else filters or units."""
    config = case.config
    if config is None:
        return {}
    if case.phase == "data" and (config.train_size is None or config.train_size > FEWER_IMAGES):
        return {"train_size": FEWER_IMAGES}
    batch = step_images(case)
    if case.phase == "train" and batch >= 2 * SMALLER:
        return {"batch_size": 2 ** ((batch // SMALLER).bit_length() - 1)}
    filters, units, _ = _network(config)
    if filters and max(filters) > 1:
        return {"filters": tuple(max(1, count // 2) for count in filters)}
    return {"dense_units": max(1, units // 2)}


def quicker(case: Case) -> dict[str, Any]:
    """What a clearly faster run of its kind had, else the usual batch and every core, else fewer images.

    Nothing where the faster run had the same: then it is not the set-up.
    """
    config, own = case.config, case.speed
    if config is None or own is None:
        return {}
    if case.fastest and case.fastest.images_per_second >= CLEARLY * own.images_per_second:
        better = {"batch_size": case.fastest.batch_size, "threads": case.fastest.threads}
        return {name: value for name, value in better.items() if value != getattr(config, name)}
    more: dict[str, Any] = {"batch_size": USUAL_BATCH} if config.batch_size < USUAL_BATCH else {}
    if config.threads < default_threads():
        more["threads"] = default_threads()
    if not more and (config.train_size is None or config.train_size > FEWER_IMAGES):
        return {"train_size": FEWER_IMAGES}
    return more


def other_hands(case: Case) -> dict[str, Any]:
    """Many people's pens among the training images, and images that change in every epoch."""
    if case.config is None:
        return {}
    wanted = {"dataset": "mnist-pen", "augment": True}
    return {name: value for name, value in wanted.items() if getattr(case.config, name) != value}


def in_words(remedy: Mapping[str, Any]) -> str:
    """Such as "learning rate 0.01", "augmentation", "all training images"."""
    return listed([_in_words(name, value) for name, value in remedy.items()])


def _in_words(name: str, value: Any) -> str:
    word = FIELDS[name].word
    if value is True:
        return word
    return f"all {word}" if value is None else f"{word} {as_text(value)}"


def step_images(case: Case) -> int:
    """The images of one step: a batch, or all where there are fewer."""
    if case.config is None:
        return 0
    return min(case.config.batch_size, case.images or case.config.train_size or case.config.batch_size)


def _network(config: RunConfig) -> tuple[tuple[int, ...], int, float]:
    return with_preset(config.architecture, config.filters, config.dense_units, config.dropout)
