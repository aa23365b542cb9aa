"""Everything that decides a run: validated, frozen, saved with the result."""

from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.architectures import PRESETS, Architecture, build_architecture
from core.fields import FIELDS, Device, Optimizer, Protocol, Scaling, Schedule


def _within(name: str) -> Any:
    """The limits of a number, which stand in the table of fields."""
    least, largest = FIELDS[name].limits
    return Field(ge=least, le=largest)


class RunConfig(BaseModel):
    """One run. The defaults are the recipe of `small-cnn`; `RunConfig.from_preset` fills in another."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    framework: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]  # a file in core/frameworks
    dataset: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] = "mnist"  # core.data knows them
    # Both follow from the dataset, so that a run says which one it was and what its network tells apart.
    dataset_content: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None  # of an imported one
    classes: Annotated[int, _within("classes")] = 10
    protocol: Protocol = "controlled"

    architecture: str = "small-cnn"  # a key of PRESETS
    filters: Annotated[tuple[Annotated[int, _within("filters")], ...], Field(max_length=6)] | None = None
    dense_units: Annotated[int, _within("dense_units")] | None = None
    dropout: Annotated[float, _within("dropout")] | None = None
    # None keeps the preset's value.

    optimizer: Optimizer = "adam"
    learning_rate: Annotated[float, _within("learning_rate")] = 1e-3
    momentum: Annotated[float, _within("momentum")] = 0.9  # sgd only
    schedule: Schedule = "constant"
    decay: Annotated[float, _within("decay")] = 0.7  # exponential: factor after each epoch
    batch_size: Annotated[int, _within("batch_size")] = 64
    epochs: Annotated[int, _within("epochs")] = 5
    seed: Annotated[int, _within("seed")] = 0

    scaling: Scaling = "standardize"
    augment: bool = False  # small rotations, shifts, warps of the training images
    validation_size: Annotated[int, _within("validation_size")] = 5000  # held out of the training images
    train_size: Annotated[int, _within("train_size")] | None = None  # use only so many of the rest
    # Cross-validation: this run validates on part `fold` (from 0) of `folds` parts of the training images.
    folds: Annotated[int, _within("folds")] | None = None
    fold: Annotated[int, _within("fold")] | None = None
    start_from: str | None = None  # continue from this run's weights
    own_digits: bool = False  # add the visitor's own drawings to the training images

    device: Device = "auto"
    threads: Annotated[int, _within("threads")] = 2

    @field_validator("architecture")
    @classmethod
    def _architecture_exists(cls, architecture: str) -> str:
        if architecture not in PRESETS:
            raise ValueError(f"choose from {', '.join(PRESETS)}")
        return architecture

    @model_validator(mode="after")
    def _fold_is_one_of_the_folds(self) -> Self:
        if (self.folds is None) != (self.fold is None):
            raise ValueError("folds and fold only go together")
        if self.folds is not None and self.fold is not None and self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} is none of {self.folds}, which are counted from 0")
        return self

    @model_validator(mode="after")
    def _network_can_be_built(self) -> Self:
        self.network.shapes()
        return self

    @classmethod
    def from_preset(cls, framework: str, architecture: str = "small-cnn", **changes: Any) -> Self:
        """The preset's recipe with `changes` on top.

        Raises:
            pydantic.ValidationError: an unknown preset or a value out of range.
        """
        recipe = PRESETS[architecture].recipe if architecture in PRESETS else {}
        return cls(**{"framework": framework, "architecture": architecture, **recipe, **changes})

    @property
    def network(self) -> Architecture:
        """The layers that this run trains."""
        own = (self.filters, self.dense_units, self.dropout)
        return build_architecture(self.architecture, *own, classes=self.classes)

    def optimizer_constants(self) -> dict[str, float]:
        """The constants that every framework shares under `controlled`; empty under `as-is`.

        adam: beta_1, beta_2, epsilon (Kingma and Ba 2015, epsilon as in Keras); rmsprop: rho, epsilon
        (Hinton 2012); adadelta: rho, epsilon (Zeiler 2012, epsilon as in PyTorch).
        """
        if self.protocol == "as-is":
            return {}
        return {
            "sgd": {},
            "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
            "rmsprop": {"rho": 0.9, "epsilon": 1e-7},
            "adadelta": {"rho": 0.9, "epsilon": 1e-6},
        }[self.optimizer]

    def learning_rates(self, steps_per_epoch: int) -> np.ndarray:
        """The learning rate of every step, shape (epochs × steps_per_epoch,), float32.

        exponential: × `decay` after each epoch. one-cycle (Smith and Topin 2018): cosine from
        1/25 of the rate up to the rate over the first 30 % of the steps, then down to 1/250,000.
        """
        steps = self.epochs * steps_per_epoch
        if self.schedule == "constant":
            return np.full(steps, self.learning_rate, np.float32)
        if self.schedule == "exponential":
            epoch = np.arange(steps) // steps_per_epoch
            rates = (self.learning_rate * self.decay**epoch).astype(np.float32)
            return np.maximum(rates, np.finfo(np.float32).tiny)  # zero would divide PyTorch's momentum by it
        rise = max(1, round(0.3 * steps))
        up = _cosine(self.learning_rate / 25, self.learning_rate, rise)
        down = _cosine(self.learning_rate, self.learning_rate / 250_000, steps - rise)
        return np.concatenate([up, down])[:steps].astype(np.float32)


def _cosine(start: float, end: float, steps: int) -> np.ndarray:
    progress = np.linspace(0, 1, max(steps, 1))
    return end + (start - end) * (1 + np.cos(np.pi * progress)) / 2
