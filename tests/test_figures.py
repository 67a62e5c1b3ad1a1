from __future__ import annotations

import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from galago.errors import MissingPackageError, UnknownNameError
from galago.figures import Drawn, new_figure


def test_a_figure_of_a_size() -> None:
    assert new_figure(3, 2).get_size_inches().tolist() == [3, 2]


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'galago\[plots\]'"):
        new_figure(1, 1)


class Circle(Drawn):
    """Draws itself without matplotlib."""

    def __str__(self) -> str:
        return "a circle\nof radius 1"

    def svg(self) -> str:
        return "<svg/>"

    def plot(self) -> Figure:
        return new_figure(1, 1)


def test_files_by_their_names(tmp_path: Path) -> None:
    for name, start in (("a.svg", b"<svg/>"), ("a.PNG", b"\x89PNG"), ("a.pdf", b"%PDF")):
        Circle().save(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(UnknownNameError, match=r"save\(\): .* known file type, received ''"):
        Circle().save(tmp_path / "a")
    assert repr(Circle()) == "<Circle: a circle>"


def test_matplotlib_draws_svg_where_nobody_else_does() -> None:
    assert "<svg" in Drawn.svg(Circle())
    with pytest.raises(NotImplementedError):
        Drawn().plot()
