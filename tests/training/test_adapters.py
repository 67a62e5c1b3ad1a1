"""Arrays on their way to the engine."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest

from galago import config
from galago.errors import DataError
from galago.training.adapters import Examples, inputs, numbers, readable, split

IMAGE = (4, 3, 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_what_the_engine_reads_is_not_copied(dtype: Any) -> None:
    x = np.ones((5, *IMAGE), dtype)
    assert inputs(x, IMAGE, "x", "fit()") is x
    part = inputs(x[1:4], IMAGE, "x", "fit()")
    assert np.shares_memory(part, x)


@pytest.mark.parametrize(
    "x",
    [
        np.ones((5, *IMAGE), np.int64),
        np.ones((5, *IMAGE), np.float16),
        np.ones((5, *IMAGE), bool),
        np.ones((5, *IMAGE), ">f4"),
        np.ones((5, *IMAGE), int).tolist(),
    ],
)
def test_anything_else_becomes_float32(x: Any) -> None:
    array = inputs(x, IMAGE, "x", "fit()")
    assert array.dtype == np.float32
    assert array.dtype.isnative
    assert array.min() == array.max() == 1


class Tensor:
    """As a tensor of another library: NumPy reads it where it lies, or says why it cannot."""

    def __init__(self, values: Any, error: Exception | None = None) -> None:
        self.values, self.error = values, error

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if self.error is not None:
            raise self.error
        return self.values


class Exporting:
    """As arrays that only know DLPack."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __dlpack__(self, **options: Any) -> Any:
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.values.__dlpack_device__()


@pytest.mark.parametrize("wrap", [Tensor, Exporting, memoryview])
def test_arrays_of_others_are_not_copied(wrap: Any) -> None:
    values = np.ones((5, *IMAGE), np.float32)
    assert np.shares_memory(inputs(wrap(values), IMAGE, "x", "fit()"), values)


def test_what_cannot_be_written_can_be_read() -> None:
    values = np.ones((5, *IMAGE), np.float32)
    values.flags.writeable = False
    assert inputs(values, IMAGE, "x", "fit()") is values


def test_a_buffer_of_numbers() -> None:
    assert numbers(array.array("f", [1.0, 2.0]), "x", "fit()").tolist() == [1.0, 2.0]


@pytest.mark.parametrize("error", [TypeError, RuntimeError, BufferError])
def test_a_tensor_that_numpy_cannot_read(error: type[Exception]) -> None:
    with pytest.raises(DataError) as caught:
        numbers(Tensor(None, error("It is on a GPU.")), "x", "fit()")
    assert str(caught.value) == (
        "fit(): expected an array for x, received Tensor, which NumPy cannot read (It is on a "
        "GPU). Convert it first, a tensor with x.detach().cpu().float().numpy()."
    )


def test_lists_of_floats_stay_float64() -> None:
    assert inputs([[0.1], [0.2]], (1,), "x", "fit()").dtype == np.float64


@pytest.mark.parametrize(
    "x",
    [
        np.ones((5, 1, 3, 4), np.float32).transpose(0, 3, 2, 1),
        np.ones((10, *IMAGE), np.uint8)[::2],
        np.frombuffer(b"\0" + np.ones(60, np.float32).tobytes(), np.uint8)[1:]
        .view(np.float32)
        .reshape(5, *IMAGE),
    ],
)
def test_rows_in_another_order_are_copied(x: Any) -> None:
    array = inputs(x, IMAGE, "x", "fit()")
    assert array.flags.c_contiguous
    assert array.flags.aligned
    assert array.dtype == x.dtype
    np.testing.assert_array_equal(array, x)


@pytest.mark.parametrize(
    ("given", "shape", "found"),
    [
        ((9, 4, 3), (4, 3, 1), (9, 4, 3, 1)),
        ((9, 4, 3, 1), (4, 3), (9, 4, 3)),
        ((9,), (1,), (9, 1)),
        ((9, 1), (), (9,)),
        ((9, 4, 1, 1), (4, 1), (9, 4, 1)),
    ],
)
def test_a_last_axis_of_size_1_may_be_missing_or_one_too_many(
    given: tuple[int, ...], shape: tuple[int, ...], found: tuple[int, ...]
) -> None:
    x = np.arange(np.prod(given), dtype=np.float32).reshape(given)
    array = inputs(x, shape, "x", "fit()")
    assert array.shape == found
    assert np.shares_memory(array, x)
    np.testing.assert_array_equal(array.ravel(), x.ravel())


def test_labels_of_a_type_the_engine_does_not_read() -> None:
    y = np.eye(3, dtype=np.uint8)
    assert readable(y, ("float32", "float64")).dtype == np.float32


