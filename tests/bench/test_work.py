"""The file of a benchmark's work."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from galago.bench.run import make_work
from galago.bench.work import Work


def test_it_comes_back(tmp_path: Path) -> None:
    work, _ = make_work("dense_baseline")
    work.save(tmp_path / "work.npz")
    found = Work.load(tmp_path / "work.npz")
    assert (found.spec, found.graph, found.onnx) == ("dense_baseline", work.graph, work.onnx)
    for one, other in zip(found.weights, work.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    for name in ("x", "y", "expected"):
        np.testing.assert_array_equal(getattr(found, name), getattr(work, name))
