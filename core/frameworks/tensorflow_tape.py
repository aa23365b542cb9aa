"""TensorFlow: a training step of your own, recorded by GradientTape."""

import keras
import numpy as np
import tensorflow as tf

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
    """Forward, loss, gradients, step: once for every batch."""
    optimizer = _optimizer(config)  # optimizer
    optimizer.build(model.trainable_variables)  # optimizer
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)  # loss
    mean_loss = keras.metrics.Mean()  # metrics
    accuracy = keras.metrics.SparseCategoricalAccuracy()  # metrics
    learning_rates = config.learning_rates(data.steps_per_epoch)

    # The first call traces this Python function into a graph; later calls run the graph. The
    # signature leaves the batch size open, so that the last, smaller batch needs no second one.
    batch_of_images = tf.TensorSpec([None, *data.x_train.shape[1:]], tf.float32)
    batch_of_labels = tf.TensorSpec([None], tf.int64)

    @tf.function(input_signature=[batch_of_images, batch_of_labels])
    def train_step(images, labels):
        with tf.GradientTape() as tape:  # backward: the tape remembers the way forward
            logits = model(images, training=True)  # forward
            loss = cross_entropy(labels, logits)  # loss
        gradients = tape.gradient(loss, model.trainable_variables)  # backward
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))  # step

        # Metrics: running means of this epoch.
        mean_loss.update_state(loss, sample_weight=tf.shape(labels)[0])
        accuracy.update_state(labels, logits)
        return mean_loss.result(), accuracy.result()

    step = 0
    with tf.device("/GPU:0" if config.device == "cuda" else "/CPU:0"):
        for epoch in range(config.epochs):
            mean_loss.reset_state()
            accuracy.reset_state()
            for images, labels in data.batches(epoch):  # data
                if config.schedule != "constant":  # optimizer
                    optimizer.learning_rate = learning_rates[step]  # optimizer
                so_far = train_step(images, labels)
                step += 1
                callback.on_batch_end(step, *so_far)  # metrics
            callback.on_epoch_end(epoch, *so_far, model)  # metrics


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
    batches = np.split(images, range(1000, len(images), 1000))  # data
    return np.concatenate([_probabilities(model, batch) for batch in batches])


@tf.function(reduce_retracing=True)
def _probabilities(model, images):
    return tf.nn.softmax(model(images, training=False))  # forward, softmax


def get_weights(model: keras.Model) -> list[np.ndarray]:
    """The weights in the shared layout, which is Keras's own."""
    return model.get_weights()


def save(model: keras.Model, path) -> None:
    """Layers and weights in one .keras file; the optimizer lives in `train` and stays outside."""
    model.save(path)  # layers, weights, file


def load(path) -> keras.Model:
    """A model that can predict; safe mode refuses files that carry code."""
    return keras.models.load_model(path, compile=False, safe_mode=True)  # file, layers, weights
