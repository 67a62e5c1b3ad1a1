"""How much rounding errors grow in each tile of Winograd's algorithm, next to direct sums.

    python benchmarks/winograd_error.py

A 3x3 or 5x5 convolution of 64 channels, whose input a ReLU has gone over, in float32 and in
float64. Errors are divided by the root mean square of the outputs; the last column is the largest
error next to the bound that the tests hold all kernels to, 4 sqrt(K) 2^-24 sum |x w|.
"""

from __future__ import annotations

import re

import numpy as np

import galago as gl
from galago import engine
from galago.graph import Graph

CHANNELS, FILTERS, IMAGES = 64, 64, 32
#: Side of the output, filter: what the planner takes for it.
SHAPES = ((9, 7), (2, 3), (8, 3), (10, 3), (8, 5))


def run(graph: Graph, weights: np.ndarray, x: np.ndarray, dtype: str) -> tuple[np.ndarray, str]:
    """Outputs of a convolution without bias, as float64, and the plan's word for its tile."""
    session = engine.Session(graph, dtype=dtype)
    session.set_parameter(0, weights.astype(dtype))
    session.compile(engine.OutputLoss(""))
    found = re.findall(r"F\(\S+\)", session.plan("predict"))
    outputs = session.predict(x.astype(dtype), 0, len(x))
    return outputs.astype(np.float64), found[0] if found else "direct"


def main() -> None:
    rng = np.random.default_rng(0)
    print(f"{'algorithm':<12} {'filter':<7} {'rms':>8} {'largest':>8} {'of bound':>8}")
    for side, taps in SHAPES:
        layer = gl.layers.Conv2D(FILTERS, taps, use_bias=False)
        model = gl.Sequential([gl.Input(shape=(side + taps - 1,) * 2 + (CHANNELS,)), layer])
        graph = model.to_graph()
        x = np.maximum(rng.normal(size=(IMAGES, *model.input_shape[1:])), 0).astype(np.float32)
        weights = rng.normal(size=(taps, taps, CHANNELS, FILTERS)).astype(np.float32)
        truth, _ = run(graph, weights, x, "float64")
        found, tile = run(graph, weights, x, "float32")
        sizes, _ = run(graph, np.abs(weights), np.abs(x), "float64")
        error, scale = np.abs(found - truth), np.sqrt(np.mean(truth**2))
        share = (error / (4 * np.sqrt(taps**2 * CHANNELS) * 2.0**-24 * sizes)).max()
        rms = np.sqrt(np.mean(error**2)) / scale
        print(f"{tile:<12} {taps}x{taps:<5} {rms:8.1e} {error.max() / scale:8.1e} {share:8.3f}")


if __name__ == "__main__":
    main()
