"""Resized images in ONNX: sizes, what is cut out and framed, tables."""

from __future__ import annotations

import numpy as np
import onnx_reader
import pytest
from graphs import Chain
from sessions import open_session

from galago.layers.resizing import INTERPOLATIONS
from galago.saving.onnx_graph import to_onnx
from galago.saving.onnx_resizing import scales_to


def test_scales_give_the_sizes_back() -> None:
    for extent in range(1, 130):
        for count in (1, 2, 3, 7, 28, 29, 32, 100, 224, 299):
            scale = scales_to((extent, 1), (count, 1))[2]
            assert int(np.float32(extent) * scale) == count
            assert abs(scale - count / extent) <= 2e-7 * scale


@pytest.mark.parametrize("box", [None, (1, 1, 3, 2), (-2, 1, 9, 2), (-1, -1, 7, 7), (4, 2, 8, 1)])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_same_as_here(interpolation: str, box: tuple[int, int, int, int] | None) -> None:
    x = np.random.default_rng(3).normal(size=(2, 5, 4, 3))
    for size, antialias in (((6, 9), False), ((2, 3), False), ((2, 5), True)):
        made = Chain(5, 4, 3).resize(*size, interpolation, box, 0.5, antialias).graph()
        found = onnx_reader.run(onnx_reader.read(to_onnx(made, [])), x)
        here = open_session(made, [], dtype="float64").predict(x, 0, 2)
        np.testing.assert_allclose(found, here, rtol=1e-6, atol=1e-6)


@pytest.mark.parity
@pytest.mark.parametrize("box", [None, (1, 1, 3, 2), (-2, 1, 9, 2), (2, 2, 8, 1)])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_onnx_runtime_agrees(interpolation: str, box: tuple[int, int, int, int] | None) -> None:
    import onnxruntime

    for size, antialias in (((6, 9), False), ((2, 3), False), ((50, 1), True)):
        made = Chain(5, 4, 3).resize(*size, interpolation, box, 0.5, antialias).graph()
        x = np.random.default_rng(3).normal(size=(2, 5, 4, 3)).astype(np.float32)
        session = onnxruntime.InferenceSession(to_onnx(made, []))
        (found,) = session.run(None, {session.get_inputs()[0].name: x})
        np.testing.assert_allclose(found, open_session(made, []).predict(x, 0, 2), atol=1e-5)
