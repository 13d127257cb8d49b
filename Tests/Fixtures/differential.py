#!/usr/bin/env python3
"""Trains random dense experiments with `layercake train` and with PyTorch, and compares the weights after 20 steps.

    python3 Tests/Fixtures/differential.py [--count 200] [--seed 1] [--binary .build/debug/layercake]   (needs torch)

Each experiment is drawn from its own seed: depth, widths, activations, task, loss, optimizer, batch, last batch,
regularization, clipping. Both sides start from the same weights and take the same rows in order. A tensor is a mismatch
when ‖ours − float64‖ / ‖float64‖ exceeds both 1e-5 and ten times what PyTorch itself loses in float32 (where that is close,
the most that it loses over eight orders of the rows within each batch, which only rounding can tell apart). Prints the seed of
every mismatch; --seed SEED --count 1 draws it again. Exit status: 0; 1 after a mismatch.

RProp takes whole steps by a gradient's sign. Where a gradient cancels to less than 1e-6 of its tensor's largest, float32
cannot tell the sign, and the experiment decides nothing: it is counted, and another one is drawn in its place.
"""
import argparse
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
STEPS = 20

ACTIVATIONS = {
    "linear": lambda z, p: z,
    "sigmoid": lambda z, p: torch.sigmoid(z),
    "tanh": lambda z, p: torch.tanh(z),
    "relu": lambda z, p: F.relu(z),
    "leakyReLU": lambda z, p: F.leaky_relu(z, p),
    "prelu": lambda z, p: F.prelu(z, p),
    "elu": lambda z, p: F.elu(z),
    "gelu": lambda z, p: F.gelu(z),
    "softplus": lambda z, p: F.softplus(z),
    "sin": lambda z, p: torch.sin(z),
    "gaussian": lambda z, p: torch.exp(-z * z / 2),
    "asinh": lambda z, p: torch.asinh(z),
}
# Our id; PyTorch's optimizer; the knobs that we name as it does.
OPTIMIZERS = {
    "sgd": lambda p, k: torch.optim.SGD(p, lr=k["learningRate"]),
    "momentum": lambda p, k: torch.optim.SGD(p, lr=k["learningRate"], momentum=k["momentum"]),
    "nesterov": lambda p, k: torch.optim.SGD(p, lr=k["learningRate"], momentum=k["momentum"], nesterov=True),
    "rprop": lambda p, k: torch.optim.Rprop(p, lr=k["learningRate"]),
    "adagrad": lambda p, k: torch.optim.Adagrad(p, lr=k["learningRate"]),
    "rmsprop": lambda p, k: torch.optim.RMSprop(p, lr=k["learningRate"], alpha=k["decay"]),
    "adam": lambda p, k: torch.optim.Adam(
        p, lr=k["learningRate"], betas=(k["beta1"], 0.999), weight_decay=k["weightDecay"]),
    "adamw": lambda p, k: torch.optim.AdamW(
        p, lr=k["learningRate"], betas=(k["beta1"], 0.999), weight_decay=k["weightDecay"]),
}


class Undecided(Exception):
    """The experiment's outcome hangs on a sign that float32 cannot tell."""


