"""A saved model as the exports take it: its network, its weights in the shared layout, its images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import frameworks
from core.architectures import Architecture
from core.config import RunConfig
from core.data.batches import normalise
from core.data.catalogue import DatasetError, find_dataset
from core.data.datasets import Images, load_images, split
from core.export.recorded import ExportError
from core.prediction.models import model_file
from core.runs import records

CALIBRATION = 500  # training images that show which values the activations take


@dataclass(frozen=True, eq=False)
class Trained:
    """What an export is made of."""

    run: str
    config: RunConfig
    architecture: Architecture
    weights: list[np.ndarray]  # float32, in the layout of `Architecture.weight_shapes`
    mean: float  # a pixel goes in as (pixel / 255 - mean) / std
    std: float
    class_names: tuple[str, ...]

    def scaled(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8 as the network takes them, (N, 28, 28, 1) float32."""
        return normalise(images, self.mean, self.std)


def read_trained(artifacts: Path, run: str, data_dir: Path | None = None) -> Trained:
    """The run's saved model, loaded by its own exhibit: a process can hold the exhibits of one runtime only.

    Raises:
        ExportError: no such run, no model, or one that cannot be read.
    """
    try:
        config, _ = records.read_config(artifacts, run)
        saved = model_file(artifacts, run, data_dir)
    except records.RecordError as error:
        raise ExportError(str(error)) from error
    exhibit = frameworks.load(config.framework)
    try:
        weights = [np.asarray(array, np.float32) for array in exhibit.get_weights(exhibit.load(saved.path))]
    except Exception as error:  # whatever a framework raises at a broken file
        raise ExportError(f"{run}'s model {Path(saved.path).name} cannot be read: {error}") from error
    shapes = config.network.weight_shapes()
    if [array.shape for array in weights] != shapes:
        raise ExportError(f"{run}'s model holds other layers than its record says; train the run again")
    return Trained(run, config, config.network, weights, saved.mean, saved.std, saved.class_names)


def read_images(trained: Trained, data_dir: Path | None = None) -> Images:
    """The dataset that the run learned from.

    Raises:
        ExportError: it is not on this machine, with what to do.
    """
    try:
        return load_images(find_dataset(trained.config.dataset, data_dir), data_dir)
    except DatasetError as error:
        raise ExportError(
            f"nothing is exported unscored, and the images that {trained.run} is scored on are not here: "
            f"{error}"
        ) from error


def calibration_images(trained: Trained, images: Images, data_dir: Path | None = None) -> np.ndarray:
    """(500, 28, 28) uint8 of the images that the run trained on, its classes in their proportions."""
    config = trained.config
    chosen, _ = split(images.y_train, find_dataset(config.dataset, data_dir), config, images.groups)
    return images.x_train[chosen[:CALIBRATION]]
