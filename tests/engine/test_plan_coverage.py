"""No kernel goes untested: the plans of the graphs that tests run name all of kernels.def."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphs import Chain, dense_baseline, reference_model
from naive import ACTIVATIONS
from problems import FAMILIES, graph, real_data
from sessions import ADAM, ISAS, open_session
from test_batch_norm import normed_graphs

from galago.graph import Graph

KERNELS_DEF = Path(__file__).parents[2] / "engine" / "kernels" / "kernels.def"
SGD = ("sgd", {"momentum": 0.9, "nesterov": True})


def all_graphs() -> list[Graph]:
    """Graphs that stand for what test_exact_integers, test_bits and test_gradients run."""
    found = [graph(family, number) for family in FAMILIES for number in range(12)]
    found += [reference_model(), dense_baseline(), *normed_graphs()]
    found += [Chain(5).dense(4).activation(kind, 0.1).graph() for kind in ACTIVATIONS]
    return [*found, Chain(5).dense(4).activation("softmax").dense(3).graph()]


def planned_words() -> set[str]:
    """All words of the plans of the tested graphs, for training and for prediction."""
    words: set[str] = set()
    for made in all_graphs():
        parameters, _ = real_data(made, 0, 1)
        for optimizer in (ADAM, SGD):
            session = open_session(made, parameters, optimizer=optimizer)
            for mode in ("train", "predict"):
                words.update(re.findall(r"\w+", session.plan(mode)))
    return words


def test_tested_graphs_use_every_kernel() -> None:
    kernels = re.findall(r"^KERNEL\((\w+),", KERNELS_DEF.read_text(), re.MULTILINE)
    assert len(kernels) > 20
    assert set(kernels) <= planned_words()


@pytest.mark.parametrize("isa", ISAS)
def test_plan_does_not_depend_on_the_isa(isa: str) -> None:
    made = reference_model()
    parameters, _ = real_data(made, 0, 1)
    plans = [open_session(made, parameters, isa=i, optimizer=ADAM).plan() for i in (isa, ISAS[0])]
    assert plans[0].replace(isa, ISAS[0]) == plans[1]
