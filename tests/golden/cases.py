"""The golden cases: small trainings whose numbers PyTorch computed once, see tools/make_golden.py.

Weights and data come from a formula (splitmix64), so that nothing but results needs to be stored.
Of arrays over FULL elements only a sample is kept, and projections on random signs: those see every
element.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphs
import numpy as np
from graphs import Chain
from numpy.typing import NDArray

from galago.graph import Graph

Array = NDArray[np.float64]

FOLDER = Path(__file__).parent
FULL = 4096
SAMPLE = 512
PROJECTIONS = 16
STEPS = 3


def hashed(seed: int, count: int) -> NDArray[np.uint64]:
    """The first numbers of splitmix64 (Steele, Lea and Flood, 2014) with a seed."""
    z = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed << 32)) * np.uint64(
        0x9E3779B97F4A7C15
    )
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(seed: int, shape: tuple[int, ...]) -> Array:
    """Numbers of [-1, 1) with 20 bits, so that float32 holds them and simple multiples exactly."""
    numbers = hashed(seed, int(np.prod(shape))) >> np.uint64(44)
    return (numbers.astype(np.float64) / 2**19 - 1).reshape(shape)


@dataclass(frozen=True)
class Case:
    """A model, its data and how it is trained for STEPS steps on one batch after the other."""

    name: str
    graph: Graph
    loss: str
    optimizer: tuple[str, dict[str, float]]
    seed: int
    learning_rate: float
    batch: int = 8
    from_logits: bool = False
    pixels: bool = False  # inputs are uint8

    @property
    def path(self) -> Path:
        """Where the numbers are stored."""
        return FOLDER / f"{self.name}.npz"

    def parameters(self) -> list[Array]:
        """Starting weights as float32 can hold them: glorot-sized kernels, small biases."""
        values = []
        for place, parameter in enumerate(self.graph.parameters):
            fan = sum(parameter.shape[-2:]) * int(np.prod(parameter.shape[:-2]))
            limit = 0.125 if len(parameter.shape) == 1 else np.sqrt(6 / fan)
            if self.pixels and place == 0:
                limit /= 256
            value = limit * uniform(self.seed + 1 + place, parameter.shape)
            values.append(value.astype(np.float32).astype(np.float64))
        return values

    def data(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Inputs and labels of all steps: (STEPS * batch, ...)."""
        count = STEPS * self.batch
        x: NDArray[Any] = uniform(self.seed + 100, (count, *self.graph.nodes[0].shape))
        x = ((x + 1) * 128).astype(np.uint8) if self.pixels else x.astype(np.float32)
        classes = self.graph.nodes[self.graph.outputs[0]].shape[0]
        if self.loss == "sparse_categorical_crossentropy":
            return x, (hashed(self.seed + 101, count) % np.uint64(classes)).astype(np.int64)
        y = (uniform(self.seed + 101, (count, classes)) + 1) / 2
        if self.loss == "categorical_crossentropy":
            y = np.eye(classes)[y.argmax(axis=1)]
        return x, y.astype(np.float32)

    def batches(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """The batch of each step."""
        x, y = self.data()
        starts = range(0, len(x), self.batch)
        return [(x[i : i + self.batch], y[i : i + self.batch]) for i in starts]


def digest(array: NDArray[Any]) -> dict[str, Array]:
    """What is stored of an array."""
    flat = np.asarray(array, np.float64).ravel()
    if flat.size <= FULL:
        return {"values": flat}
    signs = 1.0 - 2.0 * (hashed(7, PROJECTIONS * flat.size) >> np.uint64(63)).astype(np.float64)
    return {
        "values": flat[:: flat.size // SAMPLE],
        "projections": signs.reshape(PROJECTIONS, -1) @ flat,
        "norm": np.asarray(np.linalg.norm(flat)),
    }


def store(path: Path, results: dict[str, NDArray[Any]]) -> None:
    """Write the digests of named arrays."""
    parts = {f"{name}.{part}": v for name, a in results.items() for part, v in digest(a).items()}
    np.savez_compressed(path, allow_pickle=False, **parts)


def errors(path: Path, results: dict[str, NDArray[Any]]) -> dict[str, float]:
    """How far each named array is from what is stored, relative to its largest value or norm."""
    found = {}
    with np.load(path, allow_pickle=False) as stored:
        for name, array in results.items():
            for part, value in digest(array).items():
                golden = stored[f"{name}.{part}"]
                size = stored[f"{name}.norm"] if part == "projections" else np.abs(golden).max()
                found[f"{name}.{part}"] = float(np.abs(value - golden).max() / size)
    return found


def _adam() -> tuple[str, dict[str, float]]:
    return "adam", {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


def _sgd(momentum: float, nesterov: bool = False) -> tuple[str, dict[str, float]]:
    return "sgd", {"momentum": momentum, "nesterov": nesterov}


def _strided() -> Graph:
    chain = Chain(19, 17, 3).conv(20, (3, 3), (2, 2), padding="same").activation("relu")
    chain = chain.conv(18, (3, 2), dilation=(2, 3)).activation("softplus")
    return chain.flatten().dense(7, bias=False).activation("tanh").graph()


def _grouped() -> Graph:
    chain = Chain(14, 15, 4).conv(36, (3, 3), groups=2, padding="same").activation("relu")
    chain = chain.max_pool((3, 3), (2, 2), "same").conv(36, (5, 3), groups=36, bias=False)
    return chain.activation("silu").flatten().dense(5).activation("sigmoid").graph()


def _averaged() -> Graph:
    chain = Chain(12, 12, 2).conv(17, (4, 4)).activation("gelu")
    chain = (
        chain.average_pool((3, 3), (2, 2), "same")
        .conv(33, (1, 1))
        .activation("elu", 0.5)
        .average_pool((5, 5))
    )
    return chain.flatten().dense(6).activation("softmax").graph()


def _padded() -> Graph:
    chain = Chain(11, 9, 1).conv(16, (3, 3), padding=(2, 0, 1, 3)).activation("relu")
    chain = chain.max_pool((2, 2)).conv(24, (3, 3), padding="same").activation("relu")
    chain = chain.max_pool((2, 2), (1, 1)).conv(9, (2, 2)).activation("selu")
    return chain.flatten().dense(10).graph()


def _cases() -> list[Case]:
    sparse, categorical = "sparse_categorical_crossentropy", "categorical_crossentropy"
    return [
        Case("reference_model", graphs.reference_model(), sparse, _adam(), 16, 0.001, batch=4),
        Case("dense_baseline", graphs.dense_baseline(), sparse, _adam(), 2, 1e-5, pixels=True),
        Case("strided_dilated", _strided(), "mean_squared_error", _sgd(0.0), 4, 0.05),
        Case("grouped", _grouped(), "binary_crossentropy", _sgd(0.9), 7, 0.01),
        Case("averaged", _averaged(), categorical, _sgd(0.9, nesterov=True), 1, 0.01),
        Case("padded", _padded(), sparse, _adam(), 3, 0.0003, from_logits=True),
    ]


CASES = {case.name: case for case in _cases()}