@pytest.mark.parametrize(
    ("x", "shape", "end"),
    [
        (
            np.zeros(IMAGE),
            IMAGE,
            "of shape (n, 4, 3, 1), received (4, 3, 1): the batch axis is missing. "
            "Pass x[None] for a single example.",
        ),
        (
            np.zeros((9, 4, 3, 2)),
            (4, 3),
            "of shape (n, 4, 3), received (9, 4, 3, 2). Bring each example to the shape (4, 3), or "
            "change the model's input_shape.",
        ),
        (
            np.zeros((4, 3)),
            IMAGE,
            "of shape (n, 4, 3, 1), received (4, 3): the batch axis is missing. "
            "Pass x[None] for a single example.",
        ),
        (
            np.zeros((9, 1, 4, 3)),
            IMAGE,
            "of shape (n, 4, 3, 1), received (9, 1, 4, 3): the channels stand first. "
            "Pass x.transpose(0, 2, 3, 1).",
        ),
        (
            np.zeros((9, 32, 32, 3)),
            IMAGE,
            "of shape (n, 4, 3, 1), received (9, 32, 32, 3). Resize the examples, or build the "
            "model with input_shape=(32, 32, 3).",
        ),
        (
            np.zeros((9, 4, 3)),
            (12,),
            "of shape (n, 12), received (9, 4, 3). Pass x.reshape(-1, 12).",
        ),
        (
            np.zeros((9, 12)),
            IMAGE,
            "of shape (n, 4, 3, 1), received (9, 12). Pass x.reshape(-1, 4, 3, 1).",
        ),
        (
            np.zeros((9, 13)),
            IMAGE,
            "of shape (n, 4, 3, 1), received (9, 13). Bring each example to the shape "
            "(4, 3, 1), or change the model's input_shape.",
        ),
    ],
)
def test_wrong_shapes(x: Any, shape: tuple[int, ...], end: str) -> None:
    with pytest.raises(DataError) as caught:
        inputs(x, shape, "x", "fit()")
    assert str(caught.value) == f"fit(): expected x {end}"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (None, "fit(): expected an array for y, received None. Pass y as an array."),
        (
            [[1, 2], [3]],
            "fit(): expected an array for y, received rows of different lengths. "
            "Bring all examples to one shape.",
        ),
        (
            ["cat", "dog"],
            "fit(): expected numbers for y, received list of type <U3. "
            "Convert it, for example with np.asarray(y, dtype='float32').",
        ),
        (
            np.array([1, None]),
            "fit(): expected numbers for y, received ndarray of type object. "
            "Convert it, for example with np.asarray(y, dtype='float32').",
        ),
        (
            np.ones(3, complex),
            "fit(): expected numbers for y, received ndarray of type complex128. "
            "Convert it, for example with np.asarray(y, dtype='float32').",
        ),
        (
            5,
            "fit(): expected at least one row in y, received shape (). "
            "Pass a non-empty array with one row for each example.",
        ),
        (
            np.zeros((0, 3)),
            "fit(): expected at least one row in y, received shape (0, 3). "
            "Pass a non-empty array with one row for each example.",
        ),
    ],
)
def test_what_are_no_numbers(values: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        numbers(values, "y", "fit()")
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_search_for_nan_names_the_place(value: float) -> None:
    x = np.zeros((3000, *IMAGE), np.float32)
    x[2500, 3, 1, 0] = x[2700] = value
    assert inputs(x, IMAGE, "x", "fit()") is x
    config.set_check_inputs(True)
    with pytest.raises(DataError) as caught:
        inputs(x, IMAGE, "x", "fit()")
    assert str(caught.value) == (
        f"fit(): expected finite numbers, received {np.float32(value)} at x[2500, 3, 1, 0]. "
        "Remove or repair that row."
    )


def test_the_search_passes_good_inputs() -> None:
    config.set_check_inputs(True)
    for dtype in (np.uint8, np.float64):
        inputs(np.ones((3, *IMAGE), dtype), IMAGE, "x", "fit()")


@pytest.mark.parametrize(("fraction", "first"), [(0.25, 7), (0.1, 9), (0.5, 5), (0.95, None)])
def test_split_takes_the_end(fraction: float, first: int | None) -> None:
    examples = Examples((np.arange(10),), (np.arange(10) * 2,))
    if first is None:
        with pytest.raises(DataError, match="expected enough rows to split, received 10"):
            split(examples, fraction, "fit()")
        return
    train, validation = split(examples, fraction, "fit()")
    assert train.x[0].tolist() == list(range(first))
    assert validation.y[0].tolist() == [2 * row for row in range(first, 10)]
    assert np.shares_memory(train.x[0], examples.x[0])


def test_parts_of_examples() -> None:
    examples = Examples((np.arange(4),), (np.arange(4) * 2,), (np.arange(4) * 3,))
    part = examples.part(1, 3)
    assert part.weights is not None
    found = [*part.x, *part.y, *part.weights]
    assert [values.tolist() for values in found] == [[1, 2], [2, 4], [3, 6]]
    assert (examples.rows, part.rows, Examples(*examples[:2]).part(0, 1).weights) == (4, 2, None)
