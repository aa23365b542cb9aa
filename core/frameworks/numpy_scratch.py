"""NumPy: you write everything, backpropagation too.

A network is a list of layers, and each layer answers three questions:

    forward           what comes out when these inputs go in?
    weight_gradients  how does the loss change with my weights?
    input_gradient    how does the loss change with my inputs? (the layer before goes on from there)

`gradient` is always d loss / d outputs and has the shape of the outputs. Images are
(N, height, width, channels), vectors are (N, features), and every number is a float32.
"""

import functools
import json

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.architectures import Conv, Dense, Dropout, Flatten, Pool, Relu, from_plain, to_plain

RUNTIME = "numpy"
MODEL_FILE = "model.npz"
PACKAGES = {"numpy": "numpy"}  # import name: name on PyPI


def devices():
    """NumPy computes on the processor only."""
    return ["cpu"]


def build(architecture, weights=None, seed=0):
    """The network as a list of layers that ends in logits."""
    rng = np.random.default_rng(seed)  # seed: decides the initial weights and the dropout masks
    start = he_normal(architecture, rng) if weights is None else weights  # weights
    arrays = iter([np.array(array, np.float32) for array in start])  # weights
    # Layers.
    layers: list[Layer] = []
    for layer in architecture.layers:
        match layer:
            case Conv(_, _, padding):
                layers.append(ConvLayer(next(arrays), next(arrays), padding))
            case Relu():
                layers.append(ReluLayer())
            case Pool(size):
                layers.append(PoolLayer(size))
            case Dropout(rate):
                layers.append(DropoutLayer(rate, rng))
            case Flatten():
                layers.append(FlattenLayer())
            case Dense():
                layers.append(DenseLayer(next(arrays), next(arrays)))
    return Network(architecture, layers)


def he_normal(architecture, rng):
    """Random kernels under which signals keep their size through ReLU; zero biases (He et al. 2015)."""
    weights = []
    for shape in architecture.weight_shapes():
        inputs = np.prod(shape[:-1])  # how many each output adds up
        weights.append(rng.normal(0, np.sqrt(2 / inputs), shape) if len(shape) > 1 else np.zeros(shape))
    return weights


class Network:
    """Layers one after another."""

    def __init__(self, architecture, layers):
        self.architecture, self.layers = architecture, layers
        self.weights = [array for layer in layers for array in layer.weights]

    def forward(self, images, training=False):
        """What stands before, between and after the layers: images first, logits last."""
        activations = [images]
        for layer in self.layers:
            activations.append(layer.forward(activations[-1], training))  # forward
        return activations

    def backward(self, activations, gradient):
        """Backpropagation: d loss / d weights for all weights, from d loss / d logits."""
        gradients: list[np.ndarray] = []
        for i in reversed(range(len(self.layers))):
            inputs, outputs = activations[i], activations[i + 1]
            gradients = self.layers[i].weight_gradients(gradient, inputs) + gradients  # backward
            if i > 0:  # nobody asks how the images should change
                gradient = self.layers[i].input_gradient(gradient, inputs, outputs)  # backward
        return gradients


class Layer:
    """A layer without weights, for those that have none."""

    weights: tuple | list = ()

    def weight_gradients(self, gradient, inputs):
        """One array for each of `weights`."""
        return []


class DenseLayer(Layer):
    """Every output is a weighted sum of all inputs, plus a bias."""

    def __init__(self, matrix, bias):
        self.weights = [matrix, bias]

    def forward(self, inputs, training):
        """(N, in) · (in, out) + bias = (N, out)."""
        matrix, bias = self.weights
        return inputs @ matrix + bias

    def weight_gradients(self, gradient, inputs):
        """Each weight counts as much as its input was large, summed over the images."""
        return [inputs.T @ gradient, gradient.sum(axis=0)]

    def input_gradient(self, gradient, inputs, outputs):
        """Each input counts as much as its weights are large, summed over the outputs."""
        matrix, _ = self.weights
        return gradient @ matrix.T


