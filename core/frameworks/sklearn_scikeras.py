"""scikit-learn: a Keras network behind fit, score and predict_proba."""

from functools import partial

import keras
import numpy as np
import tensorflow as tf
from scikeras.wrappers import KerasClassifier
from scipy.special import softmax
from sklearn.utils import ClassifierTags, check_array

from core.architectures import Architecture, Conv, Dense, Dropout, Flatten, Pool, Relu

RUNTIME = "tensorflow"
MODEL_FILE = "model.keras"
PACKAGES = {  # import name: name on PyPI
    "tensorflow": "tensorflow",
    "keras": "keras",
    "scikeras": "scikeras",
    "sklearn": "scikit-learn",
}
THREAD_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",  # warnings and errors only
    "TF_ENABLE_ONEDNN_OPTS": "1",  # PyTorch always computes with it, TensorFlow on some processors only
    "TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE": "false",  # what oneDNN prepared is kept for the next step
}


def devices() -> list[str]:
    """What TensorFlow finds on this machine, best first."""
    return ["cuda", "cpu"] if tf.config.list_physical_devices("GPU") else ["cpu"]


def build(
    architecture: Architecture, weights: list[np.ndarray] | None = None, seed: int = 0
) -> "DigitClassifier":
    """An estimator around Keras layers that return logits; it can predict before it was trained."""
    # Seed: decides the initial weights and the dropout masks; operations may not add up in a
    # different order each time.
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()

    # Layers.
    model = keras.Sequential([keras.Input(architecture.input_shape)])
    for layer in architecture.layers:
        match layer:
            case Conv(filters, kernel, padding):
                model.add(keras.layers.Conv2D(filters, kernel, padding=padding))
            case Relu():
                model.add(keras.layers.ReLU())
            case Pool(size):
                model.add(keras.layers.MaxPooling2D(size))
            case Dropout(rate):
                model.add(keras.layers.Dropout(rate))
            case Flatten():
                model.add(keras.layers.Flatten())
            case Dense(units):
                model.add(keras.layers.Dense(units))

    # Weights: the shared layout is Keras's own.
    if weights is not None:
        model.set_weights(weights)
    return _estimator(model)


class DigitClassifier(KerasClassifier):
    """SciKeras's classifier, with what is wrong put right."""

    def __sklearn_tags__(self):
        # Without these, scikit-learn 1.7 and later takes it for no classifier at all.
        tags = super().__sklearn_tags__()
        tags.estimator_type = "classifier"
        tags.classifier_tags = ClassifierTags()
        tags.target_tags.required = True
        return tags

    def predict_proba(self, X):
        """Probabilities from the network's logits, a thousand images at a time.

        SciKeras would give the logits, lose the first axis when there is one image, and spend most
        of the time of a single image in Keras's `predict`.
        """
        X = check_array(X, dtype=np.float32, ensure_2d=False, allow_nd=True)
        batches = np.split(X, range(1000, len(X), 1000))
        # Softmax: the network ends in logits.
        return softmax(np.concatenate([self.model_.predict_on_batch(batch) for batch in batches]), axis=1)


def _estimator(network):
    """A classifier that starts with this network; its `fit` would build the same layers afresh."""
    estimator = DigitClassifier(
        model=partial(keras.Sequential.from_config, network.get_config()),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),  # loss
        metrics=["accuracy"],  # metrics
        compile__jit_compile=False,
        verbose=0,
    )
    return _initialize(estimator, network)


def _initialize(estimator, network):
    """Gives it a copy of this network; one blank image per class tells SciKeras the shapes."""
    classes, image_shape = network.output_shape[-1], network.input_shape[1:]
    estimator.initialize(np.zeros((classes, *image_shape), np.float32), np.arange(classes))
    estimator.model_.set_weights(network.get_weights())
    return estimator


def train(estimator: DigitClassifier, data, config, callback) -> None:
    """One partial_fit for every epoch; forward, loss, gradients and step happen inside it."""
    reports = [Report(callback)]
    if config.schedule != "constant":
        reports.append(Schedule(config.learning_rates(data.steps_per_epoch)))
    # Optimizer: new settings count from the next initialisation; the weights move over.
    estimator.set_params(batch_size=config.batch_size, shuffle=False, callbacks=reports, **_optimizer(config))
    _initialize(estimator, estimator.model_)

    with tf.device("/GPU:0" if config.device == "cuda" else "/CPU:0"):
        for epoch in range(config.epochs):
            # `epoch` brings the images in the order of this run.
            estimator.partial_fit(*data.epoch(epoch))  # data, forward, loss, backward, step, metrics
            history = estimator.history_
            callback.on_epoch_end(epoch, history["loss"][-1], history["accuracy"][-1], estimator)


class Report(keras.callbacks.Callback):
    """Passes on what Keras reports: its logs hold the running means of the epoch."""

    def __init__(self, callback):
        super().__init__()
        self.callback, self.step = callback, 0

    def on_train_batch_end(self, batch, logs):
        """Keras calls this after every step."""
        self.step += 1
        self.callback.on_batch_end(self.step, logs["loss"], logs["accuracy"])  # metrics


class Schedule(keras.callbacks.Callback):
    """Sets the learning rate before every step, from a table."""

    def __init__(self, learning_rates):
        super().__init__()
        self.learning_rates, self.step = learning_rates, 0

    def on_train_batch_begin(self, batch, logs=None):
        """Keras calls this before every step."""
        self.model.optimizer.learning_rate = self.learning_rates[self.step]
        self.step += 1


def _optimizer(config):
    """The optimizer as SciKeras takes it: settings routed by their prefix (the defaults under "as-is")."""
    settings = {"learning_rate": config.learning_rate, **config.optimizer_constants()}
    if config.optimizer == "sgd":
        settings["momentum"] = config.momentum
    # Keras adds epsilon under the square root, others outside.
    if config.optimizer == "rmsprop" and "epsilon" in settings:
        settings["epsilon"] **= 2
    return {"optimizer": config.optimizer} | {f"optimizer__{name}": value for name, value in settings.items()}


def predict(estimator: DigitClassifier, images: np.ndarray) -> np.ndarray:
    """Probabilities, as any scikit-learn classifier gives them."""
    return estimator.predict_proba(images)  # data, forward, softmax


def get_weights(estimator: DigitClassifier) -> list[np.ndarray]:
    """The weights in the shared layout, which is Keras's own."""
    return estimator.model_.get_weights()


def save(estimator: DigitClassifier, path) -> None:
    """The network in one .keras file; a copy leaves the optimizer's state behind."""
    network = estimator.model_
    copy = keras.Sequential.from_config(network.get_config())  # layers
    copy.set_weights(network.get_weights())  # weights
    copy.save(path)  # file


def load(path) -> DigitClassifier:
    """An estimator that can predict; safe mode refuses files that carry code."""
    # File, layers, weights.
    return _estimator(keras.models.load_model(path, compile=False, safe_mode=True))
