"""Models: stacks of layers that train, evaluate and predict."""

from __future__ import annotations

from galago.models.cloning import clone_model, model_from_json
from galago.models.files import load_model, save_model
from galago.models.model import Model
from galago.models.sequential import Sequential

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]
