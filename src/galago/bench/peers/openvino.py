"""OpenVINO: inference only, in float32. Options: streams (1: a batch at a time, all threads)."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import openvino

from galago.bench.peers.base import Array, Predict
from galago.bench.work import Work


class OpenVinoPeer:
    """The work's ONNX file, compiled for each batch size."""

    def __init__(self, work: Work, threads: int, options: dict[str, Any]) -> None:
        self._work, self._threads = work, threads
        self._streams = int(options.get("streams", 1))

    @property
    def version(self) -> str:
        """Name and version."""
        return f"OpenVINO {openvino.__version__.split('-')[0]}"

    def predictor(self, batch: int) -> Predict:
        """Return InferRequest.infer; with several streams, each computes its part of a batch."""
        streams = min(self._streams, batch)
        core = openvino.Core()
        model = core.read_model(io.BytesIO(self._work.onnx))
        model.reshape([batch // streams, *self._work.graph.nodes[0].shape])
        compiled = core.compile_model(
            model,
            "CPU",
            {
                "INFERENCE_NUM_THREADS": self._threads,
                "INFERENCE_PRECISION_HINT": "f32",
                "NUM_STREAMS": streams,
                "PERFORMANCE_HINT": "LATENCY" if streams == 1 else "THROUGHPUT",
            },
        )
        requests = [compiled.create_infer_request() for _ in range(streams)]

        def predict(x: Array) -> Array:
            found: Array = requests[0].infer(x, share_inputs=True, share_outputs=True)[0]
            return found

        def predict_parts(x: Array) -> Array:
            for request, part in zip(requests, np.split(x, streams), strict=True):
                request.start_async(part, share_inputs=True)
            for request in requests:
                request.wait()
            return np.concatenate([request.get_output_tensor().data for request in requests])

        return predict if streams == 1 else predict_parts


def open_peer(work: Work, threads: int, options: dict[str, Any]) -> OpenVinoPeer:
    """Make the peer."""
    return OpenVinoPeer(work, threads, options)
