"""The network written by hand against PyTorch's autograd and optimizers.

PyTorch runs in a child process, because other tests need TensorFlow and the two crash together.
The reference computes in float64, so what is left of a difference is the float32 rounding of ours.
"""

import json
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from core.architectures import PRESETS, Architecture, Dense, Flatten, build_architecture, initial_weights
from core.config import RunConfig
from core.contract import Callback
from core.frameworks import numpy_scratch
from core.frameworks.numpy_scratch import (
    ConvLayer,
    DenseLayer,
    DropoutLayer,
    FlattenLayer,
    PoolLayer,
    ReluLayer,
)

RNG_SEED = 20


@pytest.fixture(scope="module")
def torch_process():
    """One child process that holds PyTorch for all tests of this file."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        yield process


# ── what the child process computes ─────────────────────────────────────────────────


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


# ── gradients ───────────────────────────────────────────────────────────────────────


def normal(*shape):
    return np.random.default_rng([RNG_SEED, *shape]).standard_normal(shape).astype(np.float32)


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


# ── optimizers ──────────────────────────────────────────────────────────────────────

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


# ── training ────────────────────────────────────────────────────────────────────────


class Images:
    """Training data in a fixed order."""

    def __init__(self, images, labels, batch_size):
        self.x_train, self.y_train, self.batch_size = images, labels, batch_size
        self.steps_per_epoch = -(-len(images) // batch_size)

    def epoch(self, epoch):
        order = np.random.default_rng(epoch).permutation(len(self.x_train))
        return self.x_train[order], self.y_train[order]

    def batches(self, epoch):
        images, labels = self.epoch(epoch)
        for start in range(0, len(images), self.batch_size):
            yield images[start : start + self.batch_size], labels[start : start + self.batch_size]


class Record(Callback):
    """Copies of the weights after every step."""

    def __init__(self, model):
        self.model, self.weights, self.reports = model, [], []

    def on_batch_end(self, step, loss, accuracy):
        self.weights.append(numpy_scratch.get_weights(self.model))
        self.reports.append((step, loss, accuracy))


def real_digits(count):
    """Handwritten digits of 8 × 8 pixels, enlarged to 24 × 24 inside 28 × 28."""
    digits = load_digits()
    images = np.kron(digits.images[:count], np.ones((3, 3))) / 16
    images = np.pad(images, ((0, 0), (2, 2), (2, 2)))[..., None].astype(np.float32)
    return images, digits.target[:count].astype(np.int64)


def trained(preset="small-cnn", images=64, callback=None, **changes):
    config = RunConfig.from_preset("numpy_scratch", preset, **changes)
    model = numpy_scratch.build(config.network, initial_weights(config.network, 0), seed=config.seed)
    data = Images(*real_digits(images), config.batch_size)
    numpy_scratch.train(model, data, config, callback(model) if callback else Callback())
    return model


@pytest.mark.parametrize("optimizer", TORCH_OPTIMIZERS)
def test_each_optimizer_learns_real_digits(optimizer):
    rate = {"sgd": 0.05, "adadelta": 1.0}.get(optimizer, 2e-3)
    model = trained(
        images=800,
        optimizer=optimizer,
        learning_rate=rate,
        epochs=4,
        batch_size=20,
        filters=(4, 8),
        dense_units=32,
    )
    images, labels = real_digits(1000)
    accuracy = (numpy_scratch.predict(model, images[800:]).argmax(axis=1) == labels[800:]).mean()
    assert accuracy > 0.75  # 0.84 to 0.90 measured
    assert all(weight.dtype == np.float32 for weight in model.weights)


def test_all_numbers_stay_float32():
    architecture = build_architecture("wide-cnn-dropout", filters=(2, 3), dense_units=5)
    model = numpy_scratch.build(architecture, seed=0)
    activations = model.forward(normal(4, 28, 28, 1), training=True)
    _, gradient = numpy_scratch.cross_entropy(activations[-1], np.array([1, 2, 3, 4]))
    for array in [*activations, *model.weights, *model.backward(activations, gradient)]:
        assert array.dtype == np.float32


def test_every_step_uses_its_own_learning_rate():
    config = RunConfig.from_preset(
        "numpy_scratch", "tiny-mlp", optimizer="sgd", momentum=0, learning_rate=0.5, schedule="one-cycle",
        batch_size=10, epochs=2,
    )  # fmt: skip
    data = Images(*real_digits(35), config.batch_size)  # the last batch of an epoch has five images
    start = initial_weights(config.network, 0)
    model = numpy_scratch.build(config.network, start)
    record = Record(model)
    numpy_scratch.train(model, data, config, record)
    rates = config.learning_rates(data.steps_per_epoch)
    batches = [batch for epoch in range(2) for batch in data.batches(epoch)]

    assert [step for step, _, _ in record.reports] == list(range(1, 9))
    for step, (images, labels) in enumerate(batches):
        before = numpy_scratch.build(config.network, start if step == 0 else record.weights[step - 1])
        activations = before.forward(images)
        gradients = before.backward(activations, numpy_scratch.cross_entropy(activations[-1], labels)[1])
        for old, new, gradient in zip(before.weights, record.weights[step], gradients, strict=True):
            np.testing.assert_allclose(new, old - rates[step] * gradient, atol=1e-6)


def test_reported_loss_and_accuracy_are_means_over_the_epoch_so_far():
    config = RunConfig.from_preset("numpy_scratch", "tiny-mlp", learning_rate=1e-9, batch_size=10, epochs=1)
    model = numpy_scratch.build(config.network, initial_weights(config.network, 0))
    data, record = Images(*real_digits(25), 10), Record(model)
    numpy_scratch.train(model, data, config, record)
    images, labels = data.epoch(0)  # at this learning rate the model stays what it was
    probabilities = numpy_scratch.predict(model, images)
    losses = -np.log(probabilities[np.arange(25), labels])
    for step, loss, accuracy in record.reports:
        seen = min(10 * step, 25)
        assert loss == pytest.approx(losses[:seen].mean(), abs=1e-5)
        assert accuracy == pytest.approx((probabilities.argmax(axis=1) == labels)[:seen].mean())


def test_same_seed_gives_the_same_weights_and_another_seed_others():
    settings = dict(preset="wide-cnn-dropout", filters=(2, 3), dense_units=8, epochs=2, batch_size=20)
    once, again, other = (trained(**settings, seed=seed).weights for seed in (1, 1, 2))
    for first, second in zip(once, again, strict=True):
        np.testing.assert_array_equal(first, second)
    assert any((first != third).any() for first, third in zip(once, other, strict=True))


def test_predicting_during_training_changes_nothing():
    class Predict(Callback):
        def __init__(self, model):
            self.model = model

        def on_batch_end(self, step, loss, accuracy):
            numpy_scratch.predict(self.model, real_digits(3)[0])

    settings = dict(preset="wide-cnn-dropout", filters=(2, 3), dense_units=8, epochs=2, batch_size=20)
    for alone, watched in zip(
        trained(**settings).weights, trained(**settings, callback=Predict).weights, strict=True
    ):
        np.testing.assert_array_equal(alone, watched)


def test_dropout_keeps_the_mean_and_the_rate():
    layer, inputs = DropoutLayer(0.3, np.random.default_rng(5)), np.ones((200, 500), np.float32)
    outputs = layer.forward(inputs, training=True)
    spread = np.sqrt(0.3 * 0.7 / inputs.size)  # of the fraction, by the binomial distribution
    assert (outputs == 0).mean() == pytest.approx(0.3, abs=4 * spread)
    assert outputs.mean() == pytest.approx(1, abs=4 * spread / 0.7)
    np.testing.assert_allclose(np.unique(outputs), [0, 1 / 0.7], rtol=1e-6)
    assert (layer.forward(inputs, training=True) != outputs).any()  # new masks for every batch
    np.testing.assert_array_equal(layer.forward(inputs, training=False), inputs)


def test_own_initial_weights_are_he_normal():
    architecture = build_architecture("wide-cnn")
    weights = numpy_scratch.get_weights(numpy_scratch.build(architecture, seed=7))
    assert [weight.shape for weight in weights] == architecture.weight_shapes()
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        assert not bias.any()
        fan_in = kernel[..., 0].size
        tolerance = 5 / np.sqrt(2 * kernel.size)  # five standard errors of a standard deviation
        assert kernel.std() == pytest.approx(np.sqrt(2 / fan_in), rel=tolerance)


# ── predicting, saving ──────────────────────────────────────────────────────────────


def test_predictions_do_not_depend_on_how_many_images_come_together():
    architecture = build_architecture("small-cnn", filters=(3, 4), dense_units=9)
    model = numpy_scratch.build(architecture, seed=2)
    images = normal(217, 28, 28, 1)
    together = numpy_scratch.predict(model, images)
    one_by_one = np.concatenate([numpy_scratch.predict(model, image[None]) for image in images])
    np.testing.assert_allclose(together, one_by_one, atol=1e-6)
    assert together.shape == (217, 10)
    assert together.dtype == np.float32
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)


def test_several_threads_can_predict_with_one_model():
    architecture = build_architecture("wide-cnn", filters=(4, 6), dense_units=9)
    model = numpy_scratch.build(architecture, seed=2)
    pictures = [normal(5 + number, 28, 28, 1) for number in range(6)]
    expected = [numpy_scratch.predict(model, images) for images in pictures]
    answers = {}

    def visitor(number):
        answers[number] = [numpy_scratch.predict(model, pictures[number]) for _ in range(5)]

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(6):
        for answer in answers[number]:
            np.testing.assert_allclose(answer, expected[number], atol=1e-6)


def test_build_copies_the_shared_weights():
    architecture = build_architecture("tiny-mlp")
    shared = initial_weights(architecture, 0)
    model = numpy_scratch.build(architecture, shared)
    model.weights[0] += 1
    np.testing.assert_array_equal(shared[0], initial_weights(architecture, 0)[0])


@pytest.mark.parametrize("preset", PRESETS)
def test_saved_model_predicts_the_same(preset, tmp_path):
    model = numpy_scratch.build(build_architecture(preset), seed=6)
    path = tmp_path / numpy_scratch.MODEL_FILE
    numpy_scratch.save(model, path)
    loaded = numpy_scratch.load(path)
    images = normal(3, 28, 28, 1)
    np.testing.assert_array_equal(numpy_scratch.predict(loaded, images), numpy_scratch.predict(model, images))
    assert loaded.architecture == model.architecture
    with np.load(path, allow_pickle=False) as file:
        assert json.loads(str(file["architecture"]))["name"] == preset


def test_a_file_with_pickled_objects_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, architecture=np.array({"name": "evil"}, dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        numpy_scratch.load(path)


def test_more_than_ten_weight_arrays_come_back_in_order(tmp_path):
    layers = (Flatten(), *(Dense(units) for units in (9, 8, 7, 6, 5, 4, 10)))
    architecture = Architecture("deep", layers)
    model = numpy_scratch.build(architecture, seed=1)
    numpy_scratch.save(model, tmp_path / "model.npz")
    for saved, loaded in zip(model.weights, numpy_scratch.load(tmp_path / "model.npz").weights, strict=True):
        np.testing.assert_array_equal(saved, loaded)


# ── real MNIST ──────────────────────────────────────────────────────────────────────


@pytest.mark.skipif("DIGIT_DERBY_DATA" not in os.environ, reason="DIGIT_DERBY_DATA does not point at MNIST")
def test_two_thousand_mnist_images_are_enough_for_85_percent():
    folder = Path(os.environ["DIGIT_DERBY_DATA"]) / "MNIST" / "raw"
    images = np.fromfile(folder / "train-images-idx3-ubyte", np.uint8, offset=16).reshape(-1, 28, 28, 1)
    labels = np.fromfile(folder / "train-labels-idx1-ubyte", np.uint8, offset=8).astype(np.int64)
    images = (images[:3000] / np.float32(255) - np.float32(0.1307)) / np.float32(0.3081)
    config = RunConfig.from_preset("numpy_scratch", "small-cnn", epochs=2)
    model = numpy_scratch.build(config.network, seed=0)
    numpy_scratch.train(model, Images(images[:2000], labels[:2000], 64), config, Callback())
    right = numpy_scratch.predict(model, images[2000:]).argmax(axis=1) == labels[2000:3000]
    assert right.mean() > 0.85
