"""A virtual environment for the benchmarks, made on first use in Benchmarks/.venv."""
import importlib.util
import os
import subprocess
import sys
import venv

HERE = os.path.dirname(os.path.abspath(__file__))


def inside(*packages):
    """Runs the calling script again inside the environment, with `packages` installed, unless it is there already, or the
    interpreter that runs it has them: a torch that knows the machine's card is then the one that is measured."""
    if all(importlib.util.find_spec(p) for p in packages):
        return
    folder = os.path.join(HERE, ".venv")
    python = os.path.join(folder, "bin", "python")
    if os.path.realpath(sys.prefix) == os.path.realpath(folder):
        return
    if not os.path.exists(python):
        print(f"making {os.path.relpath(folder)} ...", file=sys.stderr)
        venv.create(folder, with_pip=True)
    missing = [p for p in packages if subprocess.run(
        [python, "-c", f"import {p}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode]
    if missing:
        print("installing", *missing, "...", file=sys.stderr)
        names = {"sklearn": "scikit-learn"}
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *(names.get(p, p) for p in missing)], check=True)
    os.execv(python, [python, *sys.argv])
