#!/usr/bin/env python3
"""Measures layercake bench on a device beside PyTorch on a graphics card, and prints the rows of Benchmarks/GPU.md.

usage: Benchmarks/cards.py [--device gpu] [--torch-device cuda] [--binary PATH] [--rounds 3] [--seconds 2]
                           [--networks 16384] [--only ROW ...] [--json FILE]

ROW is one of playground-default, mlp-128, mlp-4096 and population. Every round runs each side once, one after the other;
the table shows medians over the rounds. PyTorch computes in float32 (TF32 is off), eagerly and, on CUDA, with an epoch's
steps in one CUDA graph; its clock is read after torch.cuda.synchronize(). The population is there a batched product for
each layer. The networks, batches and optimizers are the same on both sides (the fused Adam for mlp), the data are the same
kind. Layercake's training loss must end below 0.05 and PyTorch's below a tenth of its first value, else the script says
so and ends with 1.

--torch-device cpu shows on a machine without a card that the script works. A Python that has torch and numpy is used as it
is; any other gets them in a virtual environment, Benchmarks/.venv.
"""
import argparse
import datetime
import json
import statistics
import sys
import time

from environment import inside

inside("numpy", "torch")
import torch  # noqa: E402

from tasks import BINARY, bench, default, mlp, torch_loss, torch_network  # noqa: E402


class Training:
    """One network in PyTorch."""

    # The number of networks that a step trains.
    networks = 1

    def __init__(self, task, device, capturable):
        self.task, self.loss = task, torch_loss(task)
        self.network = torch_network(task).to(device)
        self.x, self.y = torch.tensor(task.x, device=device), torch.tensor(task.y, device=device)
        self.optimizer = self.make_optimizer(list(self.network.parameters()), capturable)

    def make_optimizer(self, parameters, capturable):
        if self.task.classes:
            return torch.optim.Adam(parameters, fused=True, capturable=capturable)
        return torch.optim.SGD(parameters, lr=0.03)

    def error(self, rows):
        return self.loss(self.network(self.x[rows]), self.y[rows])

    def epoch(self):
        for i in range(self.task.batches):
            self.optimizer.zero_grad(set_to_none=True)
            self.error(slice(i * self.task.batch, (i + 1) * self.task.batch)).backward()
            self.optimizer.step()

    def whole(self):
        with torch.no_grad():
            return float(self.error(slice(None)))


class PopulationTraining(Training):
    """Many networks of one shape, a batched product for each layer; all see the same batches."""

    def __init__(self, task, device, capturable, networks):
        self.task, self.networks = task, networks
        self.x, self.y = torch.tensor(task.x, device=device), torch.tensor(task.y, device=device)
        random = torch.Generator().manual_seed(1)
        self.layers = []
        for n, m in zip(task.sizes, task.sizes[1:]):
            w = (torch.rand(networks, n, m, generator=random) - 0.5).to(device).requires_grad_()
            self.layers.append((w, torch.full((networks, 1, m), 0.1, device=device, requires_grad=True)))
        self.optimizer = self.make_optimizer([p for layer in self.layers for p in layer], capturable)

    def error(self, rows):
        """The sum over the networks, so that each gets its own gradient."""
        a = self.x[rows].expand(self.networks, -1, -1)
        for w, b in self.layers:
            a = torch.tanh(torch.baddbmm(b, a, w))
        return 0.5 * ((a - self.y[rows]) ** 2).sum(2).mean(1).sum()

    def whole(self):
        return super().whole() / self.networks


