"""Runs a Graph in PyTorch, for make_golden.py and for tests/test_parity.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from cases import Case
from numpy.typing import NDArray

from galago.bench.peers.base import trained
from galago.bench.peers.pytorch_graph import Forward, parameter
from galago.graph import Graph


class TorchModel:
    """A Graph's parameters as tensors, with Keras's layouts outside and PyTorch's inside.

    Args:
        graph: What `model.to_graph()` gives.
        parameters: Arrays in the order and layout of graph.parameters.
        dtype: "float32" or "float64".
    """

    def __init__(
        self, graph: Graph, parameters: Sequence[NDArray[Any]], dtype: str = "float64"
    ) -> None:
        """Copy the parameters into tensors."""
        self.graph = graph
        self.dtype = getattr(torch, dtype)
        self.parameters = [
            torch.tensor(np.asarray(value), dtype=self.dtype, requires_grad=on)
            for value, on in zip(parameters, trained(graph), strict=True)
        ]

    def tensor(self, x: NDArray[Any]) -> torch.Tensor:
        """An array as a tensor of the model's type."""
        return torch.tensor(np.asarray(x), dtype=self.dtype)

    def predict(self, x: NDArray[Any], *, training: bool = False) -> torch.Tensor:
        """The output of the graph; a map ends in the channels."""
        forward = Forward(self.graph, self.graph.outputs[0], True, training)
        own = [parameter(self.graph, i, value, True) for i, value in enumerate(self.parameters)]
        outputs: torch.Tensor = forward(self.tensor(x), own)
        return outputs.permute(0, 2, 3, 1) if outputs.ndim == 4 else outputs

    def loss(self, x: NDArray[Any], y: NDArray[Any], kind: str, from_logits: bool) -> torch.Tensor:
        """Mean loss of a batch."""
        outputs = self.predict(x, training=True)
        if kind == "mean_squared_error":
            return F.mse_loss(outputs, self.tensor(y))
        if kind == "binary_crossentropy":
            entropy = F.binary_cross_entropy_with_logits if from_logits else F.binary_cross_entropy
            return entropy(outputs, self.tensor(y))
        logs = F.log_softmax(outputs, 1) if from_logits else _log_share(outputs)
        if kind == "sparse_categorical_crossentropy":
            return F.nll_loss(logs, torch.tensor(y))
        return -(self.tensor(y) * logs).sum(1).mean()

    def gradients(
        self, x: NDArray[Any], y: NDArray[Any], kind: str, from_logits: bool
    ) -> tuple[float, list[NDArray[Any]]]:
        """The mean loss and its gradients, in Keras's layouts."""
        for weight in self.parameters:
            weight.grad = None
        loss = self.loss(x, y, kind, from_logits)
        loss.backward()
        grads = [p.grad.numpy().copy() for p in self.parameters if p.grad is not None]
        return float(loss.detach()), grads

    def arrays(self) -> list[NDArray[Any]]:
        """The parameters as they are now."""
        return [p.detach().numpy().copy() for p in self.parameters]


def _log_share(outputs: torch.Tensor) -> torch.Tensor:
    """Logarithm of each output's share of its row, clipped as Keras does."""
    return (outputs / outputs.sum(1, keepdim=True)).clamp(1e-7, 1 - 1e-7).log()


class TorchAdam:
    """Adam as Keras defines it: epsilon is added to the root of the uncorrected second moment."""

    def __init__(self, model: TorchModel, beta_1: float, beta_2: float, epsilon: float) -> None:
        """Make the optimizer of a model's parameters."""
        self._settings = (beta_2, epsilon)
        self._steps = 0
        self._adam = torch.optim.Adam(model.parameters, betas=(beta_1, beta_2))

    def step(self, learning_rate: float) -> None:
        """One update from the gradients the parameters hold."""
        beta_2, epsilon = self._settings
        self._steps += 1
        for group in self._adam.param_groups:
            group["lr"] = learning_rate
            group["eps"] = epsilon / math.sqrt(1 - beta_2**self._steps)
        self._adam.step()


class TorchSGD:
    """SGD whose momentum is Keras's as long as the learning rate stays the same."""

    def __init__(self, model: TorchModel, momentum: float, nesterov: bool) -> None:
        """Make the optimizer of a model's parameters."""
        self._sgd = torch.optim.SGD(model.parameters, lr=1.0, momentum=momentum, nesterov=nesterov)

    def step(self, learning_rate: float) -> None:
        """One update from the gradients the parameters hold."""
        for group in self._sgd.param_groups:
            group["lr"] = learning_rate
        self._sgd.step()


OPTIMIZERS = {"adam": TorchAdam, "sgd": TorchSGD}


def weights_before(case: Case) -> list[list[NDArray[Any]]]:
    """The weights each step of a case starts from."""
    return [weights for weights, _ in _train(case, "float64")[:-1]]


def run(case: Case, dtype: str) -> dict[str, NDArray[Any]]:
    """All numbers of a case by name."""
    x, y = case.batches()[0]
    model = TorchModel(case.graph, case.parameters(), dtype)
    results: dict[str, NDArray[Any]] = {"outputs": model.predict(x).detach().numpy()}
    for place, grad in enumerate(model.gradients(x, y, case.loss, case.from_logits)[1]):
        results[f"gradient_{place}"] = grad
    trained = _train(case, dtype)
    results["losses"] = np.array([loss for _, loss in trained[:-1]])
    for place, weights in enumerate(trained[-1][0]):
        results[f"weights_{place}"] = weights
    return results


def _train(case: Case, dtype: str) -> list[tuple[list[NDArray[Any]], float]]:
    """Weights before and loss of each step, then the final weights."""
    model = TorchModel(case.graph, case.parameters(), dtype)
    kind, settings = case.optimizer
    optimizer = OPTIMIZERS[kind](model, **settings)
    history = []
    for x, y in case.batches():
        weights = model.arrays()
        history.append((weights, model.gradients(x, y, case.loss, case.from_logits)[0]))
        optimizer.step(case.learning_rate)
    return [*history, (model.arrays(), math.nan)]
