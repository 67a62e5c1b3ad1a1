"""The functional model: layers called on symbolic tensors."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Self

from galago.checks import flag, sizes
from galago.errors import ArgumentError, ShapeError
from galago.graph import Attribute, GraphBuilder
from galago.layers import KerasTensor, Layer
from galago.layers.symbolic import called_with
from galago.models.eager import is_array
from galago.models.ends import connected, in_order, named
from galago.models.network import Lowered
from galago.models.topology import Topology
from galago.models.trainer import Trainer
from galago.naming import auto_name
from galago.registry import look_up
from galago.saving.onnx_messages import OPSET
from galago.shapes import Shape, with_batch
from galago.variables import Variable


class Model(Trainer):
    """A model of all layers between inputs and outputs, which may branch and join.

    A layer that is called several times has its weights in all places. A model may be called as a
    layer of another one, with which it then shares its weights; it gives all of its outputs.

    Arguments:
        inputs: what Input() gave: one tensor, a list, or a dictionary with names; or any tensors on
            the way: the layers behind them are then called again
        outputs: what the last layers gave, in the same way; any tensor on the way may be one
        name: made up from the class if None
    Raises ArgumentError.

    >>> from galago.layers import Add, Conv2D, Flatten, Input
    >>> inputs = Input(shape=(8, 8, 4))
    >>> joined = Add()([inputs, Conv2D(4, 3, padding="same")(inputs)])
    >>> model = Model(inputs, Flatten()(joined))
    >>> model.output_shape, model.count_params()
    ((None, 256), 148)
    """

    def __init__(self, inputs: Any, outputs: Any, *, name: str | None = None) -> None:
        super().__init__(auto_name("Functional") if name is None else name)
        starts = in_order(named(inputs, "input", self.label))
        ends = named(outputs, "output", self.label)
        self._start, self._topology = connected(starts, in_order(ends), self.label)
        again = dict(zip(sorted(ends), self._topology.outputs, strict=True))
        self._ends = [again[key] for key in ends]
        self._keys = list(ends) if isinstance(outputs, Mapping) else None
        self.dtype = self._start[0].dtype

    @property
    def layers(self) -> list[Layer]:
        """The layers with the input layers, by their distance from an output, as in Keras."""
        return list(self.structure.layers)

    @property
    def built(self) -> bool:
        """Whether the model has its weights: from the start."""
        return True

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic tensors that the model starts from. Raises NotBuiltError."""
        return list(self._start)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic tensors that the model ends in. Raises NotBuiltError."""
        return list(self._ends)

    @property
    def input(self) -> Any:
        """The input, a list if there are several. Raises NotBuiltError."""
        return _alone(self.inputs)

    @property
    def output(self) -> Any:
        """The output, a list if there are several. Raises NotBuiltError."""
        return _alone(self.outputs)

    @property
    def input_shape(self) -> Any:
        """Input shape, or shapes, with the batch axis: (None, 28, 28, 1). Raises NotBuiltError."""
        return _alone([tensor.shape for tensor in self.inputs])

    @property
    def output_shape(self) -> Any:
        """Output shape, or shapes, with the batch axis: (None, 10). Raises NotBuiltError."""
        return _alone([tensor.shape for tensor in self.outputs])

    @property
    def input_sizes(self) -> Shape:
        """Shape of one example, of the first input if there are several. Raises NotBuiltError."""
        return self.inputs[0].sizes

    @property
    def output_sizes(self) -> Shape:
        """Output shape for one example, the first if there are several. Raises NotBuiltError."""
        return self.outputs[0].sizes

    @property
    def output_keys(self) -> list[str] | None:
        """What predict() calls the outputs, if they were given by name."""
        return self._keys

    @property
    def output_names(self) -> list[str]:
        """The outputs' names: keys they were given by, or else names of the layers they are of."""
        return self._keys or [tensor.layer.name for tensor in self.outputs]

    @property
    def takes_list(self) -> bool:
        """Whether calls take a list of tensors: of models with several inputs."""
        return len(self.inputs) > 1

    @property
    def outputs_of_layers(self) -> list[Sequence[KerasTensor]]:
        """What each layer gave in its last call."""
        return [calls[-1].siblings for calls in self.structure.calls_of.values()]

    def build(self, input_shape: Any) -> None:
        """Check that shapes are the model's own; it has been built since it was made."""
        self.infer_each(self.input_shapes(input_shape))

    def __call__(self, inputs: Any, training: bool | None = None) -> Any:
        """Put the model behind symbolic tensors, as a layer of another one; or compute on arrays.

        Several outputs come as a list, or as the dictionary that the model was made with.

        Arguments:
            inputs: a symbolic tensor, a list of them, or a batch as predict_on_batch() takes it
            training: of arrays, whether layers do what they do in training: augmentation, dropout,
                the batch's statistics. Each call draws anew; nothing is learned
        Raises ArgumentError, ShapeError and DataError.

        >>> import numpy as np, galago as gl
        >>> augment = gl.Sequential([gl.layers.RandomFlip(seed=1), gl.layers.RandomRotation(0.1)])
        >>> augment(np.zeros((8, 28, 28, 1)), training=True).shape
        (8, 28, 28, 1)
        """
        if is_array(inputs):
            if training is None or not flag(training, "training", self.label):
                return self.predict_on_batch(inputs)
            return self._call_in_training(inputs)
        if training is not None:
            raise ArgumentError(
                f"{self.label}: expected arrays with training={training!r}, received a symbolic "
                "tensor. Whether a layer trains, fit() and predict() say; to freeze one, set its "
                "trainable = False."
            )
        first = self.accept(self.symbolic(inputs))
        given = dict(zip(self._counted, first.siblings, strict=True))
        return self._structured([given[end] for end in self.outputs])

    @property
    def _counted(self) -> list[KerasTensor]:
        """The outputs in the order in which calls of the model count them."""
        return list(self.structure.outputs)

    def inputs_of_call(self, inputs: Any) -> tuple[KerasTensor, ...]:
        """Return the tensors that the model was called with. Raises ArgumentError."""
        listed = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        wanted = len(self.inputs) if self.built else 1
        if len(listed) != wanted or not all(isinstance(one, KerasTensor) for one in listed):
            what = "one symbolic tensor" if wanted == 1 else f"a list of {wanted} symbolic tensors"
            raise ArgumentError(
                f"{self.label}: expected to be called with {what}, received {called_with(inputs)}. "
                "Arrays go to predict()."
            )
        return tuple(listed)

    def input_shapes(self, input_shape: Any) -> list[Shape]:
        """Return the shapes of all inputs without the batch axis. Raises ArgumentError."""
        several = isinstance(input_shape, list) and len(input_shape) > 1
        return [
            sizes(tuple(shape)[1:], "input_shape", self.label)
            for shape in (input_shape if several else [_alone(input_shape)])
        ]

    def infer_each(self, shapes: Sequence[Shape]) -> list[Shape]:
        """Return the shape of each output; the inputs' shapes are fixed. Raises ShapeError."""
        wanted = [tensor.sizes for tensor in self.inputs]
        if wanted != list(shapes):
            raise ShapeError(
                f"{self.label}: expected input shape {_alone(wanted)}, for which the model is "
                f"built, received {_alone(list(shapes))}. Make a new model for the new shape."
            )
        return [tensor.sizes for tensor in self._counted]

    def infer_all(self, shapes: Sequence[Shape]) -> Shape:
        """Return the shape of the first output. Raises ShapeError."""
        return self.infer_each(shapes)[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output shape, or shapes, with the batch axis in front. Raises ShapeError."""
        shapes = self.infer_each(self.input_shapes(input_shape))
        if not self.built:
            return _alone([with_batch(shape) for shape in shapes])
        given = dict(zip(self._counted, shapes, strict=True))
        return self._structured([with_batch(given[end]) for end in self.outputs])

    def make_weights(self, shapes: Sequence[Shape]) -> None:
        """Weights there are from the start."""

    def lower_each(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> list[int]:
        """Append the model behind all of its inputs, as a layer of another one."""
        known = self.structure.lower(builder, dict(zip(self.inputs, sources, strict=True)))
        ends = [known[end] for end in self._counted]
        builder.models[self.name] = tuple(ends)
        return ends

    def save(self, filepath: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        """Write the model to a `.keras` file: filepath and overwrite as in models.save_model()."""
        from galago.models import files  # which knows all kinds of models

        files.save_model(self, filepath, overwrite=overwrite)

    def save_weights(self, filepath: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        """Write the weights alone, for load_weights() of an equal model.

        Arguments:
            filepath: ends in `.weights.h5`, which Keras 3 reads too, or in `.safetensors`, whose
                are called "conv2d_1/kernel" and so on
            overwrite: whether a file that is there may be replaced
        Raises ArgumentError, NotBuiltError and OSError.
        """
        from galago.models import files

        files.save_weights(self, filepath, overwrite=overwrite)

    def load_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Read the weights of an equal model from a `.weights.h5`, `.safetensors` or `.keras` file.

        All of the file at filepath, or none. Raises FileFormatError, ShapeError, NotBuiltError and
        OSError.
        """
        from galago.models import files

        files.load_weights(self, filepath)

    def _explained(self) -> object:
        """What summary(explain=True) shows."""
        from galago.models.explained import explain_model

        return explain_model(self)

    def _repr_html_(self) -> str:
        """The table of layers, and a drawing of them, in notebooks."""
        from galago.models.shown import model_html

        sources = self._sources()
        report = self._report(self._rows(slice(None), sources or {}, None), branches=bool(sources))
        return model_html(self, report)

    def __reduce_ex__(self, protocol: Any) -> Any:
        if not self.built:
            return super().__reduce_ex__(protocol)
        from galago.models import pickling

        return pickling.restored, pickling.parts(self)

    def to_json(self) -> str:
        """Return the model without weights as Keras's JSON. Raises ArgumentError if not built.

        >>> import galago as gl
        >>> gl.Sequential([gl.layers.Dense(2, input_shape=(3,))]).to_json()[:70]
        '{"module": "keras", "class_name": "Sequential", "config": {"name": "se'
        """
        from galago.models.keras_config import model_to_keras

        return json.dumps(model_to_keras(self, None))

    def lowered(self) -> Lowered:
        """Return the graph with the variables behind its parameters. Raises NotBuiltError."""
        builder = GraphBuilder(self._frozen())
        places = {
            start: builder.add("input", start.layer.name, (), start.sizes) for start in self.inputs
        }
        nodes: list[int] = []
        known = self.structure.lower(builder, places)
        for tensor in self.outputs:
            end = known[tensor]
            if end in nodes:  # where a layer does nothing, two outputs are one
                same: dict[str, Attribute] = {"kind": "linear", "alpha": 0.0}
                end = builder.add("activation", tensor.layer.name, (end,), tensor.sizes, same)
            nodes.append(end)
        variables = [weight for weight in builder.weights if isinstance(weight, Variable)]
        return Lowered(builder.finish(*nodes), variables, builder.hosted, builder.models)

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
        float64 numbers as the model. Dropout and augmentation are left out.

        Arguments:
            filepath: a name that ends in `.onnx`
            format: "onnx"
            verbose: whether to say that it is written
            opset_version: the version of ONNX's operators, 17 or None
        Raises ArgumentError, NotBuiltError and OSError.
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

    def get_config(self) -> dict[str, Any]:
        """Return layers, their settings and their calls, without weights, as Keras's JSON has them.

        >>> import galago as gl
        >>> model = gl.Sequential([gl.layers.Dense(2, input_shape=(3,))])
        >>> gl.Sequential.from_config(model.get_config()).count_params()
        8
        """
        from galago.models.keras_config import model_to_keras

        found: dict[str, Any] = model_to_keras(self, None)["config"]
        return found

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        custom_objects: Mapping[str, type[Layer]] | None = None,
    ) -> Self:
        """Make a model, with new weights, from a config, what get_config() returned.

        `custom_objects` has the classes of layers with code of their own, by name.
        Raises ArgumentError and FileFormatError, which lists everything that Galago does not have.
        """
        from galago.models.keras_config import model_from_config

        return model_from_config(cls, config, custom_objects)

    def _sources(self) -> dict[Layer, list[str]] | None:
        """What each layer reads, as Keras writes it: "conv2d[0][0]"; None for layers in a row."""
        known = self.structure
        if known.is_chain:
            return None
        return {
            layer: [
                f"{s.layer.name}[{s.call}][{s.place}]" for tensor in calls for s in tensor.inputs
            ]
            for layer, calls in known.calls_of.items()
        }

    @property
    def structure(self) -> Topology:
        """The model's calls and layers. Raises NotBuiltError."""
        return self._topology


def _alone(listed: Any) -> Any:
    """The only one of a list, or the list."""
    return listed[0] if isinstance(listed, list) and len(listed) == 1 else listed
