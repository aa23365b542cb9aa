"""What a file that is taken home needs besides its exhibit: images, their order, a word on progress.

Nothing here runs in the project. `core.export.linking` copies what a file uses, and what that uses of
other modules of core.
"""

import gzip
import hashlib
import importlib.metadata
import os
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path

import numpy as np
import sklearn.datasets

from core.data.batches import stratified_order
from core.data.sklearn_digits import TEST_SIZE, enlarge

SPLIT_SEED = 20_240_101
# Stand-ins for the values of the dataset.
SUBFOLDER = ""
MIRRORS: tuple[str, ...] = ()
FILES: dict[str, str] = {}
# Stand-ins for what the run recorded.
RECORDED_VERSIONS: dict[str, str] = {}
RECORDED_ON = ""


def load_dataset():
    """Training images and labels, test images and labels; images (N, 28, 28) uint8, white on black."""
    return [read_idx(path) for path in find_files()]


def find_files():
    """The four files where they are already, else downloaded into `data`; each checked by its MD5."""
    folders = [os.environ.get("DIGIT_DERBY_DATA"), "data", "~/data", "~/digit-derby/data"]
    for folder in filter(None, folders):
        paths = [Path(folder).expanduser() / SUBFOLDER / name for name in FILES]
        if all(path.is_file() and is_whole(path.read_bytes(), path.name) for path in paths):
            return paths
    return [download(name) for name in FILES]


def is_whole(content, name):
    """Whether this is the published file."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest() == FILES[name]


def download(name):
    """Fetches one file from the first mirror that has it."""
    path = Path("data") / SUBFOLDER / name
    problems = []
    mirror = os.environ.get("DIGIT_DERBY_MIRROR")
    for address in [mirror] if mirror else MIRRORS:
        try:
            with urllib.request.urlopen(f"{address.rstrip('/')}/{name}.gz", timeout=60) as response:
                content = gzip.decompress(response.read())
        except (OSError, EOFError, HTTPException) as error:
            problems.append(f"{address}: {error}")
            continue
        if is_whole(content, name):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            return path
        problems.append(f"{address}: another file than the published one")
    raise SystemExit(f"{name} cannot be downloaded ({'; '.join(problems)})")


def read_idx(path):
    """An IDX file of bytes: two zeros, the type, the number of axes, each length big-endian, the data."""
    content = np.fromfile(path, np.uint8)
    axes = int(content[3])
    shape = content[4 : 4 + 4 * axes].view(">u4").astype(int)
    return content[4 + 4 * axes :].reshape(shape)


def load_digits():
    """scikit-learn's 1,797 digits, enlarged: training images and labels, 300 test images and labels."""
    digits = sklearn.datasets.load_digits()
    images = np.stack([enlarge(small) for small in digits.images.astype(np.uint8)])
    order = stratified_order(digits.target, SPLIT_SEED)
    train, test = order[:-TEST_SIZE], order[-TEST_SIZE:]
    return images[train], digits.target[train], images[test], digits.target[test]


class TrainingData:
    """The training images in the order of the run, which depends on the seed and the epoch's number."""

    def __init__(self, images, labels, batch_size, seed):
        self.x_train, self.y_train = images, labels.astype(np.int64)
        self.batch_size, self.seed = batch_size, seed
        self.steps_per_epoch = -(-len(labels) // batch_size)

    def order(self, epoch):
        """Positions of the images in this epoch."""
        return np.random.default_rng([self.seed, epoch]).permutation(len(self.y_train))

    def epoch(self, epoch):
        """All images and labels in this epoch's order."""
        order = self.order(epoch)
        return self.x_train[order], self.y_train[order]

    def batches(self, epoch):
        """The same in batches; the last one may be smaller."""
        order = self.order(epoch)
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield self.x_train[chosen], self.y_train[chosen]


class Progress:
    """Prints every epoch; remembers the running mean of the loss after every step."""

    def __init__(self, score=None):
        self.score, self.began = score, time.perf_counter()
        self.losses: list[float] = []
        self.epochs: list[dict[str, float]] = []

    def on_batch_end(self, step, loss, accuracy):
        """After every step."""
        self.losses.append(float(loss))

    def on_epoch_end(self, epoch, loss, accuracy, model):
        """After every epoch: loss and accuracy are its means."""
        line = {"epoch": epoch + 1, "loss": float(loss), "accuracy": float(accuracy)}
        if self.score:
            line["validation accuracy"] = self.score(model)
        self.epochs.append(line)
        told = ", ".join(f"{name} {value:.6g}" for name, value in line.items())
        print(f"{told} ({time.perf_counter() - self.began:.1f} s)", flush=True)


def say_why_it_may_differ():
    """Prints what is not as it was when the run was recorded."""
    here = {package: importlib.metadata.version(package) for package in RECORDED_VERSIONS}
    pairs = [(name, here[name], was) for name, was in RECORDED_VERSIONS.items()]
    other = [f"{name} {now} here, {was} there" for name, now, was in pairs if now != was]
    print(f"Recorded with {RECORDED_ON}. Versions: {'; '.join(other) or 'the same here'}.")
    print(
        "The two may differ: other versions, another processor, number of threads or GPU add up in "
        "another order, round differently, and training makes small differences larger."
    )


def accuracy(probabilities, labels):
    """The fraction of images whose likeliest class is the right one."""
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def softmax(logits, axis):
    """exp(logits) over its sum; without the largest logit, exp cannot overflow."""
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


class Plot:
    """The loss after every step as a line, which a notebook shows; within an epoch it is the mean so far."""

    def __init__(self, losses):
        self.losses = losses

    def _repr_svg_(self):
        """A notebook asks for this text when the plot is the last thing in a cell."""
        steps, top = len(self.losses), max(self.losses)
        points = " ".join(
            f"{60 + 530 * step / steps:.1f},{20 + 200 * (1 - loss / top):.1f}"
            for step, loss in enumerate(self.losses, 1)
        )
        texts = [(52, 25, "end", f"{top:.2f}"), (52, 225, "end", "0"), (60, 245, "start", "step 1")]
        texts += [(590, 245, "end", f"step {steps}"), (300, 245, "middle", "loss by step")]
        labels = "".join(
            f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="13">{text}</text>'
            for x, y, anchor, text in texts
        )
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 255" width="600" role="img">'
            "<title>Loss by step</title>"
            '<rect width="600" height="255" fill="white"/>'
            '<path d="M60 20V220H590" fill="none" stroke="gray"/>'
            f'<polyline points="{points}" fill="none" stroke="navy"/>{labels}</svg>'
        )
