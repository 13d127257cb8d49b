#!/usr/bin/env python3
"""Measures layercake bench beside PyTorch and JAX on this machine, and prints the ratios as a table.

usage: Benchmarks/peers.py [--binary PATH] [--simd v3] [--rounds 3] [--seconds 2] [--only WORKLOAD ...] [--json FILE]

Every round runs each side once, one after the other, so that a noisy machine is noisy for all; the table shows medians
over the rounds. The networks, batches and optimizers are the same on every side; the data are the same kind (a disc
inside a ring; ten noisy clusters), drawn by each side. Each side's training loss at the end must have fallen to less than
a tenth of its first value, else the script says so and ends with 1.

PyTorch runs eagerly (with the fused Adam for mlp, and images in the faster of its two layouts), JAX a jitted loop of many
steps (over images, single steps where that is faster); both on all processors. The first run makes a virtual environment
with torch, jax, scikit-learn and numpy in Benchmarks/.venv.

--simd v3 holds all sides to AVX2 on a processor that has AVX-512: Layercake, OpenBLAS, PyTorch with oneDNN, and JAX, whose
products (YNNPACK) look at the processor themselves and know no setting; they are told by a word in the library's memory.
"""
import argparse
import ctypes
import datetime
import json
import os
import statistics
import subprocess
import sys
import time

from environment import inside

inside("numpy", "torch", "jax", "sklearn")
os.environ["JAX_PLATFORMS"] = "cpu"
AVX2 = {
    "LAYERCAKE_SIMD": "v3", "OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary")
    parser.add_argument("--simd", choices=["v3"], help="hold every side to AVX2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", nargs="*", metavar="WORKLOAD")
    parser.add_argument("--json")
    return parser.parse_args()


OPTIONS = arguments()
# The libraries read their settings when they are loaded.
if OPTIONS.simd:
    os.environ.update(AVX2)
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

from tasks import (  # noqa: E402
    BINARY, autoencoder, bench, deep, default, digits, lenet, lstm, machine, mlp, recurrent_small, resnet, tale, torch_layers, torch_loss,
    torch_network)

POPULATION = 256


def grid():
    place = (np.arange(100, dtype=np.float32) + 0.5) / 100 * 12 - 6
    x, y = np.meshgrid(place, place)
    return np.stack([x.ravel(), y.ravel()], 1)


TASKS = {"default": default(), "deep": deep(), "mlp": mlp(), "lenet": lenet(), "digits": digits(), "resnet": resnet(),
         "lstm": lstm(), "recurrent-small": recurrent_small(), "tale": tale(), "autoencoder": autoencoder(),
         "rbm": machine()}


def rate(step, seconds):
    """Steps a second of `step`, which returns how many it did."""
    step()
    start, done = time.perf_counter(), 0
    while True:
        done += step()
        now = time.perf_counter()
        if now - start >= seconds:
            return done / (now - start)


# ---------------------------------------------------------------- PyTorch

def torch_training(task, seconds, channels_last=False):
    images = hasattr(task, "layers")
    network = torch_layers(task.layers, task.shape)[0] if images else torch_network(task)
    x, y = torch.tensor(task.x), torch.tensor(task.y)
    if channels_last:
        network, x = network.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    loss = torch_loss(task)
    if images:
        optimizer = torch.optim.SGD(network.parameters(), lr=task.rate, momentum=0.9, fused=True)
    elif task.classes:
        optimizer = torch.optim.Adam(network.parameters(), fused=True)
    else:
        optimizer = torch.optim.SGD(network.parameters(), lr=0.03)
    whole = lambda: loss(network(x), y).item()  # noqa: E731
    first = whole()

    def epoch():
        for i in range(task.batches):
            rows = slice(i * task.batch, (i + 1) * task.batch)
            optimizer.zero_grad(set_to_none=True)
            loss(network(x[rows]), y[rows]).backward()
            optimizer.step()
        return task.batches

    result = rate(epoch, seconds)
    # So slow a side has done few steps: it goes on, untimed, until it has learned or has had its chance.
    for _ in range(30 if images else 400):
        if whole() < 0.1 * first:
            break
        epoch()
    return result, first, whole()


