"""A convolutional network as a classifier of scikit-learn, which has to be installed."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from galago import random
from galago.callbacks import EarlyStopping
from galago.checks import flag, real, sizes
from galago.errors import ArgumentError, DataError, MissingPackageError
from galago.layers import Conv2D, Dense, Dropout, Flatten, Input, Layer, MaxPooling2D, Rescaling
from galago.models import Model, Sequential
from galago.optimizers import get as get_optimizer
from galago.shapes import Shape

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as missing:
    raise MissingPackageError(
        "Expected scikit-learn 1.6 or newer, which galago.sklearn works with, but it is not "
        "installed. Run: pip install 'galago[sklearn]', or pip install scikit-learn."
    ) from missing

__all__ = ["ConvNetClassifier"]

Array = npt.NDArray[Any]
_OWNER = "ConvNetClassifier"
#: Number types of pixels that the engine reads as they are.
_PIXELS = (np.float32, np.float64, np.uint8)


class ConvNetClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A convolutional network that classifies images, or rows of their pixels.

    Arguments:
        image_shape: (height, width) or (height, width, channels) of the rows of X. By default a
            row is a square grey image if its length allows that, else an image of one row.
        filters, kernel_size: of the convolutions; a 2x2 max pool follows each if there is room
        dense_units, dropout: of the dense layer behind them
        model: another network: a function of `input_shape` and `classes` that returns one, such as
            galago.applications.small_cnn; it gets pixels of mean 0 and deviation 1
        epochs, batch_size, optimizer, learning_rate: of the training; None is the optimizer's rate
        early_stopping: keep validation_fraction of the examples apart, stop when their loss has not
            fallen for `patience` epochs, and take the best weights
        random_state, verbose: as in scikit-learn; verbose=2 prints a line for each epoch

    After fit(): `classes_`, `n_features_in_`, `image_shape_`, `history_` (loss and accuracy by
    epoch) and `model_`, a model of Galago's that takes raw pixels.

    >>> x, y = np.eye(16).repeat(4, axis=0), np.arange(16).repeat(4) % 2
    >>> network = ConvNetClassifier(epochs=20, random_state=0).fit(x, y)
    >>> network.image_shape_, network.score(x, y)
    ((4, 4, 1), 1.0)
    """

    def __init__(
        self,
        image_shape: Sequence[int] | None = None,
        *,
        filters: Sequence[int] = (32, 64),
        kernel_size: int = 3,
        dense_units: int = 128,
        dropout: float = 0.0,
        model: Callable[..., Model] | None = None,
        epochs: int = 30,
        batch_size: int = 32,
        optimizer: Any = "adam",
        learning_rate: float | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 10,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.image_shape = image_shape
        self.filters = filters
        self.kernel_size = kernel_size
        self.dense_units = dense_units
        self.dropout = dropout
        self.model = model
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on images and their labels; return the classifier itself.

        Arguments:
            X: images, (n, pixels), (n, height, width) or with channels
            y: their labels, (n,)
            sample_weight: how much each example counts, (n,)
        Raises ValueError, ArgumentError and ShapeError, which are ValueErrors too.
        """
        rows, shape = _flat(X)
        rows, y = validate_data(self, rows, y, dtype=_PIXELS)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(
                f"{_OWNER}: expected labels of two classes or more, received one class, "
                f"{self.classes_.tolist()[0]!r}. Add examples of the others."
            )
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, rows)
        self.image_shape_ = self._shape(shape, rows.shape[1])
        images = rows.reshape(-1, *self.image_shape_)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        with _seeded(seed):
            self.model_ = self._network(images)
            self.history_ = self._train(images, codes, weights, seed)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, (n, classes), in the order of `classes_`.

        Raises ValueError, and DataError, which is one too, for images X of another shape.
        """
        check_is_fitted(self)
        rows, shape = _flat(X)
        rows = validate_data(self, rows, dtype=_PIXELS, reset=False)
        if shape is not None and shape != self.image_shape_:
            raise DataError(
                f"{_OWNER}: expected images of shape {self.image_shape_}, as in fit(), received "
                f"{shape}. Resize them, or pass rows of pixels."
            )
        outputs = self.model_.predict(rows.reshape(-1, *self.image_shape_), verbose=0)
        found = outputs.astype(np.float64)
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each example."""
        found = self.predict_proba(X)
        return np.asarray(self.classes_[found.argmax(axis=1)])

    def _shape(self, given: Shape | None, pixels: int) -> Shape:
        """The images' shape with their channels: that of X, as `image_shape` says, or a guess."""
        if self.image_shape is not None:
            shape = sizes(self.image_shape, "image_shape", _OWNER)
            if len(shape) not in (2, 3) or math.prod(shape) != pixels:
                raise ArgumentError(
                    f"{_OWNER}: expected image_shape as (height, width) or (height, width, "
                    f"channels) of {pixels} pixels, received {shape}. Correct it, or leave it out."
                )
            return shape if len(shape) == 3 else (*shape, 1)
        if given is not None:
            return given
        side = math.isqrt(pixels)
        return (side, side, 1) if side * side == pixels else (1, pixels, 1)

    def _network(self, images: Array) -> Model:
        """A compiled model of raw pixels."""
        shape, classes = self.image_shape_, len(self.classes_)
        mean = float(images.mean(dtype=np.float64))
        deviation = float(images.std(dtype=np.float64)) or 1.0
        if self.model is None:
            body = list(self._layers(shape, classes))
        else:
            body = [self.model(input_shape=shape, classes=classes)]
        scaled = Rescaling(1.0 / deviation, -mean / deviation)
        model = Sequential([Input(shape), scaled, *body], name="conv_net")
        if model.output_shape != (None, classes):
            raise ArgumentError(
                f"{_OWNER}: expected a model whose output shape is (None, {classes}), a column for "
                f"each class, received {model.output_shape}. End it with "
                "Dense(classes, activation='softmax')."
            )
        optimizer = copy.deepcopy(get_optimizer(self.optimizer))
        if self.learning_rate is not None:
            optimizer.learning_rate = self.learning_rate
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def _layers(self, shape: Shape, classes: int) -> Iterator[Layer]:
        """What stands behind the scaling."""
        rows, columns, _ = shape
        for count in sizes(self.filters, "filters", _OWNER):
            yield Conv2D(count, self.kernel_size, padding="same", activation="relu")
            pool = min(rows, 2), min(columns, 2)
            if pool != (1, 1):
                yield MaxPooling2D(pool)
            rows, columns = rows // pool[0], columns // pool[1]
        yield Flatten()
        yield Dense(self.dense_units, activation="relu")
        if self.dropout:
            yield Dropout(self.dropout)
        yield Dense(classes, activation="softmax")

    def _train(
        self, images: Array, codes: Array, weights: Array | None, seed: int
    ) -> dict[str, list[float]]:
        """Fit the model; return its history."""
        rows, held = np.arange(len(codes)), None
        if flag(self.early_stopping, "early_stopping", _OWNER):
            fraction = real(self.validation_fraction, "validation_fraction", _OWNER)
            rows, held = train_test_split(
                rows, test_size=fraction, random_state=seed, stratify=codes
            )

        def part(chosen: Array) -> tuple[Any, ...]:
            return images[chosen], codes[chosen], None if weights is None else weights[chosen]

        x, y, sample_weight = part(rows)
        stop = EarlyStopping("val_loss", patience=self.patience, restore_best_weights=True)
        history = self.model_.fit(
            x,
            y,
            self.batch_size,
            self.epochs,
            self.verbose,
            callbacks=[] if held is None else [stop],
            validation_data=None if held is None else part(held),
            sample_weight=sample_weight,
        )
        return history.history

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _flat(X: Any) -> tuple[Any, Shape | None]:
    """Images as rows of pixels, and their shape with channels; anything else as it is."""
    if not isinstance(X, np.ndarray) or X.ndim not in (3, 4):
        return X, None
    return X.reshape(len(X), -1), (*X.shape[1:], 1)[:3]


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Draw from a seed of its own, and go on with the program's behind."""
    state = random.get_state()
    random.set_seed(seed)
    try:
        yield
    finally:
        random.set_state(state)
