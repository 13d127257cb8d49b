#!/usr/bin/env python3
"""Writes engine.txt: what PyTorch computes, in double precision, for every activation, loss and optimizer, with
clipping and weight decay, on one small network of fixed weights and samples.

    python3 Tests/Fixtures/make_fixtures.py      (needs torch)

A case is a line "case KIND ID", lines "KEY NUMBER ..." and a blank line. Keys: `knob NAME` (of the optimizer),
`inputs` (row-major), `labels`,
`loss` and `preActivation` (the output's) at the start, `start`/`gradient`/`step1`/`step10`/`step100` followed by a
tensor's name. All starting numbers are exact in float32.
"""

import pathlib

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)

SAMPLES = 7

ACTIVATIONS = {
    "linear": lambda z, a: z,
    "sigmoid": lambda z, a: torch.sigmoid(z),
    "tanh": lambda z, a: torch.tanh(z),
    "relu": lambda z, a: F.relu(z),
    "leakyReLU": lambda z, a: F.leaky_relu(z, 0.01),
    "prelu": lambda z, a: F.prelu(z, a),
    "elu": lambda z, a: F.elu(z),
    "gelu": lambda z, a: F.gelu(z),
    "softplus": lambda z, a: F.softplus(z),
    "sin": lambda z, a: torch.sin(z),
    "gaussian": lambda z, a: torch.exp(-z * z / 2),
    "asinh": lambda z, a: torch.asinh(z),
    # Its derivative is 0 everywhere.
    "threshold": lambda z, a: (z >= 0).to(z.dtype) + 0 * z,
}


def signed(labels, classes):
    return labels * 2 - 1 if classes == 2 else F.one_hot(labels[:, 0].long(), classes) * 2.0 - 1


def one_hot(labels, classes):
    return labels if classes == 2 else F.one_hot(labels[:, 0].long(), classes).to(labels.dtype)


# Each: the units of the output for a number of classes, the mean over the batch of the sum over outputs.
LOSSES = {
    "squaredError": lambda z, t, c: 0.5 * F.mse_loss(torch.tanh(z), signed(t, c), reduction="sum") / SAMPLES,
    "absoluteError": lambda z, t, c: F.l1_loss(torch.tanh(z), signed(t, c), reduction="sum") / SAMPLES,
    "huber": lambda z, t, c: F.huber_loss(torch.tanh(z), signed(t, c), reduction="sum") / SAMPLES,
    "binaryCrossEntropy": lambda z, t, c: F.binary_cross_entropy_with_logits(z, one_hot(t, c), reduction="sum") / SAMPLES,
    "softmaxCrossEntropy": lambda z, t, c: F.cross_entropy(z, t[:, 0].long()),
    "hinge": lambda z, t, c: F.relu(1 - signed(t, c) * torch.tanh(z)).sum() / SAMPLES,
}

# Each: PyTorch's optimizer, and our knobs where they differ from our defaults. RProp and RMSprop get small steps: once
# their loss is 0 to float32's precision, PyTorch's own float32 run leaves its float64 run too.
OPTIMIZERS = {
    "sgd": (lambda p: torch.optim.SGD(p, lr=0.03), {}),
    "momentum": (lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.9), {}),
    "nesterov": (lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.9, nesterov=True), {}),
    "rprop": (
        lambda p: torch.optim.Rprop(p, lr=0.001, step_sizes=(1e-6, 0.02)),
        {"learningRate": 0.001, "maximumStep": 0.02},
    ),
    "adagrad": (lambda p: torch.optim.Adagrad(p), {}),
    "rmsprop": (lambda p: torch.optim.RMSprop(p, lr=0.001), {"learningRate": 0.001}),
    "adam": (lambda p: torch.optim.Adam(p), {}),
    "adamw": (lambda p: torch.optim.AdamW(p), {}),
}
DECAYING_ADAM = (
    lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    {"learningRate": 0.01, "weightDecay": 0.1},
)


class Network:
    """2 inputs, hidden layers of 4 and 3 units with one activation, an output layer."""

    def __init__(self, activation, outputs):
        generator = torch.Generator().manual_seed(1)
        self.activation = ACTIVATIONS[activation]
        self.tensors = {}
        widths = [2, 4, 3, outputs]
        for layer, (inputs, units) in enumerate(zip(widths, widths[1:])):
            name = "output" if layer == 2 else f"layers.{layer}"
            self.add(f"{name}.weight", (torch.rand(units, inputs, generator=generator) * 2 - 1) * 0.9)
            self.add(f"{name}.bias", (torch.rand(units, generator=generator) * 2 - 1) * 0.4)
            if activation == "prelu" and name != "output":
                self.add(f"{name}.activation.weight", torch.tensor([0.25]))

    def add(self, name, values):
        self.tensors[name] = values.float().double().requires_grad_()

    def __call__(self, x):
        t = self.tensors
        for layer in ["layers.0", "layers.1"]:
            x = self.activation(x @ t[f"{layer}.weight"].T + t[f"{layer}.bias"], t.get(f"{layer}.activation.weight"))
        return x @ t["output.weight"].T + t["output.bias"]


def numbers(values):
    return " ".join(f"{v:.10g}" for v in values.detach().reshape(-1).tolist())


def case(out, kind, name, activation="tanh", loss="squaredError", optimizer="sgd", classes=2, clip=None):
    generator = torch.Generator().manual_seed(2)
    x = ((torch.rand(SAMPLES, 2, generator=generator) * 2 - 1) * 2).float().double()
    labels = (torch.arange(SAMPLES) * 3 % classes).double()[:, None]
    net = Network(activation, classes if classes > 2 or loss == "softmaxCrossEntropy" else 1)
    parameters = list(net.tensors.values())
    make, knobs = DECAYING_ADAM if kind == "weightDecay" else OPTIMIZERS[optimizer]
    chosen = make(parameters)
    out.append(f"case {kind} {name}")
    out.append(f"activation {activation}")
    out.append(f"criterion {loss}")
    out.append(f"optimizer {optimizer}")
    out.append(f"classes {classes}")
    for knob, value in knobs.items():
        out.append(f"knob {knob} {value}")
    if clip:
        out.append(f"clip {clip}")
    out.append(f"inputs {numbers(x)}")
    out.append(f"labels {numbers(labels)}")
    for tensor, values in net.tensors.items():
        out.append(f"start {tensor} {numbers(values)}")
    for step in range(1, 101):
        chosen.zero_grad()
        z = net(x)
        value = LOSSES[loss](z, labels, classes)
        value.backward()
        if step == 1:
            out.append(f"loss {numbers(value)}")
            out.append(f"preActivation {numbers(z)}")
            for tensor, values in net.tensors.items():
                out.append(f"gradient {tensor} {numbers(values.grad)}")
        if clip:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        chosen.step()
        if step in (1, 10, 100):
            for tensor, values in net.tensors.items():
                out.append(f"step{step} {tensor} {numbers(values)}")
    out.append("")


def main():
    out = []
    for activation in ACTIVATIONS:
        case(out, "activation", activation, activation=activation)
    for loss in LOSSES:
        for classes in (2, 3):
            case(out, "loss", loss, loss=loss, classes=classes)
    for optimizer in OPTIMIZERS:
        case(out, "optimizer", optimizer, optimizer=optimizer)
    case(out, "clip", "sgd", clip=0.1)
    case(out, "weightDecay", "adam", optimizer="adam")
    pathlib.Path(__file__).with_name("engine.txt").write_text("\n".join(out))


main()