def torch_autoencoder(task, seconds):
    layers = []
    for place, (w, b) in enumerate(task.weights(2)):
        dense = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            dense.weight.copy_(torch.tensor(w.T))
            dense.bias.copy_(torch.tensor(b))
        layers += [dense] + ([torch.nn.Tanh()] if place in (0, 2) else [])
    network, x = torch.nn.Sequential(*layers), torch.tensor(task.x)
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    loss = lambda rows: 0.5 * ((network(rows) - rows) ** 2).sum(1).mean()  # noqa: E731
    first = loss(x).item()

    def epoch():
        for i in range(task.batches):
            optimizer.zero_grad(set_to_none=True)
            loss(x[i * task.batch:(i + 1) * task.batch]).backward()
            optimizer.step()
        return task.batches

    result = rate(epoch, seconds)
    for _ in range(400):
        if loss(x).item() < 0.1 * first:
            break
        epoch()
    return result, first, loss(x).item()


def torch_machine(task, seconds):
    """Contrastive divergence with one step, as Layercake's: momentum 0.5, after five epochs 0.9, weight cost 0.0002, visible
    biases ln(p/(1 − p)), all in place."""
    x = torch.tensor(task.x)
    random = torch.Generator().manual_seed(2)
    w = torch.randn(task.units, task.values, generator=random) * 0.01
    share = x.mean(0).clamp(0.01, 0.99)
    b, c, epochs = torch.log(share / (1 - share)), torch.zeros(task.units), 0
    speeds = [torch.zeros_like(p) for p in (w, b, c)]

    def error():
        back = torch.sigmoid(torch.addmm(b, torch.sigmoid(torch.addmm(c, x, w.t())), w))
        return ((back - x) ** 2).mean().item()

    def epoch():
        nonlocal epochs
        momentum = 0.5 if epochs < 5 else 0.9
        epochs += 1
        for i in range(task.batches):
            data = x[i * task.batch:(i + 1) * task.batch]
            positive = torch.addmm(c, data, w.t()).sigmoid_()
            # Faster than torch.bernoulli of probabilities.
            drawn = torch.rand_like(positive).lt(positive).to(torch.float32)
            values = torch.addmm(b, drawn, w).sigmoid_()
            negative = torch.addmm(c, values, w.t()).sigmoid_()
            gradient = torch.mm(positive.t(), data).addmm_(negative.t(), values, alpha=-1)
            gradients = (gradient, (data - values).sum(0), (positive - negative).sum(0))
            for p, speed, g, cost in zip((w, b, c), speeds, gradients, (0.0002, 0, 0)):
                speed.mul_(momentum).add_(g, alpha=0.1 / task.batch)
                if cost:
                    speed.add_(p, alpha=-0.1 * cost)
                p.add_(speed)
        return task.batches

    with torch.inference_mode():
        first = error()
        return rate(epoch, seconds), first, error()


def sklearn_machine(task, seconds):
    """scikit-learn's BernoulliRBM, whose chains are persistent, a batch at a time."""
    from sklearn.neural_network import BernoulliRBM

    machine = BernoulliRBM(n_components=task.units, learning_rate=0.1, batch_size=task.batch, random_state=0)

    def epoch():
        for i in range(task.batches):
            machine.partial_fit(task.x[i * task.batch:(i + 1) * task.batch])
        return task.batches

    return rate(epoch, seconds), None, None


def torch_images(task, seconds):
    """The faster of PyTorch's two layouts of images."""
    return max((torch_training(task, seconds, last) for last in (False, True)), key=lambda result: result[0])


class TorchSequence(torch.nn.Module):
    def __init__(self, task):
        super().__init__()
        self.embedding = torch.nn.Embedding(task.symbols, task.features) if task.symbols else None
        self.cell = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}[task.cell](task.features, task.units, batch_first=True)
        self.output = torch.nn.Linear(task.units, task.answers)

    def forward(self, x):
        y = self.cell(x if self.embedding is None else self.embedding(x))[0]
        return self.output(y).transpose(1, 2) if self.embedding else self.output(y[:, -1])


def torch_sequences(task, seconds):
    network = TorchSequence(task)
    x, y = torch.tensor(task.x), torch.tensor(task.y)
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    first = loss(network(x), y).item()

    def epoch():
        for i in range(task.batches):
            rows = slice(i * task.batch, (i + 1) * task.batch)
            optimizer.zero_grad(set_to_none=True)
            loss(network(x[rows]), y[rows]).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()
        return task.batches

    result = rate(epoch, seconds)
    for _ in range(30):
        if loss(network(x), y).item() < 0.1 * first:
            break
        epoch()
    return result, first, loss(network(x), y).item()


