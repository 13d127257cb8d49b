#!/usr/bin/env python3
"""The rivals beside scikit-learn: fitting to 2,000 rows of 64 columns, and answering as many others, two threads each.

    python3 Benchmarks/rivals.py [PROGRAM]      (needs scikit-learn; PROGRAM: .build/release/layercake)

Both have rows of the same law (`RivalRun`): every column N(0, 1), y = x·w + sin(2·x₁)·x₂ + noise, of classes its sign. Of
scikit-learn the fastest of its solvers counts. The medians of repetitions over two seconds, in milliseconds.
"""

import json
import os
import subprocess
import sys
import time

for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = "2"

import numpy as np
from sklearn import ensemble, kernel_ridge, linear_model, naive_bayes, neighbors, svm, tree

ROWS, COLUMNS, SECONDS = 2000, 64, 2.0


def samples(seed):
    random = np.random.default_rng(seed)
    x = np.float32(random.normal(size=(ROWS, COLUMNS)))
    y = x @ (1 / np.arange(1, COLUMNS + 1)) + np.sin(2 * x[:, 0]) * x[:, 1] + 0.5 * random.normal(size=ROWS)
    return x.astype(np.float64), y


def median(work):
    work()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < SECONDS or len(times) < 3:
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2]


PEERS = {
    "svm": [lambda: svm.SVC(cache_size=200)],
    "kNN": [
        lambda name=name: neighbors.KNeighborsClassifier(5, algorithm=name, n_jobs=2) for name in ["brute", "kd_tree"]],
    "decisionTree": [lambda: tree.DecisionTreeClassifier(random_state=0)],
    "randomForest": [lambda: ensemble.RandomForestClassifier(100, n_jobs=2, random_state=0)],
    "gradientBoosting": [lambda: ensemble.GradientBoostingClassifier(n_estimators=100, random_state=0)],
    "logisticRegression": [
        lambda name=name: linear_model.LogisticRegression(solver=name, tol=1e-6, max_iter=1000)
        for name in ["lbfgs", "newton-cholesky", "newton-cg"]],
    "naiveBayes": [naive_bayes.GaussianNB],
    "linearRegression": [linear_model.LinearRegression, lambda: linear_model.Ridge(alpha=1e-9, solver="cholesky")],
    "kernelRidge": [lambda: kernel_ridge.KernelRidge(kernel="rbf")],
}
VALUES = {"linearRegression", "kernelRidge"}

program = sys.argv[1] if len(sys.argv) > 1 else ".build/release/layercake"
ours = {}
for name in PEERS:
    report = json.loads(subprocess.run(
        [program, "bench", f"{name}-fit", f"{name}-predict", "--threads", "2", "--seconds", str(SECONDS), "--format",
         "json"], check=True, capture_output=True, text=True).stdout)
    for result in report["results"]:
        ours[result["workload"]] = 1 / result["median"]
print(f"{'':20}{'ours':>12}{'scikit-learn':>14}{'times as fast':>16}")
(train, y), (test, _) = samples(1), samples(2)
for name, makers in PEERS.items():
    answers = y if name in VALUES else (y > 0).astype(int)
    fits, predictions = [], []
    for make in makers:
        fits.append(median(lambda: make().fit(train, answers)))
        model = make().fit(train, answers)
        predictions.append(median(lambda: model.predict(test)))
    for work, peer in [("fit", min(fits)), ("predict", min(predictions))]:
        own = ours[f"{name}-{work}"]
        print(f"{name + ' ' + work:<28}{own * 1e3:9.2f} ms{peer * 1e3:11.2f} ms{peer / own:11.1f}")
