#!/usr/bin/env python3
"""Writes rivals.txt: what scikit-learn makes of fixed rows, in double precision.

    python3 Tests/Fixtures/make_rivals.py      (needs scikit-learn; writes the same bytes each time)

`case data NAME` has the rows: `train` and `test` (row-major), `labels`, `testLabels`, `width`, and `classes` unless the
labels are values. Every other case is one rival: its kind, `word data NAME`, its settings (`word KNOB VALUE`, `knob NAME
VALUE`) and the expected numbers: `predictions` for the test rows (classes, or values), `probabilities` (row-major),
`logarithms` of them, `objectives` (½αᵀQα − Σα of each pair of classes), or `scores` (of SEEDS seeds, on the test rows). All
rows are exact in float32, and trees whose splits could tie are refused.
"""

import itertools
import pathlib

import numpy as np
from sklearn import datasets, ensemble, kernel_ridge, linear_model, naive_bayes, neighbors, svm, tree

SEEDS = 20


def exact(numbers):
    return np.float32(numbers).astype(np.float64)


def short(number):
    """The shortest text that is this number, in float32 where it is exact there."""
    number = float(number)
    return str(np.float32(number)) if float(np.float32(number)) == number else repr(number)


class File:
    def __init__(self, path):
        self.file = open(path, "w")

    def case(self, kind, name, words=(), knobs=(), **numbers):
        self.file.write(f"case {kind} {name}\n")
        for key, value in words:
            self.file.write(f"word {key} {value}\n" if key != "classes" else f"classes {value}\n")
        for key, value in knobs:
            self.file.write(f"knob {key} {value!r}\n")
        for key, values in numbers.items():
            self.file.write(f"{key} {' '.join(short(value) for value in np.ravel(values))}\n")
        self.file.write("\n")


def rows(kind, seed):
    random = np.random.RandomState(seed)
    if kind == "moons":
        x, y = datasets.make_moons(500, noise=0.3, random_state=random)
    elif kind == "blobs":
        x, y = datasets.make_blobs(600, 3, centers=4, cluster_std=2.8, random_state=random)
    elif kind == "wide":
        x, y = datasets.make_classification(
            300, 24, n_informative=8, n_classes=3, class_sep=1.0, random_state=random)
    elif kind == "line":
        x = random.uniform(-3, 3, (300, 1))
        y = np.sin(2 * x[:, 0]) + 0.1 * random.normal(size=300)
    else:
        x = random.normal(size=(300, 5))
        y = x[:, 0] * x[:, 1] + np.sin(x[:, 2]) + 0.2 * random.normal(size=300)
    return exact(x), exact(y) if y.dtype.kind == "f" else y


out = File(pathlib.Path(__file__).parent / "rivals.txt")
data = {}
for kind, train, seed in [("moons", 150, 1), ("blobs", 200, 2), ("wide", 150, 3), ("line", 80, 4), ("surface", 150, 5)]:
    x, y = rows(kind, seed)
    data[kind] = (x[:train], y[:train], x[train:], y[train:])
    isClasses = y.dtype.kind != "f"
    out.case(
        "data", kind, [("classes", len(set(y)))] if isClasses else [], [], width=[x.shape[1]], train=x[:train],
        labels=y[:train], test=x[train:], testLabels=y[train:])


def objective(x, y, **settings):
    machine = svm.SVC(tol=1e-9, **settings).fit(x, y)
    weights = np.zeros(len(x))
    weights[machine.support_] = machine.dual_coef_[0]
    products = {
        "linear": lambda g, d, r: x @ x.T,
        "poly": lambda g, d, r: (g * x @ x.T + r) ** d,
        "rbf": lambda g, d, r: np.exp(-g * ((x[:, None] - x[None]) ** 2).sum(2)),
        "sigmoid": lambda g, d, r: np.tanh(g * x @ x.T + r),
    }[settings["kernel"]](settings["gamma"], settings["degree"], settings["coef0"])
    return 0.5 * weights @ products @ weights - np.abs(weights).sum()


names = {"linear": "linear", "poly": "polynomial", "rbf": "rbf", "sigmoid": "sigmoid"}
for kind in ["moons", "blobs", "wide"]:
    x, y, test, _ = data[kind]
    for kernel, c, gamma, degree, offset in [
        ("linear", 1.0, 0.0, 3, 0.0), ("poly", 2.0, 0.2, 3, 1.0), ("rbf", 1.0, 0.0, 3, 0.0), ("rbf", 30.0, 0.5, 3, 0.0),
        ("sigmoid", 0.5, 0.05, 3, -0.5),
    ]:
        settings = {
            "kernel": kernel, "C": c, "gamma": gamma or 1 / (x.shape[1] * x.var()), "degree": degree, "coef0": offset}
        machine = svm.SVC(tol=1e-6, **settings).fit(x, y)
        pairs = itertools.combinations(range(len(set(y))), 2)
        out.case(
            "svm", f"{kind}-{kernel}-{c:g}", [("data", kind), ("kernel", names[kernel])],
            [("C", c), ("gamma", gamma), ("degree", degree), ("offset", offset)], predictions=machine.predict(test),
            objectives=[
                objective(x[(y == a) | (y == b)], y[(y == a) | (y == b)], **settings) for a, b in pairs])