def draw(seed):
    """An experiment and its start weights, all exact in float32."""
    r = random.Random(seed)
    single = lambda x: struct.unpack("f", struct.pack("f", x))[0]  # noqa: E731
    task = r.choice(["two", "two", "many", "regression"])
    classes = {"two": 2, "many": r.randint(3, 5), "regression": 0}[task]
    count = r.randint(12, 60)
    points = []
    for i in range(count):
        # The first points show every class in order; that order numbers the classes.
        label = single(r.uniform(-2, 2)) if task == "regression" else i if i < classes else r.randrange(classes)
        points.append([single(r.uniform(-6, 6)), single(r.uniform(-6, 6)), label])
    layers, description = [], []
    for _ in range(r.randint(0, 4)):
        activation, units = r.choice(list(ACTIVATIONS)), r.randint(1, 20)
        slope = single(r.uniform(0.01, 0.4))
        layers.append((activation, units, slope))
        choice = {activation: {"slope": slope}} if activation in ("leakyReLU", "prelu") else activation
        description.append({"dense": {"units": units, "activation": choice}})
    loss = r.choice(["squaredError", "absoluteError", "huber"] if task == "regression" else
                    ["squaredError", "absoluteError", "huber", "hinge", "binaryCrossEntropy", "softmaxCrossEntropy"])
    output = {"loss": loss}
    if "CrossEntropy" not in loss:
        output["activation"] = "linear" if task == "regression" else r.choice(["tanh", "linear"])
    optimizer = r.choice(list(OPTIMIZERS))
    knobs = {"learningRate": single(10 ** r.uniform(-3.5, -1.5))}
    if optimizer in ("momentum", "nesterov"):
        knobs["momentum"] = single(r.uniform(0.5, 0.95))
    if optimizer == "rmsprop":
        knobs["decay"] = single(r.uniform(0.8, 0.99))
    if optimizer in ("adam", "adamw"):
        knobs |= {"beta1": single(r.uniform(0.7, 0.95)), "weightDecay": single(r.choice([0, r.uniform(0, 0.1)]))}
    regularization = {name: single(10 ** r.uniform(-4, -1)) for name in ("l1", "l2") if r.random() < 0.3}
    training = {
        "optimizer": {optimizer: knobs}, "batchSize": r.choice([1, r.randint(2, 20), count, count + 5]),
        "lastBatch": r.choice(["short", "carry", "drop"]), "regularization": regularization, "shuffle": False}
    if r.random() < 0.25:
        training["clipNorm"] = single(10 ** r.uniform(-2, 0.5))
    experiment = {
        "data": {"dataset": "points", "points": points, "shuffle": False, "trainFraction": 1,
                 "task": "regression" if task == "regression" else "classification"},
        "features": ["x1", "x2"], "layers": description, "output": output, "training": training}
    units = 1 if task == "regression" or (classes == 2 and loss != "softmaxCrossEntropy") else classes
    generator = torch.Generator().manual_seed(seed)
    weights, inputs = {}, 2
    for place, (activation, width, slope) in enumerate(layers + [("", units, 0)]):
        name = f"layers.{place}" if place < len(layers) else "output"
        limit = (3 / inputs) ** 0.5
        weights[f"{name}.weight"] = (torch.rand(width, inputs, generator=generator) * 2 - 1) * limit
        weights[f"{name}.bias"] = (torch.rand(width, generator=generator) * 2 - 1) * 0.5
        if activation == "prelu":
            weights[f"{name}.activation.weight"] = torch.tensor([slope])
        inputs = width
    return experiment, layers, classes, weights


def batches(count, training):
    """The rows of each update, in order: for ever."""
    size = min(training["batchSize"], count)
    carried = []
    while True:
        at = 0
        while at + size <= count:
            yield carried + list(range(at, at + size))
            carried = []
            at += size
        if at < count and training["lastBatch"] == "short":
            yield list(range(at, count))
        if at < count and training["lastBatch"] == "carry":
            carried = list(range(at, count))


