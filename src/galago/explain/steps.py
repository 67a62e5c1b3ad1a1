"""How an operation made one of its numbers: the products, the winner, the function."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from galago.errors import ArgumentError
from galago.explain.gradients import Slope
from galago.explain.probe import Array, Place, Probe
from galago.graph import Node
from galago.windows import places, point, reads

#: How a number comes about.
SUM, MEAN, CHOICE, FUNCTION, PRODUCT, COPY, NOTHING = (
    "sum",
    "mean",
    "choice",
    "function",
    "product",
    "copy",
    "nothing",
)


@dataclass(frozen=True, slots=True)
class Term:
    """A number that was read: where it stands, and what it was multiplied by."""

    source: int  # node of the graph
    place: Place
    value: float
    weight: float = 1.0

    @property
    def product(self) -> float:
        """What it contributes to a sum."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Step:
    """A number of a node: what the engine gave, and what it was made of.

    `how` says what the terms mean: products of a "sum" with its `bias`, or of a "mean"; the
    candidates of a "choice", of which `winner` was taken; what a "function" read, whose `name` it
    is; the factors of a "product"; the origin of a "copy"; "nothing" is a border of zeros.
    """

    node: int
    place: Place
    value: float
    how: str
    terms: tuple[Term, ...] = ()
    bias: float = 0.0
    winner: int = 0
    name: str = ""

    @property
    def total(self) -> float:
        """What the terms give in float64; of a function the engine's value."""
        match self.how:
            case "sum" | "mean":
                parts = [*(term.product for term in self.terms), self.bias]
                return math.fsum(parts) if all(map(math.isfinite, parts)) else sum(parts)
            case "product":
                return math.prod(term.value for term in self.terms)
            case "choice":
                return self.terms[self.winner].value
            case "copy":
                return self.terms[0].value
            case "nothing":
                return 0.0
        return self.value

    def largest(self, count: int) -> list[Term]:
        """The terms that contribute most, whatever their sign."""
        return sorted(self.terms, key=lambda term: -abs(term.product))[:count]

    @property
    def main(self) -> Term | None:
        """The term to follow on the way back to the input; None where there is none.

        Of a function it is the number at its own place.
        """
        if self.how == CHOICE:
            return self.terms[self.winner]
        if self.how == FUNCTION:
            return next(iter(self.terms), None)
        return next(iter(self.largest(1)), None)


def step_of(probe: Probe, node: int, place: Place) -> Step | None:
    """Return how a node made the number at a place; None for an input of the model."""
    found = probe.node(node)
    if found.op == "input":
        return None
    explain = _EXPLAINED.get(found.op)
    if explain is None:
        raise ArgumentError(
            f"explain_unit: expected an operation whose sums are known, received {found.op!r} of "
            f"{found.name!r}. Explain the layer before or behind it."
        )
    return explain(probe, node, place)


_Explain: TypeAlias = Callable[[Probe, int, Place], Step]


def _value(probe: Probe, node: int, place: Place) -> float:
    return float(probe.values[node][place])


def _attributes(node: Node) -> dict[str, Any]:
    return dict(node.attributes)


def _term(probe: Probe, source: int, place: Place, weight: float = 1.0) -> Term:
    return Term(source, place, _value(probe, source, place), float(weight))


def _read(probe: Probe, node: int, place: Place, which: int = 0) -> Iterator[Place]:
    """The places of an input that a number needs."""
    found = probe.node(node)
    shapes = [probe.node(source).shape for source in found.inputs]
    return places(reads(found, shapes, point(place))[which])


def _conv(probe: Probe, node: int, place: Place) -> Step:
    found = probe.node(node)
    a, (kernel, *bias) = _attributes(found), probe.weights(found)
    source, (row, col, output) = found.inputs[0], place
    height, width, channels = probe.node(source).shape
    if a.get("transposed"):
        kernel = kernel[::-1, ::-1].swapaxes(2, 3)
    inner, out = channels // a["groups"], found.shape[2] // a["groups"]
    kernel = kernel.reshape(*a["kernel"], inner, found.shape[2])
    first = output // out * inner
    top, _, left, _ = a["padding"]
    terms = []
    for y, x in itertools.product(*(range(n) for n in a["kernel"])):
        i = row * a["strides"][0] + y * a["dilation"][0] - top
        j = col * a["strides"][1] + x * a["dilation"][1] - left
        if 0 <= i < height and 0 <= j < width:
            terms += [
                _term(probe, source, (i, j, first + c), kernel[y, x, c, output])
                for c in range(inner)
            ]
    value = _value(probe, node, place)
    return Step(node, place, value, SUM, tuple(terms), float(bias[0][output]) if bias else 0.0)


def _dense(probe: Probe, node: int, place: Place) -> Step:
    found = probe.node(node)
    (kernel, *bias), (source,) = probe.weights(found), found.inputs
    unit = place[-1]
    terms = tuple(_term(probe, source, (i,), kernel[i, unit]) for i in range(len(kernel)))
    start = float(bias[0][unit]) if bias else 0.0
    return Step(node, place, _value(probe, node, place), SUM, terms, start)


def _pool(probe: Probe, node: int, place: Place) -> Step:
    """Of equal candidates the first one wins; a NaN wins always."""
    source = probe.node(node).inputs[0]
    cells = tuple(_term(probe, source, cell) for cell in _read(probe, node, place))
    return _chosen(probe, node, place, cells, np.argmax)


def _chosen(
    probe: Probe, node: int, place: Place, terms: tuple[Term, ...], pick: Callable[[Any], Any]
) -> Step:
    winner = int(pick([term.value for term in terms]))
    return Step(node, place, _value(probe, node, place), CHOICE, terms, winner=winner)


