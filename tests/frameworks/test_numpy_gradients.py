"""The network written by hand against PyTorch's autograd and optimizers.

PyTorch runs in a child process, because other tests need TensorFlow and the two crash together.
The reference computes in float64, so what is left of a difference is the float32 rounding of ours.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from core.architectures import PRESETS, build_architecture, initial_weights
from core.config import RunConfig
from core.frameworks import numpy_scratch
from core.frameworks.numpy_scratch import (
    ConvLayer,
    DenseLayer,
    DropoutLayer,
    FlattenLayer,
    PoolLayer,
    ReluLayer,
)
from support.made_arrays import normal

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def torch_process():
    """One child process that holds PyTorch for all tests of this file."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        yield process


def torch_layer(kind, settings, inputs, weights):
    """One layer in PyTorch, on tensors in the shared layout."""
    import torch.nn.functional as F

    match kind:
        case "conv":
            size, channels_first = settings["size"], inputs.permute(0, 3, 1, 2)
            if settings["padding"] == "same":
                before, after = (size - 1) // 2, size // 2
                channels_first = F.pad(channels_first, (before, after, before, after))
            outputs = F.conv2d(channels_first, weights[0].permute(3, 2, 0, 1), weights[1])
            return outputs.permute(0, 2, 3, 1)
        case "pool":
            return F.max_pool2d(inputs.permute(0, 3, 1, 2), settings["size"]).permute(0, 2, 3, 1)
        case "dense":
            return F.linear(inputs, weights[0].T, weights[1])
        case "relu":
            return F.relu(inputs)
        case "flatten":
            return inputs.flatten(start_dim=1)
        case "dropout":  # the masks of the layer under test
            return inputs * _tensor(settings["factors"])


def layer_by_autograd(kind, settings, inputs, weights, gradient):
    """Outputs, input gradient and weight gradients of one layer."""
    inputs = _tensor(inputs).requires_grad_()
    weights = [_tensor(weight).requires_grad_() for weight in weights]
    outputs = torch_layer(kind, settings, inputs, weights)
    outputs.backward(_tensor(gradient))
    return outputs.detach().numpy(), inputs.grad.numpy(), [weight.grad.numpy() for weight in weights]


def network_by_autograd(layers, weights, images, labels):
    """Logits, loss and the gradients of all weights."""
    from torch.nn import functional

    weights = [_tensor(weight).requires_grad_() for weight in weights]
    activation, rest = _tensor(images), list(weights)
    for kind, settings in layers:
        used = [rest.pop(0), rest.pop(0)] if kind in ("conv", "dense") else []
        activation = torch_layer(kind, settings, activation, used)
    loss = functional.cross_entropy(activation, _tensor(labels))
    loss.backward()
    return activation.detach().numpy(), loss.item(), [weight.grad.numpy() for weight in weights]


def cross_entropy_by_autograd(logits, labels):
    """Loss and d loss / d logits."""
    from torch.nn import functional

    logits = _tensor(logits).requires_grad_()
    loss = functional.cross_entropy(logits, _tensor(labels))
    loss.backward()
    return loss.item(), logits.grad.numpy()


def steps_by_torch(name, settings, start, gradients):
    """The weight after each step of a PyTorch optimizer that is fed these gradients."""
    import torch

    weight = _tensor(start)
    optimizer = getattr(torch.optim, name)([weight], **settings)
    seen = []
    for gradient in gradients:
        weight.grad = _tensor(gradient)
        optimizer.step()
        seen.append(weight.numpy().copy())
    return seen


def _tensor(array):
    import torch

    tensor = torch.tensor(array)
    return tensor.double() if tensor.is_floating_point() else tensor


def conv(size, padding, channels=3, filters=4):
    return ConvLayer(normal(size, size, channels, filters), normal(filters), padding)


