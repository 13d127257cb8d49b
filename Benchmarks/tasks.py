"""The networks and data that layercake bench trains, for its peers, and layercake bench itself."""
import json
import os
import subprocess
import sys

import numpy as np
import torch

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.join(ROOT, ".build", "release", "layercake")


def circle(count, seed):
    """Half of the points in a disc of radius 2.5, half in a ring from 3.5 to 5; labels +1 and −1."""
    random = np.random.default_rng(seed)
    inner = np.arange(count) < count // 2
    radius = np.where(inner, random.uniform(0, 2.5, count), random.uniform(3.5, 5, count))
    angle = random.uniform(0, 2 * np.pi, count)
    order = random.permutation(count)
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], 1)[order].astype(np.float32)
    return x, np.where(inner, 1, -1)[order, None].astype(np.float32)


def seven(x):
    """The Playground's features of points in the plane."""
    a, b = x[:, 0], x[:, 1]
    return np.stack([a, b, a * a, b * b, a * b, np.sin(a), np.sin(b)], 1)


def clusters(count, seed, width=784):
    """Ten noisy clusters in so many dimensions, and the number of each point's."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    x = random.uniform(0, 1, (10, width))[labels] + random.uniform(-0.5, 0.5, (count, width))
    return x.astype(np.float32), labels


class Task:
    """A network with its data: sizes, activations, batch, loss."""

    def __init__(self, sizes, hidden, batch, features=lambda x: x, classes=False):
        self.sizes, self.hidden, self.batch, self.classes = sizes, hidden, batch, classes
        self.features = features
        if classes:
            # As many as `layercake bench` takes.
            self.x, self.y = clusters(batch * max(4, -(-2048 // batch)), 1)
        else:
            x, self.y = circle(250, 1)
            self.x = features(x)
        # Whole batches alone, so that JAX's loop has one shape.
        self.batches = len(self.x) // batch

    def weights(self, seed):
        random = np.random.default_rng(seed)
        result = []
        for n, m in zip(self.sizes, self.sizes[1:]):
            limit = np.sqrt(6 / n) if self.hidden == "relu" else 0.5
            result.append((random.uniform(-limit, limit, (n, m)).astype(np.float32),
                           np.full(m, 0 if self.classes else 0.1, np.float32)))
        return result


def default():
    return Task([2, 4, 2, 1], "tanh", 10)


def deep():
    return Task([7] + [8] * 6 + [1], "relu", 30, seven)


def mlp(batch=128):
    return Task([784, 512, 512, 10], "relu", batch, classes=True)


class Autoencoder:
    """A network that gives back its input, points of a bent surface, through a code of two values: tanh in between."""

    def __init__(self, sizes, batch):
        self.sizes, self.batch = sizes, batch
        random = np.random.default_rng(1)
        u = random.uniform(-1, 1, (batch * max(4, -(-2048 // batch)), 2))
        self.x = (0.5 * np.sin(u @ random.normal(size=(2, sizes[0])))).astype(np.float32)
        self.batches = len(self.x) // batch

    def weights(self, seed):
        random = np.random.default_rng(seed)
        return [(random.uniform(-1, 1, (n, m)).astype(np.float32) * np.float32(np.sqrt(6 / (n + m))), np.zeros(m, np.float32))
                for n, m in zip(self.sizes, self.sizes[1:])]


def autoencoder():
    return Autoencoder([64, 32, 2, 32, 64], 32)


class Machine:
    """A restricted Boltzmann machine over bits: ten patterns at random, each bit of which changes with probability 0.02."""

    def __init__(self, values, units, batch):
        self.values, self.units, self.batch = values, units, batch
        random = np.random.default_rng(1)
        patterns = random.random((10, values)) < 0.5
        count = batch * max(4, -(-2048 // batch))
        self.x = (patterns[np.arange(count) % 10] ^ (random.random((count, values)) < 0.02)).astype(np.float32)
        self.batches = count // batch


def machine():
    return Machine(784, 500, 100)


class ImageTask:
    """A network over images, and ten noisy clusters of them: layers as tuples of a name and its numbers. `conv` FILTERS KERNEL
    STRIDE PADDING, `norm`, `relu`, `pool` (2×2), `mean` (of each channel), `dense` UNITS, and `block` BODY SHORTCUT."""

    classes = True

    def __init__(self, shape, layers, batch, rate=0.01):
        self.shape, self.layers, self.batch, self.rate = shape, layers, batch, rate
        x, self.y = clusters(batch * max(4, -(-2048 // batch)), 1, int(np.prod(shape)))
        self.x = x.reshape(-1, *shape)
        self.batches = len(x) // batch


def lenet():
    return ImageTask(
        (1, 28, 28),
        [("conv", 6, 5, 1, 2), ("relu",), ("pool",), ("conv", 16, 5, 1, 0), ("relu",), ("pool",), ("dense", 120), ("relu",),
         ("dense", 84), ("relu",), ("dense", 10)], 64)


def digits():
    return ImageTask(
        (1, 8, 8), [("conv", 8, 3, 1, 1), ("relu",), ("pool",), ("conv", 16, 3, 1, 1), ("relu",), ("dense", 10)], 32)


def resnet():
    def block(filters, stride):
        body = [("conv", filters, 3, stride, 1), ("norm",), ("relu",), ("conv", filters, 3, 1, 1), ("norm",)]
        return [("block", body, [("conv", filters, 1, stride, 0), ("norm",)] if stride > 1 else []), ("relu",)]

    return ImageTask(
        (3, 32, 32),
        [("conv", 16, 3, 1, 1), ("norm",), ("relu",), *block(16, 1), *block(32, 2), *block(64, 2), ("mean",), ("dense", 10)], 64,
        rate=0.03)


class SequenceTask:
    """A recurrent network with its data, trained with Adam and clipping at 1: noisy clusters read in steps with one answer, or
    with `symbols` windows in which each symbol is followed by a certain other one, which is asked for at every step."""

    classes = True

    def __init__(self, cell, units, steps, features, batch, answers, symbols=0):
        self.cell, self.units, self.steps, self.features, self.batch = cell, units, steps, features, batch
        self.answers, self.symbols = answers, symbols
        count = batch * max(4, -(-2048 // batch))
        if symbols:
            random = np.random.default_rng(1)
            follows = random.permutation(symbols)
            rows = [random.integers(0, symbols, count)]
            for _ in range(steps):
                rows.append(follows[rows[-1]])
            windows = np.stack(rows, 1)
            self.x, self.y = windows[:, :-1], windows[:, 1:]
        else:
            x, self.y = clusters(count, 1, steps * features)
            self.x, self.y = x.reshape(count, steps, features), self.y % answers
        self.batches = count // batch


def lstm():
    return SequenceTask("lstm", 128, 28, 28, 64, 10)


def recurrent_small():
    return SequenceTask("rnn", 8, 20, 2, 16, 2)


def tale():
    return SequenceTask("lstm", 64, 32, 16, 16, 60, symbols=60)


class TorchBlock(torch.nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class Mean(torch.nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def torch_layers(layers, shape):
    """The layers in PyTorch, and the shape that they end with."""
    modules = []
    for kind, *numbers in layers:
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            module = torch.nn.Conv2d(shape[0], filters, kernel, stride, padding)
        elif kind == "norm":
            module = torch.nn.BatchNorm2d(shape[0])
        elif kind == "relu":
            module = torch.nn.ReLU()
        elif kind == "pool":
            module = torch.nn.MaxPool2d(2)
        elif kind == "mean":
            module = Mean()
        elif kind == "dense":
            if len(shape) > 1:
                modules.append(torch.nn.Flatten())
            module = torch.nn.Linear(int(np.prod(shape)), numbers[0])
        else:
            module = TorchBlock(*(torch_layers(stack, shape)[0] for stack in numbers))
        for parameter in () if kind == "block" else module.parameters():
            if parameter.dim() > 1:
                torch.nn.init.kaiming_uniform_(parameter, nonlinearity="relu")
        modules.append(module)
        sample = torch.zeros(2, int(np.prod(shape))) if kind == "dense" else torch.zeros(2, *shape)
        with torch.no_grad():
            shape = tuple(module(sample).shape[1:])
    return torch.nn.Sequential(*modules), shape


def torch_network(task):
    """The network in PyTorch, on the processor."""
    layers = []
    for place, (w, b) in enumerate(task.weights(2)):
        linear = torch.nn.Linear(w.shape[0], w.shape[1])
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(w.T))
            linear.bias.copy_(torch.tensor(b))
        layers.append(linear)
        last = place == len(task.sizes) - 2
        if not last:
            layers.append(torch.nn.Tanh() if task.hidden == "tanh" else torch.nn.ReLU())
        elif not task.classes:
            layers.append(torch.nn.Tanh())
    return torch.nn.Sequential(*layers)


def torch_loss(task):
    if task.classes:
        return torch.nn.functional.cross_entropy
    return lambda z, t: 0.5 * ((z - t) ** 2).sum(1).mean()


def bench(binary, arguments):
    """The result of `layercake bench` for one workload, and its machine; ends with what it says when it fails."""
    if not os.path.exists(binary):
        sys.exit(f"{binary} is not there: build it first with swift build -c release")
    answer = subprocess.run(
        [binary, "bench", *map(str, arguments), "--format", "json"], capture_output=True, text=True)
    if answer.returncode:
        sys.stderr.write(answer.stderr)
        sys.exit(answer.returncode)
    report = json.loads(answer.stdout)
    return report["results"][0], report["machine"]
