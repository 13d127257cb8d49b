#!/usr/bin/env python3
"""Trains presets from many starts, those over images, sequences, games and whatever learns without labels, and counts after how
many what their stories claim is true.

    python3 Benchmarks/presets.py [--binary PATH] [--starts 20] [--threads 1] [PRESET ...]

A start is a seed of the weights, 1 to --starts; the data are the preset's, and of images that are drawn, or split at random, of
the same seed. Seconds are those of the processor, in the mean. Build with `swift build -c release` first."""
import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile

from environment import inside

inside("numpy")
import saved

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


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
    ("transfer", ["All learn", "From the start"], 100, "above 92 of 100 right",
     lambda *runs: all(run["testAccuracy"] > 0.92 for run in runs)),
    ("alexnet-small", [None], 60, "86 of 100 right", accuracy(0.86)),
    ("vgg-small", ["Two", "One"], 10, "two 3×3 have the lower training loss",
     lambda two, one: two["trainLoss"] < one["trainLoss"]),
    ("vgg-small", ["Two", "One"], 10, "two 3×3 have more right",
     lambda two, one: two["testAccuracy"] > one["testAccuracy"]),
    ("inception-small", ["With", "Without"], 40, "above 86, and at most five fewer of 100 right",
     lambda few, many: few["testAccuracy"] > max(0.86, many["testAccuracy"] - 0.05)),
    ("resnet-small", ["Residual", "Plain, 7", "Plain, 27"], 20, "training loss in this order",
     lambda residual, shallow, deep: residual["trainLoss"] < shallow["trainLoss"] < deep["trainLoss"]),
]



class Part:
    """A run of each start that a claim speaks of: what the variant's title begins with, settings, and how long it trains."""

    def __init__(self, title=None, *settings, epochs=None, steps=None, preset=None):
        self.title, self.settings, self.preset = title, settings, preset
        self.length = ("epochs", epochs) if epochs else ("steps", steps)


def metric(name):
    return lambda run, *others: run["metrics"][name]


def right(run, *others):
    """Test samples answered rightly, of 100."""
    return 100 * run["testAccuracy"]


def ratio(quantity):
    """Of the first run to the second."""
    return lambda one, other: quantity(one) / quantity(other)


def difference(quantity):
    return lambda one, other: quantity(one) - quantity(other)


def task(number):
    """Samples of a task answered rightly at the end, of 100."""
    return lambda run: 100 * run["metrics"][f"task{number}Accuracy"]


def played(which="last"):
    """The mean return over 100 episodes without exploring."""
    return lambda run: run["greedyReturn"][which]


def most(name):
    return lambda run: max(value for value in run.curve[name] if value == value)


def falls_by(name):
    """How far a curve ends below its highest point."""
    return lambda run: most(name)(run) - run.curve[name][-1]


def steps_until(name, least):
    return lambda run: next(
        (step for step, value in zip(run.curve["step"], run.curve[name]) if value >= least), math.inf)


def collapses(run):
    """How often a generator went from more than three quarters of the data to less than 45 of 100."""
    count, wide = 0, False
    for coverage in run.curve["coverage"]:
        if coverage > 0.75:
            wide = True
        if wide and coverage < 0.45:
            count, wide = count + 1, False
    return count


