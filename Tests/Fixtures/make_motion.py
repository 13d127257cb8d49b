#!/usr/bin/env python3
"""Completes Tests/Fixtures/slow-motion.json with PyTorch's numbers for one update: the values, the loss and the gradients at the
sums of one sample; the mean gradients of the batch; the optimizer's state and the parameters after the step. The beginnings are
written by `LAYERCAKE_RECORD_MOTION=1 swift test --filter StepTraceTests`. It needs torch."""

import json
import pathlib

import torch

PATH = pathlib.Path(__file__).parent / "slow-motion.json"
FUNCTIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "softmax": lambda z: torch.softmax(z, -1),
    "linear": lambda z: z,
}
SLOTS = {"adam": {"average": "exp_avg", "squareAverage": "exp_avg_sq"}, "sgd": {}}


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


def listed(values):
    return [float(value) for value in torch.as_tensor(values).detach().reshape(-1)]


def complete(case):
    widths = [len(case["inputs"][0])] + [int(layer["units"]) for layer in case["layers"]]
    parameters = {}
    for layer, inputs, units in zip(case["layers"], widths, widths[1:]):
        for name, shape in (("weight", (units, inputs)), ("bias", (units,))):
            key = f"{layer['path']}.{name}"
            parameters[key] = tensor(case["parameters"][key]).reshape(shape).requires_grad_()

    def forward(x):
        values = []
        for layer in case["layers"]:
            z = x @ parameters[f"{layer['path']}.weight"].T + parameters[f"{layer['path']}.bias"]
            z.retain_grad()
            x = FUNCTIONS[layer["activation"]](z)
            values.append((z, x))
        return values

    def loss(values, targets):
        z, y = values[-1]
        if case["loss"] == "softmaxCrossEntropy":
            return -(targets * torch.log_softmax(z, -1)).sum()
        assert case["loss"] == "squaredError"
        return 0.5 * ((y - targets) ** 2).sum()

    inputs, targets = tensor(case["inputs"]), tensor(case["targets"])
    sample = int(case["sample"][0])
    own = forward(inputs[sample])
    value = loss(own, targets[sample])
    value.backward()
    torch_case = {"loss": listed(value)}
    for layer, (z, y) in zip(case["layers"], own):
        torch_case[layer["path"]] = {"sums": listed(z), "values": listed(y), "deltas": listed(z.grad)}

    for parameter in parameters.values():
        parameter.grad = None
    mean = sum(loss(forward(x), t) for x, t in zip(inputs, targets)) / len(inputs)
    mean.backward()
    torch_case["gradients"] = {name: listed(parameter.grad) for name, parameter in parameters.items()}
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[case["optimizer"]]
    # The learning rate as the engine has it: a float that stands for a number with few digits.
    optimizer = make(list(parameters.values()), lr=round(case["rate"][0], 6))
    for slot, name in SLOTS[case["optimizer"]].items():
        for key, parameter in parameters.items():
            state = optimizer.state[parameter]
            state[name] = tensor(case["slots"][slot][key]).reshape(parameter.shape)
            state["step"] = torch.tensor(float(case["number"][0] - 1))
    optimizer.step()
    torch_case["parameters"] = {name: listed(parameter) for name, parameter in parameters.items()}
    torch_case["slots"] = {
        slot: {key: listed(optimizer.state[parameter][name]) for key, parameter in parameters.items()}
        for slot, name in SLOTS[case["optimizer"]].items()
    }
    case["torch"] = torch_case


cases = json.loads(PATH.read_text())
for case in cases:
    complete(case)
PATH.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
