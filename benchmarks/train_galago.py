"""Galago's part of train.py: public calls only."""

from __future__ import annotations

import platform

import models
import timing
import workload

import galago
from galago import engine


def main() -> None:
    options = workload.options(__doc__).parse_args()
    galago.set_threads(options.threads)
    work, batch = workload.load(options.workload), options.batch_size
    model = models.compiled("network")
    model.set_weights(work.weights)
    first = slice(0, workload.WARM_UP_STEPS * batch)
    model.fit(work.x[first], work.y[first], batch_size=batch, shuffle=False, verbose=0)
    with timing.stopwatch() as result:
        history = model.fit(work.x, work.y, batch_size=batch, shuffle=False, verbose=0)
    predicted = model.predict(work.x_test, verbose=0).argmax(1)
    version = f"galago {galago.__version__} ({engine.isa()})"
    timing.report(
        result,
        loss=history.history["loss"][0],
        accuracy=float((predicted == work.y_test).mean()),
        versions=f"{version}, Python {platform.python_version()}",
    )


if __name__ == "__main__":
    main()