def late(name):
    """A curve's mean over its second half."""
    return lambda run: statistics.fmean(run.curve[name][len(run.curve[name]) // 2:])


ANY = (-math.inf, math.inf)
MANY = math.inf

# Presets that learn without labels, two networks against each other, games and tasks in turn: the preset, its runs of each start,
# the quantity in words, how it is found of the runs, in this order, the least and the most of it that the story claims, and
# whether the data are drawn anew with each start too. A quantity whose words begin with "median" is claimed of the starts'
# median.
LEARNERS = [
    ("autoencoder-digits", [Part("Linear", epochs=100), Part("Bent", epochs=100)], "the linear network's error to the other's",
     ratio(metric("reconstructionError")), 1.15, 1.35),
    ("autoencoder-digits", [Part("Bent", epochs=100)], "of 100 test digits whose nearest code is of the same class",
     lambda run: 100 * saved.alike(run), 55, 100),
    ("autoencoder-curve", [Part("Bent", epochs=200), Part("Straight", epochs=200)], "the curve's error to the line's",
     ratio(metric("reconstructionError")), 0, 0.5),
    ("denoising", [Part("Masked", epochs=60), Part("Clean", epochs=60)],
     "error of digits given back from their half, to that of a network trained on clean ones",
     ratio(saved.restoring_error), 0, 0.5),
    ("variational", [Part("Pulled", epochs=100)], "the codes' larger deviation",
     lambda run: max(saved.deviations(run)), 0.6, 1.5),
    ("variational", [Part("Pulled", epochs=100)], "the codes' smaller deviation",
     lambda run: min(saved.deviations(run)), 0.6, 1.5),
    ("variational", [Part("Free", epochs=100)], "the codes' smaller deviation",
     lambda run: min(saved.deviations(run)), 3, MANY),
    ("stacked-denoising", [Part("Pre-trained", epochs=360), Part("Labels alone", epochs=300)],
     "more of 100 right than with the labels alone", difference(right), 0.1, 100),
    ("rbm-bars", [Part(epochs=300)], "ln p", metric("logLikelihood"), -4.2, -3.38),
    ("rbm-digits", [Part(epochs=100)], "reconstruction error", metric("reconstructionError"), 0, 0.02),
    ("rbm-digits", [Part(epochs=100)], "gap of free energies", metric("freeEnergyGap"), -3, 3),
    ("rbm-digits", [Part(epochs=100)], "pseudo-likelihood", metric("pseudoLikelihood"), -18, 0),
    ("complete-the-digit", [Part(epochs=100)], "of 100 right", right, 91.5, 96.5),
    ("deep-belief-net", [Part("Pre-trained", epochs=290)], "of 100 right", right, 82.5, 88.5),
    ("deep-belief-net", [Part("From the start", epochs=290)], "of 100 right", right, 57.5, 71.5),
    ("deep-belief-net", [Part("ReLU", epochs=290)], "of 100 right", right, 77.5, 81.5),
    ("gan-line", [Part("Wider", steps=5000)], "share of the line that is covered", metric("coverage"), 0.75, 1),
    ("gan-line", [Part("GAN Lab", steps=5000)], "share of the line that is covered", metric("coverage"), *ANY),
    ("gan-line", [Part("Wider", 'training.procedure.adversarial.train="discriminator"', steps=5000)],
     "a discriminator alone: its loss", metric("discriminatorLoss"), 0, 0.3),
    ("gan-ring", [Part(steps=120000)], "median Jensen–Shannon", metric("jensenShannon"), 0, 0.35),
    ("gan-ring", [Part(None, "data.shape=ring", steps=15000, preset="gan-line")],
     "Jensen–Shannon with GAN Lab's settings", metric("jensenShannon"), *ANY),
    ("gan-gaussians", [Part(steps=120000)], "median Jensen–Shannon", metric("jensenShannon"), 0, 0.5),
    ("gan-gaussians", [Part(None, "data.shape=gaussians", steps=15000, preset="gan-line")],
     "Jensen–Shannon with GAN Lab's settings", metric("jensenShannon"), *ANY),
    ("mode-collapse", [Part("Minimax", epochs=200)], "collapses", collapses, 2, MANY),
    ("mode-collapse", [Part("Wasserstein", epochs=200), Part("Minimax", epochs=200)],
     "more of the data covered than by minimax", difference(late("coverage")), 0.001, 1),
    ("gan-digits", [Part("Dense", epochs=1000), Part(epochs=40, preset="digits-mlp")],
     "classes that a classifier finds among 1,000", lambda *runs: saved.judged(*runs)[0], 9, 10),
    ("gan-digits", [Part("Dense", epochs=1000), Part(epochs=40, preset="digits-mlp")],
     "the classifier's mean certainty", lambda *runs: saved.judged(*runs)[1], 0.9, 1),
    ("gridworld", [Part(epochs=100)], "arrows of 100 that are right", lambda run: saved.arrows(run)[0], 90, 100),
    ("gridworld", [Part(epochs=100)], "mean distance from value iteration", lambda run: saved.arrows(run)[1], 0, 0.05),
    ("gridworld", [Part(epochs=100)], "return without exploring, 0.84 by the shortest way", played(), 0.8399, 0.8401),
    ("catch", [Part(epochs=45)], "return without exploring, after 1,000 episodes", played(), 0.95, 1),
    ("catch", [Part(epochs=18)], "return without exploring, after 400 episodes", played(), 0.9, 1),
    ("catch", [Part(None, "training.procedure.qLearning.gamma=0", epochs=45)], "return without discount", played(), -1, 0.5),
    ("cart-pole", [Part(steps=150000)], "mean return over 100 episodes", most("return"), 475, 500),
    ("cart-pole", [Part(steps=150000)], "steps until then", steps_until("return", 475), 0, 150000),
    ("cart-pole", [Part(steps=150000)], "how far it falls again", falls_by("return"), 1, 500),
    ("cart-pole", [Part(steps=150000)], "return of the best weights", played("best"), 450, 500),
    ("breakout", [Part(None, "training.procedure.qLearning.epsilonTo=1", steps=2000)],
     "return at random", metric("return"), 0.2, 0.9),
    ("breakout", [Part(steps=50000)], "mean return over 100 episodes", metric("return"), 4.5, MANY),
    ("snake", [Part(None, "training.procedure.qLearning.epsilonTo=1", steps=2000)],
     "return at random", metric("return"), -1, -0.5),
    ("snake", [Part(steps=50000)], "mean return over 100 episodes", metric("return"), 8, 12),
    ("life-long", [Part("No remedy", epochs=40)], "of 100 of the first task right", task(1), 0, 5, True),
    ("life-long", [Part("Elastic weights", epochs=40)], "of 100 of the first task right", task(1), 0, 70, True),
    ("life-long", [Part("Replay", epochs=40)], "of 100 of the first task right", task(1), 83, 100, True),
    ("life-long", [Part("Replay", epochs=40)], "of 100 of the second task right", task(2), 95, 100, True),
    ("life-long", [Part("None, task known", epochs=40)], "of 100 of the first task right", task(1), 78, 100, True),
    ("life-long", [Part("Elastic, task known", epochs=40)], "of 100 of the first task right", task(1), 96, 100, True),
    ("life-long", [Part("Elastic, task known", epochs=40)], "of 100 of the second task right", task(2), 94, 100, True),
    ("permuted", [Part("No remedy", epochs=30)], "of 100 of the first task right", task(1), 0, 65, True),
    ("permuted", [Part("Elastic weights", epochs=30)], "of 100 of the first task right", task(1), 65, 100, True),
    ("permuted", [Part("Elastic weights", epochs=30)], "of 100 of the last task right", task(3), 0, 93, True),
    ("permuted", [Part("Replay", epochs=30)], "of 100 of the first task right", task(1), 83, 100, True),
    ("permuted", [Part("Replay", epochs=30)], "of 100 of the last task right", task(3), 91, 100, True),
]


class Run(dict):
    """The report of a run, with its curves by their metrics' names, its tensors and its seconds of the processor."""


def variant(name, title):
    """The preset's document with the settings of one of its variants."""
    with open(os.path.join(ROOT, "Presets", name + ".json")) as file:
        document = json.load(file)
    listed = document.pop("compare", [])
    chosen = next(entry["set"] for entry in listed if entry["title"].startswith(title)) if title else {}
    return document, [f"{key}={json.dumps(value)}" for key, value in chosen.items()]


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def train(binary, threads, document, settings, length, seed):
    with tempfile.TemporaryDirectory() as folder:
        experiment, curve, weights = (os.path.join(folder, name) for name in ("a.json", "a.csv", "a.safetensors"))
        with open(experiment, "w") as file:
            json.dump(document, file)
        command = [binary, "train", experiment, "--format", "json", f"--{length[0]}", str(length[1])]
        command += ["--seed", str(seed), "--history", curve, "--save", weights]
        if threads:
            command += ["--threads", str(threads)]
        for setting in settings:
            command += ["--set", setting]
        before = processor_seconds()
        run = Run(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
        run.processor = processor_seconds() - before
        run.curve, run.tensors = saved.curve(curve), saved.tensors(weights)
    return run


class Starts:
    """Every run once, however many claims speak of it."""

    def __init__(self, binary, threads):
        self.binary, self.threads = binary, threads
        self.known = {}

    def run(self, name, part, seed, draws):
        key = (part.preset or name, part.title, tuple(part.settings), part.length, seed, draws)
        if key not in self.known:
            document, chosen = variant(key[0], part.title)
            drawn = [f"data.seed={seed}"] if draws else []
            self.known[key] = train(
                self.binary, self.threads, document, chosen + list(part.settings) + drawn, part.length, seed)
        return self.known[key]


def listed():
    """All claims alike: preset, parts, claim in words, quantity or None, whether runs or quantities fulfil it (None: it stands
    there for comparison), and whether the data are drawn anew."""
    for name, title, settings, epochs, claim, holds in CLAIMS:
        yield name, [Part(title, *settings, epochs=epochs)], claim, None, holds, False
    for name, titles, epochs, claim, holds in IMAGES:
        yield name, [Part(title, epochs=epochs) for title in titles], claim, None, holds, True
    for name, parts, claim, quantity, low, high, *drawn in LEARNERS:
        if (low, high) == ANY:
            yield name, parts, claim, quantity, None, bool(drawn)
        else:
            yield name, parts, f"{claim}: {span(low, high)}", quantity, within(low, high), bool(drawn)


def within(low, high):
    return lambda value: low <= value <= high


def span(low, high):
    if high == MANY:
        return f"{low:g} or more"
    return f"{low:g} to {high:g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", metavar="PRESET")
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build", "release", "layercake"))
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--threads", type=int, help="of each run (default: the program's choice)")
    options = parser.parse_args()
    claims = list(listed())
    unknown = set(options.presets) - {claim[0] for claim in claims}
    if unknown:
        sys.exit(f"no claims about {', '.join(sorted(unknown))}")
    print("| preset | variants | | length | claim | starts | least, median, most | seconds |")
    print("|---|---|---|---|---|---:|---|---:|")
    starts = Starts(options.binary, options.threads)
    for name, parts, claim, quantity, holds, draws in claims:
        if options.presets and name not in options.presets:
            continue
        rows = [[starts.run(name, part, seed, draws) for part in parts] for seed in range(1, options.starts + 1)]
        values, figures = rows, ""
        if quantity:
            values = [[quantity(*runs)] for runs in rows]
            figures = [value for value, in values]
            middle = statistics.median(figures)
            if claim.startswith("median"):
                values = [[middle]] * len(rows)
            figures = ", ".join(f"{value:.4g}" for value in (min(figures), middle, max(figures)))
        count = f"{sum(holds(*value) for value in values)} of {len(rows)}" if holds else "–"
        seconds = statistics.fmean(sum(run.processor for run in runs) for runs in rows)
        titles = "; ".join(filter(None, (part.title or part.preset for part in parts)))
        settings = " ".join(setting for part in parts for setting in part.settings)
        lengths = ", ".join(dict.fromkeys(f"{part.length[1]} {part.length[0]}" for part in parts))
        print(
            f"| `{name}` | {titles} | {settings} | {lengths} | {claim} | {count} | {figures} "
            f"| {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
