"""Exported models in ONNX Runtime: `pytest -m parity`, with that package installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from galago import applications
from galago.bench.models import names

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("name", names())
def test_onnx_runtime_computes_the_same(name: str, tmp_path: Path) -> None:
    import onnxruntime

    model = getattr(applications, name)()
    random = np.random.default_rng(1)
    spread = [
        np.abs(random.normal(0.5, 0.2, w.shape))
        if "variance" in w.path
        else w.numpy() + random.normal(0, 0.05, w.shape)
        for w in model.weights
    ]
    model.set_weights(spread)  # so that no statistic is 0 or 1
    model.export(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(
        tmp_path / "net.onnx", providers=["CPUExecutionProvider"]
    )
    source = session.get_inputs()[0].name
    for count in (1, 5):
        x = random.random((count, *model.input_sizes), np.float32)
        (found,) = session.run(None, {source: x})
        np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-5)
