"""The journey of an image: what each layer of a model makes of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from galago.errors import ArgumentError
from galago.explain.asking import as_batch, in_parts, tensors_of
from galago.explain.colours import Array, data_address, picture, shrunk, tiled
from galago.figures import Drawn, file_type, new_figure, write_figure
from galago.markup import aligned, block, text
from galago.models import Model, Sequential
from galago.registry import look_up
from galago.shapes import cross

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Height of a tile in an SVG, and the room for titles, in pixels; more cannot be seen of a tile.
_SIDE, _TITLE, _SPACE, _MOST_PIXELS = 132, 34, 10, 264
#: Tiles of a notebook's page: each takes some tens of kilobytes.
_MOST_TILES = 100
#: Outputs that are shown as bars with their names.
_MOST_BARS = 12


@dataclass(frozen=True, eq=False)
class Stop:
    """A layer, and what it made of all images: (n, ...)."""

    name: str
    kind: str
    output: Array

    @property
    def maps(self) -> bool:
        """Whether the layer gives maps, (n, height, width, channels)."""
        return self.output.ndim == 4

    def tiles(
        self, image: int, each: bool = False, most: int | None = None
    ) -> npt.NDArray[np.uint8]:
        """All maps for an image as one picture, of at most so many pixels in a direction.

        A vector's numbers are its pixels.
        """
        found: Array = self.output[image]
        if self.maps:
            return tiled(found, each=each, most=most)
        return tiled(found.reshape(1, 1, -1), gap=0, most=most)

    def numbers(self) -> tuple[float, float, float, float]:
        """The smallest, the mean and the largest number for all images; the share of zeros."""
        values = self.output
        zeros = float((values == 0).mean())
        mean = float(values.mean(dtype=np.float64))
        return float(values.min()), mean, float(values.max()), zeros


@dataclass(frozen=True, eq=False, repr=False)
class Journey(Drawn):
    """What the layers of a model made of some images; printable, and HTML in notebooks.

    Attributes:
        images: what the model was asked, (n, height, width, channels)
        stops: the layers in their order, each with name, kind and output
        class_names: what the outputs stand for, None if nobody said so

    `found["conv2d"]` is a layer's output, (n, ...); a name that it has not raises UnknownNameError.

    >>> import galago
    >>> found = journey(galago.applications.reference(4), np.zeros((28, 28)))
    >>> [stop.kind for stop in found.stops][:2], found.stops[0].output.shape
    (['Conv2D', 'MaxPooling2D'], (1, 26, 26, 4))
    """

    images: Array
    stops: tuple[Stop, ...]
    class_names: Sequence[str] | None = None

    def __getitem__(self, layer: str) -> Array:
        return self.stop(layer).output

    def stop(self, layer: str) -> Stop:
        """Return a layer by its name. Raises UnknownNameError."""
        return look_up({stop.name: stop for stop in self.stops}, layer, kind="layer")

    def grid(self, layer: str, image: int = 0, *, scale: str = "layer") -> npt.NDArray[np.uint8]:
        """Return all maps of a layer as one picture of colours (height, width, 3), uint8.

        Arguments: the name of a `layer`, the number of an `image`; `scale` is "layer", the same
        colours for all maps, or "map", all colours for each. Raises UnknownNameError.
        """
        each = look_up(_SCALES, scale, kind="scale", owner="grid()")
        return self.stop(layer).tiles(image, each)

    def svg(self, *, scale: str = "layer") -> str:
        """Return a drawing: a row for each image, all maps of each layer side by side.

        `scale` is that of grid(). Raises UnknownNameError.
        """
        return self._drawing(look_up(_SCALES, scale, kind="scale", owner="svg()"), len(self.images))

    def _drawing(self, each: bool, rows: int) -> str:
        """The drawing of the first images."""
        width = (_SIDE + _SPACE) * (1 + len(self.stops)) + _SPACE
        height = _TITLE + (_SIDE + _SPACE) * rows
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="system-ui,sans-serif" font-size="11">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
        ]
        for column, title in enumerate(["image", *(stop.name for stop in self.stops)]):
            shape = (
                self.images.shape[1:] if column == 0 else self.stops[column - 1].output.shape[1:]
            )
            x = _SPACE + column * (_SIDE + _SPACE)
            parts.append(f'<text x="{x}" y="14" font-weight="600">{text(title)}</text>')
            parts.append(f'<text x="{x}" y="28" fill="#555">{cross(shape)}</text>')
        for row, image in enumerate(self.images[:rows]):
            top = _TITLE + row * (_SIDE + _SPACE)
            small = shrunk(_as_map(image), -(-max(image.shape[:2]) // _MOST_PIXELS))
            parts.append(_image(picture(small), _SPACE, top, f"image {row}"))
            for column, stop in enumerate(self.stops, 1):
                x = _SPACE + column * (_SIDE + _SPACE)
                if self._named(stop):
                    parts.append(self._bars(stop.output[row], x, top))
                else:
                    tiles = stop.tiles(row, each, _MOST_PIXELS)
                    parts.append(_image(tiles, x, top, f"{stop.name} of image {row}"))
        return "\n".join([*parts, "</svg>"])

    def __str__(self) -> str:
        images = "1 image" if len(self.images) == 1 else f"{len(self.images):,} images"
        rows: list[tuple[str, ...]] = [("layer", "shape", "smallest", "mean", "largest", "zeros")]
        for stop in self.stops:
            *numbers, zeros = stop.numbers()
            shape = cross(stop.output.shape[1:])
            rows.append((stop.name, shape, *(f"{n:.4g}" for n in numbers), f"{zeros:.0%}"))
        table = aligned(rows, right=(2, 3, 4, 5))
        return "\n".join([f"{images} through {len(self.stops)} layers", *table])

    def _repr_html_(self) -> str:
        count = len(self.images)
        rows = min(max(_MOST_TILES // (1 + len(self.stops)), 1), count)
        more = f"and {count - rows:,} more images; save() draws all" if rows < count else ""
        return block(self._drawing(False, rows), text(more))

    def plot(self, filter: int | None = None, layers: Sequence[str] | None = None) -> Figure:
        """Draw it as a matplotlib figure: a row for each image, a column for each layer.

        With `filter`, its map alone, as the course's cell shows it, each in all colours; else all
        maps. `layers` are those that give maps unless named. Raises ArgumentError,
        UnknownNameError and MissingPackageError.
        """
        stops = [stop for stop in self.stops if stop.maps]
        if layers is not None:
            stops = [self.stop(name) for name in layers]
        shown = [self._shown(stop, filter) for stop in stops]
        rows, columns = len(self.images), 1 + len(stops)
        figure = new_figure(2.2 * columns, 2.3 * rows)
        axes = figure.subplots(rows, columns, squeeze=False)
        for row, image in enumerate(self.images):
            axes[row, 0].imshow(picture(_as_map(image)))
            for column, pictures in enumerate(shown, 1):
                axes[row, column].imshow(pictures[row], cmap="inferno")
        for column, title in enumerate(["image", *(stop.name for stop in stops)]):
            axes[0, column].set_title(title, fontsize=9)
        for one in axes.flat:
            one.set(xticks=[], yticks=[])
        if filter is not None:
            figure.suptitle(f"filter {filter}", fontsize=10)
        return figure

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        filter: int | None = None,
        layers: Sequence[str] | None = None,
    ) -> None:
        """Write it to a file: .svg, which needs nothing else, or .png, .pdf, .jpg by matplotlib.

        Arguments: a `path`; `filter` and `layers` are those of plot(). Raises ArgumentError,
        UnknownNameError, MissingPackageError and OSError.
        """
        if file_type(path) == "svg" and filter is None and layers is None:
            super().save(path)
        else:
            write_figure(self.plot(filter, layers), path)

    def _shown(self, stop: Stop, filter: int | None) -> list[Array]:
        """What of a layer a figure shows, for each image."""
        if filter is None:
            return [stop.tiles(row) for row in range(len(self.images))]
        channels = stop.output.shape[-1]
        if not stop.maps or not 0 <= filter < channels:
            raise ArgumentError(
                f"plot(): expected a filter that {stop.name} has, 0 to {channels - 1}, received "
                f"{filter!r}. Name other layers or another filter."
            )
        return list(stop.output[..., filter])

    def _named(self, stop: Stop) -> bool:
        return stop is self.stops[-1] and not stop.maps and stop.output[0].size <= _MOST_BARS

    def _bars(self, outputs: Array, x: int, top: int) -> str:
        """The outputs of the last layer as bars with names."""
        values = outputs.ravel()
        names = self.class_names or [str(unit) for unit in range(len(values))]
        sizes = np.where(np.isfinite(values), np.abs(values), 0.0)
        largest = float(sizes.max()) or 1.0
        step = _SIDE / len(values)
        parts = []
        for unit, value in enumerate(values):
            y, best = top + unit * step, unit == int(np.argmax(values))
            length = max(float(sizes[unit]) / largest * 60, 0.5)
            colour = "#bc3754" if best else "#999"
            name = str(names[unit]) if unit < len(names) else str(unit)
            parts.append(
                f'<text x="{x}" y="{y + step - 3:.1f}" font-size="{min(step - 2, 10):.1f}" '
                f'font-weight="{700 if best else 400}">{text(name[:12])}</text>'
                f'<rect x="{x + 66}" y="{y + 1:.1f}" width="{length:.1f}" height="{step - 2:.1f}" '
                f'fill="{colour}"><title>{text(name)}: {float(value):.4f}</title></rect>'
            )
        return "".join(parts)


_SCALES = {"layer": False, "map": True}


def journey(
    model: Model | Sequential,
    images: npt.ArrayLike,
    layers: Sequence[str] | None = None,
    *,
    verbose: bool = True,
) -> Journey:
    """Return what each layer of a model makes of one or several images.

    The numbers are those of `Model(model.inputs, [layer.output, ...]).predict(images)`.

    Arguments:
        model: a model of one input
        images: (n, height, width, channels), or one of them; the axis of channels may be missing
            where it is one
        layers: names of layers, all but inputs unless given
        verbose: whether to show progress where it takes more than two seconds
    Raises UnknownNameError, DataError and, of models of several inputs, ArgumentError.

    >>> import numpy as np
    >>> import galago
    >>> model = galago.applications.reference(4)
    >>> journey(model, np.zeros((2, 28, 28)))[model.layers[1].name].shape
    (2, 13, 13, 4)
    """
    if len(model.inputs) != 1:
        raise ArgumentError(
            f"{model.label}: expected a model of one input, received one of {len(model.inputs)}. "
            "Use Model(model.inputs, [layer.output, ...]).predict()."
        )
    by_name = tensors_of(model)
    wanted = list(by_name) if layers is None else list(layers)
    tensors = [look_up(by_name, name, kind="layer", owner=model.label) for name in wanted]
    x = as_batch(images, model)
    outputs = [np.empty((len(x), *one.sizes), model.dtype) for one in tensors]
    for part, found in in_parts(model, tensors, x, verbose, "Asking layers"):
        for whole, some in zip(outputs, found, strict=True):
            whole[part] = some
    stops = (
        Stop(name, type(model.get_layer(name)).__name__, output)
        for name, output in zip(wanted, outputs, strict=True)
    )
    return Journey(x, tuple(stops), model.class_names)


def _as_map(image: Array) -> Array:
    """An example as (height, width, channels), whatever its axes."""
    return image if image.ndim == 3 else np.atleast_2d(image)[..., None]


def _image(pixels: npt.NDArray[np.uint8], x: int, y: int, label: str) -> str:
    """A picture in a square, its pixels with sharp edges."""
    height, width = pixels.shape[:2]
    factor = _SIDE / max(height, width)
    return (
        f'<image x="{x}" y="{y}" width="{width * factor:.1f}" height="{height * factor:.1f}" '
        f'style="image-rendering:pixelated" href="{data_address(pixels)}">'
        f"<title>{text(label)}</title></image>"
    )
