"""Models in pickles and deep copies: what a `.keras` file holds of them, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from galago import config
from galago.models.files import contents, from_archive
from galago.models.model import Model
from galago.saving import hdf5
from galago.saving.budget import Budget
from galago.saving.keras_archive import Archive

#: Number type, configuration, weights as HDF5, notes, and the seeds that layers drew.
Parts: TypeAlias = tuple[str, Mapping[str, Any], bytes, Mapping[str, Any], Sequence[int | None]]

_NAME = "the pickled model"


def parts(model: Model) -> Parts:
    """Return what restored() makes an equal model of. Raises ArgumentError."""
    settings, weights, notes = contents(model)
    return model.dtype, settings, hdf5.write(weights), notes, model.drawn_seeds


def restored(
    dtype: str,
    settings: Mapping[str, Any],
    weights: bytes,
    notes: Mapping[str, Any],
    seeds: Sequence[int | None],
) -> Model:
    """Return a model out of its parts, which goes on training as the first one would."""
    usual, budget = config.floatx(), Budget(len(weights), _NAME)
    config.set_floatx(dtype)
    try:
        archive = Archive(settings, hdf5.read(weights, _NAME, budget), notes, budget)
        model = from_archive(archive, _NAME, compile=True)
    finally:
        config.set_floatx(usual)
    state = None if model.compilation is None else model.get_optimizer_state()
    model.keep_seeds(seeds)
    if state is not None:
        model.set_optimizer_state(state)
    return model
