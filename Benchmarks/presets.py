#!/usr/bin/env python3
"""Trains presets from many starts, those over images, sequences and machines that draw, and counts after how many what their
stories claim is true.

    python3 Benchmarks/presets.py [--starts 20] [PRESET ...]

A start is a seed of the weights, 1 to --starts; the data are the preset's, and of images that are drawn, or split at random, of
the same seed. Build with `swift build -c release` first."""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.join(ROOT, ".build", "release", "layercake")


def all_right(run):
    return run["testAccuracy"] == 1


def accuracy(low, high=1.0):
    return lambda run: low <= run["testAccuracy"] <= high


def loss(low, high):
    return lambda run: run["testLoss"] is not None and low <= run["testLoss"] <= high


def exact(low, high=1.0):
    return lambda run: low <= run["metrics"]["testExactMatch"] <= high


def legal(run):
    return run["metrics"]["trainLegalStrings"] == run["metrics"]["testLegalStrings"] == 1


def figure(metric, low, high):
    return lambda run: low <= run["metrics"][metric] <= high


def bits(low, high):
    return lambda run: low <= run["metrics"]["bitsPerSymbol"] <= high


def choices(low, high):
    return lambda run: low <= math.exp(run["testLoss"]) <= high


# An LSTM whose biases are drawn as usual.
USUAL = 'layers=[{"lstm": {"units": 8}}]'

