"""The words of progress: times and metrics as Keras writes them."""

from __future__ import annotations

from collections.abc import Mapping


def metrics_text(logs: Mapping[str, float]) -> str:
    """Return the metrics with the dash before each.

    >>> metrics_text({"accuracy": 0.8213, "loss": 0.00049})
    ' - accuracy: 0.8213 - loss: 4.9000e-04'
    """
    return "".join(
        f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}"
        for name, value in logs.items()
    )


def step_time(seconds: float) -> str:
    """Return the time of a step.

    >>> step_time(0.0021), step_time(0.00015), step_time(2.0)
    ('2ms/step', '150us/step', '2s/step')
    """
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/step"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/step"
    return f"{seconds * 1e6:.0f}us/step"


def remaining_time(seconds: float) -> str:
    """Return the time that is left.

    >>> remaining_time(9.4), remaining_time(75), remaining_time(3675)
    ('9s', '1:15', '1:01:15')
    """
    whole = int(seconds)
    if whole > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    if whole > 60:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole}s"
