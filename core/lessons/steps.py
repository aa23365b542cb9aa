"""The steps of every exhibit, function by function: the words of its step comments, and what happens."""

from typing import NamedTuple


class Step(NamedTuple):
    """What a step is called on the page, and one sentence on what happens."""

    title: str
    sentence: str


STEPS: dict[str, dict[str, Step]] = {
    "build": {
        "seed": Step(
            "Seed", "A fixed number makes every random choice repeatable, so that a run can be run again."
        ),
        "layers": Step(
            "Layers", "The network is put together: each layer takes what the one before it gives."
        ),
        "weights": Step(
            "Starting weights",
            "All frameworks begin with the same numbers, turned into the order in which each keeps them.",
        ),
    },
    "train": {
        "optimizer": Step(
            "Optimizer", "It will decide how far each weight moves; the learning rate says how boldly."
        ),
        "data": Step("Batch", "The next images and their labels, in the same order for every framework."),
        "forward": Step(
            "Forward",
            "The images go through the layers; out comes a score for each class, called a logit.",
        ),
        "loss": Step(
            "Loss",
            "One number for how wrong the batch is: the mean of −log(probability of the right class).",
        ),
        "backward": Step(
            "Backward",
            "Backpropagation: how the loss changes with each single weight. Together, this is the gradient.",
        ),
        "step": Step(
            "Optimizer's step", "Every weight moves a little to where the gradient says that the loss falls."
        ),
        "metrics": Step(
            "Metrics",
            "Loss and accuracy so far in this epoch are reported; they change nothing in the network.",
        ),
    },
    "predict": {
        "data": Step("Batches", "Many images are cut into batches, so that they fit into memory."),
        "forward": Step("Forward", "The images go through the layers, with dropout off; nothing is learned."),
        "softmax": Step(
            "Softmax", "Logits become probabilities: all above zero, and for each image they add up to one."
        ),
    },
    "save": {
        "layers": Step("Layers", "Which layers there are is kept as plain data, not as code."),
        "weights": Step("Weights", "All trained numbers are kept; what the optimizer remembers is not."),
        "file": Step("File", "Both go into one file."),
    },
    "load": {
        "file": Step("File", "The file is read in a way that never runs code from it."),
        "layers": Step("Layers", "The same layers are built again."),
        "weights": Step("Weights", "The trained numbers go back to their places; the model can predict."),
    },
}

WORDS = frozenset(word for steps in STEPS.values() for word in steps)


def functions_with(word: str) -> list[str]:
    """The functions that have a step of this name."""
    return [function for function, steps in STEPS.items() if word in steps]