def torch_grid(task, seconds):
    network = torch_network(task)
    x = torch.tensor(task.features(grid()))

    def forward():
        with torch.inference_mode():
            network(x)
        return 1

    return rate(forward, seconds), None, None


# ---------------------------------------------------------------- JAX

def jax_forward(task, weights, x):
    for place, (w, b) in enumerate(weights):
        x = x @ w + b
        if place < len(weights) - 1:
            x = jnp.tanh(x) if task.hidden == "tanh" else jax.nn.relu(x)
    return x if task.classes else jnp.tanh(x)


def jax_loss(task, weights, x, y):
    z = jax_forward(task, weights, x)
    if task.classes:
        return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1).mean()
    return 0.5 * ((z - y) ** 2).sum(1).mean()


def jax_epochs(task, x, y):
    """A function of the state that trains for one epoch: batches of consecutive rows."""
    gradient = jax.grad(lambda w, a, b: jax_loss(task, w, a, b))

    def step(i, state):
        weights, first, second, count = state
        start = i * task.batch
        g = gradient(weights, jax.lax.dynamic_slice_in_dim(x, start, task.batch),
                     jax.lax.dynamic_slice_in_dim(y, start, task.batch))
        if not task.classes:
            return jax.tree.map(lambda w, d: w - 0.03 * d, weights, g), first, second, count
        count = count + 1
        first = jax.tree.map(lambda m, d: 0.9 * m + 0.1 * d, first, g)
        second = jax.tree.map(lambda v, d: 0.999 * v + 0.001 * d * d, second, g)
        weights = jax.tree.map(
            lambda w, m, v: w - 0.001 * (m / (1 - 0.9 ** count)) / (jnp.sqrt(v / (1 - 0.999 ** count)) + 1e-8),
            weights, first, second)
        return weights, first, second, count

    return lambda state: jax.lax.fori_loop(0, task.batches, step, state)


def jax_start(task, weights):
    zeros = jax.tree.map(jnp.zeros_like, weights) if task.classes else ()
    return weights, zeros, zeros, jnp.float32(0)


def jax_training(task, seconds):
    x, y = jnp.asarray(task.x), jnp.asarray(task.y)
    epochs = 1 if task.classes else 200
    run = jax.jit(lambda state: jax.lax.fori_loop(0, epochs, lambda _, s: jax_epochs(task, x, y)(s), state))
    box = [jax_start(task, [(jnp.asarray(w), jnp.asarray(b)) for w, b in task.weights(2)])]
    first = float(jax_loss(task, box[0][0], x, y))

    def many():
        box[0] = jax.block_until_ready(run(box[0]))
        return epochs * task.batches

    return rate(many, seconds), first, float(jax_loss(task, box[0][0], x, y))


def jax_autoencoder(task, seconds):
    x = jnp.asarray(task.x)

    def loss(weights, rows):
        y = rows
        for place, (w, b) in enumerate(weights):
            y = y @ w + b
            if place in (0, 2):
                y = jnp.tanh(y)
        return 0.5 * ((y - rows) ** 2).sum(1).mean()

    def step(i, state):
        weights, first, second, count = state
        g = jax.grad(loss)(weights, jax.lax.dynamic_slice_in_dim(x, i % task.batches * task.batch, task.batch))
        count = count + 1
        first = jax.tree.map(lambda m, d: 0.9 * m + 0.1 * d, first, g)
        second = jax.tree.map(lambda v, d: 0.999 * v + 0.001 * d * d, second, g)
        weights = jax.tree.map(
            lambda w, m, v: w - 0.001 * (m / (1 - 0.9 ** count)) / (jnp.sqrt(v / (1 - 0.999 ** count)) + 1e-8),
            weights, first, second)
        return weights, first, second, count

    epochs = 30
    run = jax.jit(lambda state: jax.lax.fori_loop(0, epochs * task.batches, step, state))
    weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in task.weights(2)]
    zeros = jax.tree.map(jnp.zeros_like, weights)
    box = [(weights, zeros, zeros, jnp.float32(0))]
    first = float(loss(weights, x))

    def many():
        box[0] = jax.block_until_ready(run(box[0]))
        return epochs * task.batches

    return rate(many, seconds), first, float(loss(box[0][0], x))


