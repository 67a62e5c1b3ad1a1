"""Examples with the imports that they need."""

from __future__ import annotations

import api_examples

TEXT = """Brew.

>>> from galago.layers import Input
>>> def pour(x):
...     return Flatten()(x)
>>> [pour(Input((n,))).shape for n in (2, int(np.sqrt(9)))]
[(None, 2), (None, 3)]

>>> Dense(1).built
False
"""


def test_what_is_missing_is_imported_before_the_first_example() -> None:
    lines = api_examples.with_imports(TEXT, "galago.layers").splitlines()
    assert lines[2:5] == [
        ">>> import numpy as np",
        ">>> from galago.layers import Dense, Flatten",
        ">>> from galago.layers import Input",
    ]
    assert [line for line in lines if line not in lines[2:4]] == TEXT.splitlines()


def test_names_that_are_made_are_not_missing() -> None:
    assert api_examples.unknown(TEXT) == {"Flatten", "Dense", "np"}


def test_texts_without_examples_stay() -> None:
    assert api_examples.with_imports("Dense.", "galago.layers") == "Dense."
