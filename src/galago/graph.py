"""A model as plain data: what the engine plans and runs.

Operations and their attributes:

    input         {}
    conv          kernel strides dilation padding groups [transposed]; parameters: kernel (HWIO)
                  [, bias]; where transposed is 1, the kernel is (height, width, outputs, inputs),
                  and its rows and columns stand from the last to the first
    dense         {}; parameters: kernel (in, units)[, bias]
    max_pool      pool strides padding
    average_pool  pool strides padding; padding does not count in the mean
    activation    kind alpha [beta] [limit]; the last two for rescale: alpha * x + beta, and for
                  clipped_relu: x above beta, but at most limit, alpha * (x - beta) elsewhere
    flatten       {}; row-major (height, width, channels)
    reshape       {}; as many values in the same row-major order
    permute       order; axis i of the output is axis order[i] of the input, whose axes are filled
                  up to three with axes of size 1 in front
    pad           padding; zeros around the map
    crop          padding; what is taken away from around the map
    upsample      size; every position becomes rows x columns of itself
    resize        interpolation antialias box fill; a box of the map (row, column, height, width)
                  stretched over the whole output; where it reaches over the border, there is fill
    dilate        strides; zeros between the positions of a map, which then lie so far apart
    batch_norm    momentum epsilon scale center inference (the last three are 0 or 1);
                  parameters: [gamma,] [beta,] moving_mean, moving_variance
    add           {}; two or more inputs of one shape, or of one position, which goes with all
    subtract, multiply, maximum, minimum
                  {}; two inputs as those of add; of equal ones the first gets the gradient
    concatenate   {}; two or more inputs, equal but for the last axis
    dropout       rate seed [spatial]; of whole channels where spatial is 1
    gaussian_noise
                  deviation seed; as dropout, it does nothing outside of training
    random_warp   kind ranges fill_mode interpolation fill seed; a picture that shows another one
                  from elsewhere, each image by what it draws: kind "flip" with ranges (sideways,
                  over), "rotation" in turns, "translation" and "zoom" in shares of height and
                  width; ranges are (least, most), or of both axes
    random_crop   box interpolation antialias fill seed; a part at a place that each image draws;
                  outside of training it is a resize
    random_tone   kind range limits seed; "contrast" or "brightness", each image by what it draws
    activity      l1 l2; the map as it is, whose mean of l1 * sum(|x|) + l2 * sum(x * x) over the
                  batch is part of the loss
    layer_norm    epsilon scale center; over the channels of each position; parameters: [gamma,]
                  [beta]
    host          any; one or more inputs and any parameters; whoever makes the session computes it

Pairs are (height, width), padding is (top, bottom, left, right), shapes leave the batch axis out
and end in the channels. A depthwise convolution has as many groups as its input has channels; its
kernel's shape is then (height, width, channels, multiplier). A global pool is one with a window as
large as the map. A batch_norm with inference=1 uses its moving statistics in training too and
leaves them as they are.

Nodes stand behind their inputs, and every node counts for an output. Outputs may be any nodes.
Nodes that share their parameters are one layer in several places.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeAlias

import numpy.typing as npt

from galago.shapes import Shape, cross

Attribute: TypeAlias = int | float | str | tuple[int, ...] | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A weight: its path ("conv2d/kernel") and its shape in Keras's layout."""

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Node:
    """One operation; `inputs` and `parameters` are places in the graph's own lists."""

    op: str
    name: str
    inputs: tuple[int, ...]
    shape: Shape
    attributes: tuple[tuple[str, Attribute], ...] = ()
    parameters: tuple[int, ...] = ()

    @property
    def layer(self) -> str:
        """Name of the layer: a node of several of its own may have more behind a slash."""
        return self.name.partition("/")[0]

    def __str__(self) -> str:
        words = [self.op, self.name, f"({', '.join(f'%{i}' for i in self.inputs)})"]
        words += [f"{key}={value}" for key, value in self.attributes]
        return " ".join([*words, "->", cross(self.shape)])


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in an order in which they can run; immutable, hashable, printable.

    >>> builder = GraphBuilder()
    >>> source = builder.add("input", "input_layer", (), (28, 28, 1))
    >>> print(builder.finish(builder.add("flatten", "flatten", (source,), (784,))))
    %0 = input input_layer () -> 28x28x1
    %1 = flatten flatten (%0) -> 784
    """

    nodes: tuple[Node, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[int, ...]

    def __str__(self) -> str:
        return "\n".join(f"%{place} = {node}" for place, node in enumerate(self.nodes))

    @property
    def output_shapes(self) -> list[Shape]:
        """Shape of each output for one example."""
        return [self.nodes[place].shape for place in self.outputs]

    @property
    def moving(self) -> frozenset[int]:
        """Places of the parameters that training changes without a gradient."""
        return frozenset(
            place
            for node in self.nodes
            if node.op == "batch_norm" and not dict(node.attributes)["inference"]
            for place in node.parameters[-2:]
        )

    def to_json(self) -> str:
        """Return the graph as JSON; equal graphs give equal text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Graph:
        """Return the graph that to_json() wrote."""
        content = _tuples(json.loads(text))
        nodes = (Node(**node) for node in content["nodes"])
        parameters = (Parameter(**parameter) for parameter in content["parameters"])
        return cls(tuple(nodes), tuple(parameters), content["outputs"])


