"""The network written by hand: training, dropout, predicting, saving."""

import json
import threading

import numpy as np
import pytest
from sklearn.datasets import load_digits

from core.architectures import PRESETS, Architecture, Dense, Flatten, build_architecture, initial_weights
from core.config import RunConfig
from core.contract import Callback
from core.data.batches import normalise
from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.frameworks import numpy_scratch
from core.frameworks.numpy_scratch import DropoutLayer
from support.made_arrays import normal
from support.real_data import mnist_or_digits, real_data

pytestmark = pytest.mark.frameworks

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


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "adadelta"])
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


# ── real handwriting ────────────────────────────────────────────────────────────────


def test_two_thousand_handwritten_digits_are_enough_for_85_percent():
    info = find_dataset(mnist_or_digits())
    stored = load_images(info, real_data())
    images, labels = normalise(stored.x_train[:2000], info.mean, info.std), stored.y_train[:2000]
    config = RunConfig.from_preset("numpy_scratch", "small-cnn", epochs=2)
    model = numpy_scratch.build(config.network, seed=0)
    numpy_scratch.train(model, Images(images, labels, 64), config, Callback())
    tested = normalise(stored.x_test[:1000], info.mean, info.std)
    right = numpy_scratch.predict(model, tested).argmax(axis=1) == stored.y_test[:1000]
    assert right.mean() > 0.85
