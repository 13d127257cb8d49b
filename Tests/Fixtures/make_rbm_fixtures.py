#!/usr/bin/env python3
"""Writes rbm.txt: what scikit-learn's BernoulliRBM makes of fixed weights and samples, in double precision.

    python3 Tests/Fixtures/make_rbm_fixtures.py      (needs scikit-learn; writes the same bytes each time)

Keys: `weight` [units, values], `bias`, `visible_bias`, `inputs` (row-major); of each sample `hidden` (its units' probabilities,
row-major), `freeEnergy`, `score` (the mean of DRAWS pseudo-likelihoods, of which each flips one value at random) and
`deviation` (that of the mean). All starting numbers are exact in float32.
"""

import pathlib

import numpy as np
from sklearn.neural_network import BernoulliRBM

DRAWS = 20000
UNITS, VALUES, SAMPLES = 5, 7, 6


def exact(numbers):
    return np.float32(numbers).astype(np.float64)


def write(file, key, numbers):
    file.write(f"{key} {' '.join(repr(float(number)) for number in np.ravel(numbers))}\n")


random = np.random.default_rng(14)
with open(pathlib.Path(__file__).parent / "rbm.txt", "w") as file:
    for name, kind in [("bits", "binary"), ("probabilities", "grey")]:
        weight, bias = exact(random.normal(0, 1, (UNITS, VALUES))), exact(random.normal(0, 1, UNITS))
        visible = exact(random.normal(0, 1, VALUES))
        inputs = random.random((SAMPLES, VALUES))
        inputs = (inputs < 0.5).astype(float) if kind == "binary" else exact(inputs)
        machine = BernoulliRBM(n_components=UNITS, random_state=np.random.RandomState(3))
        machine.components_, machine.intercept_hidden_, machine.intercept_visible_ = weight, bias, visible
        machine.n_features_in_, machine._n_features_out = VALUES, UNITS
        scores = np.array([machine.score_samples(inputs) for _ in range(DRAWS)])
        file.write(f"case rbm {name}\n")
        write(file, "weight", weight)
        write(file, "bias", bias)
        write(file, "visible_bias", visible)
        write(file, "inputs", inputs)
        write(file, "hidden", machine.transform(inputs))
        write(file, "freeEnergy", machine._free_energy(inputs))
        write(file, "score", scores.mean(0))
        write(file, "deviation", scores.std(0) / DRAWS ** 0.5)
        file.write("\n")
