#!/usr/bin/env python3
"""Writes what PyTorch computes in double precision, on one small network of fixed weights and samples:

- engine.txt: every activation, loss, optimizer, schedule and regularizer, dropout, clipping and weight decay;
- initializers.txt: the bounds and moments of every initializer;
- layers.txt: stacks of every kind of layer, whose key `layers` is read by StackText.swift;
- autoencoders.txt: networks that give back their input: tied, with a sparse code, and with a code that is drawn;
- checkpoints.txt: training under every optimizer that goes on from a checkpoint file.

    python3 Tests/Fixtures/make_fixtures.py      (needs torch and safetensors; writes the same bytes each time)

A case is a line "case KIND ID", lines "KEY WORD-OR-NUMBER ..." and a blank line. Keys in engine.txt: `knob NAME` (of the
optimizer), `scheduleKnob NAME`, `l1`, `l2`, `inputs` (row-major), `labels`, `loss` and `preActivation` (the output's, with
dropout off) at the start, `start`/`gradient`/`step1`/`step10`/`step100` followed by a tensor's name; `rates` (before each
step), `seed`, `dropout` (the rates) and `mask NAME` of the first step. All starting numbers are exact in float32.
"""

import itertools
import math
import pathlib

import safetensors.torch
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
        lambda p: torch.optim.Rprop(p, lr=0.001, step_sizes=(1e-6, 0.01)),
        {"learningRate": 0.001, "maximumStep": 0.01},
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

# Each: the learning rate's PyTorch scheduler, and our knobs. 1/t has none there. Ours counts steps, not epochs.
SCHEDULES = {
    "constant": (lambda o, k: torch.optim.lr_scheduler.ConstantLR(o, factor=1), {}),
    "step": (
        lambda o, k: torch.optim.lr_scheduler.StepLR(o, k["stepSize"], gamma=k["factor"]),
        {"stepSize": 20, "factor": 0.5},
    ),
    "exponential": (lambda o, k: torch.optim.lr_scheduler.ExponentialLR(o, k["decay"]), {"decay": 0.98}),
    "cosine": (
        lambda o, k: torch.optim.lr_scheduler.CosineAnnealingLR(o, k["steps"], o.defaults["lr"] * k["minimum"]),
        {"steps": 60, "minimum": 0.1},
    ),
    "inverseTime": (lambda o, k: torch.optim.lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + t / k["steps"])), {"steps": 30}),
}
RATE = 0.03
WARMUP = 7
# Decoupled decay: optimizer, activation, schedule, l1, l2. The slope of PReLU, like biases, does not decay.
REGULARIZERS = {
    "l1": ("sgd", "tanh", "constant", 0.2, 0),
    "l2": ("sgd", "tanh", "constant", 0, 0.2),
    "both": ("momentum", "prelu", "constant", 0.02, 0.05),
    "scheduled": ("adam", "tanh", "exponential", 2, 0.5),
}


def rates(make, count):
    """The scheduler's rate before each of `count` steps."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    scheduler = make(optimizer)
    found = []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def scheduled(name, warmup, count=101):
    """The rates of a schedule: cosine stays at its end, where PyTorch's rises again; a warm-up multiplies."""
    make, knobs = SCHEDULES[name]
    turn = knobs["steps"] + 1 if name == "cosine" else count
    plain = rates(lambda o: make(o, knobs), turn)
    plain += [plain[-1]] * (count - turn)
    if not warmup:
        return plain
    rising = rates(lambda o: torch.optim.lr_scheduler.LinearLR(o, 1 / warmup, total_iters=warmup - 1), count)
    return [a * b / RATE for a, b in zip(plain, rising)]


