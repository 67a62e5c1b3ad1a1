"""What users are told about the images they train on."""

from __future__ import annotations

from galago.datasets.fashion_mnist import full_set_folder


def how_to_get_all() -> str:
    """Say how to train on the full set, and what that costs here."""
    if full_set_folder() is not None:
        return "galago train --full (they are on this computer)"
    return "galago train --full (31 MB), or apt install dataset-fashion-mnist"