# Preset, what its variant's title begins with, settings, epochs, the claim in words, and whether a run fulfils it. The loss of
# values is half their squared error.
CLAIMS = [
    ("recall-rnn-lstm-gru", None, ["data.lag=5"], 30, "all right", all_right),
    ("recall-rnn-lstm-gru", None, [], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", None, [], 400, "all right", all_right),
    ("recall-rnn-lstm-gru", None, [], 1000, "all right", all_right),
    ("recall-rnn-lstm-gru", "RNN", [], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", "GRU", [], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", "LSTM", [], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", "LSTM", [USUAL], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", None, [USUAL], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", "LSTM", ["data.lag=100"], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", "LSTM", ["data.lag=100", USUAL], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", "RNN", ["data.lag=100"], 100, "all right", all_right),
    ("recall-rnn-lstm-gru", "GRU", ["data.lag=100"], 100, "all right", all_right),
    ("recall-1000", "Long memory", [], 31, "all right", all_right),
    ("recall-1000", "Usual biases", [], 31, "not learned", accuracy(0, 0.65)),
    ("recall-1000", "tanh network", [], 31, "not learned", accuracy(0, 0.65)),
    ("exploding", "Clipped", [], 60, "all right", all_right),
    ("exploding", "Not clipped", [], 60, "all right", all_right),
    ("adding", "LSTM with long memory", [], 11, "squared error below 0.001", loss(0, 0.0005)),
    ("adding", "GRU", [], 11, "squared error below 0.001", loss(0, 0.0005)),
    ("adding", "RNN", [], 11, "squared error of about 1/6", loss(0.07, 0.095)),
    ("copy", "LSTM with long memory", [], 60, "98 of 100 right", accuracy(0.98)),
    ("copy", "GRU", [], 60, "98 of 100 right", accuracy(0.98)),
    ("copy", "RNN", [], 60, "81 to 97 of 100 right", accuracy(0.81, 0.975)),
    ("attention-copy", "Attention", [], 40, "all right", all_right),
    ("attention-copy", "LSTM", [], 40, "82 to 88 of 100 right", accuracy(0.82, 0.88)),
    ("attention-copy", "Without positions", [], 40, "77 of 100 right", accuracy(0.76, 0.775)),
    ("parity", "LSTM", [], 150, "all right", all_right),
    ("parity", "GRU", [], 150, "all right", all_right),
    ("parity", "RNN", [], 150, "all right", all_right),
    ("reber", "LSTM", [], 20, "every string right", legal),
    ("reber", "RNN", [], 20, "every string right", legal),
    ("reber", "RNN with SGD", [], 20, "every string right", legal),
    ("last-names", "RNN over the words", [], 30, "96 of 100 sentences right", exact(0.96)),
    ("last-names", "Designed features", [], 30, "62 to 73 of 100 sentences right", exact(0.62, 0.73)),
    ("last-names", "Each word alone", [], 30, "at most 60 of 100 sentences right", exact(0, 0.6)),
    ("bidirectional", "Forwards", [], 30, "96 to 99 of 100 sentences right", exact(0.96, 0.99)),
    ("bidirectional", "Both directions", [], 30, "every sentence right", exact(1)),
    ("tale", "LSTM", [], 11, "at most 2.05 bits", bits(0, 2.05)),
    ("wavenet-small", "Dilated", [], 60, "all right", all_right),
    ("wavenet-small", "One step too far", [], 60, "at chance", accuracy(0.4, 0.6)),
    ("wavenet-small", "Without dilation", [], 60, "at chance", accuracy(0.4, 0.6)),
    ("spell-digit", "RNN", [], 100, "98 of 100 letters right", accuracy(0.98)),
    ("spell-digit", "Without a state", [], 100, "27 to 32 of 100 letters right", accuracy(0.27, 0.32)),
    ("sums", None, [], 100, "98 of 100 digits right", accuracy(0.98)),
    ("words", "LSTM", [], 20, "one of 3 words", choices(2.9, 3.1)),
    ("words", "RNN", [], 20, "one of 3 words", choices(2.9, 3.1)),
    ("words", "Three words back", [], 20, "one of 3.5 words", choices(3.35, 3.6)),
    ("words", "One word back", [], 20, "one of 4.5 words", choices(4.3, 4.7)),
    ("capital", "LSTM", [], 50, "99 of 100 right", accuracy(0.99)),
    ("capital", "RNN", [], 50, "at most 20 of 100 right", accuracy(0, 0.2)),
    ("capital", "Mean of the words", [], 50, "all right", all_right),
    ("sentiment", "LSTM", [], 30, "all right", all_right),
    ("sentiment", "RNN", [], 30, "98 of 100 right", accuracy(0.98)),
    ("sentiment", "Mean of the words", [], 30, "at chance", accuracy(0.4, 0.62)),
    ("rbm-bars", None, [], 300, "ln p above −4.2", figure("logLikelihood", -4.2, -3.38)),
    ("rbm-digits", None, [], 100, "error below 0.02", figure("reconstructionError", 0, 0.02)),
    ("rbm-digits", None, [], 100, "gap of free energies below 3", figure("freeEnergyGap", -3, 3)),
    ("complete-the-digit", None, [], 100, "92 to 96 of 100 right", accuracy(0.915, 0.965)),
    ("deep-belief-net", "Pre-trained", [], 290, "83 to 88 of 100 right", accuracy(0.825, 0.885)),
    ("deep-belief-net", "From the start", [], 290, "58 to 71 of 100 right", accuracy(0.575, 0.715)),
    ("deep-belief-net", "ReLU", [], 290, "78 to 81 of 100 right", accuracy(0.775, 0.815)),
]

# Presets over images, with several variants of each start compared: the preset, what its variants' titles begin with, epochs, the
# claim in words, and whether their runs, in this order, fulfil it.
IMAGES = [
    ("lines", [None], 60, "all right", all_right),
    ("digits-mlp", [None], 40, "92.5 to 96 of 100 right", accuracy(0.925, 0.96)),
    ("digits-cnn", [None], 60, "98 of 100 right", accuracy(0.975)),
    ("connections", ["Shared", "Local", "Dense"], 10, "each 92.5 to 98 of 100 right",
     lambda *runs: all(0.925 <= run["testAccuracy"] <= 0.98 for run in runs)),
    ("shift", ["Dense", "Kernels, one", "Kernels, then"], 30, "below 25, above 92, 25 to 42 of 100 right",
     lambda dense, one, then: dense["testAccuracy"] < 0.25 < then["testAccuracy"] < 0.42 < 0.92 < one["testAccuracy"]),
    ("shift", ["Dense, trained"], 30, "80 to 88 of 100 right", accuracy(0.8, 0.88)),
    ("shapes", [None], 30, "86 to 95 of 100 right", accuracy(0.86, 0.95)),
    ("colour-or-shape", ["Each", "Any"], 30, "12 to 22, above 85 of 100 right, none wrong in training",
     lambda each, free: each["trainAccuracy"] == 1 and 0.12 <= each["testAccuracy"] <= 0.22 and free["testAccuracy"] > 0.85),
    ("colour-or-shape", ["Each", "Changing"], 30, "in changing light at least ten more of 100 right",
     lambda each, light: light["testAccuracy"] > each["testAccuracy"] + 0.1),
    ("augmentation", ["Changed", "As"], 100, "changed at random at least five more of 100 right",
     lambda changed, plain: changed["testAccuracy"] > plain["testAccuracy"] + 0.05),
    ("dropout", ["With", "Without"], 40, "a higher training loss, test loss below 0.7 times, three more of 100 right",
     lambda dropped, plain: dropped["trainLoss"] > plain["trainLoss"] and dropped["testLoss"] < 0.7 * plain["testLoss"]
     and dropped["testAccuracy"] > plain["testAccuracy"] + 0.03),
    ("batch-norm-images", ["With batchNorm", "Without", "Without, at"], 20, "training loss below 0.2, above 0.7, below 0.15",
     lambda norm, plain, slow: norm["trainLoss"] < 0.2 and not (plain["trainLoss"] or 9) < 0.7 and slow["trainLoss"] < 0.15),
    ("first-digits", [None], 30, "99 of 100 right", accuracy(0.985)),
    ("transfer", ["Carried over, frozen", "Frozen as"], 100, "82 to 91, and at least eight fewer of 100 right",
     lambda carried, drawn: 0.82 <= carried["testAccuracy"] <= 0.91 and drawn["testAccuracy"] < carried["testAccuracy"] - 0.08),
    ("transfer", ["Carried over, all", "From the start"], 100, "above 92 of 100 right",
     lambda *runs: all(run["testAccuracy"] > 0.92 for run in runs)),
    ("alexnet-small", [None], 60, "86 of 100 right", accuracy(0.86)),
    ("vgg-small", ["Two", "One"], 20, "two 3×3 have the lower training loss",
     lambda two, one: two["trainLoss"] < one["trainLoss"]),
    ("vgg-small", ["Two", "One"], 20, "two 3×3 have more right",
     lambda two, one: two["testAccuracy"] > one["testAccuracy"]),
    ("inception-small", ["With", "Without"], 40, "above 86, and at most five fewer of 100 right",
     lambda few, many: few["testAccuracy"] > max(0.86, many["testAccuracy"] - 0.05)),
    ("resnet-small", ["Residual", "Plain, 7", "Plain, 27"], 20, "training loss in this order",
     lambda residual, shallow, deep: residual["trainLoss"] < shallow["trainLoss"] < deep["trainLoss"]),
]


def variant(name, title):
    """The preset's document with the settings of one of its variants."""
    text = subprocess.run([BINARY, "presets", name], check=True, capture_output=True, text=True).stdout
    document = json.loads(text)
    listed = document.pop("compare", [])
    chosen = next(entry["set"] for entry in listed if entry["title"].startswith(title)) if title else {}
    return document, [f"{key}={json.dumps(value)}" for key, value in chosen.items()]


def train(document, settings, epochs, seed):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        command = [BINARY, "train", file.name, "--format", "json", "--epochs", str(epochs), "--seed", str(seed)]
        for setting in settings:
            command += ["--set", setting]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", metavar="PRESET")
    parser.add_argument("--starts", type=int, default=20)
    options = parser.parse_args()
    unknown = set(options.presets) - {claim[0] for claim in CLAIMS + IMAGES}
    if unknown:
        sys.exit(f"no claims about {', '.join(sorted(unknown))}")
    print("| preset | variant | | epochs | claim | starts | seconds |\n|---|---|---|---:|---|---:|---:|")
    for name, title, settings, epochs, claim, holds in CLAIMS:
        if options.presets and name not in options.presets:
            continue
        document, chosen = variant(name, title)
        runs = [train(document, chosen + settings, epochs, seed) for seed in range(1, options.starts + 1)]
        seconds = sum(run["seconds"] for run in runs) / len(runs)
        print(
            f"| `{name}` | {title or ''} | {' '.join(settings)} | {epochs} | {claim} "
            f"| {sum(map(holds, runs))} of {len(runs)} | {seconds:.2f} |", flush=True)
    known = {}
    for name, titles, epochs, claim, holds in IMAGES:
        if options.presets and name not in options.presets:
            continue
        fulfilled, seconds = 0, 0.0
        for seed in range(1, options.starts + 1):
            for title in titles:
                if (name, title, seed) not in known:
                    document, chosen = variant(name, title)
                    known[name, title, seed] = train(document, chosen + [f"data.seed={seed}"], epochs, seed)
            runs = [known[name, title, seed] for title in titles]
            fulfilled += holds(*runs)
            seconds += sum(run["seconds"] for run in runs)
        print(
            f"| `{name}` | {'; '.join(filter(None, titles))} | | {epochs} | {claim} | {fulfilled} of {options.starts} "
            f"| {seconds / options.starts:.2f} |", flush=True)


if __name__ == "__main__":
    main()
