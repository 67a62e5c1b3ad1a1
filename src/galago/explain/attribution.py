"""Which pixels of an image an output of a model goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from galago.checks import whole
from galago.data.progress import progress_of
from galago.errors import ArgumentError, DataError
from galago.explain.asking import parts_of
from galago.explain.colours import Array, data_address, inferno, picture
from galago.explain.gradients import Slope
from galago.explain.probe import Probe, as_example, probe
from galago.explain.unit import nodes_of_layers
from galago.figures import Drawn, new_figure
from galago.markup import block, text
from galago.models import Model, Sequential
from galago.registry import look_up

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: How strong the colours lie over the image.
_OVER = 0.6


@dataclass(frozen=True, eq=False, repr=False)
class Attribution(Drawn):
    """How much each pixel of an image speaks for an output; printable, and HTML in notebooks.

    Attributes:
        method: how it was found, in words
        image: the image as the model takes it, (height, width, channels)
        values: (height, width), positive for and negative against, in the method's own unit
        target: the unit of the output
        name: the target's class name, or its number in words
        output: what the model gives the target for the image

    >>> import galago
    >>> found = saliency(galago.applications.reference(4), np.ones((28, 28)), target=3)
    >>> found.method, found.target, found.name
    ('saliency', 3, 'output 3')
    """

    method: str
    image: Array
    values: Array
    target: int
    name: str
    output: float

    def heatmap(self) -> npt.NDArray[np.uint8]:
        """Return what speaks for the output as colours over the grey image, (h, w, 3) uint8."""
        grey = picture(self.image).mean(axis=-1, keepdims=True)
        values = np.where(np.isfinite(self.values), self.values, 0.0)
        most = max(float(values.max()), 0.0) or 1.0
        strength = np.clip(values / most, 0.0, 1.0)
        over = _OVER * strength[..., None]
        mixed = grey * (1 - over) + inferno(strength).astype(np.float64) * over
        return np.asarray(np.rint(mixed), np.uint8)

    def __str__(self) -> str:
        return (
            f"{self.method} for {self.name}, which the model gives {self.output:.4g}: "
            f"{self._nothing or self._most}"
        )

    @property
    def _nothing(self) -> str:
        """Says so where no pixel speaks for the output: the heat map is the image alone."""
        return "nothing speaks for it" if np.all(self.values <= 0) else ""

    @property
    def _most(self) -> str:
        row, col = np.unravel_index(int(np.argmax(self.values)), self.values.shape)
        return f"most at row {row}, column {col}"

    def _repr_html_(self) -> str:
        images = "".join(
            f'<img alt="{text(what)}" width="196" style="image-rendering:pixelated;'
            f'margin-right:8px" src="{data_address(pixels)}">'
            for what, pixels in (("image", picture(self.image)), (self.method, self.heatmap()))
        )
        return block(images, text(self))

    def plot(self) -> Figure:
        """Draw image and heat map as a matplotlib figure. Raises MissingPackageError."""
        figure = new_figure(6, 3.3)
        for axes, pixels in zip(
            figure.subplots(1, 2), (picture(self.image), self.heatmap()), strict=True
        ):
            axes.imshow(pixels)
            axes.set(xticks=[], yticks=[])
        said = f"{self.output:.4g}" + (f", {self._nothing}" if self._nothing else "")
        figure.suptitle(f"{self.method}\nfor {self.name}: {said}", fontsize=9)
        return figure


@dataclass(frozen=True, eq=False)
class _Question:
    """An image, a model run on it, and the output that is asked about."""

    probed: Probe
    start: int  # node of the input
    scores: int  # node of the outputs, in front of a softmax or sigmoid
    target: int
    name: str
    output: float

    @property
    def image(self) -> Array:
        """The image as the model takes it."""
        return self.probed.values[self.start]

    def answer(self, method: str, values: Array) -> Attribution:
        """The attribution with values (height, width)."""
        return Attribution(method, self.image, values, self.target, self.name, self.output)


def saliency(
    model: Model | Sequential, image: npt.ArrayLike, target: int | None = None
) -> Attribution:
    """Return the size of the gradient of an output with respect to each pixel.

    The number in front of the softmax or sigmoid is looked at. Of colours the largest counts.
    Source: Simonyan et al., "Deep Inside Convolutional Networks", 2013.

    Arguments:
        model: a model that takes images and gives one vector
        image: one example, x[0]; the channel axis may be missing where it is one
        target: a unit of the output, the largest unless given
    Raises ArgumentError, DataError.

    >>> import galago
    >>> model = galago.applications.reference(4)
    >>> saliency(model, np.ones((28, 28)), target=3).values.shape
    (28, 28)
    """
    question = _ask(model, image, target, "saliency")
    slope = Slope(question.probed, question.start, question.scores, question.target)
    return question.answer("saliency", np.abs(slope.at()).max(axis=-1))


def integrated_gradients(
    model: Model | Sequential,
    image: npt.ArrayLike,
    target: int | None = None,
    *,
    baseline: float | npt.ArrayLike = 0.0,
    steps: int = 50,
    verbose: bool = True,
) -> Attribution:
    """Return what each pixel adds to an output on the way from a baseline to the image.

    The gradient is taken at `steps` points of the straight way, the middle of each part, and
    multiplied by what the pixel changes; all pixels together give the change of the output (in
    front of the softmax or sigmoid), the closer the more steps. Source: Sundararajan et al.,
    "Axiomatic Attribution for Deep Networks", 2017.

    Arguments:
        model: a model that takes images and gives one vector
        image: one example, x[0]; the channel axis may be missing where it is one
        target: a unit of the output, the largest unless given
        baseline: where the way starts: a number, or an array like the image
        steps: points of the way
        verbose: whether to show progress where it takes more than two seconds
    Raises ArgumentError, DataError.

    >>> import galago
    >>> model = galago.Sequential([galago.layers.Flatten(input_shape=(2, 2, 1))])
    >>> model.add(galago.layers.Dense(1, kernel_initializer="ones"))
    >>> integrated_gradients(model, np.array([[1.0, 2], [3, 4]])).values.tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    question = _ask(model, image, target, "integrated_gradients")
    count = whole(steps, "steps", "integrated_gradients")
    end = question.image.astype(np.float64)
    first = _baseline(baseline, end.shape)
    slope = Slope(question.probed, question.start, question.scores, question.target)
    total = np.zeros(end.shape)
    with progress_of(count, verbose, "Taking gradients") as advance:
        for step in range(count):
            total += slope.at(first + (end - first) * ((step + 0.5) / count))
            advance()
    return question.answer("integrated gradients", ((end - first) * total / count).sum(axis=-1))