def torch_weights(experiment, layers, classes, start, dtype, order=None):
    training, output = experiment["training"], experiment["output"]
    t = {name: values.to(dtype).clone().requires_grad_() for name, values in start.items()}
    points = torch.tensor(experiment["data"]["points"], dtype=dtype)
    x, labels = points[:, :2], points[:, 2]
    single = t["output.bias"].numel() == 1
    if classes == 0:
        target = labels[:, None]
    elif output["loss"] == "softmaxCrossEntropy":
        target = labels.long()
    else:
        target = labels[:, None] if single else F.one_hot(labels.long(), classes).to(dtype)
        if output["loss"] != "binaryCrossEntropy":
            target = target * 2 - 1
    losses = {
        "squaredError": lambda y, z, t: 0.5 * F.mse_loss(y, t, reduction="sum"),
        "absoluteError": lambda y, z, t: F.l1_loss(y, t, reduction="sum"),
        "huber": lambda y, z, t: F.huber_loss(y, t, reduction="sum"),
        "hinge": lambda y, z, t: F.relu(1 - t * y).sum(),
        "binaryCrossEntropy": lambda y, z, t: F.binary_cross_entropy_with_logits(z, t, reduction="sum"),
        "softmaxCrossEntropy": lambda y, z, t: F.cross_entropy(z, t, reduction="sum"),
    }
    (name, knobs), = training["optimizer"].items()
    optimizer = OPTIMIZERS[name](list(t.values()), knobs)
    rows = batches(len(points), training)
    for _ in range(STEPS):
        batch = next(rows)
        if order:
            order.shuffle(batch)
        h = x[batch]
        for place, (activation, _, slope) in enumerate(layers):
            z = h @ t[f"layers.{place}.weight"].T + t[f"layers.{place}.bias"]
            h = ACTIVATIONS[activation](z, t.get(f"layers.{place}.activation.weight", slope))
        z = h @ t["output.weight"].T + t["output.bias"]
        y = torch.tanh(z) if output.get("activation") == "tanh" else z
        optimizer.zero_grad()
        (losses[output["loss"]](y, z, target[batch]) / len(batch)).backward()
        if name == "rprop" and dtype == torch.float64:
            for v in t.values():
                size = v.grad.abs()
                if bool(((size > 0) & (size < 1e-6 * size.max())).any()):
                    raise Undecided
        if "clipNorm" in training:
            torch.nn.utils.clip_grad_norm_(list(t.values()), training["clipNorm"])
        before = {n: v.detach().clone() for n, v in t.items()}
        optimizer.step()
        l1, l2 = (training["regularization"].get(n, 0) for n in ("l1", "l2"))
        with torch.no_grad():
            for n, v in t.items():
                if (l1 or l2) and n.endswith(".weight") and "activation" not in n:
                    moved = v - knobs["learningRate"] * (l2 * before[n] + l1 * before[n].sign())
                    v.copy_(torch.where((l1 > 0) & (moved * v < 0), torch.zeros_like(v), moved))
    return {n: v.detach() for n, v in t.items()}


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        raw = struct.pack(f"<{values.numel()}f", *values.float().reshape(-1).tolist())
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    with open(path, "rb") as file:
        raw = file.read()
    length, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    result = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = struct.unpack(f"<{(end - begin) // 4}f", raw[8 + length + begin:8 + length + end])
            result[name] = torch.tensor(values, dtype=torch.float64).reshape(entry["shape"])
    return result


def compare(seed, binary, folder):
    """The mismatches of one experiment, in words, and the largest error."""
    experiment, layers, classes, start = draw(seed)
    exact = torch_weights(experiment, layers, classes, start, torch.float64)
    paths = [os.path.join(folder, name) for name in ("experiment.json", "start.safetensors", "end.safetensors")]
    with open(paths[0], "w") as file:
        json.dump(experiment, file)
    write_safetensors(paths[1], start)
    run = subprocess.run(
        [binary, "train", paths[0], "--load", paths[1], "--save", paths[2], "--steps", str(STEPS), "--format", "json"],
        capture_output=True, text=True)
    if run.returncode:
        return [f"seed {seed}: layercake ended with {run.returncode}: {run.stderr.strip()}"], 0
    if json.loads(run.stdout)["diverged"]:
        return [f"seed {seed}: diverged"], 0
    ours = read_safetensors(paths[2])
    rounded = [torch_weights(experiment, layers, classes, start, torch.float32)]
    problems, largest = [], 0.0

    def apart(values, name):
        return float((values[name].double() - exact[name]).norm()) / max(float(exact[name].norm()), 1e-12)

    for name in exact:
        error = apart(ours, name)
        peer = max(apart(values, name) for values in rounded)
        if len(rounded) == 1 and error > max(1e-5, 10 * peer):
            rounded += [torch_weights(experiment, layers, classes, start, torch.float32, random.Random(i))
                        for i in range(8)]
            peer = max(apart(values, name) for values in rounded)
        largest = max(largest, error)
        if not error <= max(1e-5, 10 * peer):
            problems.append(f"seed {seed}: {name} is off by {error:.2e}, PyTorch's float32 by {peer:.2e} "
                            f"({experiment['output']}, {json.dumps(experiment['training'])}, {layers})")
    return problems, largest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binary", default=".build/debug/layercake")
    options = parser.parse_args()
    problems, errors, undecided, seed = [], [], 0, options.seed
    with tempfile.TemporaryDirectory() as folder:
        while len(errors) < options.count:
            try:
                found, largest = compare(seed, options.binary, folder)
                errors.append(largest)
                problems += found
                for line in found:
                    print(line, flush=True)
            except Undecided:
                undecided += 1
            seed += 1
    mismatches = len({problem.split(":")[0] for problem in problems})
    print(f"{options.count} experiments from seed {options.seed}: {mismatches} mismatches, {undecided} undecided; "
          f"relative errors: median {sorted(errors)[len(errors) // 2]:.1e}, largest {max(errors):.1e}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
