"""What `layercake train` writes, its curves and weights, read for Benchmarks/presets.py, and the digits that it trains with."""
import csv
import gzip
import json
import os

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FUNCTIONS = {
    "linear": lambda z: z, "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


def curve(path):
    """A table of curves, as columns by their names; NaN where a cell is empty."""
    with open(path) as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name] or "nan") for row in rows] for name in rows[0]}


def tensors(path):
    """The tensors of a safetensors file that are float32 by their names."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"])
        for name, entry in header.items() if name != "__metadata__" and entry["dtype"] == "F32"}


def digits():
    """The test half of the digits in their order, in 0 … 1, and their classes."""
    with gzip.open(os.path.join(ROOT, "Sources/Datasets/Images/digits.gz")) as file:
        rows = np.frombuffer(file.read(), np.uint8).reshape(-1, 65)[899:]
    return rows[:, 1:] / 16.0, rows[:, 0]


def values(run, inputs, first=0, end=None):
    """What the layers of a dense network from `first` to before `end` make of rows of inputs."""
    layers = run["experiment"]["layers"]
    for index, layer in enumerate(layers[first:end], first):
        kind, knobs = next(iter(layer.items()))
        weight, bias = run.tensors[f"layers.{index}.weight"], run.tensors[f"layers.{index}.bias"]
        inputs = inputs @ weight.T + bias
        if kind == "sampledCode":
            inputs = inputs[:, :knobs.get("units", 2)]
        else:
            inputs = FUNCTIONS[knobs.get("activation", "tanh")](inputs)
    return inputs


def code_layer(run):
    return next(i for i, layer in enumerate(run["experiment"]["layers"]) if next(iter(layer.values())).get("name") == "code")


def codes(run):
    return values(run, digits()[0], end=code_layer(run) + 1)


def deviations(run):
    """Of the codes of the test digits, unit by unit."""
    return codes(run).std(0)


def alike(run):
    """The share of test digits whose nearest code of another one is of their class."""
    places, labels = codes(run), digits()[1]
    distances = ((places[:, None] - places[None]) ** 2).sum(2)
    np.fill_diagonal(distances, np.inf)
    return (labels[distances.argmin(1)] == labels).mean()


def restoring_error(run):
    """The mean squared error of what is made of test digits half of whose pixels are 0."""
    images = digits()[0]
    hidden = np.random.default_rng(5).random(images.shape) < 0.5
    return ((FUNCTIONS["sigmoid"](values(run, np.where(hidden, 0, images))) - images) ** 2).mean()


def judged(run, judge):
    """How many classes a classifier finds at least ten times among 1,000 generated images, and how certain it is in the mean."""
    noise = np.random.default_rng(1).normal(size=(1000, 16))
    images = values(run, noise, end=run["experiment"]["layers"].index("generated"))
    z = values(judge, images) @ judge.tensors["output.weight"].T + judge.tensors["output.bias"]
    answers = np.exp(z - z.max(1, keepdims=True))
    answers /= answers.sum(1, keepdims=True)
    return int((np.bincount(answers.argmax(1), minlength=10) >= 10).sum()), answers.max(1).mean()


def arrows(run):
    """Of a gridworld that is not slippery: how many of 100 states have a best action for the largest answer, and the mean
    distance of that answer from value iteration."""
    rows = "S....../.##.##./.#...C./...C..G".split("/")
    places = {(y, x): kind for y, row in enumerate(rows) for x, kind in enumerate(row) if kind != "#"}
    rewards, gamma = {"G": 1, "C": -1}, run["experiment"]["training"]["procedure"]["qLearning"]["gamma"]
    best = dict.fromkeys(places, 0.0)

    def worths(y, x):
        for down, across in ((-1, 0), (0, 1), (1, 0), (0, -1)):
            to = (y + down, x + across) if (y + down, x + across) in places else (y, x)
            yield rewards.get(places[to], -0.02) + (0 if places[to] in "GC" else gamma * best[to])

    walked = [place for place, kind in places.items() if kind not in "GC"]
    for _ in range(1000):
        for place in walked:
            best[place] = max(worths(*place))
    seen = np.zeros((len(walked), len(rows) * len(rows[0])))
    for index, (y, x) in enumerate(walked):
        seen[index, y * len(rows[0]) + x] = 1
    answers = values(run, seen) @ run.tensors["output.weight"].T + run.tensors["output.bias"]
    good = [list(worths(*place))[row.argmax()] > best[place] - 1e-9 for place, row in zip(walked, answers)]
    return 100 * np.mean(good), np.mean([abs(row.max() - best[place]) for place, row in zip(walked, answers)])
