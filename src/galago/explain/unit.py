"""One number of a network explained: what it was made of, what it saw, and whom it feeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy.typing as npt

from galago.checks import whole as whole_number
from galago.errors import ArgumentError
from galago.explain.feeding import Fed, fed
from galago.explain.probe import Place, Probe, operation, probe
from galago.explain.steps import COPY, NOTHING, Step, Term, step_of
from galago.explain.words import number, place_words, region_words, seen_words, step_words
from galago.figures import Drawn
from galago.models import Model
from galago.registry import look_up
from galago.windows import Region, point, receptive_field

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Products that are shown of a sum, the largest first.
SHOWN = 5
_TAKES = {True: ", which takes it", False: ", which takes another", None: ""}


@dataclass(frozen=True, eq=False, repr=False)
class UnitExplanation(Drawn):
    """Why a number of a layer is what it is; printable, and HTML in notebooks.

    Attributes:
        layer: the name that was asked for
        place: row, column and channel; step and channel; or the unit
        steps: the operations of the layer, the last one first: an activation, then its sum
        receptive_field: for each input that counts the region, (first, end) for each axis
        feeds: the layers that read the number, and the regions of their outputs that do
        taken: of these the pools, and whether one of their windows takes the number
        chain: the way back to an input, along winners of pools and largest products of sums
        probed: all numbers of the model for the image

    >>> import numpy as np
    >>> import galago
    >>> pool = galago.layers.MaxPooling2D(2, input_shape=(4, 4, 1), name="pool")
    >>> model = galago.Sequential([pool])
    >>> found = explain_unit(model, np.arange(16.0).reshape(4, 4), "pool", 0, 1, 0)
    >>> found.value, [term.value for term in found.terms]
    (7.0, [2.0, 3.0, 6.0, 7.0])
    """

    layer: str
    place: Place
    steps: tuple[Step, ...]
    receptive_field: dict[str, Region]
    feeds: dict[str, Region]
    taken: dict[str, bool]
    chain: tuple[Step, ...]
    probed: Probe

    @property
    def value(self) -> float:
        """What the engine computed."""
        return self.steps[0].value

    @property
    def source(self) -> Step:
        """The first operation of the layer that does more than move numbers, if there is one."""
        working = (step for step in reversed(self.steps) if step.how not in (COPY, NOTHING))
        return next(working, self.steps[-1])

    @property
    def terms(self) -> tuple[Term, ...]:
        """The products, or candidates, of that operation: what the layer read."""
        return self.source.terms

    @property
    def bias(self) -> float:
        """What the sum of the products starts from."""
        return self.source.bias

    @property
    def total(self) -> float:
        """The sum of the products and the bias in float64, before any activation."""
        return self.source.total

    @property
    def title(self) -> str:
        """The layer, the place and the value, in words."""
        return f"{self.layer} {place_words(self.place)} = {number(self.value)}"

    def made(self, shown: int = SHOWN) -> list[str]:
        """Return how the number was made in words, an operation a line.

        Of many products the largest `shown` are listed.
        """
        steps = [step for step in self.steps if not self.probed.only_turns(step.node)]
        return [step_words(self.probed, step, shown) for step in steps or self.steps[:1]]

    def reach(self) -> list[str]:
        """Return in words what the number sees and whom it feeds."""
        lines = [
            f"sees {region_words(seen)} of {name}" for name, seen in self.receptive_field.items()
        ]
        for name, region in self.feeds.items():
            takes = {True: ", which takes it", False: ", which takes another"}
            words = takes[self.taken[name]] if name in self.taken else ""
            lines.append(f"feeds {region_words(region)} of {name}{words}")
        return lines

    def way_back(self) -> list[tuple[str, str]]:
        """Return the chain in words: a number of a layer, and how it was made."""
        steps = [step for step in self.chain if not self.probed.only_turns(step.node)]
        return [
            (seen_words(self.probed, step.node, step.place), step_words(self.probed, step, 1))
            for step in steps
        ]

    def __str__(self) -> str:
        lines = [self.title, *(f"  {line}" for line in self.made()), *self.reach()]
        if self.chain:
            lines.append("and back to the input, by the winners and the largest products:")
            lines += [f"  {who}: {how}" for who, how in self.way_back()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from galago.explain.unit_page import unit_html

        return unit_html(self)

    def plot(self) -> Figure:
        """Draw the image, the map and what was read as a matplotlib figure.

        Raises MissingPackageError.
        """
        from galago.explain.unit_page import unit_figure

        return unit_figure(self)


def explain_unit(
    model: Model,
    image: npt.ArrayLike | Sequence[npt.ArrayLike],
    layer: str,
    *place: int,
) -> UnitExplanation:
    """Return how a layer of a model made one of its numbers for an image.

    Arguments:
        model: any model that Galago runs
        image: one example, x[0], or a list of one for each input
        layer: the name of a layer, or of a model within the model, which means its output
        place: row, column and channel of a map; step and channel; or the unit of a dense layer
    Raises ArgumentError, UnknownNameError and DataError.

    >>> import numpy as np
    >>> import galago
    >>> pixels = galago.Input((2,), name="pixels")
    >>> model = galago.Model(pixels, galago.layers.Dense(1, name="dense")(pixels))
    >>> model.set_weights([[[2.0], [3.0]], [0.5]])
    >>> found = explain_unit(model, np.array([1.0, 10.0]), "dense", 0)
    >>> print(found)
    dense (unit 0) = 32.5
      32.5 = bias 0.5 + 2 products: 3 * 10 (unit 1) = 30, 2 * 1 (unit 0) = 2
    sees units 0 to 1 of pixels
    and back to the input, by the winners and the largest products:
      pixels (unit 1): 10
    """
    found = probe(model, image)
    layers = {name: (node,) for name, node in nodes_of_layers(found).items()}
    node, *more = look_up({**found.models, **layers}, layer, kind="layer", owner=model.label)
    if more:
        names = ", ".join(repr(found.node(end).layer) for end in (node, *more))
        raise ArgumentError(
            f"explain_unit: expected the name of a layer, received {layer!r}, which is a model of "
            f"{1 + len(more)} outputs. Name the layer that gives one: {names}."
        )
    shape = found.node(node).shape
    checked = tuple(whole_number(n, "place", "explain_unit", minimum=0) for n in place)
    if len(checked) != len(shape) or any(
        n >= size for n, size in zip(checked, shape, strict=False)
    ):
        words = {1: "a unit", 2: "a step and a channel", 3: "a row, a column and a channel"}
        raise ArgumentError(
            f"explain_unit: expected {words[len(shape)]} of {layer!r}, whose output is {shape}, "
            f"received {checked}. Count from 0."
        )
    steps = tuple(_within(found, node, checked))
    chain = tuple(_chain(found, steps[-1]))
    field = receptive_field(found.graph, node, point(checked))
    readers: dict[str, Fed] = fed(found, node, checked)
    return UnitExplanation(
        layer,
        checked,
        steps,
        field,
        {name: one.region for name, one in readers.items()},
        {name: one.taken for name, one in readers.items() if one.taken is not None},
        chain,
        found,
    )


def nodes_of_layers(probed: Probe) -> dict[str, int]:
    """Return the last node of each layer that has one, by the layer's name."""
    return {node.layer: place for place, node in enumerate(probed.graph.nodes)}


def _within(probed: Probe, node: int, place: Place) -> Iterator[Step]:
    """The steps of one call of a layer, the last one first; an input is a step of its own."""
    name, called = probed.node(node).layer, {operation(probed.node(node))}
    step = step_of(probed, node, place)
    if step is None:
        yield Step(node, place, float(probed.values[node][place]), NOTHING, name="input")
        return
    yield step
    follow = step.main
    while follow is not None and probed.node(follow.source).layer == name:
        if operation(probed.node(follow.source)) in called:
            return
        called.add(operation(probed.node(follow.source)))
        inner = step_of(probed, follow.source, follow.place)
        if inner is None:
            return
        yield inner
        follow = inner.main


def _chain(probed: Probe, step: Step) -> Iterator[Step]:
    """From a step back to an input along what counted most."""
    follow = step.main
    while follow is not None:
        value = float(probed.values[follow.source][follow.place])
        found = step_of(probed, follow.source, follow.place)
        if found is None:
            yield Step(follow.source, follow.place, value, NOTHING, name="input")
            return
        yield found
        follow = found.main
