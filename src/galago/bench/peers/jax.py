"""JAX: one jitted step, or a scan over the steps, with Adam written out.

Options: scan (all steps of a call in one jitted loop), pool_first (True).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from galago.bench.peers.base import (
    BETA_1,
    BETA_2,
    EPSILON,
    LEARNING_RATE,
    Array,
    Feed,
    Predict,
    kernel_of,
    logits_of,
    trained,
)
from galago.bench.peers.jax_graph import forward
from galago.bench.rewrites import pool_first
from galago.bench.work import Work


class JaxPeer:
    """A model of JAX."""

    def __init__(self, work: Work, options: dict[str, Any]) -> None:
        self._work, self._options = work, options
        self._graph = pool_first(work.graph) if options.get("pool_first", True) else work.graph

    @property
    def version(self) -> str:
        """Name and version."""
        return f"JAX {jax.__version__}"

    def predictor(self, batch: int) -> Predict:
        """Return the jitted forward pass."""
        parameters, output = self._parameters(), self._graph.outputs[0]
        whole = jax.jit(lambda x: forward(self._graph, output, parameters, x)[0])
        return lambda x: np.asarray(whole(x))

    def trainer(self, batch: int) -> Feed:
        """Return a loop over jitted steps that give their memory on."""
        step = self._step()
        state = self._state()
        jitted = jax.jit(_scan(step) if self._options.get("scan") else step, donate_argnums=0)

        def feed(x: Array, y: Array) -> Callable[[], float]:
            count = len(x) // batch
            examples = jnp.asarray(x.reshape(count, batch, *x.shape[1:]))
            labels = jnp.asarray(y.reshape(count, batch).astype(np.int32))
            pairs = list(zip(examples, labels, strict=True))
            jax.block_until_ready(pairs)

            def run_steps() -> float:
                nonlocal state
                losses = []
                for example, label in pairs:
                    state, loss = jitted(state, (example, label))
                    losses.append(loss)
                return float(jnp.stack(losses).mean())

            def run_scan() -> float:
                nonlocal state
                state, losses = jitted(state, (examples, labels))
                return float(losses.mean())

            return run_scan if self._options.get("scan") else run_steps

        return feed

    def _parameters(self) -> list[Any]:
        found = [jnp.asarray(value) for value in self._work.weights]
        for node in self._graph.nodes:
            if node.op == "conv":
                first = node.parameters[0]
                found[first] = jnp.asarray(kernel_of(node, self._work.weights[first]))
        return found

    def _state(self) -> Any:
        """Parameters, two moments, and the number of steps."""
        parameters = self._parameters()
        moments = [[jnp.zeros_like(p) for p in parameters] for _ in range(2)]
        return parameters, *moments, jnp.zeros((), jnp.int32)

    def _step(self) -> Callable[[Any, Any], Any]:
        output, changes = logits_of(self._graph), trained(self._graph)

        def loss_of(parameters: Any, x: Any, y: Any, key: Any) -> Any:
            outputs, updated = forward(self._graph, output, parameters, x, key)
            chosen = jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], 1)
            return -chosen.mean(), updated

        def step(state: Any, pair: Any) -> Any:
            parameters, first, second, steps = state
            key = jax.random.fold_in(jax.random.key(0), steps)
            graded = jax.value_and_grad(loss_of, has_aux=True)
            (loss, updated), grads = graded(parameters, *pair, key)
            steps = steps + 1
            rate = LEARNING_RATE * jnp.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps)
            first = [m + (1 - BETA_1) * (g - m) for m, g in zip(first, grads, strict=True)]
            second = [v + (1 - BETA_2) * (g * g - v) for v, g in zip(second, grads, strict=True)]
            moments = zip(parameters, first, second, updated, changes, strict=True)
            parameters = [
                p - rate * m / (jnp.sqrt(v) + EPSILON) if changing else new
                for p, m, v, new, changing in moments
            ]
            return (parameters, first, second, steps), loss

        return step


def _scan(step: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda state, pairs: jax.lax.scan(step, state, pairs)


def open_peer(work: Work, threads: int, options: dict[str, Any]) -> JaxPeer:
    """Make the peer. JAX takes its threads from the CPUs that the process may use."""
    return JaxPeer(work, options)
