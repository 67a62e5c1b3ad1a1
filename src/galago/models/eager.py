"""Models called on arrays, as in training: what augmentation makes of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.engine import OutputLoss
from galago.layers import KerasTensor
from galago.training.binding import Binding

Array = npt.NDArray[Any]


class TrainingCalls:
    """Runs a model forward as a training step does, of which nothing is learned.

    What its layers draw follows from their seeds and from the number of the step.
    """

    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        losses = [OutputLoss("mean_squared_error") for _ in binding.graph.outputs]
        binding.session.compile(*losses, trainable=[False] * len(binding.variables))

    def outputs(self, x: Sequence[Array], step: int) -> list[Array]:
        """Return each output for a batch in the given step."""
        self._binding.push()
        session, rows = self._binding.session, len(x[0])
        zeros = [
            np.zeros((rows, *shape), session.dtype) for shape in self._binding.graph.output_shapes
        ]
        session.set_optimizer_state({"iterations": step, "moments": [], "product": 1.0})
        session.gradients(x, zeros)
        found = session.last_outputs()
        return found if isinstance(found, list) else [found]


def is_array(inputs: Any) -> bool:
    """Whether a model is called on numbers: an array, or a list of them.

    >>> is_array(np.zeros(3)), is_array([np.zeros(3)]), is_array([]), is_array("image")
    (True, True, False, False)
    """
    listed = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    symbolic = any(isinstance(one, KerasTensor) for one in listed)
    return bool(listed) and not symbolic and all(hasattr(one, "__array__") for one in listed)