def _mean(probe: Probe, node: int, place: Place) -> Step:
    source, cells = probe.node(node).inputs[0], list(_read(probe, node, place))
    terms = tuple(_term(probe, source, cell, 1 / len(cells)) for cell in cells)
    return Step(node, place, _value(probe, node, place), MEAN, terms)


def _activation(probe: Probe, node: int, place: Place) -> Step:
    found = probe.node(node)
    a, (source,) = _attributes(found), found.inputs
    value = _value(probe, node, place)
    if a["kind"] == "rescale":
        term = _term(probe, source, place, a["alpha"])
        return Step(node, place, value, SUM, (term,), float(a["beta"]))
    if a["kind"] == "linear":
        return Step(node, place, value, COPY, (_term(probe, source, place),))
    cells = [place, *(cell for cell in _read(probe, node, place) if cell != place)]
    terms = tuple(_term(probe, source, cell) for cell in cells)
    return Step(node, place, value, FUNCTION, terms, name=str(a["kind"]))


def _norm(
    probe: Probe, node: int, place: Place, mean: float, variance: float, weights: list[Array]
) -> Step:
    """A number less a mean, over a deviation, scaled and shifted: all as one product and a bias."""
    found = probe.node(node)
    a, values, channel = _attributes(found), list(weights), place[-1]
    gamma = float(values.pop(0)[channel]) if a["scale"] else 1.0
    beta = float(values.pop(0)[channel]) if a["center"] else 0.0
    factor = gamma / math.sqrt(variance + a["epsilon"])
    terms = (_term(probe, found.inputs[0], place, factor),)
    value = _value(probe, node, place)
    return Step(node, place, value, SUM, terms, beta - mean * factor, name=found.op)


def _batch_norm(probe: Probe, node: int, place: Place) -> Step:
    weights = probe.weights(probe.node(node))
    channels = probe.node(node).shape[-1]  # a Normalization of all axes has one number for them
    mean, variance = (float(np.resize(one, channels)[place[-1]]) for one in weights[-2:])
    return _norm(probe, node, place, mean, variance, weights)


def _layer_norm(probe: Probe, node: int, place: Place) -> Step:
    found = probe.node(node)
    channels = probe.values[found.inputs[0]][place[:-1]].astype(np.float64)
    mean, variance = float(channels.mean()), float(channels.var())
    return _norm(probe, node, place, mean, variance, probe.weights(found))


def _copy(probe: Probe, node: int, place: Place) -> Step:
    """Moved from another place; from none in a border or between the positions of a map."""
    found, value = probe.node(node), _value(probe, node, place)
    for which, source in enumerate(found.inputs):
        for cell in _read(probe, node, place, which):
            return Step(node, place, value, COPY, (_term(probe, source, cell),))
    return Step(node, place, value, NOTHING)


def _resized(probe: Probe, node: int, place: Place) -> Step:
    """What a resized number is made of is asked of the engine: its gradient are the weights."""
    found = probe.node(node)
    source, unit = found.inputs[0], int(np.ravel_multi_index(place, found.shape))
    weights = Slope(probe, source, node, unit).at()
    cells = (tuple(map(int, cell)) for cell in np.argwhere(weights))
    terms = tuple(_term(probe, source, cell, float(weights[cell])) for cell in cells)
    value, inside = _value(probe, node, place), math.fsum(term.weight for term in terms)
    fill = float(_attributes(found)["fill"])
    return Step(node, place, value, SUM, terms, fill * (1 - inside) if fill else 0.0)


def _hosted(probe: Probe, node: int, place: Place) -> Step:
    """A layer's own code: nobody knows what it read of its inputs."""
    name = type(probe.hosted[node]).__name__
    return Step(node, place, _value(probe, node, place), FUNCTION, name=name)


def _parts(probe: Probe, node: int, place: Place) -> list[tuple[int, Place]]:
    """What a merge reads of each of its inputs."""
    sources = enumerate(probe.node(node).inputs)
    return [(source, next(_read(probe, node, place, which))) for which, source in sources]


def _sum(probe: Probe, node: int, place: Place) -> Step:
    minus = probe.node(node).op == "subtract"
    terms = tuple(
        _term(probe, source, cell, -1.0 if minus and which else 1.0)
        for which, (source, cell) in enumerate(_parts(probe, node, place))
    )
    return Step(node, place, _value(probe, node, place), SUM, terms)


def _product(probe: Probe, node: int, place: Place) -> Step:
    terms = tuple(_term(probe, source, cell) for source, cell in _parts(probe, node, place))
    return Step(node, place, _value(probe, node, place), PRODUCT, terms)


def _extreme(probe: Probe, node: int, place: Place) -> Step:
    terms = tuple(_term(probe, source, cell) for source, cell in _parts(probe, node, place))
    pick = np.argmax if probe.node(node).op == "maximum" else np.argmin
    return _chosen(probe, node, place, terms, pick)


_EXPLAINED: Mapping[str, _Explain] = {
    "conv": _conv,
    "dense": _dense,
    "max_pool": _pool,
    "average_pool": _mean,
    "activation": _activation,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "add": _sum,
    "subtract": _sum,
    "multiply": _product,
    "maximum": _extreme,
    "minimum": _extreme,
    "resize": _resized,
    "random_crop": _resized,
    "host": _hosted,
    **dict.fromkeys(
        (
            "flatten",
            "reshape",
            "permute",
            "pad",
            "crop",
            "upsample",
            "dilate",
            "concatenate",
            "dropout",
            "gaussian_noise",
            "random_warp",
            "random_tone",
            "activity",
        ),
        _copy,
    ),
}