LAYERS = {
    "conv 3 same": ("conv", conv(3, "same"), normal(10, 8, 7, 3)),
    "conv 3 valid": ("conv", conv(3, "valid"), normal(10, 8, 7, 3)),
    "conv 5 same": ("conv", conv(5, "same"), normal(2, 6, 9, 3)),
    "conv 5 valid": ("conv", conv(5, "valid"), normal(2, 6, 9, 3)),
    "conv 2 same": ("conv", conv(2, "same"), normal(2, 6, 5, 3)),
    "conv 2 valid": ("conv", conv(2, "valid"), normal(2, 6, 5, 3)),
    "conv 1": ("conv", conv(1, "same"), normal(2, 4, 4, 3)),
    "conv of one channel": ("conv", conv(3, "same", channels=1), normal(1, 5, 5, 1)),
    "dense": ("dense", DenseLayer(normal(12, 5), normal(5)), normal(7, 12)),
    "relu": ("relu", ReluLayer(), normal(3, 4, 5, 2)),
    "relu of zeros": ("relu", ReluLayer(), np.zeros((3, 4), np.float32)),
    "pool": ("pool", PoolLayer(2), normal(3, 6, 8, 2)),
    "pool of odd size": ("pool", PoolLayer(2), normal(3, 7, 5, 2)),
    "pool 3": ("pool", PoolLayer(3), normal(2, 8, 10, 2)),
    "flatten": ("flatten", FlattenLayer(), normal(2, 3, 4, 5)),
    "dropout": ("dropout", DropoutLayer(0.4, np.random.default_rng(0)), normal(6, 50)),
}


def settings_of(layer):
    return {name: value for name, value in vars(layer).items() if name in ("size", "factors")} | {
        "padding": "valid" if getattr(layer, "margin", (0, 0)) == (0, 0) else "same"
    }


@pytest.mark.parametrize("name", LAYERS)
def test_layer_agrees_with_autograd_forward_and_backward(name, torch_process):
    kind, layer, inputs = LAYERS[name]
    before = inputs.copy()
    outputs = layer.forward(inputs, training=True)
    gradient = normal(*outputs.shape)
    ours = outputs, layer.input_gradient(gradient, inputs, outputs), layer.weight_gradients(gradient, inputs)
    theirs = torch_process.submit(
        layer_by_autograd, kind, settings_of(layer), inputs, layer.weights, gradient
    ).result()

    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-5, atol=1e-5)
    for our_gradient, their_gradient in zip(ours[2], theirs[2], strict=True):
        np.testing.assert_allclose(our_gradient, their_gradient, rtol=1e-5, atol=2e-5)
    np.testing.assert_array_equal(inputs, before)  # a layer leaves its inputs alone
    np.testing.assert_array_equal(gradient, normal(*outputs.shape))


@pytest.mark.parametrize("size", [(6, 6), (7, 9)])
def test_pool_gives_the_gradient_to_the_first_of_equal_pixels(size, torch_process):
    images = np.random.default_rng(0).integers(0, 3, (5, *size, 4)).astype(np.float32)
    layer = PoolLayer(2)
    outputs = layer.forward(images, training=True)
    gradient = normal(*outputs.shape)
    ours = layer.input_gradient(gradient, images, outputs)
    _, theirs, _ = torch_process.submit(layer_by_autograd, "pool", {"size": 2}, images, [], gradient).result()
    np.testing.assert_array_equal(ours, theirs)
    assert (ours != 0).sum() == gradient.size


