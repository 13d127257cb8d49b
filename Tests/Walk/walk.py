#!/usr/bin/env python3
"""A random walk of the real program: seeded keys, mouse events, pastes, torn and malformed sequences, and resizes.

usage: Tests/Walk/walk.py [--actions 2000] [--seed 1] [--binary PATH] [--episode N] [--verbose]

The walk is a row of episodes. Each starts the program in a pseudo-terminal of its own with a preset, a size, and a
colour and glyph level, sends some eighty actions in bursts, and then leaves it. After every burst the window is
resized and the program must draw; at the end it must leave with status 0, give the terminal back, and have written
nothing to standard error. Home, configuration and working folder are temporary.

  --episode N  one episode alone: the seed and the number that a failure names repeat its actions; when they arrive
               within the program's frames is not repeated

Exit status: 0; 1 when the program died, stood still, or left the terminal in disorder: what is printed then is the
seed, the episode, the last 200 actions, and what the program wrote to standard error, a backtrace among it. Prints the
actions, the episodes and the largest memory of one process, with its preset, in the end.
"""
import argparse
import fcntl
import os
import pty
import random
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLORS = ["truecolor", "256", "16", "none"]
GLYPHS = ["braille", "block", "ascii"]
SIZES = [(80, 24), (120, 40), (200, 60), (60, 18), (300, 90), (40, 10), (100, 30)]
# How long a drawing or an ending may take before it counts as standing still: long, for the machine may be busy.
PATIENCE = 60
EPISODE = 80
BURST = 12

