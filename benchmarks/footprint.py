"""What Galago costs besides its work: import, memory, Python's part of a step, size.

    python benchmarks/footprint.py
    python benchmarks/footprint.py --wheel dist/galago-0.1.0-cp311-abi3-linux_x86_64.whl

import    `import galago` after `import numpy`: median of processes in turn with and without
memory    the peak of a process that trains the reference network for an epoch of batches of 32,
          over what it had before fit(), with all data already in memory
step      fit() of single rows through one weight, less the same steps asked of the engine
predict   predict() of one row, less the same asked of the engine
wheel     the file's size, with and without the images inside
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from galago import applications
from galago.bench import protocol
from galago.bench.data import examples
from galago.bench.tables import digits, markdown
from galago.engine import OutputLoss, Session
from galago.layers import Dense
from galago.models import Sequential

_IMPORT = "import time, numpy; t = time.perf_counter(); import galago; print(time.perf_counter()-t)"
_STATUS = Path("/proc/self/status")


def import_seconds(repeats: int) -> float:
    """Median seconds of `import galago` in new processes."""
    found = []
    for _ in range(repeats):
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True
        )
        found.append(float(done.stdout))
    return statistics.median(found)


def training_memory(steps: int) -> float:
    """Peak bytes that training takes, over what is there before."""
    x, y, _ = examples((28, 28, 1), 10)
    rows = np.resize(np.arange(len(x)), 32 * steps)
    x, y = x[rows], y[rows]
    model = applications.reference()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = _memory("VmRSS")
    model.fit(x, y, verbose=0)
    return _memory("VmHWM") - before


def step_overhead(repeats: int) -> float:
    """Seconds that Python takes for a step of fit()."""
    rows = 2000
    x, y = np.ones((rows, 1), np.float32), np.ones((rows, 1), np.float32)
    model = Sequential([Dense(1, use_bias=False, input_shape=(1,))])
    model.compile("sgd", "mse")
    session = _session(model)
    places = [np.array([row]) for row in range(rows)]

    def steps() -> None:
        for place in places:
            session.train_step(x, y, place, 0.01)

    return _difference(lambda: model.fit(x, y, batch_size=1, verbose=0), steps, repeats) / rows


def predict_overhead(repeats: int) -> float:
    """Seconds that Python takes for predict() of one row."""
    rows = 500
    x = np.ones((1, 1), np.float32)
    model = Sequential([Dense(1, use_bias=False, input_shape=(1,))])
    model.compile("sgd", "mse")
    session = _session(model)

    def public() -> None:
        for _ in range(rows):
            model.predict(x, verbose=0)

    def engine() -> None:
        for _ in range(rows):
            session.predict(x, 0, 1)

    return _difference(public, engine, repeats) / rows


def wheel_bytes(path: Path) -> tuple[int, int]:
    """Size of a wheel, and without the images."""
    with zipfile.ZipFile(path) as file:
        data = sum(
            info.compress_size
            for info in file.infolist()
            if "fashion_mnist_subset" in info.filename
        )
    return path.stat().st_size, path.stat().st_size - data


def _session(model: Sequential) -> Session:
    session = Session(model.to_graph())
    for place, value in enumerate(model.get_weights()):
        session.set_parameter(place, value)
    session.compile(
        OutputLoss("mean_squared_error"), optimizer=("sgd", {"momentum": 0.0, "nesterov": 0})
    )
    return session


def _difference(one: Callable[[], object], other: Callable[[], object], repeats: int) -> float:
    """Shortest time of one less shortest time of the other, in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for run, own in zip((one, other), times, strict=True):
            start = time.perf_counter()
            run()
            own.append(time.perf_counter() - start)
    return min(times[0]) - min(times[1])


def _memory(name: str) -> int:
    """A size of this process in bytes; Linux only."""
    match = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    assert match is not None
    return 1024 * int(match[1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument(
        "--steps", type=int, default=1875, help="of the training; an epoch has 1875"
    )
    parser.add_argument("--wheel", type=Path, help="tell the size of this file, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    options = parser.parse_args()
    figures = {
        "import galago, over import numpy, ms": import_seconds(options.repeats) * 1e3,
        "Python's part of a step of fit(), us": step_overhead(options.repeats) * 1e6,
        "Python's part of predict() of one image, us": predict_overhead(options.repeats) * 1e6,
        "memory of training, batches of 32, MB": training_memory(options.steps) / 1e6,
    }
    if options.wheel:
        whole, rest = wheel_bytes(options.wheel)
        figures["wheel, MB"], figures["wheel without the images, MB"] = whole / 1e6, rest / 1e6
    lines = [(name, digits(value)) for name, value in figures.items()]
    print(markdown(("what", "figure"), lines))
    if options.json:
        content = {
            "command": ["python", *sys.argv],
            "machine": protocol.machine(),
            "threads": os.environ.get("GALAGO_THREADS", ""),
            "figures": figures,
        }
        options.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
