"""What all contestants of a benchmark get, in one file: the model, its weights, the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.graph import Graph

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Work:
    """A model and data.

    `spec` is the model's name for models.build(), `x` examples (n, *input shape) from 0 to 1, `y`
    their classes, `expected` the model's outputs for the first examples, `onnx` the model as ONNX
    has it.
    """

    spec: str
    graph: Graph
    weights: Sequence[Array]
    x: Array
    y: Array
    expected: Array
    onnx: bytes

    def save(self, path: Path) -> None:
        """Write a file that load() reads."""
        weights: dict[str, Any] = {f"weights_{i}": value for i, value in enumerate(self.weights)}
        np.savez(
            path,
            spec=np.array(self.spec),
            graph=np.array(self.graph.to_json()),
            x=self.x,
            y=self.y,
            expected=self.expected,
            onnx=np.frombuffer(self.onnx, np.uint8),
            **weights,
        )

    @classmethod
    def load(cls, path: Path) -> Work:
        """Read a file that save() wrote."""
        with np.load(path) as file:
            graph = Graph.from_json(str(file["graph"]))
            return cls(
                str(file["spec"]),
                graph,
                [file[f"weights_{i}"] for i in range(len(graph.parameters))],
                file["x"],
                file["y"],
                file["expected"],
                file["onnx"].tobytes(),
            )
