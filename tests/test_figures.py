from __future__ import annotations

import sys

import pytest

from galago.errors import MissingPackageError
from galago.figures import new_figure


def test_a_figure_of_a_size() -> None:
    assert new_figure(3, 2).get_size_inches().tolist() == [3, 2]


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'galago\[plots\]'"):
        new_figure(1, 1)
