"""Messages of ONNX, read back field by field."""

from __future__ import annotations

import numpy as np
import onnx_reader
import pytest

from galago.saving import onnx_messages as onnx


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_tensors(dtype: str) -> None:
    value = np.arange(-2, 4).reshape(2, 3).astype(dtype)
    model = onnx.model(onnx.graph("g", [], [onnx.tensor("t", value.T)], [], []), "test", "1")
    found = onnx_reader.read(model).tensors["t"]
    assert found.dtype == value.dtype
    np.testing.assert_array_equal(found, value.T)


def test_a_tensor_of_one_number_has_no_axes() -> None:
    assert onnx_reader.every(onnx.tensor("t", np.float32(2.5)[()].reshape(())), 1) == []


def test_a_whole_model() -> None:
    node = onnx.node("Conv", "c", ["x", "w"], "y", {"pads": (0, 300, 0, 0), "group": 2, "a": 0.5})
    inputs = [onnx.value_info("x", "float32", ("batch", 28, 28, 1))]
    outputs = [onnx.value_info("y", "float64", ("batch", 10))]
    content = onnx.model(onnx.graph("g", [node], [], inputs, outputs), "galago", "0.1")
    model = onnx_reader.read(content)
    assert model.opset == 17
    (found,) = model.nodes
    assert (found.op, found.inputs, found.output) == ("Conv", ["x", "w"], "y")
    assert found.attributes == {"a": 0.5, "group": 2, "pads": [0, 300, 0, 0]}
    assert model.inputs == {"x": ["batch", 28, 28, 1]}
    assert model.outputs == {"y": ["batch", 10]}
    assert onnx_reader.one(content, 1) == 8
    assert (onnx_reader.one(content, 2), onnx_reader.one(content, 3)) == (b"galago", b"0.1")
