"""What counts as public, and where it is explained."""

from __future__ import annotations

import api_names
import pytest

import galago
from galago import layers, losses, metrics
from galago.layers.convolution import SlidingKernelLayer
from galago.optimizers import adam


def test_modules_are_those_that_all_leads_to() -> None:
    found = api_names.modules()
    assert {"galago", "galago.layers", "galago.optimizers.schedules"} <= set(found)
    assert "galago.sklearn" in found, "which galago itself does not name: it needs scikit-learn"
    assert not {"galago.engine", "galago.cli"} & set(found)
    assert list(found) == sorted(found)


def test_every_public_module_lists_its_names() -> None:
    for module in api_names.modules().values():
        assert "__all__" in vars(module), f"{module.__name__} has no __all__"


def test_names_leave_modules_tables_and_foreign_things_out() -> None:
    assert "layers" not in api_names.names(galago)
    assert "Model" in api_names.names(galago)
    assert api_names.names(galago.tf) == ["__version__"]
    assert api_names.is_foreign(galago.tf.float32)
    assert not api_names.is_foreign(galago.Model)


@pytest.mark.parametrize(
    ("module", "name", "value", "path"),
    [
        ("galago", "Model", galago.Model, "galago.models.Model"),
        ("galago", "set_seed", galago.set_seed, "galago.set_seed"),
        ("galago.layers", "MaxPool2D", layers.MaxPool2D, "galago.layers.MaxPooling2D"),
        ("galago.metrics", "hinge", metrics.hinge, "galago.losses.hinge"),
        ("galago.utils", "load_img", galago.utils.load_img, "galago.utils.load_img"),
        ("galago", "__version__", galago.__version__, "galago.__version__"),
    ],
)
def test_a_thing_has_one_home(module: str, name: str, value: object, path: str) -> None:
    assert api_names.home(module, name, value).path == path


def test_entries_are_unique_and_hold_base_classes() -> None:
    entries = {entry.path: entry for entry in api_names.entries()}
    assert len(entries) == len(api_names.entries())
    base = entries["galago.layers.SlidingKernelLayer"]
    assert base.value is SlidingKernelLayer
    assert not api_names.is_public(base)
    assert api_names.is_public(entries["galago.layers.Conv2D"])


def test_private_bases_are_part_of_their_subclasses() -> None:
    assert [cls.__name__ for cls in api_names.hidden(adam.Adam)] == ["Adam", "_Moments"]
    assert "Layer" in [cls.__name__ for cls in api_names.bases(layers.Dense)]
    assert all(not cls.__name__.startswith("_") for cls in api_names.bases(adam.Adam))


def test_members_are_what_users_may_know() -> None:
    known = dict(api_names.members(losses.Loss))
    assert {"call", "__call__", "options"} <= set(known)
    assert "__init__" not in known
    function = api_names.function_of(known["engine_reduction"])
    assert function.__name__ == "engine_reduction"
    assert api_names.function_of(dict(api_names.members(adam.Adam))["moments"]).__doc__