def test_pool_of_a_flat_image_keeps_the_sum_of_the_gradient():
    images, layer = np.full((1, 4, 4, 1), 0.5, np.float32), PoolLayer(2)
    gradient = np.array([[1, 2], [3, 4]], np.float32).reshape(1, 2, 2, 1)
    result = layer.input_gradient(gradient, images, layer.forward(images, training=True))
    expected = [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(result[0, :, :, 0], expected)


def torch_layers(model):
    """The same network in the words of `torch_layer`, with the dropout masks of the last forward pass."""
    return [
        (type(layer).__name__.removesuffix("Layer").lower(), settings_of(layer)) for layer in model.layers
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_backpropagates_as_autograd_does(preset, torch_process):
    architecture = build_architecture(preset)
    model = numpy_scratch.build(architecture, initial_weights(architecture, seed=3), seed=1)
    images, labels = normal(9, 28, 28, 1), np.arange(9) % architecture.classes
    activations = model.forward(images, training=True)
    loss, gradient = numpy_scratch.cross_entropy(activations[-1], labels)
    gradients = model.backward(activations, gradient)
    logits, true_loss, true_gradients = torch_process.submit(
        network_by_autograd, torch_layers(model), model.weights, images, labels
    ).result()

    np.testing.assert_allclose(activations[-1], logits, atol=1e-5)
    assert loss == pytest.approx(true_loss, abs=1e-5)
    for ours, theirs in zip(gradients, true_gradients, strict=True):
        assert np.abs(ours - theirs).max() <= 1e-5 * max(1, np.abs(theirs).max())
        assert np.abs(theirs).max() > 1e-4  # the comparison means something


def test_a_deep_odd_sized_network_backpropagates_as_autograd_does(torch_process):
    architecture = build_architecture("small-cnn", filters=(3, 5, 4), dense_units=7, dropout=0.5)
    model = numpy_scratch.build(architecture, seed=4)  # its own He start
    images, labels = normal(11, 28, 28, 1), np.arange(11) % 10
    activations = model.forward(images, training=True)
    loss, gradient = numpy_scratch.cross_entropy(activations[-1], labels)
    gradients = model.backward(activations, gradient)
    _, true_loss, true_gradients = torch_process.submit(
        network_by_autograd, torch_layers(model), model.weights, images, labels
    ).result()

    assert loss == pytest.approx(true_loss, abs=1e-5)
    for ours, theirs in zip(gradients, true_gradients, strict=True):
        assert np.abs(ours - theirs).max() <= 1e-5 * max(1, np.abs(theirs).max())


def test_cross_entropy_agrees_with_autograd_and_survives_huge_logits(torch_process):
    logits, labels = 5 * normal(6, 10), np.array([0, 3, 9, 5, 1, 1])
    logits[4:] *= 1000
    loss, gradient = numpy_scratch.cross_entropy(logits, labels)
    true_loss, true_gradient = torch_process.submit(cross_entropy_by_autograd, logits, labels).result()
    assert loss == pytest.approx(true_loss, rel=1e-6)
    np.testing.assert_allclose(gradient, true_gradient, atol=1e-6)
    assert gradient.dtype == np.float32


TORCH_OPTIMIZERS = {
    "sgd": ("SGD", lambda constants: {"momentum": 0.9}),
    "adam": (
        "Adam",
        lambda constants: {
            "betas": (constants.get("beta_1", 0.9), constants.get("beta_2", 0.999)),
            "eps": constants.get("epsilon", 1e-8),
        },
    ),
    "rmsprop": (
        "RMSprop",
        lambda constants: {"alpha": constants.get("rho", 0.9), "eps": constants.get("epsilon", 1e-7)},
    ),
    "adadelta": (
        "Adadelta",
        lambda constants: {"rho": constants.get("rho", 0.95), "eps": constants.get("epsilon", 1e-6)},
    ),
}


@pytest.mark.parametrize("protocol", ["controlled", "as-is"])
@pytest.mark.parametrize("name", TORCH_OPTIMIZERS)
def test_optimizer_steps_as_the_one_of_torch(name, protocol, torch_process):
    config = RunConfig(framework="numpy_scratch", optimizer=name, protocol=protocol)
    optimizer = numpy_scratch._optimizer(config)
    # Sizes from 1 to 1e-7, where it matters on which side of the root epsilon stands; from zero, so
    # that small changes are not lost in large weights.
    sizes = np.float32(10.0) ** -np.arange(8)
    gradients = [normal(40, 8, step)[..., 0] * sizes for step in range(1, 21)]
    start, rate = np.zeros((40, 8), np.float32), 1.0 if name == "adadelta" else 0.01
    torch_name, settings = TORCH_OPTIMIZERS[name]
    torch_settings = {"lr": rate, **settings(config.optimizer_constants())}
    theirs = torch_process.submit(steps_by_torch, torch_name, torch_settings, start, gradients).result()

    weight, memory = start.copy(), np.zeros((2, *start.shape), np.float32)
    for step, gradient in enumerate(gradients, start=1):
        weight += optimizer(gradient, memory, np.float32(rate), step)
        scale = np.abs(theirs[step - 1]).max(axis=0)
        assert (np.abs(weight - theirs[step - 1]) <= 1e-5 * scale).all()
        assert scale.min() > 0
    assert memory.dtype == weight.dtype == np.float32
