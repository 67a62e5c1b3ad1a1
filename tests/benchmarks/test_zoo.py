"""The zoo's table and its means."""

from __future__ import annotations

import zoo

from galago.bench.protocol import Row
from galago.bench.results import Result


def result(model: str, task: str, **ratios: float) -> Result:
    names = {"torch": "PyTorch memory", "torch_2": "PyTorch eager", "ort": "ONNX Runtime"}
    rows = [Row("Galago", 0.002, (0.0, 0.0), 1.0, (1.0, 1.0))]
    rows += [Row(names[k], 0.1, (0.0, 0.0), ratio, (ratio, ratio)) for k, ratio in ratios.items()]
    return Result(model, task, 1, rows, [], [], {}, "images")


RESULTS = [
    result("a", "train-32", torch=9.0, torch_2=4.0),
    result("b", "train-32", torch=16.0, ort=3.0),
    result("a", "infer-1", torch=0.5, ort=2.0),
    result("b", "infer-1"),
]


def test_the_table() -> None:
    assert zoo.table(RESULTS).splitlines()[2:] == [
        "| a | train-32 | 0.002 s an epoch | 4.00 (PyTorch) | 4.00 (PyTorch eager) |",
        "| b | train-32 | 0.002 s an epoch | 16.00 (PyTorch) | 3.00 (ONNX Runtime) |",
        "| a | infer-1 | 2000 us an image | 2.00 (ONNX Runtime) | 0.50 (PyTorch memory) |",
        "| b | infer-1 | 2000 us an image |  |  |",
    ]


def test_the_means() -> None:
    assert zoo.means(RESULTS) == (
        "Geometric means: train 8.00 times as fast as PyTorch (over 2 lines); "
        "infer 2.00 times as fast as ONNX Runtime (over 1 lines)."
    )
    assert zoo.means(RESULTS[3:]) == ""
