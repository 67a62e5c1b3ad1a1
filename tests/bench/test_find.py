"""Frameworks are found in the Pythons that have them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from galago.bench.contestants import KINDS, OWN
from galago.bench.find import find
from galago.errors import ArgumentError


def python_with(folder: Path, *packages: str) -> str:
    """A Python that sees empty packages of those names."""
    for package in packages:
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    program = folder / "python"
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); exec(sys.argv.pop(1))"
    # -P -c CODE NAMES: the code becomes an argument of ours
    program.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -P -c "{code}" "$@"\n')
    program.chmod(0o755)
    return str(program)


def test_galago_is_first_and_here() -> None:
    place = find([])[0]
    assert (place.kind.name, place.python) == (OWN, sys.executable)


def test_the_first_python_that_has_a_framework(tmp_path: Path) -> None:
    one = python_with(tmp_path / "one", "openvino", "keras")
    two = python_with(tmp_path / "two", "openvino", "onnxruntime", "keras", "tensorflow")
    places = {place.kind.name: place.python for place in find([one, two])}
    assert places["openvino"] == one
    assert places["onnxruntime"] == two
    assert places["tensorflow"] == two  # one has Keras only


def test_the_order_is_that_of_the_table(tmp_path: Path) -> None:
    packages = {package for kind in KINDS for package in kind.packages}
    places = find([python_with(tmp_path, *packages)])
    assert [place.kind for place in places] == list(KINDS)


@pytest.mark.parametrize("python", ["/nowhere/python", "false"])
def test_a_python_that_does_not_run(python: str) -> None:
    with pytest.raises(ArgumentError, match=r"--python: expected a Python .* does not run"):
        find([python])


def test_a_python_without_numpy(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text('#!/bin/sh\necho \'{"version": [3, 10], "found": []}\'\n')
    program.chmod(0o755)
    with pytest.raises(ArgumentError, match=r"with NumPy, received .* of version 3\.10"):
        find([str(program)])