class ConvLayer(Layer):
    """A dense layer that looks at one small patch, slid over the image."""

    def __init__(self, kernel, bias, padding):
        self.weights = [kernel, bias]
        self.size = len(kernel)
        # Zeros before and after each row and column, so that the image keeps its size.
        self.margin = ((self.size - 1) // 2, self.size // 2) if padding == "same" else (0, 0)

    def forward(self, inputs, training):
        """(N, H, W, in) → (N, H, W, out), or k - 1 pixels less without padding."""
        kernel, bias = self.weights
        outputs = convolve(pad(inputs, self.margin), kernel)
        outputs += np.tile(bias, (*outputs.shape[1:3], 1))  # a whole image at once is faster
        return outputs

    def weight_gradients(self, gradient, inputs):
        """As in a dense layer, summed over all patches too."""
        kernel, _ = self.weights
        total = np.zeros((kernel[..., 0].size, kernel.shape[-1]), np.float32)
        for images, rows in patch_rows(pad(inputs, self.margin), self.size):
            total += rows.T @ gradient[images].reshape(len(rows), -1)
        return [total.reshape(kernel.shape), gradient.sum(axis=0).sum(axis=(0, 1))]

    def input_gradient(self, gradient, inputs, outputs):
        """A convolution again: back through the same weights, kernel turned by 180°, in and out swapped."""
        kernel, _ = self.weights
        turned = kernel[::-1, ::-1].swapaxes(2, 3)
        margin = tuple(self.size - 1 - zeros for zeros in self.margin)
        return convolve(pad(gradient, margin), turned)


def pad(images, margin):
    """Puts zeros around each image; margin: how many (above and left, below and right)."""
    return np.pad(images, ((0, 0), margin, margin, (0, 0)))


def convolve(images, kernel):
    """(N, H, W, in) with a kernel (k, k, in, out) → (N, H - k + 1, W - k + 1, out)."""
    count, height, width, _ = images.shape
    size, _, _, channels = kernel.shape
    matrix = kernel.reshape(-1, channels)
    outputs = np.empty((count, height - size + 1, width - size + 1, channels), np.float32)
    for some, rows in patch_rows(images, size):
        np.matmul(rows, matrix, out=outputs[some].reshape(-1, channels))
    return outputs


def patch_rows(images, size):
    """Every size × size patch as a row of a matrix, so that one product does the work ("im2col").

    Yields a few images at a time: which ones, and their matrix (images · positions, size · size · channels).
    """
    patches = sliding_window_view(images, (size, size), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    few = max(1, 2**19 // patches[0].size)  # two megabytes, which the processor's cache can hold
    for first in range(0, len(images), few):
        some = slice(first, first + few)
        yield some, patches[some].reshape(-1, size * size * images.shape[-1])


class ReluLayer(Layer):
    """Lets positive numbers pass and stops the others."""

    def forward(self, inputs, training):
        """max(0, inputs)."""
        return np.maximum(inputs, 0)

    def input_gradient(self, gradient, inputs, outputs):
        """The gradient passes where the input passed."""
        return gradient * (outputs > 0)


class PoolLayer(Layer):
    """Keeps the largest pixel of each size × size window; an odd last row or column is left out."""

    def __init__(self, size):
        self.size = size

    def forward(self, inputs, training):
        """(N, H, W, C) → (N, H // size, W // size, C)."""
        return functools.reduce(np.maximum, self.pixels(inputs))

    def input_gradient(self, gradient, inputs, outputs):
        """All goes to the largest pixel, the only one that counted; to the first of them, if equal."""
        result, remaining = np.zeros_like(inputs), gradient.copy()
        for pixels, share in zip(self.pixels(inputs), self.pixels(result), strict=True):
            np.multiply(remaining, pixels == outputs, out=share)
            remaining -= share
        return result

    def pixels(self, images):
        """Views of all windows' first pixels, second pixels, and so on."""
        size = self.size
        height, width = (length - length % size for length in images.shape[1:3])
        return [images[:, y:height:size, x:width:size] for y in range(size) for x in range(size)]


class DropoutLayer(Layer):
    """While training, zeroes a random fraction `rate` and enlarges the rest, so that the mean stays."""

    def __init__(self, rate, rng):
        self.rate, self.rng = rate, rng

    def forward(self, inputs, training):
        """inputs · 0 or inputs / (1 - rate); all of them unchanged when not training."""
        if not training:
            return inputs
        kept = self.rng.random(inputs.shape, np.float32) >= self.rate
        self.factors = kept * np.float32(1 / (1 - self.rate))
        return inputs * self.factors

    def input_gradient(self, gradient, inputs, outputs):
        """The same factors as on the way forward."""
        return gradient * self.factors


class FlattenLayer(Layer):
    """Lines up the numbers of an image: row by row, pixel by pixel, channels last."""

    def forward(self, inputs, training):
        """(N, H, W, C) → (N, H · W · C)."""
        return inputs.reshape(len(inputs), -1)

    def input_gradient(self, gradient, inputs, outputs):
        """(N, H · W · C) → (N, H, W, C)."""
        return gradient.reshape(inputs.shape)


def train(model, data, config, callback):
    """Forward, loss, backward, step: once for every batch."""
    optimizer = _optimizer(config)  # optimizer
    memories = [np.zeros((2, *weight.shape), np.float32) for weight in model.weights]  # optimizer
    learning_rates = config.learning_rates(data.steps_per_epoch)
    step = 0
    for epoch in range(config.epochs):
        seen, loss_sum, correct = 0, 0.0, 0
        for images, labels in data.batches(epoch):  # data
            step += 1
            activations = model.forward(images, training=True)  # forward
            loss, gradient = cross_entropy(activations[-1], labels)  # loss
            gradients = model.backward(activations, gradient)  # backward
            for weight, gradient, memory in zip(model.weights, gradients, memories, strict=True):  # step
                weight += optimizer(gradient, memory, learning_rates[step - 1], step)  # step
            # Metrics: running means of this epoch.
            seen += len(labels)
            loss_sum += loss * len(labels)
            correct += int((activations[-1].argmax(axis=1) == labels).sum())
            callback.on_batch_end(step, loss_sum / seen, correct / seen)
        callback.on_epoch_end(epoch, loss_sum / seen, correct / seen, model)


def cross_entropy(logits, labels):
    """The loss, mean of -log(probability of the right class), and its gradient d loss / d logits."""
    right = np.arange(len(labels)), labels
    log_probabilities = log_softmax(logits)
    gradient = np.exp(log_probabilities)  # the probabilities, …
    gradient[right] -= 1  # … less what they should be
    return -float(log_probabilities[right].mean()), gradient / len(labels)


def log_softmax(logits):
    """Logarithms of the probabilities; without the largest logit, exp cannot overflow."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _optimizer(config):
    """The optimizer, with the shared constants (none under "as-is": its own defaults count)."""
    # An optimizer returns the change of one weight array; `memory` (2, *shape), zero at first, is its own.
    optimizer = {"sgd": sgd, "adam": adam, "rmsprop": rmsprop, "adadelta": adadelta}[config.optimizer]
    momentum = {"momentum": config.momentum} if config.optimizer == "sgd" else {}
    return functools.partial(optimizer, **momentum, **config.optimizer_constants())


def sgd(gradient, memory, learning_rate, step, momentum=0.9):
    """Gradient descent that keeps rolling (Polyak 1964)."""
    velocity = memory[0]
    velocity *= momentum
    velocity -= learning_rate * gradient
    return velocity


def adam(gradient, memory, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    """Running means of gradient and squared gradient (Kingma and Ba 2015, algorithm 1)."""
    mean, square = memory
    mean += (1 - beta_1) * (gradient - mean)
    square += (1 - beta_2) * (gradient * gradient - square)
    rate = learning_rate / (1 - beta_1**step)  # both began at zero: the divisions make up for it
    return -rate * mean / (np.sqrt(square / (1 - beta_2**step)) + epsilon)


def rmsprop(gradient, memory, learning_rate, step, rho=0.9, epsilon=1e-7):
    """Divides by the usual size of the gradient (Hinton 2012, lecture 6e)."""
    square = memory[0]
    square += (1 - rho) * (gradient * gradient - square)
    return -learning_rate * gradient / (np.sqrt(square) + epsilon)


def adadelta(gradient, memory, learning_rate, step, rho=0.95, epsilon=1e-6):
    """Scales by the usual size of a change over that of the gradient (Zeiler 2012, algorithm 1)."""
    square, square_change = memory
    square += (1 - rho) * (gradient * gradient - square)
    change = gradient * np.sqrt((square_change + epsilon) / (square + epsilon))
    square_change += (1 - rho) * (change * change - square_change)
    return -learning_rate * change


def predict(model, images):
    """Probabilities, a hundred images at a time."""
    batches = np.split(images, range(100, len(images), 100))  # data
    # Forward, softmax.
    return np.concatenate([np.exp(log_softmax(model.forward(batch)[-1])) for batch in batches])


def get_weights(model):
    """The weights in the shared layout, which is this file's own."""
    return [array.copy() for array in model.weights]


def save(model, path):
    """The layers as JSON text beside the weights, so that loading runs no code from the file."""
    # Layers, weights, file.
    np.savez(path, *model.weights, architecture=json.dumps(to_plain(model.architecture)))


def load(path):
    """A model that can predict."""
    with np.load(path, allow_pickle=False) as saved:  # file
        architecture = from_plain(json.loads(saved["architecture"].item()))  # layers
        weights = [saved[f"arr_{i}"] for i in range(len(architecture.weight_shapes()))]  # weights
    return build(architecture, weights)  # layers, weights
