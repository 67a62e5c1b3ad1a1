"""`galago profile`: where the time of a step goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from galago.cli.options import Flag, require_folder, whole_number


def profile(
    model: Annotated[str, Parameter(show_default=True)] = "reference",
    /,
    *,
    batch_size: Annotated[int, Parameter(converter=whole_number(1, 65536))] = 32,
    predict: Flag = False,
    kernels: Flag = False,
    threads: Annotated[int | None, Parameter(converter=whole_number(1, 256))] = None,
    json: Annotated[Path | None, Parameter(name="--json")] = None,
) -> None:
    """Show where the time of a train step goes, layer by layer.

    Clocks every kernel over about a second, on random images. "Time" is that of
    all threads together. "Products" are the multiply-adds of the algorithm that
    Galago has chosen, which are fewer than the textbook's: convolutions in
    front of a pool leave out what the pool drops, their gradients take only
    living winners, and Winograd's algorithm takes a half to a fifth. "Of peak"
    is how many a second there were, next to the most this computer can do.
    "Between kernels" is where threads wait or hand over work.

    For example:

      galago profile                         a train step of the reference network
      galago profile resnet20 --kernels      kernel by kernel
      galago profile --predict --batch-size 1 --threads 1
      galago profile reference:filters=16    a model with an argument

    Parameters
    ----------
    model
        A model of galago.applications by name, with arguments after a colon.
    batch_size
        Images of a step.
    predict
        A prediction instead of a train step.
    kernels
        A line for each kernel.
    threads
        Threads to compute with; as many as ever if not given.
    json
        Write every figure to this file.
    """
    import json as encode

    import numpy as np

    from galago.bench.models import build
    from galago.engine import get_threads, set_threads
    from galago.saving.durable import durable_writer

    require_folder(json, "--json")
    made = build(model)
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.random.default_rng(0).random((batch_size, *made.input_sizes), dtype=np.float32)
    y = np.arange(batch_size) % made.output_sizes[-1]
    set_threads(threads or get_threads())
    found = made.profile(x) if predict else made.profile(x, y)
    print(found.table(kernels))
    if json is not None:
        with durable_writer(json) as out:
            out.write(f"{encode.dumps(found.to_dict(), indent=1)}\n".encode())
