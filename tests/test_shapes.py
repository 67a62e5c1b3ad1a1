"""Shape arithmetic of sliding windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galago.errors import ShapeError
from galago.shapes import WindowError, checked, cross, slide, with_batch

small = st.integers(1, 9)


def covered(n: int, k: int, s: int, d: int, before: int, after: int) -> int:
    """Windows that fit into a padded row, counted one by one."""
    return sum(1 for start in range(-before, n + after, s) if start + (k - 1) * d < n + after)


@given(n=st.integers(1, 40), k=small, s=small, d=small)
def test_valid_windows_lie_within_the_image(n: int, k: int, s: int, d: int) -> None:
    expected = covered(n, k, s, d, 0, 0)
    if not expected:
        with pytest.raises(WindowError):
            slide((n, n), (k, k), (s, s), "valid", dilation=(d, d), what="kernel")
        return
    found = slide((n, 40 * 9), (k, 1), (s, 1), "valid", dilation=(d, 1), what="kernel")
    assert found.size[0] == expected
    assert found.padding == (0, 0, 0, 0)


@given(n=st.integers(1, 40), k=small, s=small, d=small)
def test_same_pads_just_enough_for_every_start(n: int, k: int, s: int, d: int) -> None:
    found = slide((1, n), (1, k), (1, s), "same", dilation=(1, d), what="kernel")
    left, right = found.padding[2:]
    assert found.size == (1, -(-n // s))
    assert covered(n, k, s, d, left, right) == found.size[1]
    assert right - left in (0, 1)
    if left + right:
        assert covered(n, k, s, d, left, right - 1) < found.size[1]


def test_height_and_width_are_apart() -> None:
    found = slide((5, 8), (2, 3), (1, 2), "same", what="kernel")
    assert (found.size, found.padding) == ((5, 4), (0, 1, 0, 1))


def test_a_window_larger_than_the_image() -> None:
    with pytest.raises(WindowError) as caught:
        slide((3, 9), (5, 5), (1, 1), "valid", what="Conv2D 'c': kernel_size (5, 5)")
    assert str(caught.value) == (
        "Conv2D 'c': kernel_size (5, 5) is larger than its input 3x9. "
        "Use a smaller window, a larger input or padding='same'."
    )


def test_the_chain_of_layers_before() -> None:
    error = WindowError("Conv2D 'c': kernel_size (3, 3)", (1, 1))
    assert error.after((28, 28, 1), []) is error
    one = error.after((3, 3, 1), [("conv2d", (1, 1, 8))])
    assert str(one) == (
        "Conv2D 'c': kernel_size (3, 3) is larger than its input 1x1, which is what is left of "
        "3x3 after conv2d (1x1). Remove a pooling layer or use padding='same'."
    )
    two = error.after((4, 4, 1), [("a", (3, 3, 8)), ("b", (2, 2, 8))])
    assert str(two) == (
        "Conv2D 'c': kernel_size (3, 3) is larger than its input 1x1, which is what is left of "
        "4x4 after a (3x3) and b (2x2). Remove a layer or use padding='same'."
    )


def test_words() -> None:
    assert cross((1600,)) == "1600"
    assert with_batch(()) == (None,)


def test_shapes_that_nobody_could_compute_are_refused() -> None:
    assert checked((2**31 - 1, 512), "Input 'a'") == (2**31 - 1, 512)
    for shape in ((2**31,), (2**31 - 1, 513), (10**39, 10**39)):
        with pytest.raises(
            ShapeError, match=r"^Input 'a': expected sizes of 2,147,483,647 at most"
        ):
            checked(shape, "Input 'a'")
