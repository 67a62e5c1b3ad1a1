"""Comments that stand for docstrings."""

from __future__ import annotations

import ast

import api_comments

from galago.data import dataset
from galago.layers import Layer


def test_comments_of_a_module() -> None:
    found = api_comments.comments(dataset)
    assert found["INFINITE_CARDINALITY"] == found["UNKNOWN_CARDINALITY"]
    assert found["INFINITE_CARDINALITY"].startswith("What cardinality() says")
    assert "np" not in found


def test_comments_of_a_class_and_of_what_its_methods_set() -> None:
    assert api_comments.comments(Layer)["needs_build"].startswith("False for layers that count")

    class Cup:
        #: Millilitres.
        size: int = 200

        def __init__(self) -> None:
            self.tea = False
            #: Spoons,
            #: whole ones.
            self.sugar = 2

    assert api_comments.comments(Cup) == {"size": "Millilitres.", "sugar": "Spoons, whole ones."}


def test_names_of_a_statement() -> None:
    [node] = ast.parse("a, _b, self.c, d[0] = 1, 2, 3, 4").body
    assert list(api_comments.assigned(node)) == [("a", 1), ("c", 1)]


def test_other_comments_do_not_count() -> None:
    assert api_comments.above(["#: Yes.", "# No.", "x = 1"], 3) == ""
