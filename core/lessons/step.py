"""Steps of learning on one digit: forward, loss, backward, step, by NumPy's exhibit."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from core.architectures import Architecture, Dense, Flatten, Relu
from core.data.batches import normalise
from core.frameworks import numpy_scratch

NETWORK = Architecture("one hidden layer", (Flatten(), Dense(16), Relu(), Dense(10)))
RATE = 0.02  # small enough that the loss goes down on any digit, large enough to see it in one step
MOST = 12  # steps


@dataclass(frozen=True)
class Step:
    """What one pass over the digit finds, before the weights change.

    `sizes` are the lengths of the gradients of the two dense layers, first layer first; `picture` (28, 28)
    is the gradient of the weights into the hidden unit that counts most.
    """

    loss: float
    probabilities: np.ndarray
    sizes: tuple[float, float]
    unit: int
    picture: np.ndarray


def steps(digit: np.ndarray, label: int, count: int = MOST, rate: float = RATE) -> list[Step]:
    """The untrained network's passes over a digit (28, 28) uint8: `count` steps and one look after the last.

    Plain gradient descent from the same start each time, so a step back is a shorter list.
    """
    model = numpy_scratch.build(NETWORK, seed=0)
    images, labels = normalise(digit[None]), np.array([label])
    found = []
    with threadpool_limits(1, user_api="blas"):
        for _ in range(count + 1):
            activations = model.forward(images, training=True)
            loss, gradient = numpy_scratch.cross_entropy(activations[-1], labels)
            gradients = model.backward(activations, gradient)
            found.append(_step(loss, activations[-1], gradients))
            for weight, change in zip(model.weights, gradients, strict=True):
                still = np.zeros((2, *weight.shape), np.float32)  # no momentum: nothing is remembered
                weight += numpy_scratch.sgd(change, still, rate, 1, momentum=0.0)
    return found


def _step(loss: float, logits: np.ndarray, gradients: list[np.ndarray]) -> Step:
    hidden, _, last, _ = gradients
    unit = int(np.abs(hidden).sum(axis=0).argmax())
    probabilities = np.exp(numpy_scratch.log_softmax(logits))[0]
    sizes = float(np.linalg.norm(hidden)), float(np.linalg.norm(last))
    return Step(loss, probabilities, sizes, unit, hidden[:, unit].reshape(28, 28))
