#!/usr/bin/env python3
"""Trains random experiments with `layercake train` and with PyTorch, and compares the weights after 20 steps.

    python3 Tests/Fixtures/differential.py [--count 200] [--seed 1] [--binary .build/debug/layercake]   (needs torch)

Each experiment is drawn from its own seed: layers (dense, tied ones among them, activation, batchNorm, layerNorm, residual
and branches in each other up to three deep, some frozen), task, loss, optimizer, batch, last batch, regularization, clipping;
every fourth has images of noise and layers for them, every fourth a text and layers over its steps (recurrent ones in one or
both directions, stacked, with a state that goes on from window to window; embedding, attention, conv1d, eachStep, repeat). Both sides start from the same
weights and take the same rows in order; running statistics are compared as weights are. A tensor is a mismatch when
‖ours − float64‖ / ‖float64‖ exceeds both 1e-5 and ten times what PyTorch itself loses in float32 (where that is close, the
most that it loses over eight orders of the rows within each batch, which only rounding can tell apart, with normalizing
layers that calculate in float32). Prints the seed of every mismatch; --seed SEED --count 1 draws it again. Exit status: 0; 1
after a mismatch.

Some experiments decide nothing; they are counted, and others are drawn in their place. RProp takes whole steps by a
gradient's sign: where a gradient cancels to less than 1e-6 of its tensor's largest, float32 cannot tell the sign. An
optimizer that divides by the gradients' size makes whole steps of a tensor's gradients that cancel to rounding (a bias
before batchNorm). Numbers grow beyond 1e6, or PyTorch's own float32 loses more than 1e-3 of a tensor.
"""
import argparse
import functools
import json
import math
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


# The optimizers whose steps are as large for small gradients as for large ones.
SCALE_FREE = ("rprop", "adagrad", "rmsprop", "adam", "adamw")


class Undecided(Exception):
    """The experiment's outcome hangs on what float32 cannot tell."""


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def draw_activation(r):
    activation = r.choice(list(ACTIVATIONS))
    slope = single(r.uniform(0.01, 0.4))
    return {activation: {"slope": slope}} if activation in ("leakyReLU", "prelu") else activation


def draw_dense(r, units):
    return {"dense": {"units": units, "activation": draw_activation(r)}}


def draw_stack(r, count, width, depth, owners):
    """Layers as in an experiment, and the width that they end with. `depth` is how many blocks may lie in each other,
    `owners` the dense layers so far to which others can be tied: name, width before, units."""
    layers = []
    for _ in range(count):
        if layers and r.random() < 0.15:
            next(iter(layers[-1].values()))["frozen"] = True
        fitting = [owner for owner in owners if owner[2] == width]
        if fitting and r.random() < 0.5:
            name, width, _ = r.choice(fitting)
            layers.append(draw_dense(r, width))
            layers[-1]["dense"]["tied"] = name
            continue
        kind = r.choice(["dense"] * 4 + ["activation", "batchNorm", "layerNorm"] + ["residual", "branches"] * 2 * (depth > 0))
        if kind == "dense":
            before, width = width, r.randint(1, 20 if depth == 3 else 6)
            layers.append(draw_dense(r, width))
            if r.random() < 0.5:
                owners.append((f"dense {len(owners)}", before, width))
                layers[-1]["dense"]["name"] = owners[-1][0]
        elif kind == "activation":
            layers.append({"activation": {"function": draw_activation(r)}})
        elif kind == "residual":
            body, ends = draw_stack(r, r.randint(1, 3), width, depth - 1, owners)
            shortcut = []
            if r.random() < 0.3:
                shortcut, past = draw_stack(r, r.randint(0, 2), width, depth - 1, owners)
                shortcut += [draw_dense(r, ends)] * (past != ends)
            elif ends != width:
                body, ends = body + [draw_dense(r, width)], width
            layers.append({"residual": {"body": body, "shortcut": shortcut}})
            width = ends
        elif kind == "branches":
            join = r.choice(["concatenate", "concatenate", "sum", "mean", "max"])
            stacks, ends = zip(*(draw_stack(r, r.randint(0, 3), width, depth - 1, owners) for _ in range(r.randint(1, 3))))
            if join != "concatenate":
                stacks = [stack + [draw_dense(r, ends[0])] * (end != ends[0]) for stack, end in zip(stacks, ends)]
            layers.append({"branches": {"stacks": list(stacks), "join": join}})
            width = sum(ends) if join == "concatenate" else ends[0]
        else:
            layers.append({kind: {"affine": r.random() < 0.7, "epsilon": single(10 ** r.uniform(-5, -3))}})
            if kind == "batchNorm":
                layers[-1][kind]["momentum"] = single(r.uniform(0, 1))
    return layers, width