def _tuples(value: Any) -> Any:
    """JSON's lists as tuples."""
    if isinstance(value, dict):
        return {key: _tuples(part) for key, part in value.items()}
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


class Weight(Protocol):
    """What a layer hands over for each of its weights."""

    @property
    def path(self) -> str:
        """Name of the weight, with its layer's."""

    @property
    def shape(self) -> Shape:
        """Sizes in Keras's layout."""


class Hosted(Protocol):
    """What computes a node of op "host": a layer with code of its own."""

    def forward(self, inputs: list[npt.NDArray[Any]], training: bool) -> npt.NDArray[Any]:
        """Return the output for a batch."""

    def backward(
        self, inputs: list[npt.NDArray[Any]], grad: npt.NDArray[Any], training: bool
    ) -> list[npt.NDArray[Any] | None]:
        """Return the gradients of the inputs and of the parameters, None where there is none."""


class GraphBuilder:
    """Collects nodes while the layers of a model lower themselves.

    `frozen` holds the layers that will not be trained; `weights` has what stands behind each
    parameter, `hosted` behind nodes of op "host"; `models` has the nodes that models within the
    model end in.
    """

    def __init__(self, frozen: Collection[object] = ()) -> None:
        self.frozen = frozen
        self.weights: list[Weight] = []
        self.hosted: dict[int, Hosted] = {}
        self.models: dict[str, tuple[int, ...]] = {}
        self._nodes: list[Node] = []
        self._parameters: list[Parameter] = []
        #: The weights behind the parameters, by identity.
        self._places: dict[int, int] = {}

    def add(
        self,
        op: str,
        name: str,
        inputs: tuple[int, ...],
        shape: Shape,
        attributes: Mapping[str, Attribute] | None = None,
        weights: Iterable[Weight] = (),
    ) -> int:
        """Append an operation and return its place."""
        places = tuple(self._place(weight) for weight in weights)
        pairs = tuple(sorted((attributes or {}).items()))
        self._nodes.append(Node(op, name, inputs, shape, pairs, places))
        return len(self._nodes) - 1

    def uses(self, name: str) -> int:
        """Return how many operations of this name there are so far."""
        return sum(node.name == name for node in self._nodes)

    def _place(self, weight: Weight) -> int:
        """The parameter of a weight, a new one at its first use."""
        place = self._places.setdefault(id(weight), len(self._parameters))
        if place == len(self._parameters):
            self._parameters.append(Parameter(weight.path, weight.shape))
            self.weights.append(weight)
        return place

    def finish(self, *outputs: int) -> Graph:
        """Return the graph that ends in the given nodes."""
        return Graph(tuple(self._nodes), tuple(self._parameters), outputs)
