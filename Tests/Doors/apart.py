#!/usr/bin/env python3
"""apart.py A B [--steps N]: how far the parameters of two safetensors files are apart, and the length of A's. With --steps the
status is 1 where that is more than 1e-6 max(1, length) a step."""
import json
import math
import struct
import sys
from array import array


def parameters(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = file.read()
    others = ("optimizer.", "carried.", "state.", "procedure.", "rivals.")
    found = {}
    for name, tensor in header.items():
        if name == "__metadata__" or name.startswith(others) or tensor["dtype"] != "F32":
            continue
        first, end = tensor["data_offsets"]
        found[name] = array("f", body[first:end])
    return found


one, other = parameters(sys.argv[1]), parameters(sys.argv[2])
if {name: len(values) for name, values in one.items()} != {name: len(values) for name, values in other.items()}:
    print("other tensors")
    sys.exit(1)
distance = math.sqrt(sum((a - b) ** 2 for name in one for a, b in zip(one[name], other[name])))
length = math.sqrt(sum(a * a for values in one.values() for a in values))
print(f"{distance:.3g} {length:.3g}")
if "--steps" in sys.argv:
    steps = int(sys.argv[sys.argv.index("--steps") + 1])
    sys.exit(0 if distance <= 1e-6 * max(1, length) * steps else 1)
