"""Seconds to train the reference network for an epoch of Fashion-MNIST, against PyTorch.

    python benchmarks/train.py --torch-python peers/bin/python
    python benchmarks/train.py --torch-python peers/bin/python --settings all --json train.json
    python benchmarks/train.py --torch-python peers/bin/python --images 12000 --patience 5

PyTorch lives in an environment of its own; make it with
    python -m venv peers && peers/bin/pip install -r benchmarks/requirements-torch.txt
Without --torch-python only Galago is measured.

Everybody trains from the same weights, on the same images in the same order, with as many threads,
full batches only: 20 steps to warm up, then --images images against the clock. They are the first
of a training: later on Galago is faster, as more ReLUs are off. The mean training loss, and the
test accuracy afterwards, show that everybody did the same work. Times are seconds for 60,000
images; a ratio is a contestant's time over Galago's in the same round: above 1, Galago is faster.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import models
import numpy as np
import protocol
import workload
from protocol import Contestant, Row, Sample

import galago
from galago.datasets import fashion_mnist

EPOCH = 60_000
SEED = 1
GALAGO = "galago"

#: Tell the C library to keep freed memory, in huge pages: an activation is several MB, which it
#: otherwise gives back to the system and takes again, page by page, in every step.
KEEP_MEMORY = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:"
    "glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=4294967296"
}
FUSED = ("--channels-last", "--adam=fused")

#: PyTorch's settings: options of train_torch.py, and environment variables.
TORCH: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "nchw": ((), {}),
    "channels-last": (("--channels-last",), {}),
    "foreach": (("--channels-last", "--adam=foreach"), {}),
    "fused": (FUSED, {}),
    "fused-memory": (FUSED, KEEP_MEMORY),
    "pool-first": ((*FUSED, "--pool-first"), {}),
    "pool-first-memory": ((*FUSED, "--pool-first"), KEEP_MEMORY),
    "compile": ((*FUSED, "--compile=default"), KEEP_MEMORY),
    "max-autotune": ((*FUSED, "--compile=max-autotune"), KEEP_MEMORY),
    "bfloat16": ((*FUSED, "--bfloat16"), KEEP_MEMORY),
}
#: The fastest ones here: the usual way, and with the C library's help.
CANDIDATES = ("fused", "fused-memory", "pool-first", "pool-first-memory")


def contestants(options: argparse.Namespace, work: Path, batch: int) -> list[Contestant]:
    """Galago, then PyTorch in each setting that was asked for."""
    folder = Path(__file__).parent
    shared = (str(work), f"--batch-size={batch}", f"--threads={options.threads}")
    found = [Contestant(GALAGO, (sys.executable, str(folder / "train_galago.py"), *shared))]
    if options.torch_python:
        command = (options.torch_python, str(folder / "train_torch.py"), *shared)
        for name in TORCH if "all" in options.settings else options.settings:
            extra, variables = TORCH[name]
            variables = {"OMP_NUM_THREADS": str(options.threads), **variables}
            found.append(Contestant(f"PyTorch {name}", (*command, *extra), variables))
    return found


def write_workload(path: Path, images: int) -> None:
    """The first images of a shuffled epoch, all test images, and the weights to start from."""
    train, test = fashion_mnist.load_data()
    galago.set_seed(SEED)
    order = np.random.default_rng(SEED).permutation(len(train[0]))[:images]
    weights = models.compiled("network").get_weights()
    workload.save(path, (train[0][order], train[1][order]), test, weights)


def run(options: argparse.Namespace, batch: int) -> dict[str, Any]:
    """Measure with one batch size, print the table, return what goes into the JSON file."""
    images = min(options.images, EPOCH) // batch * batch
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work.npz")
        write_workload(work, images)
        field = contestants(options, work, batch)
        for sample in protocol.measure(field, options.rounds, patience=60 * options.patience):
            samples.append(sample)
            print(
                f"batch {batch}, round {sample.round}/{options.rounds}: {sample.contestant} "
                f"{sample.timing.seconds * EPOCH / images:.2f} s an epoch; load before "
                f"{sample.load_before:.2f}, others took {protocol.percent(sample.timing.others)}",
                flush=True,
            )
    rows = protocol.rows(samples, GALAGO, scale=EPOCH / images)
    versions = "; ".join(dict.fromkeys(sample.report["versions"] for sample in samples))
    print(f"\nbatch {batch}, {images} images, {options.threads} threads; {versions}\n")
    print(summary(rows, samples), end="\n\n")
    if disturbed := sum(sample.timing.disturbed for sample in samples):
        print(f"Not to be trusted: others disturbed {disturbed} of {len(samples)} samples.\n")
    return {"batch_size": batch, "images": images, "rows": rows, "samples": samples}


def summary(rows: Sequence[Row], samples: Sequence[Sample]) -> str:
    """The table of the docs."""
    lines = []
    for row in rows:
        own = [sample for sample in samples if sample.contestant == row.contestant]
        others = [sample.timing.others for sample in own if sample.timing.others is not None]
        lines.append(
            (
                row.contestant,
                f"{row.seconds:.2f} ({_span(row.seconds_range)})",
                f"{row.ratio:.2f} ({_span(row.ratio_range)})",
                f"{statistics.fmean(sample.report['loss'] for sample in own):.4f}",
                f"{statistics.fmean(sample.report['accuracy'] for sample in own):.4f}",
                protocol.percent(max(others, default=None)),
            )
        )
    head = ("contestant", "s an epoch", "ratio", "loss", "test accuracy", "others at most")
    return protocol.table(head, lines)


def _span(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:.2f} to {bounds[1]:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--torch-python", metavar="PYTHON", help="the interpreter of PyTorch's environment")
    names, default = ", ".join(TORCH), ", ".join(CANDIDATES)
    add(
        "--settings",
        nargs="+",
        choices=[*TORCH, "all"],
        default=CANDIDATES,
        metavar="SETTING",
        help=f"of PyTorch: {names}, or all; by default the fastest ones, {default}",
    )
    add("--batch-sizes", nargs="+", type=int, default=[32, 128], metavar="SIZE", help="32 128")
    add("--images", type=int, default=EPOCH, help="to time; fewer fit between other work")
    add("--rounds", type=int, default=3, help="samples of each contestant; 3 by default")
    add("--threads", type=int, default=2, help="2 by default")
    add("--patience", type=float, default=0, help="minutes a sample may wait for idle cores")
    add("--json", type=Path, metavar="FILE", help="write every sample")
    options = parser.parse_args()
    if options.images < max(options.batch_sizes):
        parser.error(f"--images: expected at least one batch, received {options.images}")
    machine = protocol.machine()
    print("\n".join(f"{name}: {value}" for name, value in machine.items()), flush=True)
    try:
        results = [run(options, batch) for batch in options.batch_sizes]
    except protocol.ProtocolError as error:
        sys.exit(str(error))
    if options.json:
        protocol.write_json(options.json, machine=machine, results=results)


if __name__ == "__main__":
    main()