for kind in data:
    x, y, test, _ = data[kind]
    isClasses = y.dtype.kind != "f"
    make = neighbors.KNeighborsClassifier if isClasses else neighbors.KNeighborsRegressor
    for k, distance, weights in [(1, "euclidean", "uniform"), (5, "euclidean", "uniform"), (7, "manhattan", "distance"),
                                 (9, "chebyshev", "uniform")]:
        model = make(k, metric=distance, weights=weights, algorithm="brute").fit(x, y)
        out.case(
            "kNN", f"{kind}-{k}", [
                ("data", kind), ("distance", {"chebyshev": "maximum"}.get(distance, distance)), ("weights", weights)],
            [("k", k)], predictions=model.predict(test))

for kind in data:
    x, y, test, _ = data[kind]
    make = tree.DecisionTreeClassifier if y.dtype.kind != "f" else tree.DecisionTreeRegressor
    for depth, leaf in [(None, 1), (2, 1), (3, 1), (4, 1), (3, 10), (None, 5), (None, 20)]:
        all = [make(max_depth=depth, min_samples_leaf=leaf, random_state=seed).fit(x, y).predict(test)
               for seed in range(8)]
        if any((one != all[0]).any() for one in all):
            print(f"a tree of {kind} has splits that tie (depth {depth}, leaf rows {leaf})")
            continue
        out.case(
            "decisionTree", f"{kind}-{depth}-{leaf}", [("data", kind)], [("depth", depth or 0), ("leafRows", leaf)],
            predictions=all[0])

for kind in data:
    x, y, test, answers = data[kind]
    isClasses = y.dtype.kind != "f"
    forest = ensemble.RandomForestClassifier if isClasses else ensemble.RandomForestRegressor
    boosting = ensemble.GradientBoostingClassifier if isClasses else ensemble.GradientBoostingRegressor
    out.case(
        "randomForest", kind, [("data", kind), ("columns", "root")], [("trees", 30)],
        scores=[forest(30, max_features="sqrt", random_state=seed).fit(x, y).score(test, answers)
                for seed in range(SEEDS)])
    if x.shape[1] > 3:
        out.case(
            "gradientBoosting", f"{kind}-root", [("data", kind), ("columns", "root")],
            [("trees", 30), ("rate", 0.2), ("depth", 3)],
            scores=[boosting(n_estimators=30, learning_rate=0.2, max_features="sqrt", random_state=seed).fit(
                x, y).score(test, answers) for seed in range(SEEDS)])
    for depth, leaf in [(3, 1), (3, 10), (2, 20)]:
        models = [
            boosting(n_estimators=20, learning_rate=0.1, max_depth=depth, min_samples_leaf=leaf, random_state=seed).fit(
                x, y) for seed in range(8)]
        all = [model.predict_proba(test) if isClasses else model.predict(test) for model in models]
        if any(np.abs(one - all[0]).max() > 1e-9 for one in all):
            print(f"boosted trees of {kind} have splits that tie (depth {depth}, leaf rows {leaf})")
            continue
        out.case(
            "gradientBoosting", f"{kind}-{depth}-{leaf}", [("data", kind)],
            [("trees", 20), ("rate", 0.1), ("depth", depth), ("leafRows", leaf)],
            **{"probabilities" if isClasses else "predictions": all[0]})

for kind in ["moons", "blobs", "wide"]:
    x, y, test, _ = data[kind]
    out.case(
        "naiveBayes", kind, [("data", kind)], [],
        logarithms=naive_bayes.GaussianNB().fit(x, y).predict_log_proba(test))
    for c in [0.1, 10.0]:
        out.case(
            "logisticRegression", f"{kind}-{c:g}", [("data", kind)], [("C", c)],
            probabilities=linear_model.LogisticRegression(
                C=c, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(x, y).predict_proba(test))

for kind in ["line", "surface"]:
    x, y, test, _ = data[kind]
    out.case(
        "linearRegression", kind, [("data", kind)], [("l2", 0.0)],
        predictions=linear_model.LinearRegression().fit(x, y).predict(test))
    out.case(
        "linearRegression", f"{kind}-ridge", [("data", kind)], [("l2", 3.0)],
        predictions=linear_model.Ridge(alpha=3).fit(x, y).predict(test))
    for kernel, gamma, alpha in [("rbf", 0.7, 0.01), ("polynomial", 0.3, 0.5)]:
        out.case(
            "kernelRidge", f"{kind}-{kernel}", [("data", kind), ("kernel", kernel)],
            [("gamma", gamma), ("l2", alpha), ("degree", 3), ("offset", 1.0)],
            predictions=kernel_ridge.KernelRidge(
                alpha=alpha, kernel=kernel, gamma=gamma, degree=3, coef0=1).fit(x, y).predict(test))