def jax_rounds(seconds, batch=150):
    """Rounds of a generator 2-8-8-2 (ReLU, tanh) and a discriminator 2-8-8-1 (ReLU, sigmoid): two updates and one, SGD 0.1."""
    draw = np.random.default_rng(1)

    def weights(*sizes):
        return [(jnp.asarray(draw.normal(0, m**-0.5, (m, n)), jnp.float32), jnp.zeros(n)) for m, n in zip(sizes, sizes[1:])]

    def stack(layers, x):
        for w, b in layers[:-1]:
            x = jax.nn.relu(x @ w + b)
        return x @ layers[-1][0] + layers[-1][1]

    angle = draw.uniform(0, 2 * np.pi, 12_000)
    ring = 0.5 + 0.3 * np.stack([np.cos(angle), np.sin(angle)], 1) + draw.normal(0, 0.015, (12_000, 2))
    real = jnp.asarray(ring, jnp.float32)

    def generate(g, key):
        return jnp.tanh(stack(g, jax.random.uniform(key, (batch, 2))))

    def discriminator_loss(d, x, made):
        return -(0.95 * jax.nn.log_sigmoid(stack(d, x)) + jax.nn.log_sigmoid(-stack(d, made))).mean()

    def generator_loss(g, d, key):
        return -jax.nn.log_sigmoid(stack(d, generate(g, key))).mean()

    def descend(values, gradients):
        return jax.tree.map(lambda value, gradient: value - 0.1 * gradient, values, gradients)

    def round_of(number, state):
        g, d, key = state
        for update in range(2):
            key, own = jax.random.split(key)
            place = (2 * number + update) % (12_000 // batch) * batch
            x = jax.lax.dynamic_slice(real, (place, 0), (batch, 2))
            d = descend(d, jax.grad(discriminator_loss)(d, x, generate(g, own)))
        key, own = jax.random.split(key)
        return descend(g, jax.grad(generator_loss)(g, d, own)), d, key

    rounds = 500
    run = jax.jit(lambda state: jax.lax.fori_loop(0, rounds, round_of, state))
    box = [(weights(2, 8, 8, 2), weights(2, 8, 8, 1), jax.random.PRNGKey(1))]

    def many():
        box[0] = jax.block_until_ready(run(box[0]))
        return rounds

    return rate(many, seconds), None, None


def jax_grid(task, seconds):
    weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in task.weights(2)]
    x = jnp.asarray(task.features(grid()))
    run = jax.jit(lambda w, a: jax_forward(task, w, a))

    def forward():
        run(weights, x).block_until_ready()
        return 1

    return rate(forward, seconds), None, None