def grad_cam(
    model: Model | Sequential,
    image: npt.ArrayLike,
    target: int | None = None,
    *,
    layer: str | None = None,
) -> Attribution:
    """Return where the maps of a layer speak for an output, stretched over the image.

    Each map counts by the mean gradient of the output (in front of the softmax or sigmoid) with
    respect to it; what is left above 0 is shown, which may be nothing: then ask another layer.
    Source: Selvaraju et al., "Grad-CAM", 2017.

    Arguments:
        model: a model that takes images and gives one vector
        image: one example, x[0]; the channel axis may be missing where it is one
        target: a unit of the output, the largest unless given
        layer: its name; the last one with maps of more than one pixel unless given
    Raises ArgumentError, UnknownNameError, DataError.

    >>> import galago
    >>> found = grad_cam(galago.applications.reference(4), np.ones((28, 28)), target=3)
    >>> found.values.shape, bool(found.values.min() >= 0)
    ((28, 28), True)
    """
    question = _ask(model, image, target, "grad_cam")
    probed = question.probed
    maps = {
        name: node
        for name, node in nodes_of_layers(probed).items()
        if len(shape := probed.node(node).shape) == 3
        and shape[0] * shape[1] > 1
        and node not in (question.start, question.scores)
    }
    if not maps:
        raise ArgumentError(
            f"grad_cam: expected a model with a layer that gives maps, {model.label} has none. Use "
            "saliency() or occlusion()."
        )
    name = list(maps)[-1] if layer is None else layer
    node = look_up(maps, name, kind="layer with maps", owner="grad_cam")
    gradient = Slope(probed, node, question.scores, question.target).at()
    weighted = probed.values[node] * gradient.mean(axis=(0, 1))
    coarse = np.maximum(weighted.sum(axis=-1).astype(np.float64), 0.0)
    height, width = question.image.shape[:2]
    return question.answer(f"Grad-CAM at {name}", _stretched(coarse, height, width))


