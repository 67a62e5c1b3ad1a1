"""The roofline of every kernel of every plan: its work, its time, and what the machine could do.

    python benchmarks/kernels.py                        all models of galago.applications
    python benchmarks/kernels.py reference lenet5       these
    python benchmarks/kernels.py --predict --batch 1    one image instead of a train step

A line a kernel: multiply-adds and bytes of a step (maps and weights once each; of a pooled
convolution's gradient the living winners alone), its time over all threads, and how much of the
measured peak that is. Bound by "compute" is where the bytes, at 64 a cycle and core out of cache,
would take less time than the multiply-adds.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np

import galago as gl
from galago.bench.models import build, names
from galago.training.profile import Cost, Profile

#: Bytes that the second level of cache gives a core for each multiply-add it could make meanwhile:
#: 64 bytes and 32 multiply-adds a cycle on a core with two 512-bit FMA units.
_BYTES_A_PRODUCT = 2.0


def profiled(name: str, batch: int, predict: bool) -> Profile:
    """Profile a new model on random images."""
    model = build(name)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    rng = np.random.default_rng(0)
    x = rng.random((batch, *model.input_shape[1:]), dtype=np.float32)
    y = np.arange(batch) % model.output_shape[-1]
    return model.profile(x) if predict else model.profile(x, y)


def bound(cost: Cost) -> str:
    """What limits a kernel on paper."""
    if not cost.multiply_adds:
        return "memory"
    return "compute" if cost.bytes < _BYTES_A_PRODUCT * cost.multiply_adds else "memory"


def lines(profile: Profile) -> list[str]:
    """The table of one model."""
    rows = [
        (
            f"{cost.name}  {cost.kernel}",
            f"{cost.multiply_adds / 1e6:.3f}" if cost.multiply_adds else "",
            f"{cost.bytes / 1e6:.3f}",
            f"{cost.microseconds:.1f}",
            f"{cost.share:.1%}",
            f"{cost.of_peak:.0%}" if cost.multiply_adds else "",
            f"{cost.gigabytes_a_second:.1f}",
            bound(cost),
        )
        for cost in profile.kernels
    ]
    heads = ("Kernel", "Products M", "MB", "us", "Share", "Of peak", "GB/s", "Bound by")
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    found = []
    for row in (heads, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        found.append("  ".join(cells).rstrip())
    found.append(
        f"{'between kernels'.ljust(widths[0])}  {profile.waiting:.1%} of the threads' time"
    )
    return found


def main() -> None:
    """Print the tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help=f"of {', '.join(names())}")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--predict", action="store_true", help="a prediction, not a train step")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    gl.set_threads(given.threads)
    found = {}
    for name in given.models or names():
        print(f"{name} ...", file=sys.stderr)
        profile = profiled(name, given.batch, given.predict)
        found[name] = profile.to_dict()
        if not given.json:
            print(f"\n{name}: {str(profile).splitlines()[0]}\n")
            print("\n".join(lines(profile)))
    if given.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
