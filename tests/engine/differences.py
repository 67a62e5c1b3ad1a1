"""Central differences: what a gradient has to be, from losses alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from naive import Array

STEP = 1e-5
DIRECTIONS = 2


def worst_error(
    loss_at: Callable[[Sequence[Array]], float],
    gradients: Sequence[Array],
    parameters: Sequence[Array],
    seed: int,
) -> float:
    """The largest error of the gradients along random directions of length 1, one tensor at a time.

    It is relative to the length of the tensor's gradient. A direction moves every element, so a
    single wrong element shows.
    """
    rng = np.random.default_rng(seed)
    worst = 0.0
    for place, gradient in enumerate(gradients):
        for _ in range(DIRECTIONS):
            direction = rng.normal(size=gradient.shape)
            direction /= np.linalg.norm(direction)
            losses = []
            for sign in (1, -1):
                moved = list(parameters)
                moved[place] = parameters[place] + sign * STEP * direction
                losses.append(loss_at(moved))
            slope = (losses[0] - losses[1]) / (2 * STEP)
            error = abs(slope - float((gradient * direction).sum()))
            worst = max(worst, error / max(float(np.linalg.norm(gradient)), 1e-3))
    return worst
