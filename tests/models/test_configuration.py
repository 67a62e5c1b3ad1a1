"""Descriptions of layers."""

from __future__ import annotations

import json

import pytest

from galago import layers
from galago.errors import UnknownNameError
from galago.models.configuration import described, made


def test_there_and_back() -> None:
    stack = [layers.Conv2D(2, 3, name="c"), layers.ZeroPadding2D(((1, 0), (2, 3)))]
    stored = json.loads(json.dumps(described(stack)))
    assert described(made(stored, {})) == described(stack)


def test_an_unknown_class() -> None:
    with pytest.raises(UnknownNameError, match="expected a known layer, received 'Dens'"):
        made([{"class_name": "Dens", "config": {}}], {})