def windows(side, kernel, stride, padding, dilation=1):
    return (side + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def shape_after(kind, knobs, shape):
    """The shape that a layer of images makes of another: channels, height, width."""
    channels, *sides = shape
    if kind == "conv2d" and knobs["padding"] == "same":
        return [knobs["filters"], *sides]
    if kind in ("conv2d", "local2d"):
        return [knobs["filters"], *(
            windows(side, knobs["kernel"], knobs["stride"], knobs["padding"], knobs.get("dilation", 1)) for side in sides)]
    if kind == "conv2dTranspose":
        return [knobs["filters"], *(
            (side - 1) * knobs["stride"] - 2 * knobs["padding"] + knobs["kernel"] for side in sides)]
    if kind in ("maxPool", "meanPool"):
        return [channels, *(windows(side, knobs["size"], knobs["stride"] or knobs["size"], knobs["padding"]) for side in sides)]
    if kind == "upsample":
        return [channels, *(side * knobs["factor"] for side in sides)]
    if kind in ("globalMeanPool", "globalMaxPool"):
        return [channels]
    return [math.prod(shape)] if kind == "flatten" else shape


def draw_image_layer(r):
    kind = r.choice(["conv2d"] * 5 + ["conv2dTranspose", "local2d", "maxPool", "meanPool", "upsample", "localResponseNorm",
                                      "activation", "batchNorm", "batchNorm", "layerNorm"])
    if kind in ("conv2d", "conv2dTranspose", "local2d"):
        knobs = {"filters": r.randint(1, 7), "kernel": r.randint(1, 4), "stride": r.choice([1, 1, 2]),
                 "padding": r.randint(0, 2), "activation": draw_activation(r)}
        if kind == "conv2d":
            knobs |= {"dilation": r.choice([1, 1, 2]), "bias": r.random() < 0.8}
            if r.random() < 0.3:
                knobs |= {"padding": "same", "stride": 1}
        return kind, knobs
    if kind in ("maxPool", "meanPool"):
        size = r.randint(1, 3)
        knobs = {"size": size, "stride": r.randint(0, 2), "padding": r.randint(0, size // 2)}
        return kind, knobs | ({"countPadding": r.random() < 0.5} if kind == "meanPool" else {})
    if kind == "upsample":
        return kind, {"factor": 2}
    if kind == "localResponseNorm":
        return kind, {"size": r.randint(1, 4), "alpha": single(r.uniform(0, 1)), "beta": single(r.uniform(0.3, 1)),
                      "k": single(r.uniform(0.5, 2))}
    if kind == "activation":
        return kind, {"function": draw_activation(r)}
    knobs = {"affine": r.random() < 0.7, "epsilon": single(10 ** r.uniform(-5, -3))}
    return kind, knobs | ({"momentum": single(r.uniform(0, 1))} if kind == "batchNorm" else {})


def draw_image_stack(r, count, shape, depth):
    """Layers of images, and the shape that they end with. `depth` is how many blocks may lie in each other."""
    layers = []
    while len(layers) < count:
        if layers and r.random() < 0.15:
            next(iter(layers[-1].values()))["frozen"] = True
        if depth > 0 and r.random() < 0.25:
            filters = r.randint(1, 5)
            body, ends = draw_image_stack(r, r.randint(1, 2), shape, depth - 1)
            if r.random() < 0.5:
                # Those of one size can be joined channel by channel.
                fits = ends[1:] == shape[1:]
                layers.append({"branches": {"stacks": [
                    [{"conv2d": convolution(filters)}], [{"maxPool": {"size": 3, "stride": 1, "padding": 1}}], [],
                    *([body] if fits else [])], "join": "concatenate"}})
                shape = [filters + 2 * shape[0] + (ends[0] if fits else 0), *shape[1:]]
            elif ends[1:] == shape[1:]:
                shortcut = [] if ends == shape else [{"conv2d": convolution(ends[0], 1)}]
                layers.append({"residual": {"body": body, "shortcut": shortcut}})
                shape = ends
            continue
        kind, knobs = draw_image_layer(r)
        after = shape_after(kind, knobs, shape)
        if min(after) >= 1 and math.prod(after) <= 600:
            layers.append({kind: knobs})
            shape = after
    return layers, shape


def convolution(filters, kernel=3):
    return {"filters": filters, "kernel": kernel, "stride": 1, "padding": kernel // 2, "dilation": 1, "bias": True,
            "activation": "linear"}


def draw_sequence_stack(r, count, width, window, carries):
    """Layers over all steps of a sequence, and the values of a step that they end with. `carries`: some states go on from window to
    window."""
    layers = []
    for _ in range(count):
        if layers and r.random() < 0.15:
            next(iter(layers[-1].values()))["frozen"] = True
        kind = r.choice(["rnn", "lstm", "gru"] * 2 + ["conv1d", "eachStep", "attention", "repeat"])
        if kind == "attention":
            layers.append({kind: {"causal": r.random() < 0.7, "positions": r.random() < 0.7}})
        elif kind == "repeat":
            layers += [{r.choice(["lastStep", "meanOverTime"]): {}}, {kind: {"steps": window}}]
        elif kind == "conv1d":
            width = r.randint(1, 6)
            layers.append({kind: {"filters": width, "kernel": r.randint(1, 4), "dilation": r.choice([1, 1, 2, 3]),
                                  "causal": r.random() < 0.7, "activation": draw_activation(r)}})
        elif kind == "eachStep":
            body, width = draw_stack(r, r.randint(1, 2), width, 1, [])
            # Over the samples of one step PyTorch's batchNorm is another; a layer alone may be tied to one that it is in.
            if has_batch_norm(body):
                body = [draw_dense(r, width)]
            layers.append({kind: {"body": body}})
        else:
            units = r.randint(1, 7)
            knobs = {"units": units, "returns": "all", "bidirectional": r.random() < 0.4, "layers": r.choice([1, 1, 2, 3])}
            if kind == "rnn":
                knobs["activation"] = r.choice(["tanh", "relu"])
            if carries and r.random() < 0.8:
                knobs |= {"bidirectional": False, "carry": True}
            layers.append({kind: knobs})
            width = units * (2 if knobs["bidirectional"] else 1)
    return layers, width


RECURRENT = {"rnn": 1, "lstm": 4, "gru": 3}


def directions(knobs):
    """Layers and directions, by the ends of their tensors' names."""
    return [(layer, f"l{layer}{end}") for layer in range(knobs["layers"])
            for end in ([""] + ["_reverse"] * knobs["bidirectional"])]


def has_recurrent(layers):
    return any(kind in RECURRENT for _, kind, _, _ in walk(layers))


# The states, detached, with which the layers that carry one begin the next batch, by path and name.
CARRIED = {}


def states(kind, knobs, x, t, path, name):
    """All states of one direction, step by step."""
    w, v, b, c = (t[f"{path}.{part}_{name}"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    reverse = name.endswith("_reverse")
    h = cell = torch.zeros(len(x), knobs["units"], dtype=x.dtype)
    h, cell = CARRIED.get((path, name), (h, cell))
    found = []
    for step in range(x.shape[1])[::-1 if reverse else 1]:
        z, u = x[:, step] @ w.T + b, h @ v.T + c
        if kind == "rnn":
            h = torch.tanh(z + u) if knobs["activation"] == "tanh" else torch.relu(z + u)
        elif kind == "lstm":
            i, f, g, o = (z + u).chunk(4, 1)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(cell)
        else:
            (zr, zz, zn), (ur, uz, un) = z.chunk(3, 1), u.chunk(3, 1)
            gate = torch.sigmoid(zz + uz)
            h = (1 - gate) * torch.tanh(zn + torch.sigmoid(zr + ur) * un) + gate * h
        found.append(h)
    if knobs.get("carry"):
        CARRIED[path, name] = h.detach(), cell.detach()
    return torch.stack(found[::-1] if reverse else found, 1)


def sequence_forward(kind, knobs, x, t, path, owners, plain, frozen):
    """What a layer makes of all steps."""
    if kind == "embedding":
        return t[f"{path}.weight"][x[:, :, 0].long()]
    if kind == "eachStep":
        return torch.stack(
            [forward(knobs["body"], x[:, step], f"{path}.body", t, owners, plain, frozen) for step in range(x.shape[1])], 1)
    if kind == "conv1d":
        span = knobs["dilation"] * (knobs["kernel"] - 1)
        left = span if knobs["causal"] else span // 2
        z = F.conv1d(F.pad(x.transpose(1, 2), (left, span - left)), t[f"{path}.weight"], t[f"{path}.bias"],
                     dilation=knobs["dilation"]).transpose(1, 2)
        return activate(knobs["activation"], z, t.get(f"{path}.activation.weight"))
    if kind == "lastStep":
        return x[:, -1]
    if kind == "meanOverTime":
        return x.mean(1)
    if kind == "repeat":
        return x[:, None].expand(-1, knobs["steps"], -1)
    if kind == "attention":
        if knobs["positions"]:
            x = x + t[f"{path}.positions"][:x.shape[1]]
        q, k, v = (x @ t[f"{path}.in_proj_weight"].T + t[f"{path}.in_proj_bias"]).chunk(3, 2)
        fits = q @ k.transpose(1, 2) / x.shape[2] ** 0.5
        if knobs["causal"]:
            fits = fits.masked_fill(torch.ones(x.shape[1], x.shape[1]).triu(1).bool(), -torch.inf)
        return fits.softmax(2) @ v @ t[f"{path}.out_proj.weight"].T + t[f"{path}.out_proj.bias"]
    for layer in range(knobs["layers"]):
        x = torch.cat([states(kind, knobs, x, t, path, name) for own, name in directions(knobs) if own == layer], 2)
    return x


def inner_stacks(kind, knobs):
    """The stacks of a block, by the names that they have in tensors."""
    if kind == "eachStep":
        return {"body": knobs["body"]}
    if kind == "residual":
        return {"body": knobs["body"], "shortcut": knobs["shortcut"]}
    return {f"stacks.{place}": stack for place, stack in enumerate(knobs["stacks"])} if kind == "branches" else {}


def has_batch_norm(layers):
    """Whether a layer compares the samples of a batch: a frozen batchNorm does not."""
    return any(
        not knobs.get("frozen") and (
            kind == "batchNorm" or any(has_batch_norm(stack) for stack in inner_stacks(kind, knobs).values()))
        for layer in layers for kind, knobs in layer.items())


def walk(layers, name="layers", frozen=False):
    """All layers with those in blocks: path, kind, knobs, and whether it is frozen, itself or by a block."""
    for place, layer in enumerate(layers):
        (kind, knobs), = layer.items()
        own = frozen or knobs.get("frozen", False)
        yield f"{name}.{place}", kind, knobs, own
        for inner, stack in inner_stacks(kind, knobs).items():
            yield from walk(stack, f"{name}.{place}.{inner}", own)


def uniform(generator, low, high, *shape):
    return torch.rand(*shape, generator=generator) * (high - low) + low


def start_weights(layers, shape, name, weights, generator):
    """Adds what the layers hold to `weights`; the shape that they end with."""
    for place, layer in enumerate(layers):
        (kind, knobs), = layer.items()
        path = f"{name}.{place}" if name != "output" else name
        function = knobs.get("activation", knobs.get("function"))
        if kind in RECURRENT:
            width, rows = shape[1], RECURRENT[kind] * knobs["units"]
            for layer, own in directions(knobs):
                limit = knobs["units"] ** -0.5
                inputs = width if layer == 0 else knobs["units"] * (1 + knobs["bidirectional"])
                for part, axes in (("weight_ih", [rows, inputs]), ("weight_hh", [rows, knobs["units"]]),
                                   ("bias_ih", [rows]), ("bias_hh", [rows])):
                    weights[f"{path}.{part}_{own}"] = uniform(generator, -limit, limit, *axes)
            shape = [shape[0], knobs["units"] * (1 + knobs["bidirectional"])]
            continue
        if kind in ("lastStep", "meanOverTime"):
            shape = shape[1:]
            continue
        if kind == "repeat":
            shape = [knobs["steps"], *shape]
            continue
        if kind == "attention":
            width = shape[1]
            for part, axes in (("in_proj_weight", [3 * width, width]), ("in_proj_bias", [3 * width]),
                               ("out_proj.weight", [width, width]), ("out_proj.bias", [width])):
                weights[f"{path}.{part}"] = uniform(generator, -0.7, 0.7, *axes)
            if knobs["positions"]:
                weights[f"{path}.positions"] = torch.tensor([
                    [(math.cos if j % 2 else math.sin)(step / 10000 ** ((j - j % 2) / width)) for j in range(width)]
                    for step in range(shape[0])])
            continue
        if kind == "embedding":
            weights[f"{path}.weight"] = uniform(generator, -1, 1, knobs["symbols"], knobs["size"])
            shape = [shape[0], knobs["size"]]
            continue
        if kind == "conv1d":
            limit = (3 / (shape[1] * knobs["kernel"])) ** 0.5
            weights[f"{path}.weight"] = uniform(generator, -limit, limit, knobs["filters"], shape[1], knobs["kernel"])
            weights[f"{path}.bias"] = uniform(generator, -0.5, 0.5, knobs["filters"])
            if isinstance(function, dict) and "prelu" in function:
                weights[f"{path}.activation.weight"] = torch.tensor([function["prelu"]["slope"]])
            shape = [shape[0], knobs["filters"]]
            continue
        if kind == "eachStep":
            shape = [shape[0], *start_weights(knobs["body"], shape[1:], f"{path}.body", weights, generator)]
            continue
        after = shape_after(kind, knobs, shape) if len(shape) > 2 else shape
        axes = {
            "dense": lambda: [knobs["units"], math.prod(shape)],
            "conv2d": lambda: [knobs["filters"], shape[0], knobs["kernel"], knobs["kernel"]],
            "conv2dTranspose": lambda: [shape[0], knobs["filters"], knobs["kernel"], knobs["kernel"]],
            "local2d": lambda: [*after[1:], knobs["filters"], shape[0], knobs["kernel"], knobs["kernel"]],
        }.get(kind, lambda: None)()
        if axes:
            fan = math.prod(axes[1:]) if kind in ("dense", "conv2d") else math.prod(axes[-3:])
            limit = (3 / fan) ** 0.5
            if "tied" not in knobs:
                weights[f"{path}.weight"] = uniform(generator, -limit, limit, *axes)
            if knobs.get("bias", True):
                width = [axes[0]] if kind in ("dense", "conv2d") else after[:1] if kind == "conv2dTranspose" else after
                weights[f"{path}.bias"] = uniform(generator, -0.5, 0.5, *width)
        if isinstance(function, dict) and "prelu" in function:
            slope = f"{path}.weight" if kind == "activation" else f"{path}.activation.weight"
            weights[slope] = torch.tensor([function["prelu"]["slope"]])
        width = shape[0] if kind == "batchNorm" else math.prod(shape)
        if knobs.get("affine"):
            weights[f"{path}.weight"] = uniform(generator, 0.5, 1.5, width)
            weights[f"{path}.bias"] = uniform(generator, -0.5, 0.5, width)
        if kind == "batchNorm":
            weights[f"{path}.running_mean"] = uniform(generator, -0.5, 0.5, width)
            weights[f"{path}.running_var"] = uniform(generator, 0.5, 2, width)
        ends = [
            start_weights(stack, shape, f"{path}.{own}", weights, generator)
            for own, stack in inner_stacks(kind, knobs).items()]
        if ends:
            shape = [sum(end[0] for end in ends), *ends[0][1:]] if knobs.get("join") == "concatenate" else ends[0]
        else:
            shape = [knobs["units"]] if kind == "dense" else after
    return shape


def activate(function, z, learned):
    name, knobs = next(iter(function.items())) if isinstance(function, dict) else (function, {})
    return ACTIVATIONS[name](z, learned if name == "prelu" else knobs.get("slope"))


def local_product(x, weight, bias, knobs):
    """A kernel of its own for each place."""
    columns = F.unfold(x, knobs["kernel"], padding=knobs["padding"], stride=knobs["stride"])
    return torch.einsum("bkij,ijfk->bfij", columns.unflatten(2, bias.shape[1:]), weight.flatten(3)) + bias


def pooled(kind, x, knobs):
    if kind == "maxPool":
        return F.max_pool2d(x, knobs["size"], knobs["stride"] or None, knobs["padding"])
    if kind == "meanPool":
        return F.avg_pool2d(
            x, knobs["size"], knobs["stride"] or None, knobs["padding"], count_include_pad=knobs["countPadding"])
    if kind == "upsample":
        return F.interpolate(x, scale_factor=knobs["factor"])
    return F.local_response_norm(x, knobs["size"], knobs["alpha"], knobs["beta"], knobs["k"])


def normalized(x, axis, epsilon, scale, shift):
    """In the precision of x; PyTorch's own normalizing layers calculate in float64 inside."""
    centred = x - x.mean(axis, keepdim=True)
    x = centred / torch.sqrt((centred * centred).mean(axis, keepdim=True) + epsilon)
    return x if scale is None else x * scale + shift


def forward(layers, x, name, t, owners, plain=False, frozen=False):
    """What the layers make of x in training, by the tensors t, whose running statistics move. `owners`: the paths of
    layers by their names. `plain`: see `normalized`."""
    for place, layer in enumerate(layers):
        (kind, knobs), = layer.items()
        path = f"{name}.{place}"
        if kind in RECURRENT or kind in (
                "embedding", "conv1d", "eachStep", "attention", "repeat", "lastStep", "meanOverTime"):
            x = sequence_forward(kind, knobs, x, t, path, owners, plain, frozen or knobs.get("frozen"))
        elif kind in ("conv2d", "conv2dTranspose", "local2d"):
            weight, bias = t[f"{path}.weight"], t.get(f"{path}.bias")
            if kind == "conv2d":
                z = F.conv2d(x, weight, bias, knobs["stride"], knobs["padding"], knobs["dilation"])
            elif kind == "conv2dTranspose":
                z = F.conv_transpose2d(x, weight, bias, knobs["stride"], knobs["padding"])
            else:
                z = local_product(x, weight, bias, knobs)
            x = activate(knobs["activation"], z, t.get(f"{path}.activation.weight"))
        elif kind in ("maxPool", "meanPool", "upsample", "localResponseNorm"):
            x = pooled(kind, x, knobs)
        elif kind in ("globalMeanPool", "globalMaxPool"):
            x = x.mean((2, 3)) if kind == "globalMeanPool" else x.amax((2, 3))
        elif kind == "flatten":
            x = x.flatten(1)
        elif kind == "dense":
            x = x.flatten(1)
            weight = t[f"{owners[knobs['tied']]}.weight"] if "tied" in knobs else t[f"{path}.weight"].T
            z = x @ weight + t[f"{path}.bias"]
            x = activate(knobs["activation"], z, t.get(f"{path}.activation.weight"))
        elif kind == "activation":
            x = activate(knobs["function"], x, t.get(f"{path}.weight"))
        elif kind == "batchNorm":
            scale, shift = t.get(f"{path}.weight"), t.get(f"{path}.bias")
            running = [t[f"{path}.running_{statistic}"] for statistic in ("mean", "var")]
            if frozen or knobs.get("frozen"):
                own = [-1, 1, 1][:x.dim() - 1]
                x = (x - running[0].view(own)) / torch.sqrt(running[1].view(own) + knobs["epsilon"])
                x = x if scale is None else x * scale.view(own) + shift.view(own)
            elif plain:
                with torch.no_grad():
                    axes = [0, 2, 3][:x.dim() - 1]
                    for values, found in zip(running, (x.mean(axes), x.var(axes))):
                        values.lerp_(found, knobs["momentum"])
                own = [-1, 1, 1][:x.dim() - 1]
                scale, shift = (values if values is None else values.view(own) for values in (scale, shift))
                x = normalized(x, axes, knobs["epsilon"], scale, shift)
            else:
                x = F.batch_norm(x, *running, scale, shift, True, knobs["momentum"], knobs["epsilon"])
        elif kind == "layerNorm":
            scale, shift = (
                t[name].view(x.shape[1:]) if name in t else None for name in (f"{path}.weight", f"{path}.bias"))
            if plain:
                x = normalized(x, list(range(1, x.dim())), knobs["epsilon"], scale, shift)
            else:
                x = F.layer_norm(x, x.shape[1:], scale, shift, knobs["epsilon"])
        else:
            parts = [
                forward(stack, x, f"{path}.{own}", t, owners, plain, frozen or knobs.get("frozen"))
                for own, stack in inner_stacks(kind, knobs).items()]
            join = knobs.get("join", "sum")
            if join == "concatenate":
                x = torch.cat(parts, 1)
            elif join == "max":
                # The first of the largest gets the gradient.
                x = functools.reduce(lambda a, b: torch.where(b > a, b, a), parts)
            else:
                x = sum(parts) / (len(parts) if join == "mean" else 1)
    return x


def draw_table(r, classes, count, by_row):
    """A table of sequences of values, each of a length of its own: its text, the values [sequences, steps, columns] with zeros
    behind each end, the labels (-1: none) and the lengths. The first labels show every class in order."""
    columns, longest = r.randint(1, 3), r.randint(2, 8)
    lengths = [r.randint(1, longest) for _ in range(count)]
    steps = max(lengths)
    x = torch.zeros(count, steps, columns)
    y = torch.full((count, steps), -1.0) if by_row else torch.zeros(count)
    lines, shown = ["id," + ",".join(f"x{at}" for at in range(columns)) + ",label"], 0
    for row, length in enumerate(lengths):
        own = row if row < classes else r.randrange(classes)
        for step in range(length):
            values = [single(r.uniform(-2, 2)) for _ in range(columns)]
            x[row, step] = torch.tensor(values)
            if by_row:
                own = shown if shown < classes else r.randrange(classes)
                # A row without a label; each sequence has one in its first row.
                own = own if shown < classes or step == 0 or r.random() < 0.7 else -1
                shown += own >= 0
                y[row, step] = own
            lines.append(f"s{row}," + ",".join(map(repr, values)) + "," + ("abcdefg"[own] if own >= 0 else ""))
        if not by_row:
            y[row] = own
    return "\n".join(lines) + "\n", x, y, lengths


def draw(seed):
    """An experiment, its number of classes, its start weights and its samples, all exact in float32."""
    r = random.Random(seed)
    images, sequences, masked = seed % 4 == 0, seed % 4 == 2, seed % 8 == 6
    lengths = None
    task = "many" if sequences else r.choice(["two", "many"] if images else ["two", "two", "many", "regression"])
    classes = {"two": 2, "many": r.randint(3, 5), "regression": 0}[task]
    count = r.randint(12, 60)
    points = []
    for i in range(count):
        # The first points show every class in order; that order numbers the classes.
        label = single(r.uniform(-2, 2)) if task == "regression" else i if i < classes else r.randrange(classes)
        points.append([single(r.uniform(-6, 6)), single(r.uniform(-6, 6)), label])
    shape = [1, r.randint(4, 9), r.randint(4, 9)] if images else [2]
    if masked:
        by_row = r.random() < 0.6
        text, x, y, lengths = draw_table(r, classes, count, by_row)
        shape = list(x.shape[1:])
        layers, ends = draw_sequence_stack(r, r.randint(1, 3), shape[1], shape[0], False)
        # Behind a sequence's end there are values, which a kernel that looks ahead would see; a decoder has no lengths.
        for layer in layers:
            if "conv1d" in layer:
                layer["conv1d"]["causal"] = True
        layers = [layer for layer in layers if next(iter(layer)) not in ("lastStep", "meanOverTime", "repeat")]
        if not by_row:
            layers.append({r.choice(["lastStep", "meanOverTime"]): {}})
        data = {"dataset": "csvSequences", "file": "sequences.csv", "targets": "row" if by_row else "sequence",
                "standardize": False}
        files = {"sequences.csv": text.encode()}
    elif sequences:
        # A text, whose next letter is asked for at every step.
        letters = "abcdefg"[:classes]
        window, step = r.randint(2, 8), r.randint(1, 6)
        carries = r.random() < 0.4
        if carries:
            step = window
        text = letters + "".join(r.choice(letters) for _ in range(window + step * count))
        size = r.randint(1, 5)
        layers, ends = draw_sequence_stack(r, r.randint(1, 3), size, window, carries)
        layers.insert(0, {"embedding": {"size": size, "symbols": classes}})
        starts = range(0, len(text) - 2 * (window + 1) + 1, step)
        symbols = torch.tensor([letters.index(letter) for letter in text]).float()
        x = torch.stack([symbols[start:start + window] for start in starts])[:, :, None]
        y = torch.stack([symbols[start + 1:start + window + 1] for start in starts])
        shape = [window, 1]
        data = {"dataset": "text", "file": "text.txt", "window": window, "step": step}
        files = {"text.txt": text.encode()}
    elif images:
        layers, ends = draw_image_stack(r, r.randint(1, 4), shape, 3)
        if r.random() < 0.5:
            layers.append({r.choice(["globalMeanPool", "globalMaxPool", "flatten"]): {}})
            ends = shape_after(next(iter(layers[-1])), {}, ends)
        layers += draw_stack(r, 1, math.prod(ends), 0, [])[0] if r.random() < 0.5 and len(ends) == 1 else []
        pixels = bytes(r.randrange(256) for _ in range(count * math.prod(shape)))
        x = (torch.tensor(list(pixels)).float() / 255).view(-1, *shape)
        data = {"dataset": "idx", "file": "images-idx3-ubyte"}
        files = {"images-idx3-ubyte": struct.pack(">IIII", 0x803, count, *shape[1:]) + pixels,
                 "labels-idx1-ubyte": struct.pack(">II", 0x801, count) + bytes(label for _, _, label in points)}
    else:
        layers, width = draw_stack(r, r.randint(0, 4), 2, 3, [])
        x = torch.tensor([point[:2] for point in points])
        data = {"dataset": "points", "points": points, "task": "regression" if task == "regression" else "classification"}
        files = {}
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
        "optimizer": {optimizer: knobs},
        "batchSize": r.choice([2 if has_batch_norm(layers) else 1, r.randint(2, 20), count, count + 5]),
        "lastBatch": r.choice(["short", "carry", "drop"]), "regularization": regularization, "shuffle": False}
    if r.random() < 0.25:
        training["clipNorm"] = single(10 ** r.uniform(-2, 0.5))
    experiment = {
        "data": data | {"shuffle": False, "trainFraction": 1},
        "layers": layers, "output": output, "training": training} | (
            {} if images or sequences else {"features": ["x1", "x2"]})
    units = 1 if task == "regression" or (classes == 2 and loss != "softmaxCrossEntropy") else classes
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    shape = start_weights(layers, shape, "layers", weights, generator)
    start_weights([{"dense": {"units": units}}], shape[-1:] if sequences else shape, "output", weights, generator)
    labels = y if sequences else torch.tensor([point[2] for point in points])
    return experiment, classes, weights, (x, labels) if lengths is None else (x, labels, torch.tensor(lengths)), files


def passes(count, training, least, in_streams):
    """The rows of each pass and whether an update follows it, in order: for ever. Fewer than `least` rows are left out. `in_streams`:
    a row of each of so many streams, and what is left over is left out; an epoch begins without states."""
    size = min(training["batchSize"], count)
    while True:
        CARRIED.clear()
        if in_streams:
            length = count // size
            for at in range(length):
                yield [stream * length + at for stream in range(size)], True
            continue
        for at in range(0, count, size):
            rows = list(range(at, min(at + size, count)))
            if len(rows) == size or (len(rows) >= least and training["lastBatch"] != "drop"):
                yield rows, len(rows) == size or training["lastBatch"] == "short"


def torch_weights(experiment, classes, start, samples, dtype, order=None):
    training, output, layers = (experiment[key] for key in ("training", "output", "layers"))
    t = {name: values.to(dtype).clone() for name, values in start.items()}
    frozen = {path for path, _, _, is_frozen in walk(layers) if is_frozen}
    owners = {knobs["name"]: path for path, _, knobs, _ in walk(layers) if "name" in knobs}
    trained = {
        name: values.requires_grad_() for name, values in t.items()
        if ".running_" not in name and not name.endswith(".positions") and not any(name.startswith(f"{path}.") for path in frozen)}
    x, labels = (values.to(dtype) for values in samples[:2])
    lengths = samples[2] if len(samples) > 2 else None
    single = t["output.bias"].numel() == 1
    if classes == 0:
        target = labels[:, None]
    elif output["loss"] == "softmaxCrossEntropy":
        target = labels.long()
    elif labels.dim() == 2:
        target = (labels[:, :, None] if single else F.one_hot(labels.long().clamp(0), classes)).to(dtype)
        if output["loss"] != "binaryCrossEntropy":
            target = target * 2 - 1
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
    optimizer = OPTIMIZERS[name](list(trained.values()), knobs)
    steps = taken = 0
    in_streams = any(knobs.get("carry") for _, _, knobs, _ in walk(layers))
    for batch, is_update in passes(len(x), training, 2 if has_batch_norm(layers) else 1, in_streams):
        # A pass that is carried comes before the next update; its running statistics are there at once.
        if steps == STEPS and is_update:
            break
        # A state belongs to its stream.
        if order and not in_streams:
            order.shuffle(batch)
        if lengths is not None:
            # Each sequence by itself, as long as it is; of steps those that have a target.
            rows = []
            for row in batch:
                own = forward(layers, x[row:row + 1, :lengths[row]], "layers", t, owners, order is not None)
                is_asked = labels[row, :lengths[row]] >= 0 if labels.dim() == 2 else None
                rows.append((own[0][is_asked], target[row, :lengths[row]][is_asked]) if labels.dim() == 2
                            else (own, target[row:row + 1]))
            hidden, asked = (torch.cat(parts) for parts in zip(*rows))
        else:
            hidden = forward(layers, x[batch], "layers", t, owners, order is not None)
            asked = target[batch]
        if labels.dim() == 2 and lengths is None:
            # Every step has a target: the mean over them, as the others count one.
            hidden, asked = hidden.flatten(0, 1), asked.flatten(0, 1)
        z = hidden.flatten(1) @ t["output.weight"].T + t["output.bias"]
        y = torch.tanh(z) if output.get("activation") == "tanh" else z
        if dtype == torch.float64 and not bool((z.abs() < 1e6).all()):
            raise Undecided
        by_step = labels.dim() == 2 and lengths is None
        (losses[output["loss"]](y, z, asked) / (labels.shape[1] if by_step else 1)).backward()
        # The mean is over all steps that have a target, whichever sequences they belong to.
        taken += len(batch) if lengths is None else len(asked)
        if not is_update:
            continue
        for v in trained.values():
            v.grad /= taken
        if name in SCALE_FREE and dtype == torch.float64:
            sizes = [v.grad.abs() for v in trained.values()]
            largest = max(size.max() for size in sizes)
            for size in sizes:
                if 0 < size.max() < 1e-9 * largest:
                    raise Undecided
                if name == "rprop" and bool(((size > 0) & (size < 1e-6 * size.max())).any()):
                    raise Undecided
        clip = training.get("clipNorm", 1 if has_recurrent(layers) else None)
        if clip:
            torch.nn.utils.clip_grad_norm_(list(trained.values()), clip)
        before = {n: v.detach().clone() for n, v in trained.items()}
        optimizer.step()
        l1, l2 = (training["regularization"].get(n, 0) for n in ("l1", "l2"))
        with torch.no_grad():
            for n, v in trained.items():
                if (l1 or l2) and v.dim() > 1 and not n.endswith("bias"):
                    moved = v - knobs["learningRate"] * (l2 * before[n] + l1 * before[n].sign())
                    v.copy_(torch.where((l1 > 0) & (moved * v < 0), torch.zeros_like(v), moved))
        optimizer.zero_grad()
        steps, taken = steps + 1, 0
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
    experiment, classes, start, samples, files = draw(seed)
    exact = torch_weights(experiment, classes, start, samples, torch.float64)
    paths = [os.path.join(folder, name) for name in ("experiment.json", "start.safetensors", "end.safetensors")]
    with open(paths[0], "w") as file:
        json.dump(experiment, file)
    for name, content in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
    write_safetensors(paths[1], start)
    run = subprocess.run(
        [binary, "train", paths[0], "--load", paths[1], "--save", paths[2], "--steps", str(STEPS), "--format", "json"],
        capture_output=True, text=True)
    if run.returncode:
        return [f"seed {seed}: layercake ended with {run.returncode}: {run.stderr.strip()}"], 0
    if json.loads(run.stdout)["diverged"]:
        return [f"seed {seed}: diverged"], 0
    ours = read_safetensors(paths[2])
    rounded = [torch_weights(experiment, classes, start, samples, torch.float32)]
    problems, largest = [], 0.0

    def apart(values, name):
        return float((values[name].double() - exact[name]).norm()) / max(float(exact[name].norm()), 1e-12)

    for name in exact:
        error = apart(ours, name)
        peer = max(apart(values, name) for values in rounded)
        if len(rounded) == 1 and error > max(1e-5, 10 * peer):
            rounded += [torch_weights(experiment, classes, start, samples, torch.float32, random.Random(i))
                        for i in range(8)]
            peer = max(apart(values, name) for values in rounded)
        if peer > 1e-3:
            raise Undecided
        largest = max(largest, error)
        if not error <= max(1e-5, 10 * peer):
            problems.append(f"seed {seed}: {name} is off by {error:.2e}, PyTorch's float32 by {peer:.2e} "
                            f"({json.dumps({key: experiment[key] for key in ('output', 'training', 'layers')})})")
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