def image_weights(layers, shape, random):
    """The weights of a stack, one entry a layer, and the shape that it ends with: height, width, channels."""
    result = []
    for kind, *numbers in layers:
        own = ()
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            limit = np.sqrt(6 / (kernel * kernel * shape[2]))
            own = (random.uniform(-limit, limit, (kernel, kernel, shape[2], filters)), np.zeros(filters))
            shape = (*((side + 2 * padding - kernel) // stride + 1 for side in shape[:2]), filters)
        elif kind == "norm":
            own = (np.ones(shape[2]), np.zeros(shape[2]))
        elif kind == "pool":
            shape = (shape[0] // 2, shape[1] // 2, shape[2])
        elif kind == "mean":
            shape = shape[2:]
        elif kind == "dense":
            width = int(np.prod(shape))
            own = (random.uniform(-1, 1, (width, numbers[0])) * np.sqrt(6 / width), np.zeros(numbers[0]))
            shape = (numbers[0],)
        elif kind == "block":
            body, after = image_weights(numbers[0], shape, random)
            own, shape = (body, image_weights(numbers[1], shape, random)[0]), after
        result.append(jax.tree.map(lambda w: w.astype(np.float32), own))
    return result, shape


def image_forward(layers, weights, x):
    """In training: statistics of the batch. Running statistics are left out, which spares JAX a little."""
    for (kind, *numbers), own in zip(layers, weights):
        if kind == "conv":
            x = jax.lax.conv_general_dilated(
                x, own[0], (numbers[2],) * 2, ((numbers[3],) * 2,) * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")) + own[1]
        elif kind == "norm":
            mean = x.mean((0, 1, 2))
            variance = ((x - mean) ** 2).mean((0, 1, 2))
            x = (x - mean) * (own[0] / jnp.sqrt(variance + 1e-5)) + own[1]
        elif kind == "relu":
            x = jax.nn.relu(x)
        elif kind == "pool":
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        elif kind == "mean":
            x = x.mean((1, 2))
        elif kind == "dense":
            x = x.reshape(x.shape[0], -1) @ own[0] + own[1]
        else:
            x = image_forward(numbers[0], own[0], x) + image_forward(numbers[1], own[1], x)
    return x


def jax_images(task, seconds):
    x, y = jnp.asarray(np.moveaxis(task.x, 1, 3)), jnp.asarray(task.y)
    shape = (*task.shape[1:], task.shape[0])
    weights = image_weights(task.layers, shape, np.random.default_rng(2))[0]

    def loss(w, a, b):
        return -jnp.take_along_axis(jax.nn.log_softmax(image_forward(task.layers, w, a)), b[:, None], 1).mean()

    def step(i, state):
        weights, speed = state
        start = i * task.batch
        g = jax.grad(loss)(weights, jax.lax.dynamic_slice_in_dim(x, start, task.batch),
                           jax.lax.dynamic_slice_in_dim(y, start, task.batch))
        speed = jax.tree.map(lambda v, d: 0.9 * v + d, speed, g)
        return jax.tree.map(lambda w, v: w - task.rate * v, weights, speed), speed

    run = jax.jit(lambda state: jax.lax.fori_loop(0, task.batches, step, state))
    # Step by step: in a loop XLA's processor backend has no fast convolutions.
    single = jax.jit(step)
    mean = jax.jit(lambda w: loss(w, x, y))
    box = [(weights, jax.tree.map(jnp.zeros_like, weights))]
    first = float(mean(box[0][0]))

    def looped():
        box[0] = jax.block_until_ready(run(box[0]))
        return task.batches

    def stepped():
        for i in range(task.batches):
            box[0] = single(i, box[0])
        jax.block_until_ready(box[0])
        return task.batches

    result = max(rate(looped, seconds), rate(stepped, seconds))
    for _ in range(30):
        if float(mean(box[0][0])) < 0.1 * first:
            break
        stepped()
    return result, first, float(mean(box[0][0]))


def jax_sequences(task, seconds):
    x, y = jnp.asarray(task.x), jnp.asarray(task.y)
    random = np.random.default_rng(2)
    gates = 4 if task.cell == "lstm" else 1

    def drawn(*shape):
        return jnp.asarray(random.uniform(-1, 1, shape) / np.sqrt(task.units), jnp.float32)

    weights = {"w": drawn(task.features, gates * task.units), "u": drawn(task.units, gates * task.units),
               "b": drawn(gates * task.units), "v": drawn(task.units, task.answers), "c": drawn(task.answers)}
    if task.symbols:
        weights["e"] = jnp.asarray(random.normal(size=(task.symbols, task.features)), jnp.float32)

    def step(w, state, z):
        h, cell = state
        z = z + h @ w["u"]
        if gates == 1:
            h = jnp.tanh(z)
        else:
            i, f, g, o = jnp.split(z, 4, 1)
            cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(cell)
        return (h, cell), h

    def loss(w, a, b):
        a = w["e"][a] if task.symbols else a
        z = jnp.moveaxis(a @ w["w"] + w["b"], 1, 0)
        none = jnp.zeros((a.shape[0], task.units), jnp.float32)
        (h, _), all_states = jax.lax.scan(lambda state, part: step(w, state, part), (none, none), z)
        answers = (jnp.moveaxis(all_states, 0, 1) if task.symbols else h) @ w["v"] + w["c"]
        return -jnp.take_along_axis(jax.nn.log_softmax(answers), b[..., None], -1).mean()

    def update(i, state):
        weights, first, second, count = state
        start = i * task.batch
        g = jax.grad(loss)(weights, jax.lax.dynamic_slice_in_dim(x, start, task.batch),
                           jax.lax.dynamic_slice_in_dim(y, start, task.batch))
        norm = jnp.sqrt(sum((d * d).sum() for d in jax.tree.leaves(g)))
        g = jax.tree.map(lambda d: d * jnp.minimum(1, 1 / (norm + 1e-6)), g)
        count = count + 1
        first = jax.tree.map(lambda m, d: 0.9 * m + 0.1 * d, first, g)
        second = jax.tree.map(lambda v, d: 0.999 * v + 0.001 * d * d, second, g)
        weights = jax.tree.map(
            lambda w, m, v: w - 0.001 * (m / (1 - 0.9 ** count)) / (jnp.sqrt(v / (1 - 0.999 ** count)) + 1e-8),
            weights, first, second)
        return weights, first, second, count

    run = jax.jit(lambda state: jax.lax.fori_loop(0, task.batches, update, state))
    # Step by step: in a loop XLA's processor backend may have slower products.
    single = jax.jit(update)
    mean = jax.jit(lambda w: loss(w, x, y))
    box = [jax_start(task, weights)]
    first = float(mean(weights))

    def looped():
        box[0] = jax.block_until_ready(run(box[0]))
        return task.batches

    def stepped():
        for i in range(task.batches):
            box[0] = single(i, box[0])
        jax.block_until_ready(box[0])
        return task.batches

    result = max(rate(looped, seconds), rate(stepped, seconds))
    for _ in range(30):
        if float(mean(box[0][0])) < 0.1 * first:
            break
        looped()
    return result, first, float(mean(box[0][0]))


def jax_population(task, seconds):
    x, y = jnp.asarray(task.x), jnp.asarray(task.y)
    many = [task.weights(seed) for seed in range(POPULATION)]
    weights = jax.tree.map(lambda *w: jnp.stack(w), *many)
    run = jax.jit(jax.vmap(lambda w: jax.lax.fori_loop(
        0, 4, lambda _, s: jax_epochs(task, x, y)(s), jax_start(task, w))[0]))
    mean = jax.jit(lambda w: jax.vmap(lambda v: jax_loss(task, v, x, y))(w).mean())
    box = [weights]
    first = float(mean(weights))

    def some():
        box[0] = jax.block_until_ready(run(box[0]))
        return 4 * task.batches * POPULATION

    result = rate(some, seconds)
    return result, first, float(mean(box[0]))


def hold_ynnpack():
    """Lets YNNPACK see AVX2 and FMA alone: sets the variable in which it keeps the processor's features, as if it had looked
    already. Bits and names are those of its ynnpack/base/arch.h (sse2 … fma3: the lowest seven)."""
    import jaxlib
    library = os.path.join(os.path.dirname(jaxlib.__file__), "libjax_common.so")
    name = "ZN3ynn24get_supported_arch_flagsEvE5flags"
    listing = subprocess.run(["nm", library], capture_output=True, text=True).stdout if os.path.exists(library) else ""
    places = {line.split()[2]: int(line.split()[0], 16) for line in listing.splitlines() if line.endswith(name)}
    flags, guard = places.get(f"_Z{name}"), places.get(f"_ZGV{name}")
    if flags is None or guard is None:
        sys.exit(f"jax {jax.__version__}: there is no {name} in {library}, so it cannot be held to AVX2")
    with open("/proc/self/maps") as maps:
        base = next(int(line.split("-")[0], 16) for line in maps if line.rstrip().endswith(library)
                    and line.split()[2] == "00000000")
    ctypes.c_uint64.from_address(base + flags).value = 0x7F
    ctypes.c_uint8.from_address(base + guard).value = 1


# ---------------------------------------------------------------- The table

WORKLOADS = {
    "playground-default": {"PyTorch": lambda s: torch_training(TASKS["default"], s),
                           "JAX": lambda s: jax_training(TASKS["default"], s)},
    "playground-deep": {"PyTorch": lambda s: torch_training(TASKS["deep"], s),
                        "JAX": lambda s: jax_training(TASKS["deep"], s)},
    "mlp": {"PyTorch": lambda s: torch_training(TASKS["mlp"], s), "JAX": lambda s: jax_training(TASKS["mlp"], s)},
    "boundary-default": {"PyTorch": lambda s: torch_grid(TASKS["default"], s),
                         "JAX": lambda s: jax_grid(TASKS["default"], s)},
    "boundary-deep": {"PyTorch": lambda s: torch_grid(TASKS["deep"], s),
                      "JAX": lambda s: jax_grid(TASKS["deep"], s)},
    "lenet": {"PyTorch": lambda s: torch_images(TASKS["lenet"], s), "JAX": lambda s: jax_images(TASKS["lenet"], s)},
    "digits-cnn": {"PyTorch": lambda s: torch_images(TASKS["digits"], s), "JAX": lambda s: jax_images(TASKS["digits"], s)},
    "resnet-small": {"PyTorch": lambda s: torch_images(TASKS["resnet"], s), "JAX": lambda s: jax_images(TASKS["resnet"], s)},
    **{name: {"PyTorch": lambda s, name=name: torch_sequences(TASKS[name], s),
              "JAX": lambda s, name=name: jax_sequences(TASKS[name], s)} for name in ("lstm", "recurrent-small", "tale")},
    "autoencoder": {"PyTorch": lambda s: torch_autoencoder(TASKS["autoencoder"], s),
                    "JAX": lambda s: jax_autoencoder(TASKS["autoencoder"], s)},
    "gan": {"JAX": jax_rounds},
    "rbm": {"PyTorch": lambda s: torch_machine(TASKS["rbm"], s),
            "scikit-learn": lambda s: sklearn_machine(TASKS["rbm"], s)},
    "population": {"JAX": lambda s: jax_population(TASKS["default"], s)},
}
SIDES = ("Layercake", "PyTorch", "JAX", "scikit-learn")
# The goals for one thread are measured on one.
ONE_THREAD = {"playground-default", "playground-deep", "gan"}


def layercake(binary, workload, seconds):
    threads = 1 if workload in ONE_THREAD else os.cpu_count()
    return bench(binary, [workload, "--seconds", seconds, "--threads", threads])


def main():
    options = OPTIONS
    unknown = [name for name in options.only or [] if name not in WORKLOADS]
    if unknown:
        sys.exit(f"there is no workload {unknown[0]}; there are {', '.join(WORKLOADS)}")
    if options.simd:
        hold_ynnpack()
    figures, machine, units, stuck = {}, {}, {}, []
    for round_number in range(options.rounds):
        for workload in options.only or WORKLOADS:
            print(f"round {round_number + 1} of {options.rounds}: {workload}", end="", file=sys.stderr, flush=True)
            row, machine = layercake(options.binary or BINARY, workload, options.seconds)
            units[workload] = row["unit"]
            sides = figures.setdefault(workload, {})
            sides.setdefault("Layercake", []).append(row["median"])
            if row["finalLoss"] is not None and not row["finalLoss"] < 0.05:
                stuck.append(f"{workload}: Layercake ends at a loss of {row['finalLoss']}")
            for side, measure in WORKLOADS[workload].items():
                value, first, last = measure(options.seconds)
                sides.setdefault(side, []).append(value)
                if first is not None and not last < 0.1 * first:
                    stuck.append(f"{workload}: {side} goes from a loss of {first:.4f} to {last:.4f} only")
            # A run that is broken off has told the rounds that it did.
            print("".join(f", {side} {values[-1]:,.0f}" for side, values in sides.items()), file=sys.stderr, flush=True)
    print(f"{datetime.date.today()}, {machine.get('processor')}, {machine.get('processors')} processors, "
          f"kernels {machine.get('simd')}; torch {torch.__version__.split('+')[0]}, jax {jax.__version__}; medians of "
          f"{options.rounds} rounds\n")
    print("| workload | unit | Layercake | PyTorch | JAX | scikit-learn | ratio to the best |")
    print("|---|---|---:|---:|---:|---:|---:|")
    table = {}
    for workload, sides in figures.items():
        medians = {side: statistics.median(values) for side, values in sides.items()}
        best = max(value for side, value in medians.items() if side != "Layercake")
        table[workload] = {"unit": units[workload], **medians, "ratio": medians["Layercake"] / best}
        cells = [f"{medians[side]:,.0f}" if side in medians else "" for side in SIDES]
        print(f"| {workload} | {units[workload]} | {' | '.join(cells)} | {medians['Layercake'] / best:.1f} |")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"date": str(datetime.date.today()), "machine": machine, "workloads": table}, file, indent=2)
    for line in stuck:
        print(line, file=sys.stderr)
    sys.exit(1 if stuck else 0)


if __name__ == "__main__":
    main()
