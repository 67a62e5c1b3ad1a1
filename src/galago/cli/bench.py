"""`galago bench`: how fast this machine trains and runs a network, with Galago and with others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from galago.cli.options import Flag, whole_number

_Several = Parameter(negative=(), consume_multiple=True)


def bench(
    model: Annotated[str, Parameter(show_default=True)] = "reference",
    /,
    *,
    python: Annotated[list[str] | None, Parameter(negative=())] = None,
    peers: Annotated[list[str] | None, _Several] = None,
    tasks: Annotated[list[str] | None, _Several] = None,
    all_settings: Flag = False,
    quick: Flag = False,
    threads: Annotated[int, Parameter(converter=whole_number(1, 256))] = 2,
    rounds: Annotated[int | None, Parameter(converter=whole_number(1))] = None,
    examples: Annotated[int | None, Parameter(converter=whole_number(1))] = None,
    isa: Literal["avx2"] | None = None,
    patience: Annotated[int, Parameter(converter=whole_number(0))] = 0,
    json: Annotated[Path | None, Parameter(name="--json")] = None,
) -> None:
    """Measure this computer's speed: Galago's, and that of other frameworks.

    Trains and runs a network with Galago and with PyTorch, Keras on TensorFlow,
    JAX, ONNX Runtime and OpenVINO, as far as they are installed, each in its
    fastest known setting. Everybody starts from the same weights and must first
    give the same results. Then they take turns, round after round; the table
    has medians, their range, and each one's time over Galago's in the same
    round: above 1, Galago is faster.

    Frameworks are often in an environment of their own. Name its Python:

      python -m venv peers
      peers/bin/pip install torch onnxruntime
      galago bench --python peers/bin/python

    For example:

      galago bench                         this Python's frameworks
      galago bench --quick                 a first impression
      galago bench dense_baseline          another model
      galago bench reference:filters=16    a model with an argument
      galago bench mine.keras              a model of yours
      galago bench --tasks infer-1         the latency of one image
      galago bench --json bench.json       every figure, to keep

    Parameters
    ----------
    model
        A model of galago.applications by name, with arguments after a colon, or a .keras file
        with one input and one output.
    python
        A Python that has frameworks; give the option again for another one.
    peers
        Only these: pytorch tensorflow jax onnxruntime openvino.
    tasks
        train or infer, and the batch: train-32 train-128 infer-1 infer-32 infer-1000 if not given;
        only classifiers, models that end in softmax, can be trained here.
    all_settings
        Also settings that are slower, or what one gets without asking.
    quick
        Two rounds of short samples.
    threads
        Threads, and CPUs, of every contestant.
    rounds
        Samples of each contestant, 5 if not given.
    examples
        Examples in a training sample. About two seconds of the slowest contestant if not given.
    isa
        Hold Galago and those that can be held to AVX2.
    patience
        Minutes that a sample may wait for idle cores, and be taken again if others disturbed it.
    json
        Write every sample to this file.
    """
    from galago.cli.benchmark import run_benchmark

    run_benchmark(
        model,
        pythons=python or [],
        peers=peers,
        tasks=tasks,
        every_setting=all_settings,
        quick=quick,
        threads=threads,
        rounds=rounds,
        examples=examples,
        isa=isa,
        patience=patience,
        file=json,
    )
