"""The functional model: layers called on symbolic tensors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self

from galago.checks import sizes
from galago.errors import ArgumentError, ShapeError
from galago.graph import Graph
from galago.layers import InputLayer, KerasTensor, Layer
from galago.layers.merging import MergingLayer
from galago.models.configuration import described, made
from galago.models.topology import Topology, topology
from galago.models.trainer import Trainer
from galago.naming import auto_name
from galago.registry import look_up
from galago.saving.onnx_messages import OPSET
from galago.shapes import BatchShape, Shape


class Model(Trainer):
    """A model of all layers between an input and an output, which may branch and join.

    Arguments: the tensor that Input() gave, and the one that the last layer gave. Layers with
    weights may be called once in a model. Raises ArgumentError.

    >>> from galago.layers import Add, Conv2D, Flatten, Input
    >>> inputs = Input(shape=(8, 8, 4))
    >>> joined = Add()([inputs, Conv2D(4, 3, padding="same")(inputs)])
    >>> model = Model(inputs, Flatten()(joined))
    >>> model.output_shape, model.count_params()
    ((None, 256), 148)
    """

    def __init__(self, inputs: Any, outputs: Any, *, name: str | None = None) -> None:
        super().__init__(auto_name("Functional") if name is None else name)
        start = self._one(inputs, "input")
        end = self._one(outputs, "output")
        self._topology = topology(end)
        self._check(self._topology, start, end)
        self.dtype = end.dtype

    @property
    def layers(self) -> list[Layer]:
        """The layers with the input layer, by their distance from the output, as in Keras."""
        return list(self.structure.layers)

    @property
    def built(self) -> bool:
        """Whether the model has its weights: from the start."""
        return True

    @property
    def input(self) -> KerasTensor:
        """The symbolic tensor that the model starts from. Raises NotBuiltError."""
        return self.structure.calls[0]

    @property
    def output(self) -> KerasTensor:
        """The symbolic tensor that the model ends in. Raises NotBuiltError."""
        return self.structure.calls[-1]

    @property
    def inputs(self) -> list[KerasTensor]:
        """The model's input in a list, as in Keras."""
        return [self.input]

    @property
    def outputs(self) -> list[KerasTensor]:
        """The model's output in a list, as in Keras."""
        return [self.output]

    @property
    def input_sizes(self) -> Shape:
        """Shape of one example. Raises NotBuiltError."""
        return self.input.sizes

    @property
    def output_shapes(self) -> list[Shape]:
        """Output shape of each layer for one example; of its last call if there are several."""
        return [calls[-1].sizes for calls in self.structure.calls_of.values()]

    @property
    def output_sizes(self) -> Shape:
        """Output shape for one example. Raises NotBuiltError."""
        return self.output.sizes

    def build(self, input_shape: BatchShape) -> None:
        """Check that a shape is the model's own; it has been built since it was made."""
        shape = sizes(tuple(input_shape)[1:], "input_shape", self.label)
        if self.input_sizes != shape:
            raise ShapeError(
                f"{self.label}: expected input shape {self.input_sizes}, for which the model is "
                f"built, received {shape}. Make a new model for the new shape."
            )

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        """Write the model to a `.keras` file: models.save_model()."""
        from galago.models import files  # which knows all kinds of models

        files.save_model(self, path, overwrite=overwrite)

    def save_weights(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        """Write the weights alone to a `.weights.h5` file, which Keras 3 reads too.

        Or to a `.safetensors` file, whose arrays are called "conv2d_1/kernel" and so on.
        """
        from galago.models import files

        files.save_weights(self, path, overwrite=overwrite)

    def load_weights(self, path: str | os.PathLike[str]) -> None:
        """Read the weights of an equal model from a `.weights.h5`, `.safetensors` or `.keras` file.

        All of them or none. Raises FileFormatError, ShapeError, NotBuiltError and OSError.
        """
        from galago.models import files

        files.load_weights(self, path)

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = "onnx",
        verbose: bool | None = None,
        *,
        opset_version: int | None = None,
    ) -> None:
        """Write the model for inference elsewhere: an `.onnx` file, the only format.

        The file takes batches of any size, of the model's own input shape, and has float32 or
        float64 numbers as the model. Dropout is left out. Arguments: whether to say so; the ONNX
        version of operators, 17 if it is given. Raises ArgumentError, NotBuiltError and OSError.
        """
        from galago.models import files

        look_up({"onnx": None}, format, kind="format", owner="export()")
        if opset_version not in (None, OPSET):
            raise ArgumentError(
                f"export(): expected opset_version={OPSET}, received {opset_version!r}. Leave it "
                "out: later versions of ONNX read it too."
            )
        files.export(self, filepath)
        if verbose:
            print(f"Saved to {os.fspath(filepath)}.")

    def lower(self) -> Graph:
        """Return the model as plain data for the engine. Raises NotBuiltError."""
        return self.structure.lower(self._frozen())

    def get_config(self) -> dict[str, Any]:
        """Return layers, their settings and their calls, without weights, as JSON can hold them.

        Each call names its layer and the places of the calls that it reads; the last is the output.
        """
        known = self.structure
        places = {tensor: place for place, tensor in enumerate(known.calls)}
        calls = [
            {"layer": tensor.layer.name, "inputs": [places[source] for source in tensor.inputs]}
            for tensor in known.calls
        ]
        return {"name": self.name, "layers": described(known.layers), "calls": calls}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a model, with new weights, from what get_config() returned."""
        layers = {layer.name: layer for layer in made(config["layers"])}
        tensors: list[KerasTensor] = []
        for call in config["calls"]:
            layer = look_up(layers, call["layer"], kind="layer")
            sources = [tensors[place] for place in call["inputs"]]
            several = isinstance(layer, MergingLayer)
            tensors.append(layer(sources if several else sources[0]) if sources else layer.output)
        return cls(tensors[0], tensors[-1], name=config["name"])

    def _one(self, tensors: Any, what: str) -> KerasTensor:
        """The tensor given as the model's input or output."""
        listed = list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
        if len(listed) > 1:
            raise ArgumentError(
                f"{self.label}: expected one {what}, received {len(listed)}. Models of several "
                f"{what}s are not supported; join them with Concatenate() or make several models."
            )
        if not listed or not isinstance(listed[0], KerasTensor):
            advice = {
                "input": "Pass what Input(shape) returns.",
                "output": "Pass what the last layer returns when it is called.",
            }
            raise ArgumentError(
                f"{self.label}: expected a symbolic tensor as {what}, received {tensors!r}. "
                f"{advice[what]}"
            )
        return listed[0]

    def _check(self, known: Topology, start: KerasTensor, end: KerasTensor) -> None:
        """Raise ArgumentError if the engine cannot run what leads to the output."""
        if not isinstance(start.layer, InputLayer):
            raise ArgumentError(
                f"{self.label}: expected the tensor of an Input() as input, received that of "
                f"{start.layer.label}. Start a model at an Input()."
            )
        if start is end:
            raise ArgumentError(
                f"{self.label}: expected an output behind at least one layer, received the input "
                "itself. Call a layer on it."
            )
        other = next((tensor for tensor in known.starts if tensor is not start), None)
        if other is not None:
            raise ArgumentError(
                f"{self.label}: expected an output that depends on {start.layer.label} alone, "
                f"received one that depends on {other.layer.label}. Use one Input() for all "
                "layers of the model."
            )
        names = [layer.name for layer in known.layers]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ArgumentError(
                f"{self.label}: expected layers with different names, received {twice!r} "
                f"twice. Give one of them another name={twice + '_2'!r}."
            )
        for layer, calls in known.calls_of.items():
            if len(calls) > 1 and not layer.reusable:
                raise ArgumentError(
                    f"{self.label}: expected one call of each layer that has weights or random "
                    f"numbers, received {len(calls)} of {layer.label}. Make a layer for each "
                    "place."
                )

    def _sources(self) -> dict[Layer, list[str]] | None:
        """What each layer reads, as Keras writes it: "conv2d[0][0]"; None for layers in a row."""
        known = self.structure
        if known.is_chain:
            return None
        return {
            layer: [f"{s.layer.name}[{s.call}][0]" for tensor in calls for s in tensor.inputs]
            for layer, calls in known.calls_of.items()
        }

    @property
    def structure(self) -> Topology:
        """The model's calls and layers. Raises NotBuiltError."""
        return self._topology
