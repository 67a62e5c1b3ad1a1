"""ONNX Runtime: inference only. Options: binding (inputs and outputs bound beforehand)."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime

from galago.bench.peers.base import Array, Predict
from galago.bench.work import Work


class OnnxRuntimePeer:
    """The work's ONNX file in a session for each batch size."""

    def __init__(self, work: Work, threads: int, options: dict[str, Any]) -> None:
        self._work, self._threads, self._options = work, threads, options

    @property
    def version(self) -> str:
        """Name and version."""
        return f"ONNX Runtime {onnxruntime.__version__}"

    def predictor(self, batch: int) -> Predict:
        """Return Session.run, all optimizations on, the batch size known beforehand."""
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = self._threads
        settings.inter_op_num_threads = 1
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        settings.add_free_dimension_override_by_name("batch", batch)
        settings.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            self._work.onnx, settings, providers=["CPUExecutionProvider"]
        )
        source, target = session.get_inputs()[0].name, session.get_outputs()[0].name
        if self._options.get("binding"):
            return self._bound(session, source, target, batch)
        return lambda x: session.run([target], {source: x})[0]

    def _bound(self, session: Any, source: str, target: str, batch: int) -> Predict:
        """The same from and to memory that stays where it is."""
        shape = self._work.graph.nodes[self._work.graph.outputs[0]].shape
        inputs = np.empty((batch, *self._work.graph.nodes[0].shape), np.float32)
        outputs = np.empty((batch, *shape), np.float32)
        binding = session.io_binding()
        for bind, name, memory in (
            (binding.bind_input, source, inputs),
            (binding.bind_output, target, outputs),
        ):
            bind(name, "cpu", 0, np.float32, memory.shape, memory.ctypes.data)

        def predict(x: Array) -> Array:
            np.copyto(inputs, x)
            session.run_with_iobinding(binding)
            return outputs

        return predict


def open_peer(work: Work, threads: int, options: dict[str, Any]) -> OnnxRuntimePeer:
    """Make the peer."""
    return OnnxRuntimePeer(work, threads, options)
