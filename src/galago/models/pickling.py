"""Models in pickles and deep copies: what a `.keras` file holds of them, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from galago import config
from galago.layers import Layer
from galago.layers.custom import CustomLayer
from galago.models.files import contents, from_archive
from galago.models.model import Model
from galago.saving import hdf5
from galago.saving.budget import Budget
from galago.saving.keras_archive import Archive

#: Classes of layers with code of their own, by name.
Classes: TypeAlias = Mapping[str, type[Layer]]
#: Number type, configuration, weights as HDF5, notes, the seeds that layers drew, and classes.
Parts: TypeAlias = tuple[
    str, Mapping[str, Any], bytes, Mapping[str, Any], Sequence[int | None], Classes
]

_NAME = "the pickled model"


def parts(model: Model) -> Parts:
    """Return what restored() makes an equal model of. Raises ArgumentError."""
    settings, weights, notes = contents(model)
    own = [type(layer) for layer in model.leaves if isinstance(layer, CustomLayer)]
    classes = {cls.__name__: cls for cls in own}
    return model.dtype, settings, hdf5.write(weights), notes, model.drawn_seeds, classes


def restored(
    dtype: str,
    settings: Mapping[str, Any],
    weights: bytes,
    notes: Mapping[str, Any],
    seeds: Sequence[int | None],
    classes: Classes,
) -> Model:
    """Return a model out of its parts, which goes on training as the first one would."""
    usual, budget = config.floatx(), Budget(len(weights), _NAME)
    config.set_floatx(dtype)
    try:
        archive = Archive(settings, hdf5.read(weights, _NAME, budget), notes, budget)
        model = from_archive(archive, _NAME, classes, compile=True)
    finally:
        config.set_floatx(usual)
    state = None if model.compilation is None else model.get_optimizer_state()
    model.keep_seeds(seeds)
    if state is not None:
        model.set_optimizer_state(state)
    return model
