"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import galago

PEERS = ("jax", "jax_graph", "keras_graph", "onnxruntime", "openvino", "pytorch", "pytorch_graph")
#: Modules that import what only benchmarks need; they have no examples.
NEED_FRAMEWORKS = [f"galago.bench.peers.{name}" for name in (*PEERS, "tensorflow")]
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(galago.__path__, "galago.")
    if not module.name.endswith(("._core", ".__main__")) and module.name not in NEED_FRAMEWORKS
)


@pytest.mark.parametrize("name", ["galago", *MODULES])
def test_examples(name: str) -> None:
    module = importlib.import_module(name)
    outcome = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert outcome.failed == 0