def occlusion(
    model: Model | Sequential,
    image: npt.ArrayLike,
    target: int | None = None,
    *,
    size: int | None = None,
    stride: int | None = None,
    fill: float = 0.0,
    verbose: bool = True,
) -> Attribution:
    """Return how much an output falls when a square of the image is covered.

    A pixel's value is the mean fall over the squares that cover it. The output is the model's own,
    a probability after a softmax. Source: Zeiler and Fergus, "Visualizing and Understanding
    Convolutional Networks", 2013.

    Arguments:
        model: a model that takes images and gives one vector
        image: one example, x[0]; the channel axis may be missing where it is one
        target: a unit of the output, the largest unless given
        size: side of the squares in pixels, a sixth of the image's unless given
        stride: how far they lie apart, half of their size unless given
        fill: what they are filled with
        verbose: whether to show progress where it takes more than two seconds
    Raises ArgumentError, DataError.

    >>> import galago
    >>> occlusion(galago.applications.reference(4), np.ones((28, 28)), 3, size=14).values.shape
    (28, 28)
    """
    question = _ask(model, image, target, "occlusion")
    whole_image = question.image
    height, width = whole_image.shape[:2]
    side = round(min(height, width) / 6) or 1 if size is None else whole(size, "size", "occlusion")
    step = side // 2 or 1 if stride is None else whole(stride, "stride", "occlusion")
    corners = [
        (row, col) for row in _starts(height, side, step) for col in _starts(width, side, step)
    ]
    falls, counts = np.zeros((height, width)), np.zeros((height, width))
    with progress_of(len(corners), verbose, "Covering squares") as advance:
        for places in parts_of(len(corners), whole_image.size):
            part = corners[places]
            covered = np.repeat(whole_image[None], len(part), axis=0)
            for one, (row, col) in zip(covered, part, strict=True):
                one[row : row + side, col : col + side] = fill
            outputs = model.predict(covered, verbose=0)[:, question.target]
            for (row, col), output in zip(part, outputs, strict=True):
                falls[row : row + side, col : col + side] += question.output - float(output)
                counts[row : row + side, col : col + side] += 1
            advance(len(part))
    return question.answer(f"occlusion by {side} x {side}", falls / counts)


def _ask(
    model: Model | Sequential, image: npt.ArrayLike, target: int | None, owner: str
) -> _Question:
    """Run the model; find the output's node and unit. Raises ArgumentError, DataError."""
    ends = (len(model.inputs), len(model.outputs))
    if ends != (1, 1) or len(model.input_sizes) != 3 or len(model.output_sizes) != 1:
        raise ArgumentError(
            f"{owner}: expected a model that takes images, (height, width, channels), and gives "
            f"one vector, received {model.label} from {model.input_shape} to {model.output_shape}."
            " Make a Model of the part that does."
        )
    probed = probe(model, as_example(image, model.input_sizes, model)[0].copy())
    (end,) = probed.graph.outputs
    outputs = probed.values[end]
    unit = int(np.argmax(outputs)) if target is None else whole(target, "target", owner, minimum=0)
    if unit >= len(outputs):
        raise ArgumentError(
            f"{owner}: expected a target from 0 to {len(outputs) - 1}, a unit of the output, "
            f"received {target}."
        )
    last = probed.node(end)
    kind = dict(last.attributes).get("kind")
    scores = last.inputs[0] if last.op == "activation" and kind in ("softmax", "sigmoid") else end
    names = model.class_names
    name = f"{names[unit]!r}" if names and unit < len(names) else f"output {unit}"
    start = next(place for place, one in enumerate(probed.graph.nodes) if one.op == "input")
    return _Question(probed, start, scores, unit, name, float(outputs[unit]))


def _baseline(given: npt.ArrayLike, shape: Sequence[int]) -> Array:
    """Where the way to an image starts. Raises DataError."""
    try:
        found = np.asarray(given, np.float64)
        grey = found.shape == tuple(shape[:-1]) and shape[-1] == 1
        return np.broadcast_to(found[..., None] if grey else found, shape)
    except (TypeError, ValueError):
        raise DataError(
            f"integrated_gradients: expected a baseline of one number or of shape {tuple(shape)}, "
            f"as the image, received {np.shape(given)}. Pass for example 0.0, black."
        ) from None


def _starts(length: int, side: int, step: int) -> list[int]:
    """Where squares begin so that they cover everything."""
    last = max(length - side, 0)
    return sorted({*range(0, last + 1, step), last})


def _stretched(coarse: Array, height: int, width: int) -> Array:
    """A map brought to a size, straight between the centres of its pixels."""

    def along(size: int, wanted: int) -> tuple[Array, Array, Array]:
        at = np.clip((np.arange(wanted) + 0.5) * size / wanted - 0.5, 0, size - 1)
        first = np.minimum(at.astype(np.int64), max(size - 2, 0))
        return first, np.minimum(first + 1, size - 1), at - first

    top, bottom, down = along(coarse.shape[0], height)
    left, right, across = along(coarse.shape[1], width)
    rows = coarse[top] * (1 - down)[:, None] + coarse[bottom] * down[:, None]
    return np.asarray(rows[:, left] * (1 - across) + rows[:, right] * across)
