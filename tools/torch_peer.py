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

from galago.graph import Graph, Node

_ACTIVATIONS = {
    "linear": lambda x, a: x,
    "relu": lambda x, a: F.relu(x),
    "relu6": lambda x, a: F.relu6(x),
    "leaky_relu": lambda x, a: F.leaky_relu(x, a),
    "elu": lambda x, a: F.elu(x, a),
    "selu": lambda x, a: F.selu(x),
    "softplus": lambda x, a: F.softplus(x, threshold=1e9),
    "softsign": lambda x, a: F.softsign(x),
    "silu": lambda x, a: F.silu(x),
    "gelu": lambda x, a: F.gelu(x),
    "tanh": lambda x, a: torch.tanh(x),
    "sigmoid": lambda x, a: torch.sigmoid(x),
    "hard_sigmoid": lambda x, a: F.relu6(x + 3) / 6,  # F.hardsigmoid rounds 1/6 to float32
    "exponential": lambda x, a: torch.exp(x),
    "softmax": lambda x, a: x.softmax(-1),
}


class TorchModel:
    """A Graph's parameters as tensors, with Keras's layouts outside and PyTorch's inside.

    Args:
        graph: What `model.lower()` gives.
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
            torch.tensor(np.asarray(p), dtype=self.dtype, requires_grad=True) for p in parameters
        ]

    def tensor(self, x: NDArray[Any]) -> torch.Tensor:
        """An array as a tensor of the model's type."""
        return torch.tensor(np.asarray(x), dtype=self.dtype)

    def values(self, x: NDArray[Any]) -> list[torch.Tensor]:
        """The output of every node."""
        results: list[torch.Tensor] = []
        for node in self.graph.nodes:
            if node.op == "input":
                results.append(self.tensor(x))
            else:
                results.append(self._run(node, results[node.inputs[0]]))
        return results

    def predict(self, x: NDArray[Any]) -> torch.Tensor:
        """The output of the graph."""
        return self.values(x)[self.graph.outputs[0]]

    def loss(self, x: NDArray[Any], y: NDArray[Any], kind: str, from_logits: bool) -> torch.Tensor:
        """Mean loss of a batch."""
        outputs = self.predict(x)
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
        for parameter in self.parameters:
            parameter.grad = None
        loss = self.loss(x, y, kind, from_logits)
        loss.backward()
        grads = [p.grad.numpy().copy() for p in self.parameters if p.grad is not None]
        return float(loss.detach()), grads

    def arrays(self) -> list[NDArray[Any]]:
        """The parameters as they are now."""
        return [p.detach().numpy().copy() for p in self.parameters]

    def _run(self, node: Node, x: torch.Tensor) -> torch.Tensor:
        a: dict[str, Any] = dict(node.attributes)
        own = [self.parameters[i] for i in node.parameters]
        if node.op == "dense":
            return x @ own[0] + (own[1] if len(own) > 1 else 0)
        if node.op == "flatten":
            return x.flatten(1)
        if node.op == "activation":
            return _ACTIVATIONS[a["kind"]](x, a["alpha"])
        maps = (x[..., None] if x.ndim == 3 else x).permute(0, 3, 1, 2)
        return _window(node.op, maps, a, own).permute(0, 2, 3, 1)


def _window(op: str, x: torch.Tensor, a: dict[str, Any], own: list[torch.Tensor]) -> torch.Tensor:
    """A convolution or pool of (batch, channels, rows, columns)."""
    top, bottom, left, right = a["padding"]
    border = (left, right, top, bottom)
    if op == "conv":
        kernel = own[0].reshape(*a["kernel"], -1, own[0].shape[-1]).permute(3, 2, 0, 1).contiguous()
        bias = own[1] if len(own) > 1 else None
        return F.conv2d(F.pad(x, border), kernel, bias, a["strides"], 0, a["dilation"], a["groups"])
    if op == "max_pool":
        return F.max_pool2d(F.pad(x, border, value=-math.inf), a["pool"], a["strides"])
    inside = F.pad(torch.ones_like(x), border)
    sums = F.avg_pool2d(F.pad(x, border), a["pool"], a["strides"])
    return sums / F.avg_pool2d(inside, a["pool"], a["strides"])


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
