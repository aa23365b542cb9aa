"""Trains the networks that judge likeness, with PyTorch.

A network tells apart the ten digits and every kind of picture that is none, each letter and each shape a
class of its own: it must find out what makes an A, not only that it is no digit. Likeness is the sum of
the ten digits' probabilities.
"""

import cv2
import numpy as np
import torch
from likeness_pictures import Pictures
from torch import nn

from core.architectures import Architecture, Conv, Dense, Dropout, Flatten, Pool, Relu
from core.data.augmentation import Strength, augment

BATCH = 256
EPOCHS = 4
PEAK = 4e-3  # the learning rate at the top of its one cycle
# Other pens, scanners and hands than those that were learned from; half of the pictures meet it.
STRENGTH = Strength(rotation=10, shear=0.2, scale=0.08, aspect=0.1, shift=1, thicker=0.8, thinner=0.4)
THREADS = 1


def architecture(classes: int) -> Architecture:
    """Three convolutions with pooling, one hidden layer."""
    layers = (
        *(Conv(12), Relu(), Pool(), Conv(24), Relu(), Pool(), Conv(48), Relu(), Pool()),
        *(Flatten(), Dropout(0.25), Dense(96), Relu(), Dropout(0.25), Dense(classes)),
    )
    return Architecture("likeness", layers)


def class_names(kinds: np.ndarray) -> list[str]:
    """The digits first, then everything else in alphabetical order."""
    return sorted(set(kinds), key=lambda kind: (not kind.isdigit(), kind))


def train(pictures: Pictures, seed: int, epochs: int = EPOCHS) -> tuple[Architecture, list[np.ndarray]]:
    """A network and its weights in the shared layout (see `Architecture.weight_shapes`)."""
    torch.set_num_threads(THREADS)
    cv2.setNumThreads(THREADS)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    names = class_names(pictures.kinds)
    assert "".join(names[:10]) == "0123456789"
    plan = architecture(len(names))
    labels = torch.from_numpy(np.searchsorted(names[10:], pictures.kinds) + 10)
    digits = torch.from_numpy(pictures.are_digits)
    labels[digits] = torch.from_numpy(pictures.kinds[pictures.are_digits].astype(np.int64))
    model = _module(plan).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=0.01)
    steps = len(labels) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK, total_steps=epochs * steps)
    for epoch in range(epochs):
        order = rng.permutation(len(labels))
        total = 0.0
        for start in range(0, steps * BATCH, 16 * BATCH):
            chosen = order[start : min(start + 16 * BATCH, steps * BATCH)]
            images = pictures.images[chosen].copy()
            images[::2] = augment(images[::2], rng, STRENGTH)
            inputs = torch.from_numpy(images).float().div_(255)[:, None]
            mixed = rng.permutation(len(chosen))
            for part in torch.from_numpy(mixed).split(BATCH):
                logits = model(inputs[part].contiguous(memory_format=torch.channels_last))
                target = labels[chosen[part]]
                loss = nn.functional.cross_entropy(logits, target, label_smoothing=0.02)
                loss = loss + _digit_loss(logits, target)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                total += loss.item()
        print(f"seed {seed}, epoch {epoch + 1} of {epochs}: loss {total / steps:.4f}", flush=True)
    return plan, _shared_layout(model.eval(), plan)


def _digit_loss(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of "digit or not", from the same logits: what the networks are for."""
    digit = torch.logsumexp(logits[:, :10], 1) - torch.logsumexp(logits[:, 10:], 1)
    return nn.functional.binary_cross_entropy_with_logits(digit, (target < 10).float())


def _module(plan: Architecture) -> nn.Sequential:
    """The layers in PyTorch."""
    modules: list[nn.Module] = []
    shape: tuple[int, ...] = plan.input_shape
    for layer, output in zip(plan.layers, plan.shapes(), strict=True):
        match layer:
            case Conv(filters, kernel):
                modules.append(nn.Conv2d(shape[-1], filters, kernel, padding="same"))
            case Relu():
                modules.append(nn.ReLU())
            case Pool(size):
                modules.append(nn.MaxPool2d(size))
            case Dropout(rate):
                modules.append(nn.Dropout(rate))
            case Flatten():
                modules.append(nn.Flatten())
            case Dense(units):
                modules.append(nn.Linear(shape[0], units))
        shape = output
    return nn.Sequential(*modules)


def _shared_layout(model: nn.Sequential, plan: Architecture) -> list[np.ndarray]:
    """Kernels (height, width, in, out), matrices (in, out); rows after flatten with channels last."""
    arrays: list[np.ndarray] = []
    before: tuple[int, ...] = ()
    shape: tuple[int, ...] = plan.input_shape
    for layer, module, output in zip(plan.layers, model, plan.shapes(), strict=True):
        if isinstance(layer, Flatten):
            before = shape
        if isinstance(layer, Conv | Dense):
            weight, bias = (parameter.detach().numpy() for parameter in module.parameters())
            if isinstance(layer, Conv):
                weight = weight.transpose(2, 3, 1, 0)
            else:
                if before:
                    height, width, channels = before
                    weight = weight.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
                    weight, before = weight.reshape(len(weight), -1), ()
                weight = weight.T
            arrays += [np.ascontiguousarray(weight), bias.copy()]
        shape = output
    return arrays
