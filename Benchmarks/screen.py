#!/usr/bin/env python3
"""Drives the real program in a pseudo-terminal and prints the screen's budgets: what was measured, what it should be.

usage: Benchmarks/screen.py [--binary PATH] [--size 120x40] [--keys 200] [--seconds 10] [--soak SECONDS] [EXPERIMENT]

  first frame     from exec to the first frame that shows a title bar, median of 9 starts
  key latency     from writing a key to the arrival of the first changed cell of the hint bar, while training runs at
                  unlimited speed with as many threads as there are cores
  drawing         processor time of the screen's and the viewer's threads at 30 frames a second, in per cent of one core
  bytes           what goes to the terminal, on average, with the experiment at its default speed
  memory          resident set of the experiment after the run, and its growth meanwhile; with --soak its growth over that many seconds

EXPERIMENT is a preset or a file, the default one where it is left out.

The terminal is emulated with pyte after the run, from chunks that were stamped as they arrived, so that emulation costs
the measurement nothing.
"""
import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time

from environment import inside

inside("pyte")
import pyte  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Program:
    """The program in a pseudo-terminal of its own; keeps every chunk of output with its time of arrival."""

    def __init__(self, binary, size, *arguments, user=None, home=None):
        """With `user` (a number; root alone may say it) as that user, with `home` with settings and state there."""
        self.columns, self.rows = size
        self.chunks = []
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", LC_ALL="C.UTF-8")
            os.environ.pop("NO_COLOR", None)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
            if home:
                os.environ.update(HOME=home, XDG_STATE_HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home)
            if user:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
                os.chdir("/")
            os.execv(binary, [binary, *arguments])

    def read(self, seconds):
        """Collects output for so long; returns at once when the program ends."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            ready, _, _ = select.select([self.fd], [], [], left)
            if ready:
                try:
                    data = os.read(self.fd, 1 << 16)
                except OSError:
                    return
                self.chunks.append((time.perf_counter(), data))

    def type(self, keys):
        os.write(self.fd, keys)

    def threads(self):
        """Processor seconds by thread name."""
        result = {}
        for task in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{task}/stat") as file:
                    text = file.read()
            except FileNotFoundError:
                continue
            name = text[text.index("(") + 1:text.rindex(")")]
            fields = text[text.rindex(")") + 2:].split()
            seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            result[name] = result.get(name, 0) + seconds
        return result

    def resident(self):
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))

    def close(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
            self.read(0.5)
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def first_frame(binary, size, experiment, runs=9):
    """Milliseconds to the first frame, for each of `runs` starts after a warm-up."""
    times = []
    for _ in range(runs + 1):
        program = Program(binary, size, *experiment)
        screen = pyte.Screen(*size)
        stream = pyte.ByteStream(screen)
        shown, fed = None, 0
        while shown is None and time.perf_counter() - program.started < 5:
            program.read(0.01)
            for at, data in program.chunks[fed:]:
                stream.feed(data)
                if "epoch" in screen.display[0]:
                    shown = at
                    break
            fed = len(program.chunks)
        program.close()
        if shown is None:
            sys.exit("no frame within 5 seconds")
        times.append((shown - program.started) * 1000)
    return times[1:]


def latency(binary, size, experiment, count):
    """Milliseconds from a jump between two panels to the changed hint bar, while training at unlimited speed."""
    program = Program(
        binary, size, *experiment, "--set", "view.epochsPerSecond=null", "--threads", str(os.cpu_count()))
    program.read(2)
    sent = []
    for i in range(count):
        sent.append(time.perf_counter())
        program.type(b"24"[i % 2:i % 2 + 1])
        program.read(0.1 + 0.037 * (i % 3))
    program.close()
    times = answers(program, sent, size)
    if len(times) < count * 0.95:
        sys.exit(f"only {len(times)} of {count} keys changed the hint bar")
    return times


def answers(program, sent, size):
    """Milliseconds from each key, written at the times `sent`, to the first output that changed the hint bar."""
    screen = pyte.Screen(*size)
    stream = pyte.ByteStream(screen)
    times, waiting, bar = [], 0, None
    for at, data in program.chunks:
        while waiting < len(sent) and sent[waiting] < at and len(times) == waiting:
            bar = screen.display[-1]
            break
        stream.feed(data)
        if waiting < len(sent) and at > sent[waiting] and bar is not None and screen.display[-1] != bar:
            times.append((at - sent[waiting]) * 1000)
            waiting += 1
            bar = None
    return times


def drawing(binary, size, experiment, seconds):
    """Per cent of a core by thread, bytes a second, and the resident set in MB at the beginning and at the end."""
    program = Program(binary, size, *experiment)
    program.read(2)
    before, chunks, early = program.threads(), len(program.chunks), program.resident()
    start = time.perf_counter()
    program.read(seconds)
    elapsed = time.perf_counter() - start
    after = program.threads()
    sent = sum(len(data) for _, data in program.chunks[chunks:])
    resident = program.resident()
    program.close()
    share = {name: 100 * (after[name] - before.get(name, 0)) / elapsed for name in after}
    return share, sent / elapsed, early, resident


def soak(binary, size, experiment, seconds):
    """The resident set in MB after a tenth of the time and at the end."""
    program = Program(binary, size, *experiment, "--set", "view.epochsPerSecond=null")
    early = None
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        program.read(min(1, max(0, end - time.perf_counter())))
        program.chunks.clear()
        if early is None and time.perf_counter() > end - 0.9 * seconds:
            early = program.resident()
    late = program.resident()
    program.close()
    return early, late


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build", "release", "layercake"))
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--soak", type=float, default=0)
    parser.add_argument("experiment", nargs="*")
    options = parser.parse_args()
    size = tuple(int(n) for n in options.size.split("x"))
    if not os.path.exists(options.binary):
        sys.exit(f"{options.binary} is not there: build it first with swift build -c release")

    def row(name, value, budget):
        print(f"{name:34}{value:>22}   {budget}", flush=True)

    row("", "measured", "budget")
    starts = first_frame(options.binary, size, options.experiment)
    row("first frame, median", f"{statistics.median(starts):.0f} ms", "150 ms")
    keys = sorted(latency(options.binary, size, options.experiment, options.keys))
    row("key to changed cell, median", f"{statistics.median(keys):.1f} ms", "33 ms")
    row("key to changed cell, 99th", f"{keys[int(0.99 * (len(keys) - 1))]:.1f} ms", "50 ms")
    share, rate, early, resident = drawing(options.binary, size, options.experiment, options.seconds)
    screen = sum(value for name, value in share.items() if not name.startswith("trainer"))
    row("drawing at 30 frames/s", f"{screen:.1f} % of a core", "10 %")
    for name, value in sorted(share.items()):
        row(f"  thread {name}", f"{value:.1f} %", "")
    row("bytes to the terminal", f"{rate / 1000:.1f} kB/s", "60 kB/s")
    row("resident memory", f"{resident:.1f} MB", "60 MB")
    row(f"  of it grown in {options.seconds:.0f} s", f"{resident - early:.1f} MB", "1 MB, beside the moments of the way back")
    if options.soak:
        early, late = soak(options.binary, size, options.experiment, options.soak)
        row(f"memory, {options.soak:.0f} s at full speed", f"{early:.1f} → {late:.1f} MB", "flat")


if __name__ == "__main__":
    main()
