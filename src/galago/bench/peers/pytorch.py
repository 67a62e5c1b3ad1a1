"""PyTorch: tensors and functions, without modules and their hooks.

Options: channels_last (True), pool_first (True), adam ("fused", "foreach" or "single"), compile (a
mode of torch.compile), traced (inference in TorchScript), bfloat16 (autocast).
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from galago.bench.peers.base import (
    BETA_1,
    BETA_2,
    EPSILON,
    LEARNING_RATE,
    Array,
    Feed,
    Predict,
    logits_of,
    trained,
)
from galago.bench.peers.pytorch_graph import Forward, parameter
from galago.bench.rewrites import pool_first
from galago.bench.work import Work


class TorchPeer:
    """A model of PyTorch."""

    def __init__(self, work: Work, options: dict[str, Any]) -> None:
        self._work, self._options = work, options
        self._channels_last = bool(options.get("channels_last", True))
        self._graph = pool_first(work.graph) if options.get("pool_first", True) else work.graph
        self._autocast = torch.autocast("cpu", torch.bfloat16, options.get("bfloat16", False))

    @property
    def version(self) -> str:
        """Version and instruction set."""
        return f"PyTorch {torch.__version__} ({torch.backends.cpu.get_cpu_capability()})"

    def predictor(self, batch: int) -> Predict:
        """Return the forward pass in inference mode."""
        forward = self._forward(self._graph.outputs[0], training=False)
        parameters = self._parameters()

        def whole(x: Any) -> Any:
            return forward(x, parameters)

        with torch.inference_mode():
            example = torch.from_numpy(self._work.x[:batch])
            if self._options.get("traced"):
                with warnings.catch_warnings():  # PyTorch 2.13 says that something else is newer
                    warnings.simplefilter("ignore", DeprecationWarning)
                    whole = torch.jit.trace(whole, example, check_trace=False)
            elif mode := self._options.get("compile"):
                whole = torch.compile(whole, mode=mode)

        def predict(x: Array) -> Array:
            with torch.inference_mode(), self._autocast:
                outputs: Array = whole(torch.from_numpy(x)).float().numpy()
                return outputs

        return predict

    def trainer(self, batch: int) -> Feed:
        """Return a plain training loop: slices of one tensor, nothing read back before the end."""
        forward = self._forward(logits_of(self._graph), training=True)
        parameters = self._parameters()
        changing = [p for p, on in zip(parameters, trained(self._graph), strict=True) if on]
        for one in changing:
            one.requires_grad_()
        if mode := self._options.get("compile"):
            forward = torch.compile(forward, mode=mode)
        adam = self._options.get("adam", "fused")
        optimizer = torch.optim.Adam(
            changing,
            lr=LEARNING_RATE,
            betas=(BETA_1, BETA_2),
            foreach=adam == "foreach",
            fused=adam == "fused",
        )

        steps = itertools.count(1)

        def feed(x: Array, y: Array) -> Callable[[], float]:
            examples, labels = torch.from_numpy(x), torch.from_numpy(y)

            def run() -> float:
                total = torch.zeros(())
                for start in range(0, len(examples), batch):
                    optimizer.zero_grad(set_to_none=True)
                    with self._autocast:
                        outputs = forward(examples[start : start + batch], parameters)
                        loss = F.cross_entropy(outputs, labels[start : start + batch])
                    loss.backward()
                    # Keras adds epsilon to the root of v, PyTorch to that of the corrected one.
                    correction = math.sqrt(1 - BETA_2 ** next(steps))
                    optimizer.param_groups[0]["eps"] = EPSILON / correction
                    optimizer.step()
                    total += loss.detach()
                return float(total / (len(examples) // batch))

            return run

        return feed

    def _forward(self, output: int, *, training: bool) -> Any:
        return Forward(self._graph, output, self._channels_last, training)

    def _parameters(self) -> list[Any]:
        return [
            parameter(self._graph, place, torch.tensor(value), self._channels_last)
            for place, value in enumerate(self._work.weights)
        ]


def open_peer(work: Work, threads: int, options: dict[str, Any]) -> TorchPeer:
    """Make the peer; see this file's beginning for the options."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    return TorchPeer(work, options)