def mixed64(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31


def mixed32(x):
    x = (x ^ x >> 16) * 0x7FEB352D % 2**32
    x = (x ^ x >> 15) * 0x846CA68B % 2**32
    return x ^ x >> 16


def mask(seed, step, layer, units, rate):
    """Dropout's factors, [samples, units]: the project's own generator, a function of seed, step, layer, unit, sample."""
    draws = uniform(seed, step, layer, units)
    return torch.where(draws < rate, 0.0, 1 / (1 - rate))


def uniform(seed, step, layer, units):
    """The generator's numbers in [0, 1), [samples, units]."""
    position = step * 0x9E3779B97F4A7C15 + layer
    key = mixed64((mixed64(((seed ^ 0x64726F706F757400) + 0x9E3779B97F4A7C15) % 2**64) + position) % 2**64)
    low, high = key % 2**32, key >> 32

    def draw(unit, sample):
        other = high ^ unit * 0x9E3779B9 % 2**32
        return (mixed32((mixed32(sample ^ low) + other) % 2**32) >> 8) * 2**-24

    return torch.tensor([[draw(u, s) for u in range(units)] for s in range(SAMPLES)])


def normal(seed, step, layer, units):
    """The generator's normal deviates, [samples, units]."""
    draws = uniform(seed, step, layer, 2 * units)
    return (-2 * torch.log(1 - draws[:, ::2])).sqrt() * torch.cos(2 * math.pi * draws[:, 1::2])


class Network:
    """2 inputs, hidden layers of 4 and 3 units with one activation, an output layer; dropout after the hidden ones."""

    WIDTHS = [4, 3]

    def __init__(self, activation, outputs, dropout=()):
        self.dropout = dropout
        self.hidden = ["layers.0", "layers.2"] if dropout else ["layers.0", "layers.1"]
        generator = torch.Generator().manual_seed(1)
        self.activation = ACTIVATIONS[activation]
        self.tensors = {}
        widths = [2, *self.WIDTHS, outputs]
        for name, inputs, units in zip([*self.hidden, "output"], widths, widths[1:]):
            self.add(f"{name}.weight", (torch.rand(units, inputs, generator=generator) * 2 - 1) * 0.9)
            self.add(f"{name}.bias", (torch.rand(units, generator=generator) * 2 - 1) * 0.4)
            if activation == "prelu" and name != "output":
                self.add(f"{name}.activation.weight", torch.tensor([0.25]))

    def add(self, name, values):
        self.tensors[name] = values.float().double().requires_grad_()

    def masks(self, seed, step):
        """By the dropout layers' names."""
        return {
            f"layers.{2 * place + 1}": mask(seed, step, 2 * place + 1, self.WIDTHS[place], rate)
            for place, rate in enumerate(self.dropout)
        }

    def __call__(self, x, masks={}):
        t = self.tensors
        for place, layer in enumerate(self.hidden):
            x = self.activation(x @ t[f"{layer}.weight"].T + t[f"{layer}.bias"], t.get(f"{layer}.activation.weight"))
            x = x * masks.get(f"layers.{2 * place + 1}", 1)
        return x @ t["output.weight"].T + t["output.bias"]


def numbers(values):
    return " ".join(f"{v:.10g}" for v in torch.as_tensor(values).detach().reshape(-1).tolist())


def samples(classes, shape=(2,)):
    generator = torch.Generator().manual_seed(2)
    x = ((torch.rand(SAMPLES, *shape, generator=generator) * 2 - 1) * 2).float().double()
    return x, (torch.arange(SAMPLES) * 3 % classes).double()[:, None]


def decay(tensors, before, rate, l1, l2):
    """w ← w − rate · (l2 · w₀ + l1 · sign w₀) at the weight w₀ before the step; 0 where l1 takes w through 0."""
    with torch.no_grad():
        for name, w in tensors.items():
            if name.endswith(".weight") and "activation" not in name:
                after = w - rate * (l2 * before[name] + l1 * before[name].sign())
                w.copy_(torch.where((after * w < 0) & (l1 > 0), 0.0, after))


def case(
    out, kind, name, activation="tanh", loss="squaredError", optimizer="sgd", classes=2, clip=None, l1=0, l2=0,
    schedule=None, warmup=0, dropout=(), seed=1,
):
    x, labels = samples(classes)
    net = Network(activation, classes if classes > 2 or loss == "softmaxCrossEntropy" else 1, dropout)
    parameters = list(net.tensors.values())
    make, knobs = DECAYING_ADAM if kind == "weightDecay" else OPTIMIZERS[optimizer]
    chosen = make(parameters)
    base = chosen.param_groups[0]["lr"]
    factors = [rate / RATE for rate in scheduled(schedule, warmup)] if schedule else [1] * 101
    out.append(f"case {kind} {name}")
    out.append(f"activation {activation}")
    out.append(f"criterion {loss}")
    out.append(f"optimizer {optimizer}")
    out.append(f"classes {classes}")
    for knob, value in knobs.items():
        out.append(f"knob {knob} {value}")
    if clip:
        out.append(f"clip {clip}")
    if l1 or l2:
        out.append(f"l1 {l1}")
        out.append(f"l2 {l2}")
    if schedule:
        out.append(f"schedule {schedule}")
        for knob, value in (SCHEDULES[schedule][1] | {"warmupSteps": warmup}).items():
            out.append(f"scheduleKnob {knob} {value}")
        out.append("rates " + " ".join(f"{base * factor:.15g}" for factor in factors))
    if dropout:
        out.append(f"seed {seed}")
        out.append(f"dropout {numbers(dropout)}")
        for layer, factor in net.masks(seed, 0).items():
            out.append(f"mask {layer} {numbers(factor)}")
    out.append(f"inputs {numbers(x)}")
    out.append(f"labels {numbers(labels)}")
    for tensor, values in net.tensors.items():
        out.append(f"start {tensor} {numbers(values)}")
    z = net(x)
    out.append(f"loss {numbers(LOSSES[loss](z, labels, classes))}")
    out.append(f"preActivation {numbers(z)}")
    for step in range(1, 101):
        chosen.param_groups[0]["lr"] = base * factors[step - 1]
        chosen.zero_grad()
        LOSSES[loss](net(x, net.masks(seed, step - 1)), labels, classes).backward()
        if step == 1:
            for tensor, values in net.tensors.items():
                out.append(f"gradient {tensor} {numbers(values.grad)}")
        if clip:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        before = {tensor: values.detach().clone() for tensor, values in net.tensors.items()}
        chosen.step()
        if l1 or l2:
            decay(net.tensors, before, base * factors[step - 1], l1, l2)
        if step in (1, 10, 100):
            for tensor, values in net.tensors.items():
                out.append(f"step{step} {tensor} {numbers(values)}")
    out.append("")


def parsed(text):
    """The layers of a text as StackText.swift reads it: words apart by spaces, `dense:4:tanh`, `activation:relu`,
    `batchNorm`, `residual( BODY | SHORTCUT )`, `branches:sum( STACK | STACK )`, `conv2d:filters=3:padding=same`;
    `!dense:4:tanh` is frozen, `dense:4:tanh@code` is called "code", and `dense:2:tanh~code` is tied to it. Each is its word and
    its stacks."""
    stacks = [[[]]]
    for word in text.split():
        if word.endswith("("):
            stacks[-1][-1].append((word[:-1], []))
            stacks.append([[]])
        elif word == "|":
            stacks[-1].append([])
        elif word == ")":
            inside = stacks.pop()
            stacks[-1][-1][-1][1].extend(inside)
        else:
            stacks[-1][-1].append((word, []))
    return stacks[0][0]


class Block(torch.nn.Module):
    """Several stacks over the same input, and the function that joins their results."""

    JOINS = {
        "sum": lambda parts: sum(parts),
        "mean": lambda parts: sum(parts) / len(parts),
        "max": lambda parts: torch.stack(parts).amax(0),
        "concatenate": lambda parts: torch.cat(parts, 1),
    }

    def __init__(self, stacks, join):
        super().__init__()
        self.stacks = torch.nn.ModuleList(stacks)
        self.join = self.JOINS[join]
        shapes = [stack.shape for stack in stacks]
        self.shape = [sum(shape[0] for shape in shapes), *shapes[0][1:]] if join == "concatenate" else shapes[0]

    def forward(self, x):
        return self.join([stack(x) for stack in self.stacks])


class Tied(torch.nn.Module):
    """The transposed weight of another layer, with a bias of its own."""

    def __init__(self, owner):
        super().__init__()
        # In a list, so that its parameters are not this module's.
        self.owner = [owner]
        self.bias = torch.nn.Parameter(torch.zeros(owner.in_features))

    def forward(self, x):
        return F.linear(x, self.owner[0].weight.T, self.bias)


class Stack(torch.nn.Module):
    """Layers as `parsed` gives them. Adds to `tensors` and `states` what they hold, under our names; what is frozen is in
    `states`, and its normalizing modules in `still`. `named`: the dense layers that have names."""

    def __init__(
        self, layers, shape, name, tensors, states, generator, named=None, still=None, frozen=False, lengths=None
    ):
        super().__init__()
        self.steps = torch.nn.ModuleList()
        named = {} if named is None else named
        learned, outer = tensors, frozen
        shape = list(shape)

        def drawn(module, width):
            with torch.no_grad():
                for values, limit in zip(module.parameters(), (width, 0.4)):
                    values.copy_(((torch.rand(values.shape, generator=generator) * 2 - 1) * limit).float())
            return module

        for place, (word, stacks) in enumerate(layers):
            word, frozen = word.removeprefix("!"), outer or word.startswith("!")
            word, _, own_name = word.partition("@")
            word, _, tied = word.partition("~")
            tensors = states if frozen else learned
            kind, *rest = word.split(":")
            path = f"{name}.{place}"
            if kind == "eachStep":
                module = EachStep(
                    Stack(stacks[0], shape[1:], f"{path}.body", learned, states, generator, named, still, frozen, lengths))
                shape = [shape[0], *module.body.shape]
                self.steps.append(module)
                continue
            if stacks:
                names = ["body", "shortcut"] if kind == "residual" else [f"stacks.{i}" for i in range(len(stacks))]
                inside = [
                    Stack(inner, shape, f"{path}.{own}", learned, states, generator, named, still, frozen, lengths)
                    for own, inner in zip(names, stacks)
                ]
                module = Block(inside, "sum" if kind == "residual" else rest[0])
                shape = module.shape
                self.steps.append(module)
                continue
            width = math.prod(shape)
            if kind == "dense":
                if len(shape) > 1:
                    self.steps.append(torch.nn.Flatten())
                module = Tied(named[tied]) if tied else torch.nn.Linear(width, int(rest[0]))
                # Of a tied layer the bias alone.
                drawn(module, 0.4 if tied else 0.9)
                named[own_name] = module
                shape = [int(rest[0])]
                self.steps.append(module)
                self.activate(rest[1], f"{path}.activation.weight", tensors, states)
            elif kind == "activation":
                module = torch.nn.Identity()
                self.steps.append(module)
                self.activate(rest[0], f"{path}.weight", tensors, states)
            elif kind == "batchNorm":
                module = torch.nn.BatchNorm2d(shape[0]) if len(shape) > 1 else torch.nn.BatchNorm1d(width)
                self.steps.append(module)
                if frozen:
                    still.append(module)
                    with torch.no_grad():
                        for values in [*module.parameters(), module.running_mean, module.running_var]:
                            values.copy_((torch.rand(values.shape, generator=generator) + 0.5).float())
                states |= {f"{path}.running_mean": module.running_mean, f"{path}.running_var": module.running_var}
            elif kind == "layerNorm":
                module = torch.nn.LayerNorm(width)
                self.steps.append(module)
            else:
                knobs = dict(word.split("=") for word in rest)
                if kind in SEQUENCE_LAYERS:
                    module = self.sequence_layer(kind, shape, knobs, drawn, lengths, generator)
                    shape = list(module(torch.zeros(SAMPLES, *shape)).shape[1:])
                    # Behind the steps there are no lengths.
                    if len(shape) == 1 or kind == "repeat":
                        lengths = None
                else:
                    module = self.image_layer(kind, shape, knobs, drawn)
                    shape = list(module(torch.zeros(1, *shape)).shape[1:])
                self.steps.append(module)
                if "activation" in knobs and kind != "rnn":
                    self.activate(knobs["activation"], f"{path}.activation.weight", tensors, states)
            if kind == "attention" and module.waves:
                states[f"{path}.positions"] = module.positions
            for parameter, values in module.named_parameters():
                # Modules of PyTorch's inside our own have their names alone.
                tensors[f"{path}.{parameter.removeprefix('module.')}"] = values.requires_grad_(not frozen)
        self.shape = shape

    @staticmethod
    def sequence_layer(kind, shape, knobs, drawn, lengths, generator):
        """A layer over sequences [steps, features]; those with `lengths` are packed, so that the rest does not count."""
        flag = {name: value == "true" for name, value in knobs.items()}
        units = int(knobs.get("units", 8))
        if kind in ("rnn", "lstm", "gru"):
            make = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
            more = {"nonlinearity": knobs.get("activation", "tanh")} if kind == "rnn" else {}
            module = make(
                shape[1], units, int(knobs.get("layers", 1)), batch_first=True, bidirectional=flag.get("bidirectional", False),
                **more)
            with torch.no_grad():
                for values in module.parameters():
                    values.copy_(((torch.rand(values.shape, generator=generator) * 2 - 1) * 0.6).float())
            return Recurrent(module, knobs.get("returns", "last"), lengths, flag.get("carry", False))
        if kind == "conv1d":
            kernel, dilation = int(knobs.get("kernel", 3)), int(knobs.get("dilation", 1))
            span = dilation * (kernel - 1)
            left = span if knobs.get("causal", "true") == "true" else span // 2
            module = drawn(torch.nn.Conv1d(shape[1], int(knobs["filters"]), kernel, dilation=dilation), 0.5)
            return Padded(module, left, span - left)
        if kind == "attention":
            module = torch.nn.MultiheadAttention(shape[1], 1, batch_first=True)
            with torch.no_grad():
                for values in module.parameters():
                    values.copy_(((torch.rand(values.shape, generator=generator) * 2 - 1) * 0.6).float())
            return Attending(module, flag.get("causal", True), flag.get("positions", True), lengths, shape)
        if kind == "embedding":
            module = torch.nn.Embedding(VOCABULARY, int(knobs["size"]))
            drawn(module, 0.9)
            return Symbols(module)
        return {
            "lastStep": lambda: Reduced(lambda x: lasts(x, lengths)),
            "meanOverTime": lambda: Reduced(lambda x: means(x, lengths)),
            "repeat": lambda: Reduced(lambda x: x[:, None].expand(-1, int(knobs["steps"]), -1)),
        }[kind]()

    @staticmethod
    def image_layer(kind, shape, knobs, drawn):
        """`flip` has no counterpart in PyTorch: its kernel is turned before use."""
        number = {name: int(value) for name, value in knobs.items() if value.isdigit()}
        if kind == "conv2d":
            module = torch.nn.Conv2d(
                shape[0], number["filters"], number.get("kernel", 3), number.get("stride", 1),
                number.get("padding", knobs.get("padding", 0)), number.get("dilation", 1))
            return drawn(Turned(module) if knobs.get("flip") == "true" else module, 0.5)
        if kind == "conv2dTranspose":
            return drawn(torch.nn.ConvTranspose2d(
                shape[0], number["filters"], number.get("kernel", 3), number.get("stride", 2), number.get("padding", 0),
                number.get("outputPadding", 0), dilation=number.get("dilation", 1)), 0.5)
        if kind == "local2d":
            return drawn(Local(
                shape, number["filters"], number.get("kernel", 3), number.get("stride", 1), number.get("padding", 0)), 0.5)
        if kind == "localResponseNorm":
            return torch.nn.LocalResponseNorm(
                number.get("size", 5), float(knobs.get("alpha", 1e-4)), float(knobs.get("beta", 0.75)), float(knobs.get("k", 1)))
        window = number.get("size", 2), number.get("stride"), number.get("padding", 0)
        return {
            "maxPool": lambda: torch.nn.MaxPool2d(*window),
            "meanPool": lambda: torch.nn.AvgPool2d(*window, count_include_pad=knobs.get("countPadding") != "false"),
            "globalMeanPool": lambda: Reduced(lambda x: x.mean((2, 3))),
            "globalMaxPool": lambda: Reduced(lambda x: x.amax((2, 3))),
            "flatten": lambda: torch.nn.Flatten(),
            "upsample": lambda: torch.nn.Upsample(scale_factor=number.get("factor", 2)),
        }[kind]()

    def activate(self, activation, path, tensors, states):
        module = Function(activation)
        self.steps.append(module)
        for values in module.parameters():
            tensors[path] = values.requires_grad_(tensors is not states)

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x


SEQUENCE_LAYERS = ["rnn", "lstm", "gru", "conv1d", "embedding", "lastStep", "meanOverTime", "repeat", "attention"]
VOCABULARY = 6


def lasts(x, lengths):
    return x[:, -1] if lengths is None else x[torch.arange(len(x)), lengths - 1]


def means(x, lengths):
    if lengths is None:
        return x.mean(1)
    mask = torch.arange(x.shape[1])[None, :, None] < lengths[:, None, None]
    return (x * mask).sum(1) / lengths[:, None]


class Recurrent(torch.nn.Module):
    """All states, or those at the ends of both directions. One that `carries` begins with the state that the last call ended with,
    detached; None is 0."""

    def __init__(self, module, returns, lengths, carries):
        super().__init__()
        self.module, self.returns, self.lengths, self.carries, self.state = module, returns, lengths, carries, None

    def forward(self, x):
        if self.lengths is None:
            y, state = self.module(x, self.state)
            if self.carries:
                self.state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        else:
            packed = torch.nn.utils.rnn.pack_padded_sequence(x, self.lengths, True, enforce_sorted=False)
            y, _ = torch.nn.utils.rnn.pad_packed_sequence(self.module(packed)[0], True, total_length=x.shape[1])
        if self.returns == "all":
            return y
        if not self.module.bidirectional:
            return lasts(y, self.lengths)
        forwards, backwards = y.chunk(2, 2)
        return torch.cat([lasts(forwards, self.lengths), backwards[:, 0]], 1)


class Padded(torch.nn.Module):
    """A convolution over the steps, with zeros before and behind them."""

    def __init__(self, module, left, right):
        super().__init__()
        self.module, self.padding = module, (left, right)

    def forward(self, x):
        return self.module(F.pad(x.transpose(1, 2), self.padding)).transpose(1, 2)


class Symbols(torch.nn.Module):
    """The vectors of symbols' numbers; of a negative one zeros."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        numbers = x[:, :, 0].long()
        return self.module(numbers.clamp(min=0)) * (numbers >= 0)[:, :, None]


class Attending(torch.nn.Module):
    """Attention of one head, with waves by which steps know their places."""

    def __init__(self, module, causal, positions, lengths, shape):
        super().__init__()
        self.module, self.lengths = module, lengths
        steps, features = shape
        self.mask = torch.ones(steps, steps).triu(1).bool() if causal else None
        places = torch.tensor([
            [(math.cos if j % 2 else math.sin)(t / 10000 ** ((j - j % 2) / features)) for j in range(features)]
            for t in range(steps)])
        self.positions = places if positions else torch.zeros(steps, features)
        self.waves = positions

    def forward(self, x):
        x = x + self.positions
        behind = None if self.lengths is None else torch.arange(x.shape[1])[None] >= self.lengths[:, None]
        y = self.module(x, x, x, key_padding_mask=behind, attn_mask=self.mask, need_weights=False)[0]
        return y


class EachStep(torch.nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return torch.stack([self.body(x[:, step]) for step in range(x.shape[1])], 1)


class Reduced(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Local(torch.nn.Module):
    """A kernel of its own for each place, from PyTorch's unfold."""

    def __init__(self, shape, filters, kernel, stride, padding):
        super().__init__()
        self.window = {"kernel_size": kernel, "stride": stride, "padding": padding}
        self.sides = [(side + 2 * padding - kernel) // stride + 1 for side in shape[1:]]
        self.weight = torch.nn.Parameter(torch.zeros(*self.sides, filters, shape[0], kernel, kernel))
        self.bias = torch.nn.Parameter(torch.zeros(filters, *self.sides))

    def forward(self, x):
        columns = F.unfold(x, **self.window).unflatten(2, self.sides)
        return torch.einsum("bkij,ijfk->bfij", columns, self.weight.flatten(3)) + self.bias


class Turned(torch.nn.Module):
    """A convolution whose kernel is turned by 180°."""

    def __init__(self, module):
        super().__init__()
        self.weight, self.bias = module.weight, module.bias
        self.settings = {name: getattr(module, name) for name in ("stride", "padding", "dilation")}

    def forward(self, x):
        return F.conv2d(x, self.weight.flip(2, 3), self.bias, **self.settings)


class Function(torch.nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.function = ACTIVATIONS[activation]
        self.slope = torch.nn.Parameter(torch.tensor([0.25])) if activation == "prelu" else None

    def forward(self, x):
        return self.function(x, self.slope)


STACKS = {
    "batchNorm": "dense:4:linear batchNorm activation:tanh dense:3:linear batchNorm activation:relu",
    "batchNorm first": "batchNorm dense:5:tanh batchNorm dense:4:sigmoid batchNorm",
    "layerNorm": "dense:4:linear layerNorm activation:tanh dense:3:tanh layerNorm",
    "activation": "activation:sin dense:4:linear activation:prelu dense:3:linear activation:gelu",
    "residual": "dense:4:tanh residual( dense:3:relu dense:4:linear | ) residual( dense:3:tanh | dense:3:linear )",
    "branches": "branches:concatenate( dense:2:tanh | | dense:3:sigmoid dense:2:relu ) branches:sum( dense:3:tanh | dense:3:relu )",
    "joins": "dense:4:tanh branches:max( dense:4:linear | dense:3:tanh dense:4:sigmoid | ) branches:mean( | dense:4:tanh )",
    "nested": "dense:3:tanh residual( branches:concatenate( dense:2:prelu | residual( batchNorm dense:3:tanh | ) ) "
    "layerNorm dense:3:linear | )",
    "frozen": "dense:4:tanh !dense:4:prelu dense:3:prelu !layerNorm !activation:prelu dense:3:tanh",
    "frozen front": "!dense:4:tanh !batchNorm !residual( dense:3:relu dense:4:linear | ) dense:3:tanh",
    "frozen batchNorm": "dense:4:linear !batchNorm activation:tanh dense:3:linear batchNorm !batchNorm",
    "frozen block": "dense:3:tanh !residual( branches:concatenate( dense:2:prelu | residual( batchNorm dense:3:tanh | ) ) "
    "layerNorm dense:3:linear | ) residual( !residual( dense:3:tanh | ) dense:3:tanh | )",
    "tied": "dense:4:tanh@code dense:2:sigmoid~code dense:3:tanh",
    "tied twice": "dense:3:tanh@a residual( dense:4:sigmoid@b residual( layerNorm dense:3:tanh~b dense:4:sigmoid | ) "
    "dense:3:linear~b | ) dense:2:tanh~a dense:3:tanh dense:2:prelu~a",
    "tied and frozen": "!dense:3:tanh@a dense:2:tanh~a dense:4:sigmoid@b !dense:2:linear~b",
    "tied and frozen deep": "dense:3:tanh@a residual( branches:sum( dense:5:sigmoid@b residual( dense:3:tanh~b !dense:5:prelu "
    "!layerNorm | ) dense:3:linear~b | ) | ) dense:2:tanh~a",
}


# Those of images, and the shapes of their inputs.
IMAGES = {
    "conv": ([2, 6, 7], "conv2d:filters=3:activation=tanh conv2d:filters=7:kernel=2:padding=1:activation=relu dense:4:tanh"),
    "conv geometry": (
        [1, 9, 8],
        "conv2d:filters=5:kernel=5:padding=2:stride=2:activation=tanh conv2d:filters=6:padding=same:dilation=2:activation=prelu "
        "conv2d:filters=3:kernel=4:padding=same:flip=true:activation=sigmoid conv2d:filters=2:kernel=1:stride=2:activation=linear"),
    "pools": (
        [2, 7, 8],
        "maxPool:size=3:stride=2:padding=1 conv2d:filters=4:padding=1:activation=tanh meanPool:size=3:stride=1:padding=1 "
        "meanPool:size=3:stride=2:padding=1:countPadding=false flatten dense:4:tanh"),
    "transposed": (
        [2, 3, 4],
        "conv2dTranspose:filters=3:activation=tanh conv2dTranspose:filters=4:kernel=2:padding=1:outputPadding=1:activation=relu "
        "conv2dTranspose:filters=2:stride=1:dilation=2:padding=1:activation=linear maxPool"),
    "local": (
        [2, 5, 6],
        "local2d:filters=3:padding=1:stride=2:activation=tanh upsample:factor=2 local2d:filters=2:kernel=2:activation=sigmoid"),
    "image norms": (
        [2, 5, 4],
        "conv2d:filters=4:activation=linear batchNorm activation:relu localResponseNorm:size=3:alpha=0.5:k=2 upsample:factor=3 "
        "conv2d:filters=3:kernel=2:stride=2:activation=tanh batchNorm localResponseNorm:size=2:alpha=1 activation:tanh"),
    "residual image": (
        [1, 6, 6],
        "conv2d:filters=4:padding=1:activation=linear batchNorm activation:tanh "
        "residual( conv2d:filters=6:stride=2:padding=1:activation=linear batchNorm activation:tanh conv2d:filters=6:padding=1:"
        "activation=linear batchNorm | conv2d:filters=6:kernel=1:stride=2:activation=linear ) activation:tanh "
        "branches:concatenate( conv2d:filters=2:kernel=1:activation=tanh | conv2d:filters=3:padding=1:activation=tanh | "
        "maxPool:size=3:stride=1:padding=1 ) globalMeanPool"),
    "frozen image": (
        [2, 4, 5],
        "!conv2d:filters=4:padding=1:activation=tanh !batchNorm conv2d:filters=3:kernel=2:activation=tanh batchNorm "
        "!conv2dTranspose:filters=2:activation=linear !batchNorm activation:tanh conv2dTranspose:filters=2:kernel=1:activation=tanh"),
    "global pools": (
        [1, 6, 6], "conv2d:filters=4:activation=tanh branches:concatenate( globalMeanPool | globalMaxPool | maxPool flatten )"),
}


# Those of sequences: their shapes, whether they have lengths, the steps with targets (0: one target), and whether they are symbols.
SEQUENCES = {
    "rnn": ([5, 2], False, 0, False, "rnn:units=3 dense:3:tanh"),
    "rnn relu": ([4, 3], False, 0, False, "rnn:units=4:activation=relu:returns=all rnn:units=3:activation=relu"),
    "lstm": ([6, 2], False, 0, False, "lstm:units=4"),
    "gru": ([6, 2], False, 0, False, "gru:units=4"),
    "bidirectional": ([5, 2], False, 0, False, "lstm:units=3:bidirectional=true:returns=all gru:units=2:bidirectional=true"),
    "stacked": ([5, 2], False, 0, False, "lstm:units=3:layers=3 dense:3:tanh"),
    "stacked both": ([4, 2], True, 0, False, "gru:units=3:layers=2:bidirectional=true"),
    "lengths": ([6, 2], True, 0, False, "lstm:units=4:returns=all:bidirectional=true rnn:units=3:returns=all meanOverTime"),
    "last lengths": ([6, 2], True, 0, False, "gru:units=4:returns=all lastStep"),
    "each step": (
        [4, 3], False, 4, False,
        "eachStep( dense:3:tanh residual( dense:4:sigmoid dense:3:linear | ) ) lstm:units=3:returns=all eachStep( dense:2:tanh )"),
    "targets": ([5, 2], True, 5, False, "lstm:units=4:returns=all"),
    "decoder": ([5, 2], True, 3, False, "gru:units=4 repeat:steps=3 gru:units=3:returns=all"),
    "embedding": ([6, 1], True, 6, True, "embedding:size=3 lstm:units=4:returns=all"),
    "conv1d": (
        [7, 2], False, 0, False,
        "conv1d:filters=3:activation=tanh conv1d:filters=4:kernel=2:dilation=3:activation=tanh "
        "conv1d:filters=2:kernel=3:causal=false:activation=relu lastStep"),
    "attention": ([5, 4], False, 0, False, "attention attention:causal=false:positions=false lastStep"),
    "attention lengths": ([5, 4], True, 5, False, "attention:causal=false lstm:units=3:returns=all attention:positions=false"),
    "frozen sequence": (
        [4, 2], False, 0, False,
        "!lstm:units=3:returns=all gru:units=3:returns=all !rnn:units=2:returns=all conv1d:filters=2:activation=tanh lastStep"),
}


# Those whose state goes on from window to window, with batches of three.
CARRIED = {
    "carried": ([5, 2], False, 5, False, "lstm:units=4:returns=all:carry=true gru:units=3:returns=all:carry=true"),
    "carried stacked": ([4, 2], False, 0, False, "rnn:units=3:layers=2:carry=true"),
    "carried symbols": ([4, 1], False, 4, True, "embedding:size=3 gru:units=4:layers=2:returns=all:carry=true"),
    "carried last": ([3, 2], False, 0, False, "lstm:units=3:layers=2:carry=true dense:3:tanh"),
}


def sequence(out, name, layers, optimizer, classes, shape, has_lengths, target_steps, is_symbols, batch=0):
    """A case of layers.txt. `targetSteps`, `vocabulary`: where there are some; with `lengths 1` each row of `inputs` ends with the
    number of its steps. A step without a target has the label -3.4028234663852886e38. With `batch` the samples are windows of one
    text: a step takes the next window of each of so many streams, the state goes on within an epoch, and what is left over is
    left out; the losses are those of one stream through all windows, and `preActivation` is of each window by itself."""
    generator = torch.Generator().manual_seed(6)
    steps = shape[0]
    count = 4 * batch + 1 if batch else SAMPLES
    lengths = torch.randint(1, steps + 1, (SAMPLES,), generator=generator) if has_lengths else None
    if is_symbols:
        x = torch.randint(0, VOCABULARY, (count, *shape), generator=generator).double()
    else:
        x = ((torch.rand(count, *shape, generator=generator) * 2 - 1) * 1.5).float().double()
    if has_lengths:
        x[torch.arange(steps)[None] >= lengths[:, None]] = -1 if is_symbols else 0
    labels = torch.randint(0, classes, (count, max(1, target_steps)), generator=generator).double()
    if target_steps == steps and has_lengths:
        labels[torch.arange(steps)[None] >= lengths[:, None]] = NO_LABEL
    generator = torch.Generator().manual_seed(4)
    tensors, states = {}, {}
    hidden = Stack(parsed(layers), shape, "layers", tensors, states, generator, still=[], lengths=lengths)
    width = hidden.shape[-1]
    tensors["output.weight"] = ((torch.rand(classes, width, generator=generator) * 2 - 1) * 0.9).float().double().requires_grad_()
    tensors["output.bias"] = ((torch.rand(classes, generator=generator) * 2 - 1) * 0.4).float().double().requires_grad_()

    def forget():
        for module in hidden.modules():
            if isinstance(module, Recurrent):
                module.state = None

    def answers(rows=slice(None)):
        return hidden(x[rows]) @ tensors["output.weight"].T + tensors["output.bias"]

    def error(z, labels):
        """The mean over all targets."""
        if not target_steps:
            return F.cross_entropy(z, labels[:, 0].long())
        there = labels != NO_LABEL
        return F.cross_entropy(z.transpose(1, 2), torch.where(there, labels, -100).long(), ignore_index=-100)

    def criterion():
        forget()
        return error(torch.cat([answers([row]) for row in range(count)]) if batch else answers(), labels)

    def descended(step):
        """The error that a step descends, counted from 1."""
        if not batch:
            return criterion()
        length = count // batch
        place = (step - 1) % length
        if place == 0:
            forget()
        rows = [stream * length + place for stream in range(batch)]
        return error(answers(rows), labels[rows])

    make, knobs = OPTIMIZERS[optimizer]
    chosen = make(list(tensors.values()))
    out.append(f"case stack {name.replace(' ', '-')}")
    out.append(f"layers {layers}")
    out.append(f"shape {' '.join(map(str, shape))}")
    if has_lengths:
        out.append("lengths 1")
    if target_steps:
        out.append(f"targetSteps {target_steps}")
    if is_symbols:
        out.append(f"vocabulary {VOCABULARY}")
    if batch:
        out.append(f"batch {batch}")
    out.append("criterion softmaxCrossEntropy")
    out.append(f"optimizer {optimizer}")
    out.append(f"classes {classes}")
    for knob, value in knobs.items():
        out.append(f"knob {knob} {value}")
    rows = x.reshape(count, -1)
    if has_lengths:
        rows = torch.cat([rows, lengths[:, None].double()], 1)
    out.append(f"inputs {numbers(rows)}")
    out.append("labels " + " ".join("-3.4028234663852886e38" if v == NO_LABEL else f"{v:g}" for v in labels.reshape(-1).tolist()))
    for tensor, values in (tensors | states).items():
        out.append(f"start {tensor} {numbers(values)}")
    out.append(f"loss {numbers(criterion())}")
    forget()
    out.append(f"preActivation {numbers(answers())}")
    for step in range(1, 101):
        chosen.zero_grad()
        descended(step).backward()
        if step == 1:
            for tensor, values in tensors.items():
                out.append(f"gradient {tensor} {numbers(values.grad)}")
        chosen.step()
        if step in (1, 10, 100):
            for tensor, values in (tensors | states).items():
                out.append(f"step{step} {tensor} {numbers(values)}")
    out.append(f"loss100 {numbers(criterion())}")
    out.append("")


NO_LABEL = -3.4028234663852886e38


def stack(out, name, layers, optimizer, classes, shape=(2,)):
    """`loss` and `preActivation` at the start and `loss100` after 100 steps are those of evaluation: running statistics."""
    x, labels = samples(classes, shape)
    generator = torch.Generator().manual_seed(4)
    tensors, states, still = {}, {}, []
    hidden = Stack(parsed(layers), shape, "layers", tensors, states, generator, still=still)
    # The output's tensors are named without a place.
    last = {}
    output = Stack([(f"dense:{classes if classes > 2 else 1}:linear", [])], hidden.shape, "output", last, {}, generator)
    tensors |= {f"output.{parameter}": last[f"output.0.{parameter}"] for parameter in ("weight", "bias")}
    net = torch.nn.Sequential(hidden, output)
    make, knobs = OPTIMIZERS[optimizer]
    chosen = make(list(tensors.values()))
    out.append(f"case stack {name.replace(' ', '-')}")
    out.append(f"layers {layers}")
    if len(shape) > 1:
        out.append(f"shape {' '.join(map(str, shape))}")
    out.append("criterion squaredError")
    out.append(f"optimizer {optimizer}")
    out.append(f"classes {classes}")
    for knob, value in knobs.items():
        out.append(f"knob {knob} {value}")
    out.append(f"inputs {numbers(x)}")
    out.append(f"labels {numbers(labels)}")
    for tensor, values in (tensors | states).items():
        out.append(f"start {tensor} {numbers(values)}")
    net.eval()
    z = net(x)
    out.append(f"loss {numbers(LOSSES['squaredError'](z, labels, classes))}")
    out.append(f"preActivation {numbers(z)}")
    for step in range(1, 101):
        net.train()
        for module in still:
            module.eval()
        chosen.zero_grad()
        LOSSES["squaredError"](net(x), labels, classes).backward()
        if step == 1:
            for tensor, values in tensors.items():
                out.append(f"gradient {tensor} {numbers(values.grad)}")
        chosen.step()
        if step in (1, 10, 100):
            for tensor, values in (tensors | states).items():
                out.append(f"step{step} {tensor} {numbers(values)}")
    net.eval()
    out.append(f"loss100 {numbers(LOSSES['squaredError'](net(x), labels, classes))}")
    out.append("")


def dense(t, name, x):
    return F.linear(x, t[f"{name}.weight"], t[f"{name}.bias"])


def plain(t, x, deviates):
    code = dense(t, "layers.1", torch.tanh(dense(t, "layers.0", x)))
    return dense(t, "layers.3", torch.tanh(dense(t, "layers.2", code))), x.new_zeros(())


def tied(t, x, deviates):
    code = torch.sigmoid(dense(t, "layers.0", x))
    return F.linear(code, t["layers.0.weight"].T, t["layers.1.bias"]), x.new_zeros(())


def sparse(t, x, deviates):
    code = torch.sigmoid(dense(t, "layers.0", x))
    mean, target = code.mean(0), 0.2
    penalty = target * torch.log(target / mean) + (1 - target) * torch.log((1 - target) / (1 - mean))
    return dense(t, "layers.2", code), 0.7 * penalty.sum()


def sampled(t, x, deviates):
    mean, variance = dense(t, "layers.1", torch.tanh(dense(t, "layers.0", x))).chunk(2, dim=1)
    code = mean + torch.exp(variance / 2) * deviates
    penalty = -0.5 * (1 + variance - mean**2 - variance.exp()).sum(1).mean()
    return dense(t, "layers.2", code), 0.5 * penalty


# Each: the layers, the criterion, the network (which gives the output's sums and the mean penalty of a sample), the parameters.
AUTOENCODERS = {
    "plain": (
        "dense:4:tanh dense:2:linear dense:4:tanh dense:3:linear", "squaredError", plain,
        {"layers.0": (4, 3), "layers.1": (2, 4), "layers.2": (4, 2), "layers.3": (3, 4)}),
    "tied": (
        "dense:2:sigmoid@code dense:3:linear~code", "binaryCrossEntropy", tied,
        {"layers.0": (2, 3), "layers.1": (3,)}),
    "sparse": (
        "dense:4:sigmoid sparsity:target=0.2:weight=0.7 dense:3:linear", "squaredError", sparse,
        {"layers.0": (4, 3), "layers.2": (3, 4)}),
    "sampled": (
        "dense:4:tanh sampledCode:units=2:weight=0.5 dense:3:linear", "squaredError", sampled,
        {"layers.0": (4, 3), "layers.1": (4, 4), "layers.2": (3, 2)}),
}


def autoencoder(out, name, seed=2024):
    """`loss` and `divergence` (the penalty) at the start and `loss100` after 100 steps: with each code at its mean."""
    layers, criterion, net, shapes = AUTOENCODERS[name]
    generator = torch.Generator().manual_seed(5)
    x = torch.rand(SAMPLES, 3, generator=generator).float().double()
    tensors = {}
    for layer, shape in shapes.items():
        if len(shape) > 1:
            tensors[f"{layer}.weight"] = (torch.rand(*shape, generator=generator) * 2 - 1) * 0.9
        tensors[f"{layer}.bias"] = (torch.rand(shape[0], generator=generator) * 2 - 1) * 0.4
    tensors = {tensor: values.float().double().requires_grad_() for tensor, values in tensors.items()}
    make, knobs = OPTIMIZERS["momentum"]
    chosen = make(list(tensors.values()))

    def loss(z):
        if criterion == "binaryCrossEntropy":
            return F.binary_cross_entropy_with_logits(z, x, reduction="sum") / SAMPLES
        return 0.5 * F.mse_loss(z, x, reduction="sum") / SAMPLES

    out.append(f"case autoencoder {name}")
    out.append(f"layers {layers}")
    out.append(f"criterion {criterion}")
    out.append("optimizer momentum")
    for knob, value in knobs.items():
        out.append(f"knob {knob} {value}")
    out.append(f"seed {seed}")
    out.append(f"inputs {numbers(x)}")
    for tensor, values in tensors.items():
        out.append(f"start {tensor} {numbers(values)}")
    z, penalty = net(tensors, x, 0)
    out.append(f"loss {numbers(loss(z))}")
    out.append(f"divergence {numbers(penalty)}")
    for step in range(1, 101):
        chosen.zero_grad()
        z, penalty = net(tensors, x, normal(seed, step - 1, 1, 2))
        (loss(z) + penalty).backward()
        if step == 1:
            for tensor, values in tensors.items():
                out.append(f"gradient {tensor} {numbers(values.grad)}")
        chosen.step()
        if step in (1, 10, 100):
            for tensor, values in tensors.items():
                out.append(f"step{step} {tensor} {numbers(values)}")
    out.append(f"loss100 {numbers(loss(net(tensors, x, 0)[0]))}")
    out.append("")


# Each: PyTorch's function, the same function of width 1, our knobs, and the bias.
INITIALIZERS = {
    "playground": (lambda t, g: torch.nn.init.uniform_(t, -0.5, 0.5, g), "uniform", {}, 0.1),
    "zeros": (lambda t, g: torch.nn.init.zeros_(t), None, {}, 0),
    "uniform": (lambda t, g: torch.nn.init.uniform_(t, -0.3, 0.3, g), "uniform", {"limit": 0.3}, 0),
    "normal": (lambda t, g: torch.nn.init.normal_(t, 0, 0.2, g), "normal", {"deviation": 0.2}, 0),
    "xavierUniform": (lambda t, g: torch.nn.init.xavier_uniform_(t, generator=g), "uniform", {}, 0),
    "xavierNormal": (lambda t, g: torch.nn.init.xavier_normal_(t, generator=g), "normal", {}, 0),
    "heUniform": (
        lambda t, g: torch.nn.init.kaiming_uniform_(t, nonlinearity="relu", generator=g), "uniform", {}, 0),
    "heNormal": (lambda t, g: torch.nn.init.kaiming_normal_(t, nonlinearity="relu", generator=g), "normal", {}, 0),
    "lecunNormal": (
        lambda t, g: torch.nn.init.kaiming_normal_(t, nonlinearity="linear", generator=g), "normal", {}, 0),
}
UNITS = {
    "uniform": lambda t, g: torch.nn.init.uniform_(t, -1, 1, g),
    "normal": lambda t, g: torch.nn.init.normal_(t, 0, 1, g),
}


def initializer(out, name, units, inputs):
    """`scale`: what PyTorch multiplies a draw of U(−1, 1) or N(0, 1) by, which follows from two draws from one seed.
    `bound`: the largest size (none: -1). `moments`: the exact mean, deviation, and mean fourth power over its square."""
    make, family, knobs, bias = INITIALIZERS[name]
    drawn = make(torch.empty(units, inputs), torch.Generator().manual_seed(3))
    scale, bound, moments = 0.0, 0.0, [0, 0, 0]
    if family:
        unit = UNITS[family](torch.empty(units, inputs), torch.Generator().manual_seed(3))
        ratios = drawn / unit
        scale = ratios.median().item()
        assert ((ratios - scale).abs() < 1e-9 * scale * (1 + 1 / unit.abs())).all(), name
        bound = scale if family == "uniform" else -1
        moments = [0, scale / 3**0.5, 9 / 5] if family == "uniform" else [0, scale, 3]
    out.append(f"case {name} {units}x{inputs}")
    out.append(f"shape {units} {inputs}")
    for knob, value in knobs.items():
        out.append(f"knob {knob} {value}")
    out.append(f"scale {numbers(scale)}")
    out.append(f"bound {numbers(bound)}")
    out.append(f"moments {numbers(moments)}")
    out.append(f"bias {numbers(bias)}")
    out.append("")


# The state of each optimizer: our names, PyTorch's.
SLOTS = {
    "sgd": {},
    "momentum": {"momentum": "momentum_buffer"},
    "nesterov": {"momentum": "momentum_buffer"},
    "rprop": {"previousGradient": "prev", "stepSize": "step_size"},
    "adagrad": {"squareSum": "sum"},
    "rmsprop": {"squareAverage": "square_avg"},
    "adam": {"average": "exp_avg", "squareAverage": "exp_avg_sq"},
    "adamw": {"average": "exp_avg", "squareAverage": "exp_avg_sq"},
}


def checkpoint(out, optimizer, dtype, steps=10):
    """A file as the program saves it after 10 steps, in hexadecimal, and the weights 1, 10 and 100 steps later.
    `saved`: what the file holds, parameters and state."""
    x, labels = samples(2)
    net = Network("prelu", 1)
    make, knobs = OPTIMIZERS[optimizer]
    chosen = make(list(net.tensors.values()))

    def train(count):
        for _ in range(count):
            chosen.zero_grad()
            LOSSES["squaredError"](net(x), labels, 2).backward()
            chosen.step()

    out.append(f"case {optimizer} {str(dtype).removeprefix('torch.')}")
    for knob, value in knobs.items():
        out.append(f"knob {knob} {value}")
    out.append(f"inputs {numbers(x)}")
    out.append(f"labels {numbers(labels)}")
    for tensor, values in net.tensors.items():
        out.append(f"start {tensor} {numbers(values)}")
    train(steps)
    saved = dict(net.tensors)
    for ours, theirs in SLOTS[optimizer].items():
        saved |= {f"optimizer.{ours}.{name}": chosen.state[p][theirs] for name, p in net.tensors.items()}
    with torch.no_grad():
        for values in saved.values():
            values.copy_(values.float())
    metadata = {"step": steps, "epoch": steps, "generator.optimizer": steps}
    out.append(f"file {file_bytes(saved, metadata, dtype).hex()}")
    for name, values in saved.items():
        out.append(f"saved {name} {numbers(values)}")
    for before, after in itertools.pairwise([0, 1, 10, 100]):
        train(after - before)
        for name, values in net.tensors.items():
            out.append(f"step{after} {name} {numbers(values)}")
    out.append("")


def file_bytes(tensors, metadata, dtype):
    """A safetensors file. The library writes metadata in another order each time; what it writes is checked to be the
    same but for that."""
    whole = {name: values.detach().to(dtype).contiguous() for name, values in tensors.items()}
    bare = safetensors.torch.save(whole)
    length = int.from_bytes(bare[:8], "little")
    words = ",".join(f'"{key}":"{value}"' for key, value in metadata.items())
    header = (f'{{"__metadata__":{{{words}}},' + bare[8:8 + length].decode().strip()[1:]).encode()
    header += b" " * (-len(header) % 8)
    raw = len(header).to_bytes(8, "little") + header + bare[8 + length:]
    again = safetensors.torch.load(raw)
    assert again.keys() == whole.keys() and all(torch.equal(again[name], whole[name]) for name in whole)
    return raw


def write(name, out):
    pathlib.Path(__file__).with_name(name).write_text("\n".join(out))


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
    for schedule in SCHEDULES:
        for warmup in (0, WARMUP):
            case(out, "schedule", schedule, schedule=schedule, warmup=warmup)
    for name, (optimizer, activation, schedule, l1, l2) in REGULARIZERS.items():
        case(out, "regularizer", name, activation, optimizer=optimizer, schedule=schedule, l1=l1, l2=l2)
    case(out, "dropout", "sgd", dropout=(0.25, 0.5), seed=2024)
    case(out, "dropout", "adam", activation="prelu", optimizer="adam", dropout=(0.5, 0.25), seed=7)
    write("engine.txt", out)
    out = []
    for name, layers in STACKS.items():
        stack(out, name, layers, "sgd", 2)
        # A bias before batchNorm has no gradient but rounding, which Adam would blow up.
        stack(out, name, layers, "momentum" if name in ("batchNorm", "frozen batchNorm") else "adam", 3)
    for name, (shape, layers) in IMAGES.items():
        stack(out, name, layers, "momentum", 3, shape)
    for name, (shape, has_lengths, target_steps, is_symbols, layers) in SEQUENCES.items():
        sequence(out, name, layers, "momentum", 3, shape, has_lengths, target_steps, is_symbols)
    for name, (shape, has_lengths, target_steps, is_symbols, layers) in CARRIED.items():
        sequence(out, name, layers, "momentum", 3, shape, has_lengths, target_steps, is_symbols, batch=3)
    write("layers.txt", out)
    out = []
    for name in AUTOENCODERS:
        autoencoder(out, name)
    write("autoencoders.txt", out)
    out = []
    for name in INITIALIZERS:
        for units, inputs in ((40, 900), (900, 40), (190, 190)):
            initializer(out, name, units, inputs)
    write("initializers.txt", out)
    out = []
    for optimizer in SLOTS:
        checkpoint(out, optimizer, torch.float32)
    checkpoint(out, "adam", torch.float64)
    write("checkpoints.txt", out)


main()
