"""Which images a filter answers to most, and to what of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from galago.checks import whole
from galago.errors import ArgumentError
from galago.explain.asking import as_batch, in_parts, tensors_of
from galago.explain.colours import Array, framed, framed_axes, picture
from galago.figures import Drawn, new_figure
from galago.markup import block, text
from galago.models import Model, Sequential
from galago.registry import look_up
from galago.windows import Region, point, receptive_field

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDE, _ACROSS = 112, 5


@dataclass(frozen=True, slots=True, repr=False)
class TopImage:
    """An image that a filter answers to.

    Attributes:
        image: its place among the images
        value: its largest number
        place: that one's (row, column), or (step,); () of a unit

    >>> TopImage(3, 0.5, (4, 7))
    <TopImage: image 3: 0.5 at row 4, column 7>
    """

    image: int
    value: float
    place: tuple[int, ...]

    def __str__(self) -> str:
        names = {1: ("step",), 2: ("row", "column")}.get(len(self.place), ())
        at = ", ".join(f"{name} {n}" for name, n in zip(names, self.place, strict=True))
        return f"image {self.image}: {self.value:.4g}{f' at {at}' if at else ''}"

    def __repr__(self) -> str:
        return f"<TopImage: {self}>"


@dataclass(frozen=True, eq=False, repr=False)
class TopImages(Drawn):
    """The images that a filter answers to most, the largest first: a sequence of TopImage.

    It is printable; notebooks show the images, and frame what the largest number depends on.

    Attributes:
        layer: its name
        channel: one of its maps, or a unit
        found: the images, each with value and place
        images: these images as the model takes them
        regions: for each what its number sees, (first, end) of rows, columns and channels

    >>> import galago
    >>> maps = galago.layers.Conv2D(1, 1, kernel_initializer="ones", input_shape=(2, 2, 1))
    >>> x = np.array([[[0, 1], [0, 0]], [[0, 0], [5, 0]]])
    >>> top_images(galago.Sequential([maps]), x, maps.name, 0)[0]
    <TopImage: image 1: 5 at row 1, column 0>
    """

    layer: str
    channel: int
    found: tuple[TopImage, ...]
    images: Array
    regions: tuple[Region, ...]

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, place: int) -> TopImage:
        return self.found[place]

    def __iter__(self) -> Iterator[TopImage]:
        return iter(self.found)

    @property
    def title(self) -> str:
        """The layer, and its channel or unit."""
        return f"{self.layer}, {'channel' if self.found[0].place else 'unit'} {self.channel}"

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {one}" for one in self.found)])

    def _repr_html_(self) -> str:
        shown = zip(self.found, self.images, self.regions, strict=True)
        figures = (framed(picture(image), region, _SIDE, str(one)) for one, image, region in shown)
        title = f"<strong>{text(self.layer)}</strong>, channel {self.channel}"
        if self.images.ndim != 4:
            return f"<pre>{text(self)}</pre>"
        return block(title, f'<div style="display:flex;flex-wrap:wrap">{"".join(figures)}</div>')

    def plot(self) -> Figure:
        """Draw the images as a matplotlib figure.

        Raises ArgumentError if they are none, and MissingPackageError.
        """
        if self.images.ndim != 4:
            raise ArgumentError(
                "plot(): expected images, (height, width, channels), received examples of shape "
                f"{self.images.shape[1:]}. Print the object."
            )
        columns = min(len(self), _ACROSS)
        rows = -(-len(self) // columns)
        figure = new_figure(2.2 * columns, 2.4 * rows + 0.3)
        axes = list(figure.subplots(rows, columns, squeeze=False).flat)
        for one, image, region in zip(self.found, self.images, self.regions, strict=True):
            framed_axes(axes.pop(0), picture(image), region, f"{one.image}: {one.value:.4g}")
        for empty in axes:
            empty.set_axis_off()
        figure.suptitle(self.title)
        return figure


def top_images(
    model: Model | Sequential,
    images: npt.ArrayLike,
    layer: str,
    channel: int,
    count: int = 9,
    *,
    verbose: bool = True,
) -> TopImages:
    """Return the images that a filter answers to most, with what and where.

    Arguments:
        model: a model of one input
        images: (n, height, width, channels); the axis of channels may be missing where it is one
        layer: the name of a layer
        channel: one of its maps, or a unit
        count: how many images
        verbose: whether to show progress where it takes more than two seconds
    Raises ArgumentError, UnknownNameError and DataError.

    >>> import galago
    >>> model = galago.applications.reference(4)
    >>> len(top_images(model, np.zeros((5, 28, 28)), model.layers[0].name, 2, count=3))
    3
    """
    if len(model.inputs) != 1:
        raise ArgumentError(
            f"top_images: expected a model of one input, received {model.label} of "
            f"{len(model.inputs)}. Make a Model of the part behind one of them."
        )
    tensor = look_up(tensors_of(model), layer, kind="layer", owner=model.label)
    *sizes, channels = tensor.sizes
    unit = whole(channel, "channel", "top_images", minimum=0)
    if unit >= channels:
        raise ArgumentError(
            f"top_images: expected a channel of {layer!r} from 0 to {channels - 1}, received "
            f"{channel}."
        )
    wanted, x = whole(count, "count", "top_images"), as_batch(images, model)
    best, where = np.empty(len(x)), np.empty(len(x), np.int64)
    for part, (output,) in in_parts(model, [tensor], x, verbose, "Asking images"):
        maps = output[..., unit].reshape(len(output), -1)
        where[part] = maps.argmax(axis=1)
        best[part] = maps.max(axis=1)
    order = np.argsort(-best, kind="stable")[:wanted]
    found = tuple(
        TopImage(int(n), float(best[n]), tuple(map(int, np.unravel_index(where[n], sizes))))
        for n in order
    )
    graph = Model(model.inputs, tensor).to_graph()
    fields = [receptive_field(graph, graph.outputs[0], point((*one.place, unit))) for one in found]
    regions = tuple(next(iter(field.values())) for field in fields)
    return TopImages(layer, unit, found, x[order], regions)
