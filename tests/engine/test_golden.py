"""Forward, gradients and three training steps against numbers that PyTorch computed in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import CASES, Case, errors
from numpy.typing import NDArray
from sessions import ISAS, open_session, weights

TOLERANCES = {"float32": 1e-5, "float64": 1e-9}


def run(case: Case, dtype: str, isa: str | None = None) -> dict[str, NDArray[Any]]:
    """The same numbers, by the same names, as tools/make_golden.py stores."""
    session = open_session(
        case.graph,
        case.parameters(),
        isa=isa,
        dtype=dtype,
        loss=case.loss,
        from_logits=case.from_logits,
        optimizer=case.optimizer,
    )
    x, y = case.batches()[0]
    results = {"outputs": session.predict(x, 0, len(x))}
    for place, gradient in enumerate(session.gradients(x, y)):
        results[f"gradient_{place}"] = gradient
    x, y = case.data()
    losses = []
    for start in range(0, len(x), case.batch):
        indices = np.arange(start, start + case.batch)
        losses.append(session.train_step(x, y, indices, case.learning_rate)[0])
    results["losses"] = np.array(losses)
    for place, weight in enumerate(weights(session, case.graph)):
        results[f"weights_{place}"] = weight
    return results


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", CASES)
def test_numbers_are_pytorchs(name: str, dtype: str) -> None:
    found = errors(CASES[name].path, run(CASES[name], dtype))
    large = {key: value for key, value in found.items() if not value < TOLERANCES[dtype]}
    assert not large


@pytest.mark.parametrize("isa", ["reference", *ISAS])
def test_every_isa_has_them(isa: str) -> None:
    for name in ("padded", "grouped"):
        found = errors(CASES[name].path, run(CASES[name], "float32", isa))
        assert max(found.values()) < TOLERANCES["float32"], name


def test_reference_model_is_the_courses() -> None:
    shapes = [parameter.shape for parameter in CASES["reference_model"].graph.parameters]
    assert sum(int(np.prod(shape)) for shape in shapes) == 243_786
