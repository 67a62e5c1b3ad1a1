"""The tree of errors."""

from __future__ import annotations

import re
import warnings

import pytest

import galago
from galago import errors


def drawn_tree() -> dict[str, tuple[str, str]]:
    """Class -> (parent, built-in base) as the module's docstring draws them."""
    found: dict[str, tuple[str, str]] = {}
    parents: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^([ │├└─]*)(\w+(?:Error|Warning)) +(?:\((\w+)\))?", line)
        if not match:
            continue
        depth = (len(match[1]) - 4) // 4
        del parents[depth:]
        found[match[2]] = (parents[-1] if parents else match[3], match[3] or parents[-1])
        parents.append(match[2])
    return found


def test_the_docstring_draws_every_class_as_it_is() -> None:
    classes = {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    }
    tree = drawn_tree()
    assert tree.keys() == classes.keys()
    for name, (parent, builtin) in tree.items():
        bases = [base.__name__ for base in classes[name].__mro__]
        assert parent in bases[1:], name
        assert builtin in bases[1:], name


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.ShapeError, ValueError),
        (errors.UnknownNameError, ValueError),
        (errors.DataError, ValueError),
        (errors.NotCompiledError, RuntimeError),
        (errors.NotBuiltError, RuntimeError),
        (errors.DatasetError, OSError),
    ],
)
def test_errors_are_caught_by_pythons_own_names(
    error: type[Exception], builtin: type[Exception]
) -> None:
    with pytest.raises(builtin):
        raise error("text")
    with pytest.raises(errors.GalagoError):
        raise error("text")


def test_warnings_can_be_filtered_together() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", errors.GalagoWarning)
        with pytest.raises(errors.NumericsWarning):
            warnings.warn("text", errors.NumericsWarning, stacklevel=1)


def test_a_warning_is_shown_at_the_line_of_the_user() -> None:
    model = galago.Sequential([galago.layers.Dense(1, input_shape=(1,))])
    model.compile("sgd", "mse")
    x = [[1.0]]
    with pytest.warns(errors.GalagoWarning) as near:
        errors.warn("text")
    with pytest.warns(errors.GalagoWarning) as deep:
        model.fit(iter([(x, x)]), epochs=2, verbose=0)
    assert [near[0].filename, deep[0].filename] == [__file__, __file__]


def test_errors_are_reached_from_the_package() -> None:
    assert galago.errors.GalagoError is errors.GalagoError
