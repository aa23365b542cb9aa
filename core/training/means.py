"""Means over the steps since the last point of a curve, from what exhibits report: the epoch's so far."""

from dataclasses import dataclass, field

from core.contract import TrainingData
from core.runs.curves import grid


@dataclass
class Means:
    """Turns running means of the epoch into means between the points of a grid that frameworks share.

    A running mean restarts with each epoch and hides what happens late in it; sampled at other steps,
    equal losses look different. The difference of two running sums has neither fault.
    """

    train: TrainingData
    batch_size: int
    epochs: int
    _due: frozenset[int] = field(init=False)
    _before: tuple[int, float, int] = (0, 0.0, 0)  # at the last point of this epoch: images, loss, right

    def __post_init__(self) -> None:
        self._due = frozenset(grid(self.train.steps_per_epoch, self.epochs))

    def due(self, step: int) -> bool:
        """Whether a point belongs after this step, counted from 1."""
        return self._in_epoch(step) in self._due

    def take(self, step: int, loss: float, accuracy: float) -> tuple[float, float]:
        """Loss and accuracy of the images since the last point; `step` is due.

        Args:
            step: steps done so far in this run.
            loss: mean loss so far this epoch.
            accuracy: fraction of this epoch's images so far that were right.
        """
        step = self._in_epoch(step)
        seen = min(step * self.batch_size, len(self.train.x_train))  # the last batch may be smaller
        images, loss_sum, right = seen, loss * seen, round(accuracy * seen)
        last_images, last_loss, last_right = self._before
        ended = step == self.train.steps_per_epoch
        self._before = (0, 0.0, 0) if ended else (images, loss_sum, right)
        since = images - last_images
        return max(0.0, loss_sum - last_loss) / since, (right - last_right) / since

    def _in_epoch(self, step: int) -> int:
        """The step's number in its epoch, from 1."""
        return (step - 1) % self.train.steps_per_epoch + 1
