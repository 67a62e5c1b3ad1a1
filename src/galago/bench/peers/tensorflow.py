"""Keras on TensorFlow.

Options: way ("fit": as one writes it, from arrays; "steps": fit with 50 steps an execution, from
tensors in memory; "loop": one tf.function over all steps of a call), jit (XLA), pool_first (True).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import tensorflow as tf

from galago.bench.peers.base import (
    BETA_1,
    BETA_2,
    EPSILON,
    LEARNING_RATE,
    Array,
    Feed,
    Predict,
    logits_of,
)
from galago.bench.peers.keras_graph import keras_model
from galago.bench.rewrites import pool_first
from galago.bench.work import Work

_STEPS_AN_EXECUTION = 50


class TensorFlowPeer:
    """A functional model of Keras."""

    def __init__(self, work: Work, options: dict[str, Any]) -> None:
        self._work = work
        self._graph = pool_first(work.graph) if options.get("pool_first", True) else work.graph
        self._way, self._jit = options.get("way", "loop"), bool(options.get("jit"))

    @property
    def version(self) -> str:
        """Names and versions."""
        return f"Keras {keras.__version__} on TensorFlow {tf.__version__}"

    def predictor(self, batch: int) -> Predict:
        """Return the model in a tf.function; predict() has a data pipeline around it."""
        graph = self._graph
        model = keras_model(graph, graph.outputs[0], self._work.weights)
        shape = tf.TensorSpec((batch, *graph.nodes[0].shape), tf.float32)
        whole = tf.function(lambda x: model(x, training=False), jit_compile=self._jit)
        concrete = whole.get_concrete_function(shape)
        return lambda x: concrete(tf.constant(x)).numpy()

    def trainer(self, batch: int) -> Feed:
        """Return model.fit, or a loop of its own."""
        graph = self._graph
        model = keras_model(graph, logits_of(graph), self._work.weights)
        optimizer = keras.optimizers.Adam(LEARNING_RATE, BETA_1, BETA_2, EPSILON)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        if self._way == "loop":
            return self._loop(model, optimizer, loss, batch)
        model.compile(
            optimizer,
            loss,
            jit_compile=self._jit,
            steps_per_execution=_STEPS_AN_EXECUTION if self._way == "steps" else 1,
        )

        def feed(x: Array, y: Array) -> Callable[[], float]:
            def run() -> float:
                history = model.fit(x, y, batch_size=batch, shuffle=False, verbose=0)
                return float(history.history["loss"][0])

            def run_steps() -> float:
                return float(model.fit(data, shuffle=False, verbose=0).history["loss"][0])

            if self._way == "fit":
                return run
            data = tf.data.Dataset.from_tensor_slices(_batches(x, y, batch)).prefetch(8)
            return run_steps

        return feed

    def _loop(self, model: Any, optimizer: Any, loss: Any, batch: int) -> Feed:
        optimizer.build(model.trainable_variables)

        def epoch(examples: Any, labels: Any) -> Any:
            total = tf.constant(0.0)
            for step in tf.range(tf.shape(examples)[0]):
                with tf.GradientTape() as tape:
                    value = loss(labels[step], model(examples[step], training=True))
                grads = tape.gradient(value, model.trainable_variables)
                optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
                total += value
            return total / tf.cast(tf.shape(examples)[0], tf.float32)

        shape = (None, batch, *self._graph.nodes[0].shape)
        whole = tf.function(
            epoch,
            jit_compile=self._jit,
            input_signature=[tf.TensorSpec(shape), tf.TensorSpec((None, batch), tf.int32)],
        )

        def feed(x: Array, y: Array) -> Callable[[], float]:
            pair = [tf.constant(part) for part in _batches(x, y, batch)]
            return lambda: float(whole(*pair))

        return feed


def _batches(x: Array, y: Array, batch: int) -> tuple[Array, Array]:
    return x.reshape(-1, batch, *x.shape[1:]), y.reshape(-1, batch).astype("int32")


def open_peer(work: Work, threads: int, options: dict[str, Any]) -> TensorFlowPeer:
    """Make the peer."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return TensorFlowPeer(work, options)
