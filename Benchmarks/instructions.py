#!/usr/bin/env python3
"""Counts the instructions of `layercake bench`'s workloads, by what they are for; mlp takes too long to count.

    swift build -c release
    python3 Benchmarks/instructions.py [WORKLOAD ...] [--level v3] [--binary .build/release/layercake] [--functions]

Needs valgrind, and llvm-symbolizer, which comes with Swift. Callgrind knows no AVX-512, so the level is v3 at most.
Counts are of one thread and per step, grid or network-step; --functions lists the functions too.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import tempfile

# Each: what is counted, the function within which instructions count, the function whose calls are counted, units in a call.
ADVANCE = "6Engine15GradientDescentC7advanceAA16TrainingProgressOyF"
STEP = ("step", ADVANCE, ADVANCE, 1)
GRID = ("grid", "6Engine7NetworkC6values2of", "6Engine7NetworkC6values2of", 1)
WORKLOADS = {
    "playground-default": STEP,
    "playground-deep": STEP,
    "boundary-default": GRID,
    "boundary-deep": GRID,
    "population": ("network-step", "6Engine10PopulationC7advance5steps", "6Engine11LaneDescentC7advanceyyF", 16),
}
# The first that matches a function or one that it was inlined into.
PURPOSES = [
    ("activations", r"(Activate(At)?|softmax)$"),
    ("activations' gradients", r"(Gradient(At)?|activateGrad|softmaxGrad)$"),
    ("weighted sums", r"^(populationA|a)ffine$|AfterAffine$"),
    ("gradients of inputs", r"(affine|population)GradInput$|AfterGradInput$"),
    ("gradients of weights", r"(affine|population)GradParams$|^gradientsOf"),
    ("loss", r"LossGrad$"),
    ("batch", r"[gG]ather$"),
    ("update", r"Update$|[dD]ecay$|umOfSquares$"),
    ("going through the operations", r"^(populationR|r)un(One)?$"),
    ("engine in Swift", r"^\$s6Engine"),
]
REST = "libraries"


def function_named(binary, part):
    """The mangled name of the first function that contains `part`."""
    listing = subprocess.run(["nm", binary], capture_output=True, text=True, check=True).stdout
    names = re.findall(r" [tT] (\S+)$", listing, re.MULTILINE)
    return min((name for name in names if part in name), key=len)


def read(path, binary, counted):
    """Instructions by (address, function) in the program, by function elsewhere, and the calls of `counted`."""
    inside, outside, calls = collections.Counter(), collections.Counter(), 0
    names = {"fn": {}, "ob": {}}
    here = {"fn": "", "ob": ""}
    called, address, is_call = "", 0, False

    def name(kind, text):
        number, _, rest = re.match(r"(\(\d+\))( (.*))?", text).groups()
        if rest:
            names[kind][number] = rest
        return names[kind][number]

    for line in open(path):
        key, _, value = line.rstrip("\n").partition("=")
        if key in ("fn", "ob"):
            here[key] = name(key, value)
        elif key == "cfn":
            called = name("fn", value)
        elif key == "cob":
            name("ob", value)
        elif key == "calls":
            calls += int(value.split()[0]) if called == counted else 0
            is_call = True
        elif re.match(r"0x|\+|-|\* ", key):
            place, *_, count = line.split()
            address = (int(place, 16) if place.startswith("0x") else address if place == "*" else
                       address + int(place[0] + str(int(place[1:], 0))))
            if is_call:
                is_call = False
            elif here["ob"] == binary:
                inside[address, here["fn"]] += int(count)
            else:
                outside[os.path.basename(here["ob"]) + " " + here["fn"]] += int(count)
    return inside, outside, calls


def inlining(binary, addresses):
    """For each address the functions there, outermost first."""
    found = subprocess.run(
        ["llvm-symbolizer", f"--obj={binary}", "--functions=linkage", "--inlining"],
        input="\n".join(map(hex, addresses)), capture_output=True, text=True, check=True).stdout
    blocks = found.strip().split("\n\n")
    return {address: block.split("\n")[0::2][::-1] for address, block in zip(addresses, blocks, strict=True)}


def purpose(functions):
    return next((title for title, pattern in PURPOSES if any(re.search(pattern, name) for name in functions)), REST)


def profile(workload, options, folder):
    unit, within, counted, units = WORKLOADS[workload]
    # Valgrind stumbles over Swift's debugging information.
    bare, out = os.path.join(folder, "layercake"), os.path.join(folder, workload)
    subprocess.run(["strip", "-g", "-o", bare, options.binary], check=True)
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={out}",
         f"--toggle-collect={function_named(options.binary, within)}", bare, "bench", workload, "--threads", "1",
         "--seconds", "2"],
        capture_output=True, text=True, env=os.environ | {"LAYERCAKE_SIMD": options.level})
    if run.returncode:
        raise SystemExit(run.stderr)
    inside, outside, calls = read(out, bare, function_named(options.binary, counted))
    where = inlining(options.binary, sorted({address for address, _ in inside}))
    by_purpose, by_function = collections.Counter(), collections.Counter()
    for (address, function), count in inside.items():
        functions = where[address] if where[address] != ["??"] else [function]
        by_purpose[purpose(functions)] += count
        by_function[" > ".join(functions[:4])] += count
    for function, count in outside.items():
        by_purpose[purpose([function])] += count
        by_function[function] += count
    total, done = sum(by_purpose.values()), calls * units
    print(f"\n{workload}: {total / done:,.0f} instructions a {unit}\n")
    for title, count in by_purpose.most_common():
        print(f"| {title} | {count / done:,.0f} | {100 * count / total:.1f} % |", flush=True)
    if options.functions:
        print()
        for title, count in by_function.most_common(40):
            print(f"{100 * count / total:6.2f} %  {title}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("workloads", nargs="*", default=list(WORKLOADS), metavar="WORKLOAD")
    parser.add_argument("--level", default="v3", choices=["v3", "baseline"])
    parser.add_argument("--binary", default=str(root / ".build/release/layercake"))
    parser.add_argument("--functions", action="store_true")
    options = parser.parse_args()
    unknown = [name for name in options.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"there is no workload {unknown[0]}; there are {', '.join(WORKLOADS)}")
    with tempfile.TemporaryDirectory() as folder:
        for workload in options.workloads:
            profile(workload, options, folder)


if __name__ == "__main__":
    main()
