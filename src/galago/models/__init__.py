"""Models: stacks of layers that train, evaluate and predict."""

from __future__ import annotations

from galago.models.files import load_model, save_model
from galago.models.model import Model
from galago.models.sequential import Sequential

__all__ = ["Model", "Sequential", "load_model", "save_model"]
