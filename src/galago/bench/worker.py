"""A contestant's process: prepares and times what it is asked to, a line of JSON at a time.

    python -P worker.py PEER WORK.npz THREADS OPTIONS

It runs in a peer's environment, which has NumPy and need not have Galago.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

if "galago" not in sys.modules:  # the folder it lies in holds other packages: of another Python
    _folder = Path(__file__).parents[1]
    _spec = importlib.util.spec_from_file_location(
        "galago", _folder / "__init__.py", submodule_search_locations=[str(_folder)]
    )
    assert _spec is not None and _spec.loader is not None
    sys.modules["galago"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["galago"])

import numpy as np

from galago.bench.calibration import calibrated
from galago.bench.peers.base import Array, Peer
from galago.bench.work import Work

#: Later, rounding tells: 3e-7 on the weights of the reference model with 128 filters moves the mean
#: loss of 10 steps by 2e-6, of 20 steps by 4e-4.
WARM_UP_STEPS = 10
#: Seconds of calls before inference is timed.
WARM_UP_SECONDS = 0.3
#: Before a sample, so that threads of the one before stop spinning.
PAUSE = 0.2


class Worker:
    """Answers requests; `prepare` comes first."""

    def __init__(self, peer: Peer, work: Work) -> None:
        self._peer, self._work = peer, work
        self._batch, self._steps, self._compiled = 1, 0, 0

    def prepare_train(self, batch: int) -> dict[str, Any]:
        """Train 10 steps from the start; their mean loss shows whether it is the same model."""
        self._batch, self._steps, self._compiled = batch, 0, WARM_UP_STEPS
        self._feed = self._peer.trainer(batch)
        first = self._train(WARM_UP_STEPS)
        loss = first()
        again = self._train(WARM_UP_STEPS)  # of a length that is compiled now
        start = time.perf_counter()
        again()
        return {"loss": loss, "seconds": (time.perf_counter() - start) / WARM_UP_STEPS}

    def prepare_infer(self, batch: int) -> dict[str, Any]:
        """Compute the outputs of the first examples; the largest error shows whether it is."""
        self._batch = batch
        self._predict = self._peer.predictor(batch)
        x, expected = self._work.x, self._work.expected
        repeated = np.resize(x[: len(expected)], (-(-len(expected) // batch) * batch, *x.shape[1:]))
        found = np.concatenate(
            [
                np.array(self._predict(repeated[start : start + batch]))
                for start in range(0, len(repeated), batch)
            ]
        )
        error = float(np.abs(found[: len(expected)] - expected).max())
        end = time.perf_counter() + WARM_UP_SECONDS
        while time.perf_counter() < end:
            self._predict(repeated[:batch])
        return {"error": error}

    def train(self, steps: int) -> dict[str, Any]:
        """Time the next steps; before, train as many untimed: some compile for a length."""
        if self._compiled != steps:
            self._compiled = steps
            self._train(steps)()
        run = self._train(steps)
        loss, timing = calibrated(run)
        return {"timing": asdict(timing), "loss": loss}

    def infer(self, seconds: float) -> dict[str, Any]:
        """Time each of many calls."""
        count = len(self._work.x) // self._batch
        batches = [
            np.ascontiguousarray(self._work.x[place * self._batch :][: self._batch])
            for place in range(min(count, 64))
        ]
        times, timing = calibrated(lambda: _calls(self._predict, batches, seconds))
        low, median, high = np.quantile(times, (0.0, 0.5, 0.99)).tolist()
        timing.seconds = median  # of one call
        return {"timing": asdict(timing), "least": low, "p99": high, "calls": len(times)}

    def _train(self, steps: int) -> Callable[[], float]:
        """Make the next steps ready: examples in their order, from the first again at the end."""
        available = len(self._work.x) // self._batch * self._batch
        places = np.arange(self._steps * self._batch, (self._steps + steps) * self._batch)
        self._steps += steps
        rows = places % available
        return self._feed(self._work.x[rows], self._work.y[rows])


def _calls(predict: Callable[[Array], Array], batches: list[Array], seconds: float) -> list[float]:
    """Seconds of each call, over the batches in turn, for about so long."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        for batch in batches:
            start = time.perf_counter()
            predict(batch)
            stop = time.perf_counter()
            times.append(stop - start)
            if stop > end:
                break
    return times


def main() -> None:
    """Answer the lines of standard input until it ends; other output goes to standard error."""
    answers: TextIO = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, path, threads, options = sys.argv[1:]
    _hold_to(int(threads))
    work = Work.load(Path(path))
    module = importlib.import_module(f"galago.bench.peers.{name}")
    peer = module.open_peer(work, int(threads), json.loads(options))
    worker = Worker(peer, work)
    print(json.dumps({"version": peer.version}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        time.sleep(PAUSE)
        answer = getattr(worker, request.pop("do"))(**request)
        print(json.dumps(answer), file=answers, flush=True)


def _hold_to(threads: int) -> None:
    """Allow as many CPUs as threads: some frameworks take as many threads as there are CPUs."""
    if hasattr(os, "sched_setaffinity"):
        usable = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, usable[-threads:])


if __name__ == "__main__":
    main()
