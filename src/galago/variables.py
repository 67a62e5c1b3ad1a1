"""Weights: an array with a name, and the knowledge of who holds its newest value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from galago.errors import DataError, ShapeError
from galago.shapes import Shape

#: Counts every assign() and hold(). While it stands still, only those variables can have changed
#: that another session holds.
assignments = 0


class Holder(Protocol):
    """What trains variables outside of NumPy: a session of the engine, see models/binding.py."""

    steps: int

    def read(self, variable: Variable) -> npt.NDArray[Any]:
        """Return the newest value of a variable."""


class Regulation(Protocol):
    """A regularizer or a constraint."""

    def rule(self, shape: Shape) -> Mapping[str, Any]:
        """Return what the engine has to know, for weights of this shape."""


class Variable:
    """A weight of a layer, in Keras's layout.

    The array here is the master, unless a session has trained since it was last read: then the
    session's value is fetched at the next `numpy()`.

    Arguments:
        path: "layer/name"
        value: the starting value, which the variable then owns
        trainable: whether an optimizer changes it where its layer is not frozen

    >>> bias = Variable("dense/bias", np.zeros(3, "float32"))
    >>> bias.assign([1, 2, 3])
    >>> bias.numpy().tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(self, path: str, value: npt.NDArray[Any], *, trainable: bool = True) -> None:
        """Take path, value and trainable as the class says."""
        self.path = path
        self.trainable = trainable
        #: A penalty on the value, and what it has to be after each step, if there are any.
        self.regularizer: Regulation | None = None
        self.constraint: Regulation | None = None
        self.version = 0
        self._value = value
        #: The session that trains this variable, if one does.
        self.holder: Holder | None = None
        self._read_at = 0

    @property
    def name(self) -> str:
        """Last part of the path: "kernel" or "bias"."""
        return self.path.rpartition("/")[2]

    @property
    def shape(self) -> Shape:
        """Sizes, in Keras's layout."""
        return self._value.shape

    @property
    def dtype(self) -> str:
        """Number type."""
        return str(self._value.dtype)

    @property
    def size(self) -> int:
        """Count of numbers."""
        return int(self._value.size)

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return int(self._value.nbytes)

    def rule(self) -> dict[str, Any]:
        """Return what the engine has to know of the regularizer and the constraint."""
        found: dict[str, Any] = {}
        for regulation in (self.regularizer, self.constraint):
            if regulation is not None:
                found.update(regulation.rule(self.shape))
        return found

    def numpy(self) -> npt.NDArray[Any]:
        """Return a copy of the newest value."""
        self.refresh()
        return self._value.copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def assign(self, value: npt.ArrayLike) -> None:
        """Replace the value. Raises ShapeError when the shape differs, DataError for non-numbers.

        Every model that uses the variable sees the new value before its next step.
        """
        global assignments
        try:
            array = np.array(value, dtype=self._value.dtype)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{self.path}: expected numbers of shape {self.shape}, received "
                f"{type(value).__name__} that NumPy cannot read ({error}). Pass an array."
            ) from error
        if array.shape != self.shape:
            raise ShapeError(
                f"{self.path}: expected values of shape {self.shape}, received {array.shape}. "
                "Pass an array of the variable's own shape."
            )
        self._value = array
        self.version += 1
        assignments += 1
        if self.holder is not None:
            self._read_at = self.holder.steps

    @property
    def is_old(self) -> bool:
        """Whether the session that trains the variable has changed it since it was last read."""
        return self.holder is not None and self.holder.steps != self._read_at

    def held_by_other(self, session: Holder) -> bool:
        """Whether a session other than this one trains the variable."""
        return self.holder is not None and self.holder is not session

    def refresh(self) -> None:
        """Fetch the value from the session that trained it last, if it has changed since."""
        if self.holder is None or not self.is_old:
            return
        self.version += 1
        self._value = self.holder.read(self)
        self._read_at = self.holder.steps

    def show(self, value: npt.NDArray[Any]) -> None:
        """Have the holder's value in the middle of its step; the variable then owns the array."""
        assert self.holder is not None
        self._value, self._read_at = value, self.holder.steps

    def hold(self, holder: Holder) -> None:
        """Say that the session of a holder, which has the present value, is going to train it."""
        global assignments
        self.refresh()
        self.holder, self._read_at = holder, holder.steps
        assignments += 1

    def __repr__(self) -> str:
        return f"<Variable {self.path}, shape={self.shape}, dtype={self.dtype}>"


def count(variables: Sequence[Variable]) -> int:
    """Return how many numbers the variables hold."""
    return sum(variable.size for variable in variables)


def assign_all(variables: Sequence[Variable], values: Sequence[npt.ArrayLike], owner: str) -> None:
    """Assign one value to each variable, all or none. Raises ShapeError."""
    wanted = [variable.shape for variable in variables]
    received = [np.shape(value) for value in values]
    if wanted != received:
        raise ShapeError(
            f"{owner}: expected weights of shapes {wanted}, received {received}. "
            "Pass what get_weights() of an equal model returns."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
