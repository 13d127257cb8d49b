#!/usr/bin/env python3
"""A calculation, no measurement: how much faster several machines train one network than one does, by layercake-mpi.

    python3 Benchmarks/network.py [--parameters 669706] [--pass-ms 20] [--update-ms 2] [--batch 1024]

A step takes
    pass · share + update + all-reduce,
    all-reduce = 2 (n − 1)/n · 4 bytes · parameters / bandwidth + 2 ⌈log₂ n⌉ · latency,
where the pass is that of the whole batch on one machine and `share` is 1/n where the batch is divided, 1 where each machine brings
a batch of its own; the update is everybody's. The bandwidth is that of a ring, which sends and receives at once; latency as TCP has
it, with the message's way through the kernel. Assumed: nobody else uses the network, the machines are alike, and nothing is sent
while it is computed (layercake-mpi waits). Gigabit: 118 MB/s and 60 µs; 100 gigabits: 10 GB/s (TCP rarely gets all of 12.5) and 20 µs.
"""
import argparse
import math

NETWORKS = [("gigabit", 118e6, 60e-6), ("100 gigabits", 10e9, 20e-6)]


def step(n, options, bandwidth, latency, divided):
    exchange = 2 * (n - 1) / n * 4 * options.parameters / bandwidth + 2 * math.ceil(math.log2(n)) * latency if n > 1 else 0
    return options.pass_ms / 1000 / (n if divided else 1) + options.update_ms / 1000 + exchange


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parameters", type=int, default=669706)
    parser.add_argument("--pass-ms", type=float, default=20, help="forward and backward of a batch on one machine")
    parser.add_argument("--update-ms", type=float, default=2)
    parser.add_argument("--batch", type=int, default=1024)
    options = parser.parse_args()
    machines = [2, 4, 8, 16, 32, 64]
    print("| samples a second, times one machine | " + " | ".join(map(str, machines)) + " |")
    print("|---|" + "---:|" * len(machines))
    for divided, words in [(True, f"a batch of {options.batch:,} divided"), (False, f"{options.batch:,} samples on each machine")]:
        for name, bandwidth, latency in NETWORKS:
            one = step(1, options, bandwidth, latency, divided)
            gains = [one / step(n, options, bandwidth, latency, divided) * (1 if divided else n) for n in machines]
            print(f"| {name}, {words} | " + " | ".join(f"{gain:.2g}" if gain < 10 else f"{gain:.0f}" for gain in gains) + " |")


if __name__ == "__main__":
    main()