ARROWS = ["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"]
NAMED = ["\r", "\x1b", "\t", "\x1b[Z", "\x7f", "\x1b[3~", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[2~",
         "\x1bOP", "\x1b[15~", "\x1b[1;5C", "\x1b[1;2A", "\x1bx", "\x0c", "\x01", "\x05", "\x15", "\x17"]
# Without q and D: leaving has an action of its own, and a device's compiler would take most of the time.
LETTERS = "abcdefghijklmnoprstuvwxyzABCEFGHIJKLMNOPRSTUVWXYZ0123456789 .,<>[]()+-:?!=*;'\"#%&|^~_{}@$"
WORDS = ["noise 20", "dataset spiral", "learning rate", "adam", "relu", "softmax", "x1*x2", "sin(x1)", "1e38", "-1",
         "0.003", "4096", "nan", "9" * 30, "momentum", "preset xor", "csv", "huber", "no such thing", "äöü漢字🍰"]
PASTES = ["x1*x2 - 0.5", "./nowhere.json", "~/x.csv", "table.csv", "'table.csv'", "a\nb\nc", "\x1b[31mred", "",
          "https://playground.tensorflow.org/#activation=relu&networkShape=8,8,8&dataset=spiral&noise=50",
          "https://playground.tensorflow.org/#nothing=1", "{\"layers\": []}", "\u202e\u009b0m", "漢" * 300, "0" * 20000]
MALFORMED = ["\x1b[", "\x1b[1;", "\x1b[<0;", "\x1b]", "\x1bO", "\x1b[200~", "\x1b[1;-9223372036854775808A",
             "\x1b[99999999999999999999~", "\x1b[<999999999999999999999;1;1M", "\x1b[M\x00\xff\x01", "\x1b]11;rgb:ff",
             "\x1b[?62;c", "\x1b[24;80R", "\x1b[I", "\x1b[O", "\x1bP1$r\x1b\\", "\x1b[38;2;1;2;3m"]


class Failure(Exception):
    pass


class Walker:
    """Draws actions: pairs of words for the log and of what is done, bytes or a size."""

    def __init__(self, generator, size):
        self.random = generator
        self.size = size

    def action(self):
        kind = self.random.random()
        pick = self.random.choice
        if kind < 0.34:
            return self.typed(pick(LETTERS))
        if kind < 0.54:
            return self.typed(pick(ARROWS))
        if kind < 0.66:
            return self.typed(pick(NAMED))
        if kind < 0.70:
            return self.typed(pick("AV") + pick(["", "", "\r", "xy\r", "+", "-", "n", ".", "\x1b"]))
        if kind < 0.74:
            return self.typed(pick([":", "\r", "o", "f", "p", ""]) + pick(WORDS) + pick(["\r", "\x1b", "\t", ""]))
        if kind < 0.90:
            return self.mouse()
        if kind < 0.93:
            return self.typed("\x1b[200~" + pick(PASTES) + "\x1b[201~")
        if kind < 0.96:
            return self.torn()
        if kind < 0.965:
            return self.typed(pick("\x03\x1aq"))
        if kind < 0.975:
            return ("bytes", bytes(self.random.randrange(256) for _ in range(self.random.randint(1, 12))))
        return self.resize()

    def typed(self, text):
        return ("keys", text.encode("utf-8", "surrogateescape"))

    def torn(self):
        """A sequence cut in the middle, or one that is none."""
        text = self.random.choice(MALFORMED + ARROWS + NAMED).encode("utf-8")
        return ("torn", text[: self.random.randint(1, len(text))])

    def mouse(self):
        columns, rows = self.size
        x, y = self.random.randint(1, columns), self.random.randint(1, rows)
        if self.random.random() < 0.05:
            x, y = self.random.choice([(0, 0), (-3, 5), (columns + 9, rows + 9), (10**9, 10**9)])
        button = self.random.choice([0, 0, 0, 0, 1, 2, 32, 32, 35, 35, 64, 65])
        report = f"\x1b[<{button};{x};{y}"
        if button in (0, 1, 2):
            return self.typed(report + "M" + report + "m")
        return self.typed(report + "M")

    def resize(self):
        size = self.random.choice(SIZES)
        if self.random.random() < 0.3:
            size = (self.random.randint(1, 220), self.random.randint(1, 70))
        return ("resize", size)


class Program:
    """The program in a pseudo-terminal; standard error goes to a file."""

    def __init__(self, binary, arguments, size, folder):
        self.errors = os.path.join(folder, "errors")
        self.output = b""
        self.received = 0
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            for name in list(os.environ):
                if name.startswith(("XDG_", "LC_", "LAYERCAKE")) or name in ("NO_COLOR", "TMUX", "STY", "COLORFGBG"):
                    del os.environ[name]
            os.environ.update(
                TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", HOME=folder,
                SWIFT_BACKTRACE="enable=yes,color=no,interactive=no,limit=24,threads=crashed")
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            errors = os.open(self.errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(errors, 2)
            os.execv(binary, [binary, *arguments])
        os.set_blocking(self.fd, False)

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                os.kill(self.pid, signal.SIGCONT)
            elif pid:
                self.status = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return self.status is not None

    def drain(self, seconds):
        """Reads for so long, at most until something came; returns whether it did."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return False
        except OSError:
            # The program has closed its side; it is waited for.
            time.sleep(0.01)
            return False
        self.received += len(data)
        self.output = (self.output + data)[-65536:]
        return True

    def send(self, data):
        end = time.monotonic() + PATIENCE
        while data and not self.ended():
            try:
                data = data[os.write(self.fd, data):]
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Failure(f"it took no input for {PATIENCE} seconds")
                self.drain(0.05)
            except OSError:
                self.drain(0.05)

    def resize(self, size):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def wait(self, what, is_done):
        end = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGABRT)
                self.finish()
                raise Failure(f"{what} did not come within {PATIENCE} seconds")
            self.drain(0.02)

    def finish(self):
        """Reads the rest."""
        end = time.monotonic() + PATIENCE
        while not self.ended() and time.monotonic() < end:
            self.drain(0.02)
        # The kernel may hand the last of it over after the end.
        while self.drain(0.1):
            pass
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def memory(self):
        """The largest resident set so far, in MB."""
        try:
            with open(f"/proc/{self.pid}/status") as file:
                line = next((line for line in file if line.startswith("VmHWM")), "VmHWM: 0 kB")
            return int(line.split()[1]) / 1024
        except OSError:
            return 0


class Walk:
    def __init__(self, binary, seed, verbose):
        self.binary = binary
        self.seed = seed
        self.verbose = verbose
        self.presets = sorted(name[:-5] for name in os.listdir(os.path.join(ROOT, "Presets")) if name.endswith(".json"))
        self.largest = (0, "")

    def episode(self, number, most):
        """Returns how many actions were taken."""
        generator = random.Random(f"{self.seed} {number}")
        preset = self.presets[number % len(self.presets)]
        level = number // len(self.presets) + number
        size = generator.choice(SIZES)
        arguments = [
            preset, "--colors", COLORS[level % len(COLORS)], "--glyphs", GLYPHS[level // len(COLORS) % len(GLYPHS)],
            "--theme", generator.choice(["dark", "light", "auto"]), "--fps", generator.choice(["30", "120"]),
        ]
        folder = tempfile.mkdtemp(prefix="layercake-walk-")
        log = [("start", " ".join(arguments) + f" at {size[0]}x{size[1]}")]
        with open(os.path.join(folder, "table.csv"), "w") as table:
            table.write("a,b,kind\n1,2,yes\n2,1,no\n3,,yes\n4,4,no\n5,1,yes\n6,2,no\n")
        program = Program(self.binary, arguments, size, folder)
        try:
            return self.walk(program, Walker(generator, size), most, log)
        except Failure as failure:
            self.tell(failure, program, number, log)
            raise
        finally:
            if self.verbose:
                print(f"episode {number}: {log[0][1]}, {len(log) - 1} actions", flush=True)
            shutil.rmtree(folder, ignore_errors=True)

    def walk(self, program, walker, most, log):
        program.wait("the first frame", lambda: program.received > 0 or program.ended())
        taken = 0
        while taken < most and not program.ended():
            for _ in range(min(walker.random.randint(1, BURST), most - taken)):
                kind, what = walker.action()
                log.append((kind, what))
                taken += 1
                if kind == "resize":
                    walker.size = what
                    program.resize(what)
                else:
                    program.send(what)
                if kind == "torn":
                    # Half a sequence must be looked at before the rest of it comes.
                    program.drain(0.002)
                program.drain(0)
            self.look(program, walker, log)
        memory = program.memory()
        if memory > self.largest[0]:
            self.largest = (memory, log[0][1])
        self.leave(program)
        return taken

    def look(self, program, walker, log):
        """A window of another size must be drawn, whatever the program is doing."""
        if program.ended():
            return
        before = program.received
        columns, rows = walker.size
        walker.size = (columns + 1 if columns < 300 else columns - 1, rows)
        log.append(("resize", walker.size))
        program.resize(walker.size)
        program.wait("a frame of the new size", lambda: program.received > before or program.ended())

    def leave(self, program):
        """Ctrl-C twice leaves from everywhere."""
        end = time.monotonic() + PATIENCE
        while not program.ended() and time.monotonic() < end:
            program.send(b"\x03")
            soon = time.monotonic() + 1
            while not program.ended() and time.monotonic() < soon:
                program.drain(0.02)
        if not program.ended():
            os.kill(program.pid, signal.SIGABRT)
            program.finish()
            raise Failure(f"it did not leave within {PATIENCE} seconds")
        program.finish()
        # A key that is typed after the terminal was given back is a signal again, and the kernel then drops what was written.
        if program.status in (-signal.SIGINT, -signal.SIGQUIT):
            return
        if program.status != 0:
            raise Failure(
                f"it was killed by signal {-program.status}" if program.status < 0
                else f"it left with status {program.status}")
        with open(program.errors, "rb") as file:
            if file.read(1):
                raise Failure("it wrote to standard error")
        if program.output.rfind(b"\x1b[?1049l") <= program.output.rfind(b"\x1b[?1049h"):
            raise Failure("the terminal was left on the alternate screen")

    def tell(self, failure, program, number, log):
        print(f"FAILED: {failure}\nseed {self.seed}, episode {number}: layercake {log[0][1]}")
        print(f"repeat with: Tests/Walk/walk.py --seed {self.seed} --episode {number}")
        print("the last actions:")
        for kind, what in log[1:][-200:]:
            print(f"  {kind} {what if kind == 'resize' else ascii(what.decode('utf-8', 'backslashreplace'))[:160]}")
        print("standard error:")
        try:
            with open(program.errors, errors="replace") as file:
                print(file.read()[-12000:])
        except OSError:
            pass
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/layercake"))
    parser.add_argument("--episode", type=int)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    walk = Walk(os.path.abspath(options.binary), options.seed, options.verbose)
    taken = episodes = 0
    try:
        while taken < options.actions:
            number = episodes if options.episode is None else options.episode
            taken += walk.episode(number, min(EPISODE, options.actions - taken))
            episodes += 1
            if options.episode is not None:
                break
    except Failure:
        sys.exit(1)
    print(
        f"{taken} actions in {episodes} episodes with seed {options.seed}; "
        f"at most {walk.largest[0]:.0f} MB: {walk.largest[1]}")


if __name__ == "__main__":
    main()
