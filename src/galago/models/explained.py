"""What summary(explain=True) shows: why each shape is what it is, what it costs, what is lost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from galago.figures import Drawn, new_figure
from galago.graph import Graph
from galago.markup import aligned, block, table, text
from galago.models.arithmetic import lost, products, why
from galago.models.summary import memory_text
from galago.shapes import Shape, cross
from galago.training.profile import Profile
from galago.windows import demand, point, receptive_field

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from galago.models.model import Model

_TITLES = ("Layer", "Output", "Why", "Sees", "Products", "Numbers", "Bytes", "Time")
_NUMERIC = ("Products", "Bytes", "Time")
_RIGHT = [_TITLES.index(title) for title in _NUMERIC]
_LEGEND = (
    "Sees: pixels of the input that one number, in the middle, depends on. Products: each is added",
    "to a sum. Bytes: of the output and the weights. Time: of the kernels, all threads together.",
)


@dataclass(frozen=True, slots=True)
class LayerRow:
    """What a layer makes of one example, and what that costs.

    Attributes:
        name, kind: the layer's name and class
        shape: of its output
        why: the arithmetic of the shape, empty where it is the input's
        sees: for each input that counts, the size of its part that one number depends on
        products: multiply-adds, as a textbook counts them
        weights: numbers of its weights
        bytes: of the output and the weights
        microseconds: over all threads; None within the layer before, 0 where nothing is done
        lost: what of the output counts for nothing, empty for all other layers

    >>> import galago
    >>> explain_model(galago.applications.reference(4)).layers[1].why
    '28 - 3 + 1 = 26'
    """

    name: str
    kind: str
    shape: Shape
    why: str
    sees: tuple[Shape, ...]
    products: int
    weights: int
    bytes: int
    microseconds: float | None
    lost: str


@dataclass(frozen=True, repr=False)
class ModelExplanation(Drawn):
    """A model layer by layer; printable, and HTML in notebooks.

    Attributes:
        name: the model's name
        layers: a LayerRow for each layer, the inputs first
        microseconds: of a prediction of one example, by the clock

    >>> import galago
    >>> found = explain_model(galago.applications.reference(64))
    >>> found.products, found.layers[3].lost.partition(" reach ")[0]
    (5056000, 'last row and last column never')
    """

    name: str
    layers: tuple[LayerRow, ...]
    microseconds: float

    @property
    def products(self) -> int:
        """Multiply-adds of a prediction of one example."""
        return sum(layer.products for layer in self.layers)

    @property
    def bytes(self) -> int:
        """Of all outputs and weights."""
        return sum(layer.bytes for layer in self.layers)

    def __str__(self) -> str:
        head, *rows = aligned([_TITLES, *map(_cells, self.layers)], _RIGHT)
        rule = "-" * max(map(len, rows))
        lines = [f"{self.name}: {self._costs()}", "", head, rule, *rows, "", *_LEGEND]
        if self._lost():
            lines += ["", "Lost:", *(f"  {line}" for line in aligned(self._lost()))]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = map(_cells, self.layers)
        return block(
            f"<strong>{text(self.name)}</strong>: {text(self._costs())}",
            table(_TITLES, rows, right=_NUMERIC),
            f"<small>{text(' '.join(_LEGEND))}</small>",
            table(("Lost", ""), self._lost()) if self._lost() else "",
        )

    def plot(self) -> Figure:
        """Draw what each layer costs as a matplotlib figure. Raises MissingPackageError."""
        costs = {
            "products": [layer.products for layer in self.layers],
            "kilobytes": [layer.bytes / 1024 for layer in self.layers],
            "microseconds": [layer.microseconds or 0.0 for layer in self.layers],
        }
        names = [layer.name for layer in self.layers]
        figure = new_figure(9, 1 + 0.25 * len(names))
        for axes, (title, values) in zip(
            figure.subplots(1, 3, sharey=True), costs.items(), strict=True
        ):
            axes.barh(range(len(names)), values, color="#0072b2")
            axes.set(title=title, yticks=range(len(names)), yticklabels=names)
            axes.locator_params(axis="x", nbins=4)
        figure.axes[0].invert_yaxis()
        return figure

    def _lost(self) -> list[tuple[str, str]]:
        """Of each layer that loses something."""
        return [(layer.name, layer.lost) for layer in self.layers if layer.lost]

    def _costs(self) -> str:
        time = f"{self.microseconds:.0f} us for one example"
        return f"{self.products:,} products, {memory_text(self.bytes)}, {time}"


def explain_model(model: Model) -> ModelExplanation:
    """Return what each layer of a model makes of one example, why, and what it costs.

    `model.summary(explain=True)` shows it. Raises NotBuiltError.

    >>> import galago
    >>> found = explain_model(galago.applications.reference(16))
    >>> [row.sees[0] for row in found.layers if row.kind == "Conv2D"]
    [(3, 3), (8, 8)]
    """
    graph = model.to_graph()
    examples = [np.zeros((1, *tensor.sizes), model.dtype) for tensor in model.inputs]
    profile = model.profile(examples if len(examples) > 1 else examples[0])
    kinds = {layer.name: type(layer).__name__ for layer in model.leaves}
    needed, times, size = demand(graph), _times(profile), np.dtype(model.dtype).itemsize
    nodes: dict[str, list[int]] = {}
    for place, node in enumerate(graph.nodes):
        nodes.setdefault(node.layer, []).append(place)
    rows = []
    for layer, own in nodes.items():
        end = own[-1]
        shape, weights = graph.nodes[end].shape, _weights(graph, own)
        reasons = dict.fromkeys(why(graph, place) for place in own)
        rows.append(
            LayerRow(
                name=layer,
                kind=kinds.get(layer, "InputLayer"),
                shape=shape,
                why="; ".join(filter(None, reasons)),
                sees=_seen(graph, end),
                products=sum(products(graph, place) for place in own),
                weights=weights,
                bytes=size * (math.prod(shape) + weights),
                microseconds=times.get(layer, 0.0),
                lost=lost(graph, end, needed.get(end)),
            )
        )
    return ModelExplanation(model.name, tuple(rows), profile.microseconds)


def _times(profile: Profile) -> dict[str, float | None]:
    """Of each layer that runs; an operation, "conv2d+max_pooling2d", counts for its first one."""
    found: dict[str, float | None] = {}
    for cost in profile.layers:
        first, *others = cost.name.split("+")
        found |= {first: cost.microseconds, **dict.fromkeys(others)}
    return found


def _weights(graph: Graph, nodes: Sequence[int]) -> int:
    places = {place for node in nodes for place in graph.nodes[node].parameters}
    return sum(math.prod(graph.parameters[place].shape) for place in places)


def _seen(graph: Graph, place: int) -> tuple[Shape, ...]:
    """How much of the inputs a number in the middle of a map depends on, without channels."""
    field = receptive_field(graph, place, point([size // 2 for size in graph.nodes[place].shape]))
    regions = [region[:-1] if len(region) > 1 else region for region in field.values()]
    return tuple(tuple(end - first for first, end in region) for region in regions)


def _cells(row: LayerRow) -> tuple[str, ...]:
    numbers = f"{math.prod(row.shape):,}{f' + {row.weights:,} weights' if row.weights else ''}"
    return (
        f"{row.name} ({row.kind})",
        cross(row.shape),
        row.why,
        ", ".join(map(cross, row.sees)),
        f"{row.products:,}" if row.products else "",
        numbers,
        memory_text(row.bytes),
        _time(row.microseconds),
    )


def _time(microseconds: float | None) -> str:
    if microseconds is None:
        return "with it"
    return f"{microseconds:.1f} us" if microseconds else ""
