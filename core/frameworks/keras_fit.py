"""Keras: compile the model, then fit does the rest."""

import keras
import numpy as np
import tensorflow as tf
from scipy.special import softmax

from core.architectures import Architecture, Conv, Dense, Dropout, Flatten, Pool, Relu

RUNTIME = "tensorflow"
MODEL_FILE = "model.keras"
PACKAGES = {"tensorflow": "tensorflow", "keras": "keras"}  # import name: name on PyPI
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


def build(architecture: Architecture, weights: list[np.ndarray] | None = None, seed: int = 0) -> keras.Model:
    """The network as Keras layers that return logits."""
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
    return model


def train(model: keras.Model, data, config, callback) -> None:
    """One call of fit for every epoch; forward, loss, gradients and step happen inside it."""
    # Compiling with XLA takes long and makes this small network slower on a CPU.
    model.compile(
        optimizer=_optimizer(config),  # optimizer
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),  # loss
        metrics=["accuracy"],  # metrics
        jit_compile=False,
    )
    callbacks = [Report(callback)]
    if config.schedule != "constant":
        callbacks.append(Schedule(config.learning_rates(data.steps_per_epoch)))
    with tf.device("/GPU:0" if config.device == "cuda" else "/CPU:0"):
        for epoch in range(config.epochs):
            # Keras would shuffle by itself; `epoch` brings the images in the order of this run.
            model.fit(  # forward, loss, backward, step, metrics
                *data.epoch(epoch),  # data
                batch_size=config.batch_size,
                initial_epoch=epoch,
                epochs=epoch + 1,
                shuffle=False,
                callbacks=callbacks,
                verbose=0,
            )


class Report(keras.callbacks.Callback):
    """Passes on what Keras reports: its logs hold the running means of the epoch."""

    def __init__(self, callback):
        super().__init__()
        self.callback, self.step = callback, 0

    def on_train_batch_end(self, batch, logs):
        """Keras calls this after every step."""
        self.step += 1
        self.callback.on_batch_end(self.step, logs["loss"], logs["accuracy"])  # metrics

    def on_epoch_end(self, epoch, logs):
        """Keras calls this after every epoch."""
        self.callback.on_epoch_end(epoch, logs["loss"], logs["accuracy"], self.model)


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
    """The optimizer, with the shared constants (none under "as-is")."""
    constants = config.optimizer_constants()
    match config.optimizer:
        case "sgd":
            return keras.optimizers.SGD(config.learning_rate, momentum=config.momentum, **constants)
        case "adam":
            return keras.optimizers.Adam(config.learning_rate, **constants)
        case "rmsprop":
            # Keras adds epsilon under the square root, others outside.
            if constants:
                constants["epsilon"] **= 2
            return keras.optimizers.RMSprop(config.learning_rate, **constants)
        case "adadelta":
            return keras.optimizers.Adadelta(config.learning_rate, **constants)


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Probabilities, a thousand images at a time."""
    # Keras's `predict` would do, but sets up a pipeline that one image is not worth.
    batches = np.split(images, range(1000, len(images), 1000))  # data
    # Forward, softmax.
    return softmax(np.concatenate([model.predict_on_batch(batch) for batch in batches]), axis=1)


def get_weights(model: keras.Model) -> list[np.ndarray]:
    """The weights in the shared layout, which is Keras's own."""
    return model.get_weights()


def save(model: keras.Model, path) -> None:
    """Layers and weights in one .keras file; a copy leaves the optimizer's state behind."""
    copy = keras.Sequential.from_config(model.get_config())  # layers
    copy.set_weights(model.get_weights())  # weights
    copy.save(path)  # file


def load(path) -> keras.Model:
    """A model that can predict; safe mode refuses files that carry code."""
    return keras.models.load_model(path, compile=False, safe_mode=True)  # file, layers, weights