def synchronize(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def graph(training, device):
    """A function that does an epoch as one CUDA graph, after the epochs that a capture wants before it."""
    with torch.cuda.device(device):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                training.epoch()
        torch.cuda.current_stream().wait_stream(stream)
        training.optimizer.zero_grad(set_to_none=True)
        recorded = torch.cuda.CUDAGraph()
        with torch.cuda.graph(recorded):
            training.epoch()
    return recorded.replay


def measure(make, device, seconds, graphed):
    """Steps (of one network each) a second, and the losses before and after."""
    training = make(device, graphed)
    first = training.whole()
    epoch = graph(training, device) if graphed else training.epoch

    def timed(count):
        start = time.perf_counter()
        for _ in range(count):
            epoch()
        synchronize(device)
        return time.perf_counter() - start

    timed(1)
    # So many epochs between two looks at the clock that waiting for the device costs nothing.
    count = 1
    while timed(count) < 0.05:
        count *= 2
    done = spent = 0
    while spent < seconds:
        spent += timed(count)
        done += count * training.task.batches * training.networks
    # A slow side goes on, untimed, until it has learned or has had its chance.
    for _ in range(400):
        if training.whole() < 0.1 * first:
            break
        epoch()
    return done / spent, first, training.whole()


def rows(networks):
    """Of each row: the arguments of layercake bench, its title, and PyTorch's side."""
    def one(make):
        return lambda device, capturable: Training(make(), device, capturable)

    return {
        "playground-default": (["playground-default"], "playground-default, batch 10", one(default)),
        "mlp-128": (["mlp", "--batch", 128], "mlp, batch 128", one(lambda: mlp(128))),
        "mlp-4096": (["mlp", "--batch", 4096], "mlp, batch 4,096", one(lambda: mlp(4096))),
        "population": (
            ["population", "--networks", networks], f"population of {networks:,}",
            lambda device, capturable: PopulationTraining(default(), device, capturable, networks)),
    }


def torch_device(name):
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        built = f"is built for CUDA {torch.version.cuda}" if torch.version.cuda else "is built without CUDA"
        sys.exit(f"torch {torch.__version__} sees no CUDA device (it {built}): is there an NVIDIA card, and a driver as new "
                 "as that? --torch-device cpu shows that the script works")
    if device.type not in ("cuda", "cpu"):
        sys.exit(f"--torch-device: expected cuda, cuda:N or cpu, found {name}")
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    return device


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="gpu", help="Layercake's, as layercake bench takes it")
    parser.add_argument("--torch-device", default="cuda")
    parser.add_argument("--binary", default=BINARY)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--networks", type=int, default=16384)
    parser.add_argument("--only", nargs="*", default=list(rows(1)), choices=list(rows(1)), metavar="ROW")
    parser.add_argument("--json")
    options = parser.parse_args()
    device = torch_device(options.torch_device)
    sides = {"PyTorch": False} | ({"CUDA graphs": True} if device.type == "cuda" else {})
    figures, units, operations, stuck, backend = {}, {}, {}, [], ""
    for number in range(options.rounds):
        for name in options.only:
            arguments, title, make = rows(options.networks)[name]
            print(f"round {number + 1} of {options.rounds}: {title}", file=sys.stderr)
            ours, _ = bench(options.binary, arguments + ["--seconds", options.seconds, "--device", options.device])
            backend, units[title] = ours["backend"], ours["unit"]
            if "gigaflopsPerSecond" in ours:
                operations[title] = ours["gigaflopsPerSecond"] / ours["median"]
            medians = figures.setdefault(title, {})
            medians.setdefault("Layercake", []).append(ours["median"])
            if ours["finalLoss"] is None or ours["finalLoss"] >= 0.05:
                stuck.append(f"{title}: Layercake ends at a loss of {ours['finalLoss']}")
            for side, graphed in sides.items():
                value, first, last = measure(make, device, options.seconds, graphed)
                medians.setdefault(side, []).append(value)
                if not last < 0.1 * first:
                    stuck.append(f"{title}: {side} goes from a loss of {first:.4f} to {last:.4f} only")
    where = torch.cuda.get_device_name(device) + f", CUDA {torch.version.cuda}" if device.type == "cuda" else "cpu"
    print(f"{datetime.date.today()}; Layercake on {backend}; torch {torch.__version__.split('+')[0]} on {where}; medians of "
          f"{options.rounds} rounds\n")
    print("| workload | unit | Layercake | PyTorch | PyTorch, CUDA graphs | ratio to the best | GFLOP/s, here and there |")
    print("|---|---|---:|---:|---:|---:|---:|")
    table = {}
    for title, measured in figures.items():
        medians = {side: statistics.median(values) for side, values in measured.items()}
        best = max(value for side, value in medians.items() if side != "Layercake")
        ratio = medians["Layercake"] / best
        table[title] = {"unit": units[title], **medians, "ratio": ratio}
        gigaflops = "–"
        if title in operations:
            pair = [medians["Layercake"] * operations[title], best * operations[title]]
            table[title]["gigaflopsPerSecond"] = pair
            gigaflops = f"{pair[0]:,.0f}, {pair[1]:,.0f}"
        cells = [f"{medians[side]:,.0f}" if side in medians else "" for side in ("Layercake", "PyTorch", "CUDA graphs")]
        print(f"| {title} | {units[title]} | {' | '.join(cells)} | {ratio:.2f} | {gigaflops} |")
    if options.json:
        report = {"date": str(datetime.date.today()), "device": backend, "torchDevice": where, "workloads": table}
        with open(options.json, "w") as file:
            json.dump(report, file, indent=2)
    for line in stuck:
        print(line, file=sys.stderr)
    sys.exit(1 if stuck else 0)


if __name__ == "__main__":
    main()
