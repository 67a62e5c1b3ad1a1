"""tf.keras: every name of its tables is Galago's."""

from __future__ import annotations

import importlib

import pytest

import galago
from galago import tf
from galago.tf import keras
from galago.tf.keras import layers, models
from galago.tf.namespace import Namespace

SHARED = [
    *("activations", "callbacks", "config", "constraints", "datasets", "initializers", "layers"),
    *("losses", "metrics", "optimizers", "regularizers", "utils", "models"),
]


@pytest.mark.parametrize("name", SHARED)
def test_modules_have_the_names_of_galagos(name: str) -> None:
    own, found = importlib.import_module(f"galago.{name}"), getattr(keras, name)
    assert dir(found) == sorted(own.__all__)
    for public in own.__all__:
        assert getattr(found, public) is getattr(own, public)


def test_other_ways_to_write_it() -> None:
    assert tf.keras is keras
    assert layers is keras.layers
    assert models.Model is keras.Model is galago.Model
    assert keras.Sequential is galago.Sequential
    assert keras.Input is layers.Input is galago.Input
    assert keras.backend.clear_session is galago.utils.clear_session
    assert keras.backend.floatx() == "float32"
    assert keras.saving.load_model is galago.models.load_model
    assert keras.preprocessing.image.load_img is galago.utils.load_img
    folders = galago.utils.image_dataset_from_directory
    assert keras.preprocessing.image_dataset_from_directory is folders
    assert keras.optimizers.schedules.CosineDecay is galago.optimizers.schedules.CosineDecay


def test_every_entry_is_there() -> None:
    waiting = [keras.__dict__["_NAMES"]]
    for namespace in waiting:
        found = [getattr(namespace, name) for name in dir(namespace)]
        waiting += [value for value in found if isinstance(value, Namespace)]
    assert len(waiting) == 1 + len(SHARED) + 4


def test_generators_of_images_have_a_successor() -> None:
    with pytest.raises(AttributeError, match=r"tf\.keras\.utils\.image_dataset_from_directory"):
        keras.preprocessing.image.ImageDataGenerator  # noqa: B018
    with pytest.raises(AttributeError, match=r"tf.keras has no 'layer'. Did you mean 'layers'\?"):
        keras.layer  # noqa: B018
