"""Every error and warning that Galago raises on purpose.

    GalagoError (Exception)
    ├── ArgumentError (ValueError)        an argument has a wrong type or value
    │   ├── ShapeError                    sizes that do not fit together
    │   └── UnknownNameError              a name that stands in no table
    ├── DataError (ValueError)            arrays that do not fit the model or hold bad values
    ├── NotBuiltError (RuntimeError)      a model or layer whose input shape is not known yet
    ├── NotCompiledError (RuntimeError)   fit or evaluate before compile
    ├── NumericsError (RuntimeError)      a training left the numbers and was told to end then
    ├── GradientError (ArithmeticError)   a layer's own gradient() is not that of its call()
    ├── EngineError (RuntimeError)        the engine refuses what it was given, before any work
    ├── FileFormatError (ValueError)      a model file is damaged, or holds what is refused
    ├── DatasetError (OSError)            a data set is missing, damaged or out of reach
    └── MissingPackageError (ImportError) a package that only some functions need is not installed

    GalagoWarning (UserWarning)           the code runs, but probably not as meant
    └── NumericsWarning                   a loss that is not a finite number

A message says what was expected, what was received, and what to do.
"""

from __future__ import annotations

import os
import sys
import warnings

__all__ = [
    "ArgumentError",
    "DataError",
    "DatasetError",
    "EngineError",
    "FileFormatError",
    "GalagoError",
    "GalagoWarning",
    "MissingPackageError",
    "NotBuiltError",
    "NotCompiledError",
    "NumericsError",
    "NumericsWarning",
    "ShapeError",
    "UnknownNameError",
]

_PACKAGE = os.path.dirname(__file__)


class GalagoError(Exception):
    """The root of every error that Galago raises on purpose."""


class ArgumentError(GalagoError, ValueError):
    """An argument has a wrong type or value."""


class ShapeError(ArgumentError):
    """Sizes of layers, inputs or weights do not fit together."""


class UnknownNameError(ArgumentError):
    """A name stands in no table; the message offers the nearest one."""


class DataError(GalagoError, ValueError):
    """Arrays given to fit, evaluate or predict do not fit the model or hold bad values."""


class NotBuiltError(GalagoError, RuntimeError):
    """A model or a layer does not know its input shape yet, so it has no weights."""


class NotCompiledError(GalagoError, RuntimeError):
    """A model was asked to train or evaluate before compile() named its loss."""


class NumericsError(GalagoError, RuntimeError):
    """The loss became NaN or infinite, and a callback was told to end the training then."""


class GradientError(GalagoError, ArithmeticError):
    """A layer's own gradient() is not the gradient of its call()."""


class EngineError(GalagoError, RuntimeError):
    """The engine refuses a graph, a setting or an array; models check all of these before."""


class FileFormatError(GalagoError, ValueError):
    """A model file is damaged, or holds something that Galago does not read."""


class DatasetError(GalagoError, OSError):
    """A data set is missing, damaged, or could not be downloaded."""


class MissingPackageError(GalagoError, ImportError):
    """A package that only some functions need is not installed; the message says how to get it."""


class GalagoWarning(UserWarning):
    """Code that runs, but probably not as it was meant."""


class NumericsWarning(GalagoWarning):
    """A loss became NaN or infinite."""


def warn(message: str, category: type[GalagoWarning] = GalagoWarning) -> None:
    """Warn at the line of the user's that led here, however deep in Galago that is."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
