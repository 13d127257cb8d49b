#!/usr/bin/env python3
"""Runs what `layercake export` writes, and compares it with what layercake itself computes.

    python3 Tests/Fixtures/check_exports.py [--binary .build/debug/layercake] [PRESET …]
                                            (needs torch, keras, safetensors, onnx and onnxruntime)

pytorch, keras: the loss that the script prints after 100 steps (before the first one, where training draws at random) against
that of `layercake train --steps 100`: within 1e-4 relative, or within ten times the distance of the script from itself in
float64 and with the samples of each batch in other orders, which only rounding can tell apart; then the loss after two steps,
which rounding has not moved yet, must be within 1e-4. onnx: the file passes
onnx.checker, and onnxruntime's answers are within 1e-5 max(1, |y|) of layercake's on the test samples. Prints a line for each
preset and a summary. Exit status: 0; 1 after a mismatch.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def losses(text):
    return {int(step): float(loss) for step, loss in re.findall(r"step (\d+): training loss (\S+?)(?:,|\s|$)", text)}


# The lines that make a script compute in double, and those that shuffle the samples of a batch, each with its place.
DOUBLE = {
    "pytorch": lambda text: re.sub(
        r"^(saved = load_file.*)$",
        lambda line: line.group(1) + "\ntorch.set_default_dtype(torch.float64)\n"
        "saved = {name: values.double() for name, values in saved.items()}", text.replace(".float()", ".double()"), flags=re.M),
    "keras": lambda text: re.sub(
        r"^(saved = load_file.*)$",
        lambda line: "keras.config.set_floatx(\"float64\")\n" + line.group(1)
        + "\nsaved = {name: values.astype(\"float64\") for name, values in saved.items()}",
        text.replace("\"float32\"", "\"float64\""), flags=re.M),
}
SHUFFLED = {
    "pytorch": lambda text, seed: text.replace(
        "    network.train()", f"    rows = rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed({seed} + step))]\n"
        "    network.train()"),
    "keras": lambda text, seed: text.replace(
        "    model.train_on_batch(", f"    rows = numpy.random.RandomState({seed} + step).permutation(rows)\n"
        "    model.train_on_batch("),
}


def check_torch(binary, preset, folder, limit, name="pytorch", drawn="drawn by PyTorch"):
    """(words, whether they are good): how far the script's loss is from ours."""
    script = Path(folder) / "script.py"
    export = run([binary, "export", preset, "--format", name, "--output", str(script), "--force"])
    if export.returncode in (65, 66):
        return "refused: " + export.stderr.strip().split("\n")[-1][:110], True
    if export.returncode:
        return f"export ended with {export.returncode}: {export.stderr.strip()}", False
    is_random = drawn in script.read_text()
    if is_random:
        history = Path(folder) / "history.csv"
        ours = run([binary, "train", preset, "--steps", "1", "--history", str(history), "--format", "json"], timeout=limit)
        rows = [line.split(",") for line in history.read_text().split("\n")]
        mine = float(rows[1][rows[0].index("trainLoss")])
        theirs = run([sys.executable, str(script), "--steps", "1"], timeout=limit)
    else:
        ours = run([binary, "train", preset, "--steps", "100", "--format", "json"], timeout=limit)
        mine = json.loads(ours.stdout)["trainLoss"]
        theirs = run([sys.executable, str(script)], timeout=limit)
    if theirs.returncode:
        return "script failed: " + theirs.stderr.strip().split("\n")[-1][:160], False
    found = losses(theirs.stdout)[0 if is_random else 100]
    error = abs(found - mine) / max(abs(mine), 1e-12)
    words = f"{'before step 1' if is_random else 'after 100'}: ours {mine:.7g}, {name} {found:.7g}, {error:.1e}"
    if error <= 1e-4 or is_random:
        return words, error <= 1e-4
    ours = json.loads(run([binary, "train", preset, "--steps", "2", "--format", "json"], timeout=limit).stdout)["trainLoss"]
    early = abs(losses(run([sys.executable, str(script), "--steps", "2"], timeout=limit).stdout)[2] - ours) / max(abs(ours), 1e-12)
    if early > 1e-4:
        return f"{words}; after 2 steps {early:.1e}", False
    # The loss by float32, where training magnifies every rounding: in double, and with each batch in other orders.
    text = script.read_text()
    variants = [DOUBLE[name](text)] + [SHUFFLED[name](text, seed) for seed in (1000, 2000)]
    assert all(variant != text for variant in variants)
    own = 0.0
    for variant in variants:
        script.write_text(variant)
        other = losses(run([sys.executable, str(script)], timeout=limit).stdout).get(100, float("nan"))
        own = max(own, abs(found - other) / max(abs(other), 1e-12))
    return f"{words}, after 2 steps {early:.1e} (the script itself: {own:.1e})", error <= 10 * own


def check_keras(binary, preset, folder, limit):
    return check_torch(binary, preset, folder, limit, "keras", "drawn by Keras")


def check_onnx(binary, preset, folder, limit):
    import onnx
    import onnxruntime

    path = Path(folder) / "network.onnx"
    export = run([binary, "export", preset, "--format", "onnx", "--output", str(path), "--force"])
    if export.returncode in (65, 66):
        return "refused: " + export.stderr.strip().split("\n")[-1][:110], True
    if export.returncode:
        return f"export ended with {export.returncode}: {export.stderr.strip()}", False
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    answers = Path(folder) / "answers.json"
    ours = run([binary, "export", preset, "--format", "answers", "--output", str(answers), "--force"])
    if ours.returncode:
        return f"answers ended with {ours.returncode}: {ours.stderr.strip()}", False
    from safetensors.numpy import load_file
    saved = load_file(str(answers))
    feeds = {"x": saved["x"]}
    if "lengths" in saved:
        feeds["lengths"] = saved["lengths"].astype(numpy.int64)
    y = session.run(["y"], feeds)[0]
    expected = saved["y"].reshape(y.shape)
    if len(y):
        single = session.run(["y"], {name: values[:1] for name, values in feeds.items()})[0]
        if not numpy.allclose(single, y[:1], atol=1e-5, rtol=1e-5):
            return "a batch of one has other answers", False
    error = float((numpy.abs(y - expected) / numpy.maximum(1, numpy.abs(expected))).max()) if y.size else 0.0
    return f"{len(y)} samples, {error:.1e}", error <= 1e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=".build/debug/layercake")
    parser.add_argument("--format", choices=["pytorch", "keras", "onnx", "all"], default="all")
    parser.add_argument("--limit", type=int, default=600, help="seconds for each run")
    parser.add_argument("presets", nargs="*")
    options = parser.parse_args()
    presets = options.presets or [line.split()[0] for line in run([options.binary, "presets"]).stdout.split("\n") if line.strip()]
    wrong = 0
    checks = {"pytorch": check_torch, "keras": check_keras, "onnx": check_onnx}
    for preset in presets:
        for name, check in checks.items():
            if options.format not in (name, "all"):
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    words, is_good = check(options.binary, preset, folder, options.limit)
                except Exception as error:  # a check that cannot be made is a mismatch
                    words, is_good = f"{type(error).__name__}: {str(error)[:160]}", False
            wrong += not is_good
            print(f"{preset:22} {name:8} {'' if is_good else 'WRONG '}{words}", flush=True)
    print(f"{len(presets)} presets, {wrong} mismatches")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
