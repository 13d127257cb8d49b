#!/usr/bin/env python3
"""Starts many playgrounds at once on this machine, as a class on one server does, and prints how each one fares.

usage: Benchmarks/load.py [--binary PATH] [--count 30] [--seconds 20] [--size 120x40] [--speed EPOCHS|unlimited] [--in-class]

Each runs in a pseudo-terminal of its own and gets a key about once a second. Printed for each: frames a second, the
median and the 99th percentile of the time from a key to the changed hint bar, and the resident memory; at the end the
medians over all, beside what is asked of them.
"""
import argparse
import atexit
import os
import random
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from screen import ROOT, Program, answers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build", "release", "layercake"))
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--speed", default="60", help="epochs a second of each, or unlimited")
    parser.add_argument("--in-class", action="store_true", help="each joins a class, whose teacher watches it")
    options = parser.parse_args()
    size = tuple(int(n) for n in options.size.split("x"))
    if not os.path.exists(options.binary):
        sys.exit(f"{options.binary} is not there: build it first with swift build -c release")
    speed = "null" if options.speed == "unlimited" else options.speed
    joining = []
    if options.in_class:
        base = tempfile.mkdtemp(prefix="layercake-load-")
        atexit.register(shutil.rmtree, base, ignore_errors=True)
        subprocess.run([options.binary, "class", "start", f"{base}/class"], check=True, stdout=subprocess.DEVNULL)
        joining = ["class", "join", f"{base}/class"]
    programs = [
        Program(options.binary, size, *joining, "--set", f"view.epochsPerSecond={speed}", "--set", f"seed={i + 1}")
        for i in range(options.count)]
    watching = [Program(options.binary, size, "class", f"{base}/class")] if options.in_class else []
    by_descriptor = {program.fd: program for program in programs + watching}
    sent = {program.fd: [] for program in programs}
    draw = random.Random(1)

    def read(until):
        while (left := until - time.perf_counter()) > 0:
            ready, _, _ = select.select(list(by_descriptor), [], [], min(left, 0.01))
            for descriptor in ready:
                by_descriptor[descriptor].chunks.append((time.perf_counter(), os.read(descriptor, 1 << 16)))
            yield

    # All have started and drawn before anything is measured.
    for _ in read(time.perf_counter() + 5):
        pass
    start = time.perf_counter()
    due = {program.fd: start + draw.uniform(0, 1) for program in programs}
    for _ in read(start + options.seconds):
        now = time.perf_counter()
        for descriptor, at in due.items():
            if now >= at and now < start + options.seconds - 1:
                # Two panels whose hints differ.
                by_descriptor[descriptor].type(b"24"[len(sent[descriptor]) % 2:][:1])
                sent[descriptor].append(time.perf_counter())
                due[descriptor] = now + draw.uniform(0.8, 1.2)
    memory = [program.resident() for program in programs]
    for program in programs + watching:
        program.close()

    print(f"{'':>4}{'frames/s':>10}{'key median':>14}{'key 99th':>12}{'memory':>11}")
    rates, medians = [], []
    for number, (program, resident) in enumerate(zip(programs, memory), 1):
        frames = sum(1 for at, data in program.chunks if start <= at < start + options.seconds)
        times = sorted(answers(program, sent[program.fd], size))
        if len(times) < 0.9 * len(sent[program.fd]):
            sys.exit(f"playground {number}: only {len(times)} of {len(sent[program.fd])} keys changed the hint bar")
        rates.append(frames / options.seconds)
        medians.append(statistics.median(times))
        last = times[int(0.99 * (len(times) - 1))]
        print(f"{number:>4}{rates[-1]:>10.1f}{medians[-1]:>11.1f} ms{last:>9.1f} ms{resident:>8.1f} MB")
    print(f"\nmedian of {options.count} at {options.speed} epochs/s: {statistics.median(rates):.1f} frames/s; "
          f"key {statistics.median(medians):.1f} ms (asked: 100), the slowest {max(medians):.1f} ms; "
          f"memory at most {max(memory):.1f} MB (asked: 60)")


if __name__ == "__main__":
    main()
