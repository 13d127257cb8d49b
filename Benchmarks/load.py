#!/usr/bin/env python3
"""Starts many playgrounds at once on this machine, as a class on one server does, and prints how each one fares.

usage: Benchmarks/load.py [--binary PATH] [--count 30] [--seconds 20] [--size 120x40] [--speed EPOCHS|unlimited]
                          [--in-class] [--presets xor,circle]

Each runs in a pseudo-terminal of its own and gets a key about once a second. Printed for each: frames a second, the
median and the 99th percentile of the time from a key to the changed hint bar, the share of a core that it takes, and the
resident memory; at the end the medians over all, beside what is asked of them.

With --in-class a class is started, each student joins it, and the teacher's list watches; how many it lists is printed.
Started by root, each student is a user with files of their own, as on a server; else all are one user, whom the list
shows once. --presets gives the students these in turn, in place of the default experiment.
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


# The numbers of the students' users, from here on.
FIRST_USER = 61001


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build", "release", "layercake"))
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--speed", default="60", help="epochs a second of each, or unlimited")
    parser.add_argument("--in-class", action="store_true", help="each joins a class, whose teacher watches it")
    parser.add_argument("--presets", default="", help="what the students open in turn, apart by commas")
    options = parser.parse_args()
    size = tuple(int(n) for n in options.size.split("x"))
    if not os.path.exists(options.binary):
        sys.exit(f"{options.binary} is not there: build it first with swift build -c release")
    speed = "null" if options.speed == "unlimited" else options.speed
    joining, users, homes = [], [None] * options.count, [None] * options.count
    if options.in_class:
        base = tempfile.mkdtemp(prefix="layercake-load-")
        os.chmod(base, 0o755)
        atexit.register(shutil.rmtree, base, ignore_errors=True)
        subprocess.run([options.binary, "class", "start", f"{base}/class"], check=True, stdout=subprocess.DEVNULL)
        joining = ["class", "join", f"{base}/class"]
        homes = [f"{base}/home-{i + 1}" for i in range(options.count)]
        for i, home in enumerate(homes):
            os.mkdir(home)
            if os.getuid() == 0:
                users[i] = FIRST_USER + i
                os.chown(home, users[i], users[i])
    presets = [name for name in options.presets.split(",") if name]
    programs = [
        Program(
            options.binary, size, *joining, *(presets[i % len(presets):][:1] if presets else []),
            "--set", f"view.epochsPerSecond={speed}", "--set", f"seed={i + 1}", user=users[i], home=homes[i])
        for i in range(options.count)]
    watching = []
    if options.in_class:
        watching = [Program(options.binary, size, "class", f"{base}/class", home=tempfile.mkdtemp(dir=base))]
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
    spent = {program.fd: sum(program.threads().values()) for program in programs + watching}
    due = {program.fd: start + draw.uniform(0, 1) for program in programs}
    for _ in read(start + options.seconds):
        now = time.perf_counter()
        for descriptor, at in due.items():
            if now >= at and now < start + options.seconds - 1:
                # Two panels whose hints differ.
                by_descriptor[descriptor].type(b"24"[len(sent[descriptor]) % 2:][:1])
                sent[descriptor].append(time.perf_counter())
                due[descriptor] = now + draw.uniform(0.8, 1.2)
    memory = [program.resident() for program in programs + watching]
    elapsed = time.perf_counter() - start
    shares = [
        100 * (sum(program.threads().values()) - spent[program.fd]) / elapsed for program in programs + watching]
    listed = ""
    if options.in_class:
        command = [options.binary, "class", f"{base}/class", "--print"]
        listed = subprocess.run(command, capture_output=True, text=True).stdout
    for program in programs + watching:
        program.close()

    print(f"{'':>4}{'frames/s':>10}{'key median':>14}{'key 99th':>12}{'processor':>12}{'memory':>11}")
    rates, medians = [], []
    for number, (program, share, resident) in enumerate(zip(programs, shares, memory), 1):
        frames = sum(1 for at, data in program.chunks if start <= at < start + options.seconds)
        times = sorted(answers(program, sent[program.fd], size))
        if len(times) < 0.9 * len(sent[program.fd]):
            sys.exit(f"playground {number}: only {len(times)} of {len(sent[program.fd])} keys changed the hint bar")
        rates.append(frames / options.seconds)
        medians.append(statistics.median(times))
        last = times[int(0.99 * (len(times) - 1))]
        print(f"{number:>4}{rates[-1]:>10.1f}{medians[-1]:>11.1f} ms{last:>9.1f} ms{share:>10.1f} %{resident:>8.1f} MB")
    for share, resident in zip(shares[len(programs):], memory[len(programs):]):
        print(f"{'teacher':>40}{share:>10.1f} %{resident:>8.1f} MB")
        counts = [line.strip() for line in listed.splitlines() if " here" in line]
        print(f"{'listed':>40}  {counts[-1] if counts else 'nobody'}")
    print(f"\nmedian of {options.count} at {options.speed} epochs/s: {statistics.median(rates):.1f} frames/s; "
          f"key {statistics.median(medians):.1f} ms (asked: 100), the slowest {max(medians):.1f} ms; "
          f"processor {statistics.median(shares):.1f} % of a core each, {sum(shares):.0f} % in all; "
          f"memory at most {max(memory):.1f} MB (asked: 60)")


if __name__ == "__main__":
    main()
