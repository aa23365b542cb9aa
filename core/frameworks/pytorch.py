"""PyTorch: you write the training loop."""

import numpy as np
import torch
from torch import nn

from core.architectures import Architecture, Conv, Dense, Dropout, Flatten, Pool, Relu, from_plain, to_plain

RUNTIME = "torch"
MODEL_FILE = "model.pt"
PACKAGES = {"torch": "torch"}  # import name: name on PyPI


def devices() -> list[str]:
    """What PyTorch finds on this machine, best first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    found += ["mps"] if torch.backends.mps.is_available() else []
    return [*found, "cpu"]


def build(
    architecture: Architecture, weights: list[np.ndarray] | None = None, seed: int = 0
) -> nn.Sequential:
    """The network as a plain nn.Sequential that returns logits."""
    # Seed: decides PyTorch's own initial weights and the dropout masks. On a GPU, cuDNN may
    # not pick kernels that add up in a different order each time.
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True

    # Layers.
    layers: list[nn.Module] = []
    input_shapes = [architecture.input_shape, *architecture.shapes()[:-1]]
    for layer, shape in zip(architecture.layers, input_shapes, strict=True):
        match layer:
            case Conv(filters, kernel, padding):
                layers.append(nn.Conv2d(shape[-1], filters, kernel, padding=padding))
            case Relu():
                layers.append(nn.ReLU())
            case Pool(size):
                layers.append(nn.MaxPool2d(size))
            case Dropout(rate):
                layers.append(nn.Dropout(rate))
            case Flatten():
                layers.append(FlattenChannelsLast())
            case Dense(units):
                layers.append(nn.Linear(shape[0], units))
    model = nn.Sequential(*layers)
    model.architecture = architecture  # type: ignore[assignment]  # for torch a tensor or a module

    # Weights: kernels are (height, width, in, out) in the shared layout, (out, in, height, width) here.
    if weights is not None:
        with torch.no_grad():
            for parameter, array in zip(model.parameters(), weights, strict=True):
                array = array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T
                parameter.copy_(torch.from_numpy(array.copy()))

    # Keeping the channels of a pixel side by side in memory makes convolutions on a CPU faster.
    return model.to(memory_format=torch.channels_last)


class FlattenChannelsLast(nn.Module):
    """Flattens row by row, pixel by pixel, as the other frameworks do; nn.Flatten goes channel first."""

    def forward(self, images):
        """(batch, channels, height, width) → (batch, values)."""
        return images.permute(0, 2, 3, 1).flatten(start_dim=1)


def train(model: nn.Sequential, data, config, callback) -> None:
    """Forward, loss, backward, step: once for every batch."""
    model.to(config.device)
    optimizer = _optimizer(model, config)  # optimizer
    learning_rates = config.learning_rates(data.steps_per_epoch)
    step = 0
    for epoch in range(config.epochs):
        model.train()
        seen, loss_sum, correct = 0, torch.zeros((), device=config.device), 0
        for images, labels in data.batches(epoch):  # data
            # Data: PyTorch wants (batch, channels, height, width).
            images = torch.from_numpy(images).permute(0, 3, 1, 2).to(config.device)
            labels = torch.from_numpy(labels).to(config.device)
            if config.schedule != "constant":  # optimizer
                _set_learning_rate(optimizer, config, learning_rates, step)  # optimizer

            logits = model(images)  # forward
            loss = nn.functional.cross_entropy(logits, labels)  # loss
            optimizer.zero_grad()  # backward
            loss.backward()  # backward
            optimizer.step()  # step

            # Metrics: running means of this epoch; they stay tensors, so that a GPU need not wait.
            step += 1
            seen += len(labels)
            loss_sum += loss.detach() * len(labels)
            correct += (logits.argmax(1) == labels).sum()
            callback.on_batch_end(step, loss_sum / seen, correct / seen)
        callback.on_epoch_end(epoch, loss_sum / seen, correct / seen, model)


def _optimizer(model, config):
    """The optimizer, with the shared constants under PyTorch's names (none under "as-is")."""
    shared = config.optimizer_constants()
    constants = {"lr": config.learning_rate}
    if "beta_1" in shared:
        constants["betas"] = (shared["beta_1"], shared["beta_2"])
    if "epsilon" in shared:
        constants["eps"] = shared["epsilon"]
    if "rho" in shared:
        constants["alpha" if config.optimizer == "rmsprop" else "rho"] = shared["rho"]
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD(model.parameters(), momentum=config.momentum, **constants)
        case "adam":
            return torch.optim.Adam(model.parameters(), fused=True, **constants)
        case "rmsprop":
            return torch.optim.RMSprop(model.parameters(), **constants)
        case "adadelta":
            return torch.optim.Adadelta(model.parameters(), **constants)


def _set_learning_rate(optimizer, config, learning_rates, step):
    """Follows the schedule; with momentum, what was gained earlier keeps its size.

    PyTorch multiplies the whole velocity by the present rate, others only the new gradient.
    """
    rate = float(learning_rates[step])
    for group in optimizer.param_groups:
        if config.optimizer == "sgd":
            group["momentum"] = config.momentum * float(learning_rates[max(step - 1, 0)]) / rate
        group["lr"] = rate


def predict(model: nn.Sequential, images: np.ndarray) -> np.ndarray:
    """Probabilities, a thousand images at a time."""
    model.eval()
    device = next(model.parameters()).device
    with torch.inference_mode():
        batches = [
            model(batch.permute(0, 3, 1, 2).to(device)).softmax(dim=1).cpu()  # forward, softmax
            for batch in torch.from_numpy(images).split(1000)  # data
        ]
    return torch.cat(batches).numpy()


def get_weights(model: nn.Sequential) -> list[np.ndarray]:
    """The weights in the shared layout: `build` backwards."""
    arrays = [parameter.detach().cpu().numpy() for parameter in model.parameters()]
    return [(array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T).copy() for array in arrays]


def save(model: nn.Sequential, path) -> None:
    """The layers as plain data beside the weights, so that loading runs no code from the file."""
    # Layers, weights, file.
    torch.save({"architecture": to_plain(model.architecture), "weights": model.state_dict()}, path)  # type: ignore[arg-type]


def load(path) -> nn.Sequential:
    """A model that can predict, on the CPU."""
    saved = torch.load(path, map_location="cpu", weights_only=True)  # file
    model = build(from_plain(saved["architecture"]))  # layers
    model.load_state_dict(saved["weights"])  # weights
    return model
